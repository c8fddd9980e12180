"""Random lives of tickets, levels and calendars for the property tests: everything on whole minutes."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from helmdesk.clocks.levels import WAITS, Binds, Level, Metric, Pause, Target, Then, Until
from helmdesk.clocks.steps import Recorded
from helmdesk.history.fold import Event
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from
from tests.clocks.twin import MINUTE
from tests.history.lives import legal
from tests.history.lives import payloads as payloads_of_the_ball
from tests.history.twin import state_of

START = 1_764_576_000_000_000  # 1 December 2025, a Monday, 8:00 UTC
HOUR = 60 * MINUTE
PROVIDERS = {1: 10, 2: 10, 3: 20}
OPENED = {77: START - 5 * HOUR, 78: START - HOUR, 79: START + HOUR}
GAPS = st.sampled_from([0, 0, 0, 1, 5, 30, 60, 180, 600])
SEVERAL = ["message.added"] * 4 + ["prioritised", "classified", "type.changed", "merge.received", "merge.released"]
CALENDARS = {
    "always": {"always": True},
    "office": {
        "zone": "Europe/Vienna",
        "week": {day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        "days": {"2025-12-02": []},
    },
    "nights": {
        "zone": "America/New_York",
        "week": {"mon": ["22:00-06:00"], "tue": ["22:00-06:00"], "wed": ["01:00-02:30"]},
    },
}


@cache
def calendar_called(name: str) -> Calendar:
    return calendar_from(CALENDARS[name])


@cache
def open_minutes(name: str) -> frozenset[int]:
    spans = calendar_called(name).spans(START - 10 * 24 * HOUR, START + 90 * 24 * HOUR)
    return frozenset(minute for start, end in spans for minute in range(start, end, MINUTE))


@st.composite
def lives(draw: st.DrawFn, *, longest: int = 16) -> list[Recorded]:
    """Events n = 1.. of one ticket, legal in their order, some at one instant."""
    observed = draw(st.integers(0, 3)) == 0
    team = draw(st.integers(1, 3))
    opening = {
        "team": team, "holder": "team", "priority": draw(PRIORITIES), "type": "incident", "scope": draw(SCOPES),
    }  # fmt: skip
    events = [Recorded(1, "ticket.opened", START, opening, hat=1)]
    for n in range(2, 2 + draw(st.integers(0, longest))):
        at = events[-1].at + draw(GAPS) * MINUTE
        ball = [Event(e.n, e.kind, e.at, e.what) for e in events]
        state = state_of(ball)
        offered = state.offered is not None and state.wait is None and state.phase == "open"
        kinds = [*legal(state), *SEVERAL, *(["hand_over.declined"] * 6 if offered else [])]
        kind = draw(st.sampled_from(sorted(kinds)))
        what = draw(payload(kind, events, observed=observed))
        if kind == "hand_over.declined" and offered:
            what = {"from": state.team, "to": state.offered}
        if kind == "handed_over" and not observed:
            what = {**what, "from": state.team}
        events.append(Recorded(n, kind, at, what, hat=draw(HATS)))
    return events


HATS = st.sampled_from([0, 1, 2, 2, 2])
PRIORITIES = st.sampled_from([1, 2, 3])
SCOPES = st.fixed_dictionaries(
    {"service": st.sampled_from([None, 5]), "category": st.just(None), "site": st.just(None)}
)


def payload(kind: str, events: list[Recorded], *, observed: bool) -> st.SearchStrategy[dict[str, Any]]:
    if kind == "message.added":
        said = st.sampled_from(["reply", "reply", "note", "call"])
        return st.fixed_dictionaries({"as": said, "auto": st.booleans(), "thread": st.sampled_from([1, 1, 1, 2])})
    elif kind == "prioritised":
        return st.fixed_dictionaries({"priority": PRIORITIES})
    elif kind == "classified":
        return st.fixed_dictionaries({"scope": SCOPES})
    elif kind == "type.changed":
        return st.fixed_dictionaries({"type": st.sampled_from(["incident", "request"])})
    elif kind in {"merge.received", "merge.released"}:
        return st.fixed_dictionaries({"source": st.sampled_from([77, 78, 79, 80])})
    elif kind == "wait.judged":
        waits = [event.n for event in events if event.kind == "wait.started"]
        return st.fixed_dictionaries({"wait": st.sampled_from(waits or [0]), "upheld": st.booleans()})
    elif kind == "assigned":
        how = st.sampled_from(["take", "assign", "automatic"])
        return st.fixed_dictionaries({"assignee": st.none() | st.integers(11, 13), "how": how})
    return payloads_of_the_ball(kind, observed=observed)


THENS = st.sampled_from(list(Then))
MINUTES = st.sampled_from([1, 30, 60, 90, 240, 1200]).map(lambda minutes: minutes * MINUTE)
SOME = st.none()
TARGETS = st.builds(
    Target,
    MINUTES,
    priorities=st.sampled_from([None, None, (1,), (2, 3)]),
    services=st.sampled_from([None, None, None, (5,)]),
    providers=st.sampled_from([None, None, None, (10,), (20,)]),
    groups=st.sampled_from([None, None, None, (4,)]),
    types=st.sampled_from([None, None, None, (1,)]),
)
PAUSES = st.lists(
    st.builds(Pause, st.sampled_from(sorted(WAITS)), st.none() | MINUTES), max_size=3, unique_by=lambda one: one.wait
).map(tuple)


@st.composite
def levels(draw: st.DrawFn) -> Level:
    metric = draw(st.sampled_from(list(Metric)))
    binds = draw(st.sampled_from(list(Binds)))
    if metric in {Metric.HAND_OVER, Metric.GIVE_BACK} and binds == Binds.REQUESTER:
        binds = Binds.TEAM
    party = {Binds.REQUESTER: st.none(), Binds.TEAM: st.integers(1, 3), Binds.PROVIDER: st.sampled_from([10, 20])}
    targets = tuple(draw(st.lists(TARGETS, min_size=1, max_size=3)))
    return Level(
        "level", metric, targets, binds, draw(party[binds]), draw(st.sampled_from(list(Until))), draw(PAUSES),
        draw(THENS), draw(THENS), draw(THENS), draw(THENS), draw(THENS),
    )  # fmt: skip


@st.composite
def exclusions(draw: st.DrawFn) -> list[tuple[int, int]]:
    starts = draw(st.lists(st.sampled_from([-60, 0, 30, 200, 700]), max_size=2, unique=True))
    return [
        (START + start * MINUTE, START + (start + draw(st.sampled_from([20, 60, 900]))) * MINUTE) for start in starts
    ]
