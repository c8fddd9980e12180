"""Each figure by hand: which tickets it is about, what each adds, and when it says nothing but how many."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.inference.proportions import wilson
from helmdesk.measures.figures import BY_CODE, DAY, FEW, MEASURES, Beyond, Counted, Figure, Row, counted, figure
from helmdesk.web.measures.words import FIGURES

HOUR = DAY // 24
WINDOW = (100 * DAY, 130 * DAY)
LATER = Beyond(known=300 * DAY)


def row(ticket: int = 1, **of: Any) -> Row:
    """A ticket opened on day 101 and solved four hours later, unless told otherwise."""
    usual: dict[str, Any] = dict.fromkeys(Row._fields, None)
    usual |= {"merged": False, "moves": 0, "returns": 0, "asked": 0, "exchanges": 0, "type": "incident"}
    solved = 101 * DAY + 4 * HOUR
    usual |= {"opened_at": 101 * DAY, "first_resolved_at": solved, "resolved_at": solved, "worked": 3 * HOUR}
    return Row(**{**usual, "ticket": ticket, **of})


def values(code: str, *rows: Row, beyond: Beyond = LATER) -> dict[int, int]:
    return {one.ticket: one.value for one in counted(BY_CODE[code], rows, beyond, WINDOW)}


def test_a_ticket_counts_in_the_days_in_which_it_happened() -> None:
    before = row(1, opened_at=99 * DAY)
    within, at_the_end = row(2), row(3, opened_at=130 * DAY, first_resolved_at=None, resolved_at=None)
    assert values("opened", before, within, at_the_end) == {2: 1}
    assert values("resolved", before, within, at_the_end) == {1: 1, 2: 1}


def test_times_are_from_opening() -> None:
    answered = row(1, responded_at=101 * DAY + HOUR)
    assert values("first_response", answered, row(2)) == {1: HOUR}
    assert values("restore_gross", answered) == {1: 4 * HOUR}
    assert values("restore_net", answered, row(2, worked=0)) == {1: 3 * HOUR, 2: 0}


@pytest.mark.parametrize("spoils", [{"moves": 1}, {"asked": 1}, {"exchanges": 1}, {"reopened_at": 102 * DAY}])
def test_first_contact_means_once_by_one_team_for_good(spoils: dict[str, int]) -> None:
    assert values("fcr", row(1), row(2, **spoils)) == {1: 1, 2: 0}


def test_first_contact_does_not_count_where_the_same_came_back() -> None:
    assert values("fcr", row(1), row(2), beyond=Beyond(300 * DAY, again=frozenset({2}))) == {1: 1, 2: 0}


@pytest.mark.parametrize(("code", "days"), [("fcr", 7), ("reopened", 7), ("repeated", 30)])
def test_what_may_still_come_back_is_not_counted_yet(code: str, days: int) -> None:
    solved = row().resolved_at or 0
    assert values(code, row(), beyond=Beyond(known=solved + days * DAY - 1)) == {}
    assert values(code, row(), beyond=Beyond(known=solved + days * DAY)) == {1: int(code == "fcr")}


def test_a_ticket_is_kept_by_its_first_team_unless_it_moved_or_another_was_asked() -> None:
    assert values("contained", row(1), row(2, moves=2), row(3, asked=1)) == {1: 1, 2: 0, 3: 0}


def test_reopening_counts_within_seven_days_of_the_first_solving() -> None:
    solved = row().first_resolved_at or 0
    again = [row(n, resolved_at=None, reopened_at=solved + days * DAY) for n, days in ((1, 7), (2, 8))]
    assert values("reopened", *again, row(3)) == {1: 1, 2: 0, 3: 0}


def test_a_duplicate_within_thirty_days_is_a_repeat() -> None:
    assert values("repeated", row(1), row(2), beyond=Beyond(300 * DAY, repeated=frozenset({1}))) == {1: 1, 2: 0}


def test_moves_are_counted_and_returns_make_ping_pong() -> None:
    rows = [row(1, moves=3, returns=1), row(2)]
    assert (values("moves", *rows), values("ping_pong", *rows)) == ({1: 3, 2: 0}, {1: 1, 2: 0})


def test_withdrawn_are_told_among_those_closed_without_the_merged() -> None:
    closed = {"closed_at": 110 * DAY}
    rows = [
        row(1, **closed, closed_how="withdrawn"),
        row(2, **closed, closed_how="timer"),
        row(3, **closed, merged=True),
    ]
    assert values("withdrawn", *rows, row(4)) == {1: 1, 2: 0}


def test_the_backlog_is_what_is_open_at_the_end_and_as_old_as_it_is_then() -> None:
    beyond = Beyond(300 * DAY, open_at_end=frozenset({1, 2}))
    rows = [row(1, opened_at=10 * DAY), row(2), row(3)]
    assert values("backlog", *rows, beyond=beyond) == {1: 1, 2: 1}
    assert values("backlog_age", *rows, beyond=beyond) == {1: 120 * DAY, 2: 29 * DAY}


def of(code: str, *found: int) -> Figure:
    return figure(BY_CODE[code], [Counted(n, value) for n, value in enumerate(found)])


@pytest.mark.parametrize("n", [1, FEW - 1])
def test_below_thirty_there_is_no_percentage_and_a_list_of_times(n: int) -> None:
    share, time = of("fcr", *[1] * n), of("restore_gross", *range(n, 0, -1))
    assert (share.few, share.value, share.interval, share.met, share.n) == (True, None, None, n, n)
    assert (time.few, time.value, time.interval, time.p90, time.mean) == (True, None, None, None, None)
    assert time.values == tuple(range(1, n + 1))


def test_from_thirty_on_there_is_a_share_with_its_interval_and_a_median() -> None:
    share, time = of("fcr", *[1] * 20, *[0] * 10), of("restore_gross", *range(1, 32))
    assert (share.few, share.value, share.interval) == (False, 20 / 30, wilson(20, 30))
    assert (time.few, time.value, time.values, time.n) == (False, 16, (), 31)
    assert time.p90 is not None
    assert time.p90.value == 28


def test_of_nothing_nothing_is_said() -> None:
    found = [of(measure.code) for measure in MEASURES]
    assert {(one.n, one.few, one.values) for one in found} == {(0, False, ())}
    assert {one.unit: one.value for one in found} == {"count": 0, "share": None, "duration": None, "rate": None}


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10**12), max_size=80))
def test_a_time_lies_in_its_interval_and_counts_all(found: list[int]) -> None:
    time = of("restore_gross", *found)
    assert time.n == len(found)
    assert time.few == (0 < len(found) < FEW)
    if time.value is not None and time.p90 is not None:
        assert min(found) <= time.value <= time.p90.value <= max(found)


def test_every_figure_has_its_words_and_its_place_in_the_reference() -> None:
    from pathlib import Path

    reference = (Path(__file__).resolve().parents[2] / "docs/reference/measures.md").read_text()
    codes = {measure.code for measure in MEASURES}
    assert set(FIGURES) == codes
    assert {code for code in codes if f"| `{code}` |" not in reference} == set()
