"""What must hold of every single run, without any statistics: to the microsecond."""

import heapq
from itertools import pairwise

import numpy as np
import pytest

from helmdesk.engine import kernel, reference
from helmdesk.engine.arrangement import Arrangement, Choice, Group, Route, ShiftEnd, Team
from helmdesk.engine.generating import generate
from helmdesk.engine.prepared import prepare
from helmdesk.engine.table import Piece, Ticket, table_of
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from
from tests.engine.desks import HOUR, constant, desk, group, kind, memoryless
from tests.engine.worlds import ALWAYS, BERLIN, CALENDARS, DAY, DAYS, MINUTE, MONDAY, world

SINCE, UNTIL = MONDAY, MONDAY + 400 * DAY


def simple(hours: Calendar, rule: ShiftEnd, count: int = 1) -> Arrangement:
    team = Team("team", "in-house", (Group("all", count, hours, frozenset({(0, 0)})),), rule)
    return Arrangement("simple", ("any",), ("any",), 1, (team,), (Route((Choice(0),)),))


def outcome_of(arrangement: Arrangement, *tickets: Ticket):
    return kernel.run(prepare(arrangement, since=SINCE, until=UNTIL), table_of(tickets))


def test_starts_of_25_agents_are_those_of_kiefer_and_wolfowitz() -> None:
    table = generate(constant(60, kind(memoryless(1 / 3)), tickets=30_000), seed=3)
    found = kernel.run(prepare(desk(group(25)), since=SINCE, until=UNTIL), table)

    free = [0] * 25
    starts = []
    for arrival, work in zip(table.tickets[:-1, 0].tolist(), table.pieces[:, 1].tolist(), strict=True):
        start = max(arrival, heapq.heappop(free))
        heapq.heappush(free, start + work)
        starts.append(start)
    assert found.pieces[:, 1].tolist() == starts


@pytest.mark.parametrize("seed", range(8))
def test_the_area_under_those_at_the_desk_is_the_sum_of_their_stays(seed: int) -> None:
    arrangement, table = world(seed)
    found = kernel.run(prepare(arrangement, since=SINCE, until=UNTIL), table).pieces
    found = found[found[:, 2] >= 0]

    edges = sorted([(at, 1) for at in found[:, 0].tolist()] + [(at, -1) for at in found[:, 2].tolist()])
    area = here = 0
    for (at, step), (after, _) in pairwise(edges):
        here += step
        area += here * (after - at)
    assert area == int((found[:, 2] - found[:, 0]).sum())


@pytest.mark.parametrize("seed", range(8))
def test_no_work_is_lost_or_made_and_nobody_starts_before_the_ticket_is_there(seed: int) -> None:
    arrangement, table = world(seed)
    prepared = prepare(arrangement, since=SINCE, until=UNTIL)
    found = kernel.run(prepared, table)
    done = found.pieces[:, 2] >= 0

    if all(group.pace == 1000 for team in arrangement.teams for group in team.groups):
        assert int(found.busy.sum()) == int(table.pieces[done, 1].sum())
    assert np.all(found.pieces[done, 1] >= found.pieces[done, 0])
    assert np.all(found.pieces[done, 2] >= found.pieces[done, 1])
    assert np.all(found.busy <= prepared.on_shift(SINCE, UNTIL)) or any(
        team.shift_end == ShiftEnd.OVERTIME for team in arrangement.teams
    )


def test_every_ticket_comes_to_an_end_or_still_stands_somewhere() -> None:
    arrangement, table = world(5)
    found = kernel.run(prepare(arrangement, since=SINCE, until=SINCE + 5 * DAY), table)
    first = table.tickets[:-1, 5]
    started, gone = found.pieces[first, 1] >= 0, found.gave_up >= 0
    waiting = (found.pieces[first, 0] >= 0) & ~started & ~gone

    assert int(started.sum() + gone.sum() + waiting.sum()) == len(table)
    assert not np.any(started & gone)


def test_a_calendar_is_a_change_of_time() -> None:
    """Work that goes on in the next shift meets, in open time, what it would meet without nights."""
    table = generate(constant(4, kind(memoryless(1 / 5)), tickets=8_000), seed=4)
    office = calendar_from({"zone": "UTC", "week": {day: ["08:00-16:00"] for day in DAYS}})
    opened = [Ticket(office.add(MONDAY, at - MONDAY), (Piece(work),)) for at, work in
              zip(table.tickets[:-1, 0].tolist(), table.pieces[:, 1].tolist(), strict=True)]  # fmt: skip
    always = kernel.run(prepare(simple(ALWAYS, ShiftEnd.RESUME, 1), since=SINCE, until=UNTIL), table)
    nights = prepare(simple(office, ShiftEnd.RESUME, 1), since=SINCE, until=MONDAY + 1200 * DAY)
    days = kernel.run(nights, table_of(opened))

    assert [office.elapsed(MONDAY, at) for at in days.pieces[:, 2].tolist()] == (always.pieces[:, 2] - MONDAY).tolist()


def test_one_more_agent_delays_nobody_who_waits_in_the_order_of_coming() -> None:
    table = generate(constant(10, kind(memoryless(1 / 3)), tickets=20_000), seed=5)
    few, more = (
        kernel.run(prepare(desk(group(count)), since=SINCE, until=UNTIL), table).pieces[:, 1] for count in (4, 5)
    )

    assert np.all(more <= few)
    assert np.any(more < few)


@pytest.mark.parametrize(
    "rule, ends",
    [
        (ShiftEnd.OVERTIME, MONDAY + 17 * HOUR),
        (ShiftEnd.RESUME, MONDAY + DAY + 8 * HOUR),
        (ShiftEnd.HAND_ON, MONDAY + DAY + 8 * HOUR),
    ],
)
def test_two_hours_of_work_begun_an_hour_before_the_end_of_the_shift(rule: ShiftEnd, ends: int) -> None:
    office = calendar_from({"zone": "UTC", "week": {day: ["07:00-16:00"] for day in DAYS}})
    found = outcome_of(simple(office, rule), Ticket(MONDAY + 15 * HOUR, (Piece(2 * HOUR),)))

    assert found.pieces.tolist() == [[MONDAY + 15 * HOUR, MONDAY + 15 * HOUR, ends, 0]]
    assert found.busy.tolist() == [2 * HOUR]


def test_handed_on_work_goes_to_the_colleague_who_is_there_and_keeps_its_place() -> None:
    early = calendar_from({"zone": "UTC", "week": {day: ["07:00-16:00"] for day in DAYS}})
    late = calendar_from({"zone": "UTC", "week": {day: ["15:59-23:00"] for day in DAYS}})
    skills = frozenset({(0, 0)})
    groups = Group("early", 1, early, skills), Group("late", 1, late, skills)
    team = Team("team", "in-house", groups, ShiftEnd.HAND_ON)
    arrangement = Arrangement("two shifts", ("any",), ("any",), 1, (team,), (Route((Choice(0),)),))
    first = Ticket(MONDAY + 15 * HOUR, (Piece(3 * HOUR),))
    second = Ticket(MONDAY + 15 * HOUR + 30 * MINUTE, (Piece(HOUR),))
    third = Ticket(MONDAY + 15 * HOUR + 45 * MINUTE, (Piece(HOUR),))
    found = outcome_of(arrangement, first, second, third)

    taken = MONDAY + 15 * HOUR + 59 * MINUTE
    assert found.pieces[:, 1:].tolist() == [
        [MONDAY + 15 * HOUR, taken + 3 * HOUR, 1],
        [taken, taken + HOUR, 1],
        [taken + 3 * HOUR, taken + 4 * HOUR, 1],
    ]


def test_on_the_night_when_clocks_go_forward_a_shift_is_an_hour_shorter() -> None:
    night = calendar_from({"zone": "Europe/Berlin", "week": {day: ["22:00-06:00"] for day in DAYS}})
    saturday = 1_774_731_600_000_000  # 28 March 2026, 22:00 in Berlin
    arrangement = simple(night, ShiftEnd.RESUME)
    prepared = prepare(arrangement, since=saturday, until=saturday + 3 * DAY)
    found = kernel.run(prepared, table_of([Ticket(saturday, (Piece(7 * HOUR),)), Ticket(saturday, (Piece(HOUR),))]))

    assert found.pieces[:, 2].tolist() == [saturday + 7 * HOUR, saturday + 24 * HOUR]


@pytest.mark.parametrize("hours", CALENDARS)
def test_time_on_shift_is_the_open_time_of_the_calendar(hours: Calendar) -> None:
    prepared = prepare(simple(hours, ShiftEnd.RESUME, 2), since=SINCE, until=SINCE + 30 * DAY)
    asked = SINCE + 3 * DAY + 5 * HOUR, SINCE + 20 * DAY

    assert prepared.on_shift(*asked).tolist() == [hours.elapsed(*asked)] * 2


def test_a_thousand_agents_and_three_hundred_queues_are_no_limit() -> None:
    categories = 300
    own = tuple(Group(f"{n}", 4, BERLIN, frozenset({(n, 0), ((n + 1) % categories, 0)})) for n in range(categories))
    names = tuple(str(n) for n in range(categories))
    arrangement = Arrangement("many", names, ("any",), 1, (Team("team", "in-house", own),), (Route((Choice(0),)),))
    tickets = [Ticket(MONDAY + n * 7_000_000, (Piece(3 * HOUR),), category=n * 37 % categories) for n in range(6000)]
    prepared = prepare(arrangement, since=SINCE, until=SINCE + 14 * DAY)
    table = table_of(tickets, categories=categories)

    found = kernel.run(prepared, table)

    assert len(prepared.team_of) == 1200
    assert len(prepared.agents_of) == 300
    assert found.same_as(reference.run(prepared, table))


def test_a_ticket_that_escalates_as_the_office_opens_goes_where_the_office_sends_it() -> None:
    skills = frozenset({(0, 0), (0, 1)})
    teams = tuple(Team(name, "in-house", (Group("all", 1, ALWAYS, skills),)) for name in ("night", "day"))
    office = calendar_from({"zone": "UTC", "week": {day: ["08:00-16:00"] for day in DAYS}})
    routes = Route((Choice(1),), hours=office), Route((Choice(0),))
    arrangement = Arrangement("day and night", ("any",), ("any",), 2, teams, routes)
    pieces = Piece(HOUR), Piece(HOUR, 1, kind=2)
    table = table_of([Ticket(MONDAY + 7 * HOUR, pieces), Ticket(MONDAY + 15 * HOUR, pieces)], tiers=2)
    prepared = prepare(arrangement, since=SINCE, until=UNTIL)

    found = kernel.run(prepared, table)

    assert found.pieces[:, 3].tolist() == [0, 1, 1, 0]
    assert found.same_as(reference.run(prepared, table))
