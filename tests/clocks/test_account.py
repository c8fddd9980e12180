"""A turn told span by span: the sums are the clock's own, nothing is left out, and each line says why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.clocks.account import Clocked, Line, account, merged
from helmdesk.clocks.levels import Binds, Level, Metric, Pause, Target, Then
from helmdesk.clocks.steps import Exclusion, Recorded, steps
from helmdesk.clocks.ticket import turns
from helmdesk.clocks.turns import Turn
from helmdesk.worktime.reading import calendar_from
from tests.clocks.lives import CALENDARS, OPENED, calendar_called, exclusions, levels, lives
from tests.clocks.lives import PROVIDERS as OF
from tests.thoroughness import examples

HOUR = 3_600_000_000
DAY = 24 * HOUR
MONDAY = 20_514 * DAY  # 2026-03-02
US, THEM, OTHERS = 1, 2, 3
PROVIDERS = {US: 10, THEM: 20, OTHERS: 30}
OFFICE = calendar_from(
    {"zone": "UTC", "week": {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
)
ALWAYS = calendar_from({"always": True})


def told(*events: tuple[float, str, dict[str, Any]]) -> list[Recorded]:
    """Events at hours from Monday 0:00, after an opening at 9."""
    opening = (9.0, "ticket.opened", {"team": US, "holder": "team", "priority": 3})
    return [
        Recorded(n, kind, MONDAY + round(at * HOUR), what, hat=2)
        for n, (at, kind, what) in enumerate([opening, *events], 1)
    ]


def handed(at: float, to: int, sender: int | None = US) -> tuple[float, str, dict[str, Any]]:
    return at, "handed_over", {"from": sender, "to": to, "why": "chosen"}


def waits(at: float, wait: str = "requester") -> tuple[float, str, dict[str, Any]]:
    return at, "wait.started", {"wait": wait, "on": None, "team": None, "until": None}


def ended(at: float) -> tuple[float, str, dict[str, Any]]:
    return at, "wait.ended", {}


def resolved(at: float) -> tuple[float, str, dict[str, Any]]:
    return at, "resolved", {}


def level(metric: Metric = Metric.RESOLUTION, **more: Any) -> Level:
    return Level("l", metric, (Target(8 * HOUR),), **more)


def clocked(
    events: list[Recorded], what: Level, *, calendar: Any = OFFICE, now: float, nth: int = 0, cuts: tuple[int, ...] = ()
) -> tuple[Turn, list[Line]]:
    us = MONDAY + round(now * HOUR)
    written = steps(events, until=us)
    found = turns(written, [(what, calendar)], provider_of=PROVIDERS, now=us)
    lines = account(Clocked(written, what, calendar, PROVIDERS, None, nth), found[nth], now=us, cuts=cuts)
    return found[nth], lines


def short(lines: list[Line]) -> list[tuple[float, float, str, str, float, float]]:
    """From, to (hours), who, why, what counted and the sum."""
    return [
        ((one.start - MONDAY) / HOUR, (one.end - MONDAY) / HOUR, who(one), one.why, one.counted / HOUR, one.sum / HOUR)
        for one in merged(lines)
    ]


def who(line: Line) -> str:
    return f"{line.holding.party_kind}{line.holding.party or ''}" if line.holding else ""


def test_a_wait_is_paused_and_what_counts_adds_up() -> None:
    events = told(waits(10), ended(15), resolved(16.5))
    turn, lines = clocked(events, level(pauses=(Pause("requester"),)), now=20)

    assert short(lines) == [
        (9, 10, "team1", "counts", 1, 1),
        (10, 15, "requester", "paused", 0, 1),
        (15, 16.5, "team1", "counts", 1.5, 2.5),
    ]
    assert [one.open / HOUR for one in lines] == [1, 4, 1.5]
    assert lines[-1].sum == turn.used


def test_a_cap_ends_a_pause_within_the_wait() -> None:
    events = told(waits(10), ended(16), resolved(17))
    turn, lines = clocked(events, level(pauses=(Pause("requester", 2 * HOUR),)), now=20)

    assert short(lines)[1:3] == [(10, 12, "requester", "paused", 0, 1), (12, 16, "requester", "counts", 3, 4)]
    assert lines[-1].sum == turn.used == 5 * HOUR


def test_a_provider_is_told_of_the_time_in_which_it_had_the_ball_only() -> None:
    """DEMANDS 1.1, row 3: handed a ticket at 1 h 30 of a 2 h promise."""
    events = told(handed(10.5, THEM), resolved(11.5))
    theirs = level(binds=Binds.PROVIDER, party=20)
    turn, lines = clocked(events, theirs, now=12)

    assert short(lines) == [(10.5, 11.5, "team2", "counts", 1, 1)]
    whole, all_lines = clocked(events, level(), now=12)
    assert (turn.used, whole.used) == (HOUR, 2.5 * HOUR)
    assert [one[2] for one in short(all_lines)] == ["team1", "team2"]


def test_time_elsewhere_is_named() -> None:
    events = told(handed(10, THEM), handed(11, US, THEM), handed(12, THEM), resolved(14))
    turn, lines = clocked(events, level(binds=Binds.PROVIDER, party=20), calendar=ALWAYS, now=15)

    assert short(lines) == [
        (10, 11, "team2", "counts", 1, 1),
        (11, 12, "team1", "elsewhere", 0, 1),
        (12, 14, "team2", "counts", 2, 3),
    ]
    assert turn.used == 3 * HOUR


def test_a_night_is_closed_and_days_stay_apart_where_they_are_cut() -> None:
    midnight = MONDAY + DAY
    turn, lines = clocked(told(resolved(33)), level(), now=40, cuts=(midnight,))
    assert [(one.start, one.counted / HOUR) for one in merged(lines, days={midnight})] == [
        (MONDAY + 9 * HOUR, 7),
        (midnight, 1),
    ]
    assert lines[-1].sum == turn.used


def test_an_exclusion_that_was_approved_later_takes_its_time_out() -> None:
    asked = {"from": MONDAY + 10 * HOUR, "to": MONDAY + 11 * HOUR, "level": None, "reason": "agreed", "message": 1}
    approved = {"exclusion": 3, "from": asked["from"], "to": asked["to"], "level": None}
    events = told(resolved(12), (13, "exclusion.asked", asked), (14, "exclusion.approved", approved))
    turn, lines = clocked(events, level(), now=15)

    assert [one[3] for one in short(lines)] == ["counts", "excluded", "counts"]
    assert lines[-1].sum == turn.used == 2 * HOUR


def test_a_wait_that_was_judged_untrue_is_the_teams() -> None:
    judged = {"wait": 2, "upheld": False}
    events = told(waits(10), ended(12), (13, "wait.judged", judged), resolved(14))
    turn, lines = clocked(events, level(pauses=(Pause("requester"),)), now=15)

    assert [(one[3], one[5]) for one in short(lines)] == [("counts", 1.0), ("counts", 3.0), ("counts", 4.0)]
    assert [bool(one.holding and one.holding.overruled) for one in lines][:2] == [False, True]
    assert turn.used == 4 * HOUR


def test_a_declined_hand_over_gives_its_time_back_in_a_line_of_its_own() -> None:
    events = told(
        handed(10, THEM), (11, "hand_over.declined", {"from": THEM, "to": US, "why": "not_ours"}), resolved(12)
    )
    ours = level(binds=Binds.TEAM, party=US, on_decline=Then.CARRY)
    turn, lines = clocked(events, ours, calendar=ALWAYS, now=13)

    assert ("moved", 1.0) in [(one.why, one.counted / HOUR) for one in lines]
    assert lines[-1].sum == turn.used == 3 * HOUR


@pytest.mark.parametrize("now", [9.5, 12.5, 20, 33.25])
def test_an_open_clock_is_told_up_to_now(now: float) -> None:
    turn, lines = clocked(told(waits(10), ended(11)), level(pauses=(Pause("requester"),)), now=now)

    assert (lines[0].start, lines[-1].end) == (turn.start, MONDAY + round(now * HOUR))
    assert lines[-1].sum == turn.used


def test_lines_follow_each_other_without_gap_and_add_up() -> None:
    events = told(
        waits(9.25), ended(9.5), handed(10, THEM), waits(10.5, "parts"), ended(34), handed(35, OTHERS, THEM),
        (36, "prioritised", {"priority": 1}), resolved(37), (40, "reopened", {"team": US, "assignee": None}),
        resolved(58),
    )  # fmt: skip
    for binds, party in ((Binds.REQUESTER, None), (Binds.TEAM, US), (Binds.PROVIDER, 20)):
        for then in Then:
            what = level(binds=binds, party=party, pauses=(Pause("requester"), Pause("parts", HOUR)), on_reopen=then)
            written = steps(events, until=MONDAY + 60 * HOUR)
            for nth, turn in enumerate(turns(written, [(what, OFFICE)], provider_of=PROVIDERS, now=MONDAY + 60 * HOUR)):
                lines = account(Clocked(written, what, OFFICE, PROVIDERS, None, nth), turn, now=MONDAY + 60 * HOUR)
                assert [one.end for one in lines[:-1]] == [one.start for one in lines[1:]]
                assert (lines[0].start, lines[-1].end) == (turn.start, turn.stop or MONDAY + 60 * HOUR)
                assert sum(one.counted for one in lines) == lines[-1].sum == turn.used


@settings(max_examples=examples(80), deadline=None)
@given(lives(), levels(), st.sampled_from(sorted(CALENDARS)), exclusions(), st.sampled_from([0, 1, 30]))
def test_the_account_of_any_turn_adds_up_to_it(
    life: list[Recorded], what: Level, calendar: str, excluded: list[tuple[int, int]], later: int
) -> None:
    """Whatever happened and whatever the options: no gap, and the last sum is the clock's own figure."""
    now = life[-1].at + later * HOUR
    written = steps(life, public={1}, opened=OPENED)
    written.exclusions = [Exclusion(start, end, what.code) for start, end in excluded]
    hours = calendar_called(calendar)
    found = turns(written, [(what, hours)], provider_of=OF, group=4, now=now)
    for nth, turn in enumerate(found):
        lines = account(Clocked(written, what, hours, OF, 4, nth), turn, now=now)
        assert [one.end for one in lines[:-1]] == [one.start for one in lines[1:]]
        assert sum(one.counted for one in lines) == turn.used
        assert not lines or (lines[0].start, lines[-1].sum) == (turn.start, turn.used)
        assert sum(one.open for one in lines) == hours.elapsed(turn.start, turn.stop or now)
