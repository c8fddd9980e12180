"""Random lives of tickets for the property tests: any legal sequence of events, live or observed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from helmdesk.history.fold import Event, State
from tests.history.twin import state_of

TEAMS = st.integers(1, 3)
AGENTS = st.none() | st.integers(11, 13)
STEPS = st.sampled_from([0, 0, 1, 1, 5, 60_000_000])
SILENT = [
    "message.added",
    "classified",
    "tagged",
    "time.logged",
    "shared",
    "wait.contested",
    "wait.judged",
    "prioritised",
]
TEAM_WAITS = {"question", "child", "problem"}


@st.composite
def lives(draw: st.DrawFn, *, longest: int = 22) -> list[Event]:
    """Events n = 1.. of one ticket, in order of time, some at one instant."""
    observed = draw(st.booleans())
    team = draw(st.none() | TEAMS) if observed else draw(TEAMS)
    holder = draw(st.sampled_from(["team", "unknown"])) if observed else "team"
    events = [Event(1, "ticket.opened", 1_000_000, {"team": team, "holder": holder})]
    for n in range(2, 2 + draw(st.integers(0, longest))):
        at = events[-1].at + draw(STEPS)
        kind = draw(st.sampled_from(legal(state_of(events))))
        events.append(Event(n, kind, at, draw(payloads(kind, observed=observed))))
    return events


def legal(state: State) -> list[str]:
    """The kinds of event that may come next."""
    kinds = [*SILENT, "assigned", "hand_over.accepted"]
    if state.merged_into is not None:
        return [*SILENT, "ticket.unmerged"]
    kinds += ["ticket.merged"]
    if state.wait is None:
        kinds += ["handed_over", "handed_over", "hand_over.declined", "hand_over.recalled", "team.rerouted"]
        kinds += ["closed"] if state.phase != "closed" else []
        kinds += ["resolved", "wait.started", "wait.started"] if state.phase == "open" else ["reopened", "reopened"]
    else:
        kinds += ["wait.ended", "wait.ended"]
        kinds += ["wait.moved"] * 3 if state.wait.kind in TEAM_WAITS else []
    return kinds


def payloads(kind: str, *, observed: bool) -> st.SearchStrategy[dict[str, Any]]:
    unknown = st.sampled_from([{}, {"holder": "unknown"}]) if observed else st.just({})
    source = {"src": {"row": 2, "digest": "00"}} if observed else {}
    some_team = st.none() | TEAMS if observed else TEAMS
    if kind == "assigned":
        return st.fixed_dictionaries({"assignee": AGENTS})
    elif kind == "handed_over":
        return st.fixed_dictionaries({"from": some_team, "to": some_team, **{k: st.just(v) for k, v in source.items()}})
    elif kind in {"hand_over.declined", "hand_over.recalled", "team.rerouted"}:
        return st.fixed_dictionaries({"from": TEAMS, "to": TEAMS})
    elif kind == "wait.started":
        return waits(observed=observed)
    elif kind == "wait.moved":
        return st.fixed_dictionaries({"team": TEAMS})
    elif kind == "wait.ended":
        return unknown
    elif kind == "reopened":
        return st.builds(
            lambda team, agent, more: {"team": team, "assignee": agent, **more}, some_team, AGENTS, unknown
        )
    elif kind in {"ticket.merged", "ticket.unmerged"}:
        return st.just({"into": 99})
    else:
        return st.just({})


def waits(*, observed: bool) -> st.SearchStrategy[dict[str, Any]]:
    plain = st.sampled_from(["requester", "agreed", "parts", "change"]).map(
        lambda wait: {"wait": wait, "on": None, "team": None, "until": None}
    )
    third = (st.none() | st.integers(31, 32)).map(
        lambda on: {"wait": "third", "on": on, "team": None, "until": 9_000_000}
    )
    asked = st.builds(
        lambda wait, team: {"wait": wait, "on": 7, "team": team, "until": None},
        st.sampled_from(sorted(TEAM_WAITS)),
        (st.none() | TEAMS) if observed else TEAMS,
    )
    return st.one_of(plain, third, asked)
