"""The compiled walk tells, of many tickets at once, what the plain one tells of each."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.clocks import bulk
from helmdesk.clocks.levels import Level
from helmdesk.clocks.steps import Exclusion, Recorded, Steps, steps
from helmdesk.clocks.ticket import KINDS, WAIT_NAMES, Holding, holdings, turns
from helmdesk.clocks.turns import WHYS, Turn, Verdict
from tests.clocks.lives import CALENDARS, HOUR, OPENED, PROVIDERS, START, calendar_called, exclusions, levels, lives
from tests.thoroughness import examples

NOW = START + 600 * HOUR
NAMED = st.tuples(levels(), st.sampled_from(sorted(CALENDARS)))


def told(life: list[Recorded], excluded: list[tuple[int, int]]) -> Steps:
    found = steps(life, public={1}, opened=OPENED)
    found.exclusions = [Exclusion(start, end) for start, end in excluded]
    return found


@settings(max_examples=examples(12), deadline=None)
@given(
    st.lists(st.builds(told, lives(), exclusions()), min_size=1, max_size=6),
    st.lists(NAMED, min_size=1, max_size=6, unique_by=lambda pair: pair[0]),
)
def test_compiled_and_plain_tell_the_same_turns(tickets: list[Steps], named: list[tuple[Level, str]]) -> None:
    some = [(level, calendar_called(name)) for level, name in named]
    groups = [4 if place % 2 else -1 for place in range(len(tickets))]
    found = bulk.judge(bulk.Columns.of(tickets), some, provider_of=PROVIDERS, groups=groups, now=NOW)
    plain = [
        (place, number, turn)
        for place, ticket in enumerate(tickets)
        for number, one in enumerate(some)
        for turn in turns(ticket, [one], provider_of=PROVIDERS, group=4 if place % 2 else None, now=NOW)
    ]
    assert [as_turn(row) for row in found] == plain


def as_turn(row: np.void) -> tuple[int, int, Turn]:
    def instant(name: str) -> int | None:
        return None if row[name] < 0 else int(row[name])

    turn = Turn(
        "level", int(row["n"]), Verdict(int(row["verdict"])), int(row["start"]), instant("stop"), int(row["used"]),
        int(row["gross"]), int(row["target"]), instant("since"), instant("due"), WHYS[row["why"]],
    )  # fmt: skip
    return int(row["ticket"]), int(row["level"]), turn


@settings(max_examples=examples(12), deadline=None)
@given(st.lists(st.builds(told, lives(), st.just([])), min_size=1, max_size=6))
def test_compiled_and_plain_tell_the_same_holders(tickets: list[Steps]) -> None:
    found = np.concatenate(list(bulk.held(bulk.Columns.of(tickets))))
    assert [as_holding(row) for row in found] == [
        (place, one) for place, ticket in enumerate(tickets) for one in holdings(ticket)
    ]


def as_holding(row: np.void) -> tuple[int, Holding]:
    party, end = (None if row[name] < 0 else int(row[name]) for name in ("party", "end"))
    wait = WAIT_NAMES.get(int(row["wait"]))
    return int(row["ticket"]), Holding(
        KINDS[int(row["holder"])], party, int(row["start"]), end, wait, bool(row["overruled"])
    )


def test_parts_are_cut_between_tickets_and_come_in_order(monkeypatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    opening = {"team": 1, "holder": "team", "priority": 1}
    tickets = [steps([Recorded(1, "ticket.opened", START + n * HOUR, opening)]) for n in range(20)]
    found = np.concatenate(list(bulk.held(bulk.Columns.of(tickets))))
    assert list(found["start"]) == [START + n * HOUR for n in range(20)]


def test_no_tickets_have_no_turns() -> None:
    assert len(bulk.judge(bulk.Columns.of([]), [], provider_of={}, now=NOW)) == 0
