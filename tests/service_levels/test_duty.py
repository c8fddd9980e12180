"""Who is on duty: by a team's own calendar, else by what promises tell, and nothing is guessed where neither does."""

from __future__ import annotations

import pytest
from django.db import transaction

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, publish
from helmdesk.calendars.writing import Writing
from helmdesk.foundation.time import to_us
from helmdesk.service_levels import versions
from helmdesk.service_levels.duty import Duty, duty, joined
from helmdesk.service_levels.hours import hours
from helmdesk.tickets.parties import all_parties
from helmdesk.worktime.reading import calendar_from
from tests.service_levels.promising import HOUR, MAX, WEEK, backed, calendars, later, owned, promise, works_by
from tests.world import World

Y2000 = 946_684_800_000_000
NEVER = calendar_from({"zone": "UTC", "week": {}})


def of_world(world: World) -> Duty:
    return duty(list(all_parties().teams.values()), at=to_us(world.at))


def names(world: World, teams: list[int]) -> set[str]:
    return {name for name, team in world.teams.items() if team.pk in teams}


def test_without_a_promise_the_hours_of_nobody_are_known(world: World) -> None:
    calendars(world.at)
    of = of_world(world)

    assert (of.known, names(world, of.unknown)) == ([], {"desk", "clients", "network", "night"})
    assert (of.on(to_us(world.at)), of.opens(to_us(world.at)), of.open(0, HOUR)) == ([], None, [])


def test_a_team_works_when_what_binds_it_or_its_provider_says(world: World) -> None:
    calendars(world.at)
    promise(world, owned(), backed())
    of, noon, night = of_world(world), to_us(world.at), to_us(later(world.at, hours=12))

    assert names(world, of.known) == {"desk", "network"}
    assert names(world, of.on(noon)) == {"desk", "network"}
    assert names(world, of.on(night)) == {"network"}


def test_a_team_works_by_its_own_calendar_whatever_binds_it(world: World) -> None:
    calendars(world.at)
    promise(world, owned(), backed())
    works_by(world, desk="always", network="office", night="always")
    of, night = of_world(world), to_us(later(world.at, hours=12))

    assert names(world, of.unknown) == {"clients"}
    assert names(world, of.on(night)) == {"desk", "night"}
    works_by(world, desk=None, network=None, night=None)
    assert of_world(world).calendars != of.calendars
    assert names(world, of_world(world).on(night)) == {"network"}


def test_a_calendar_without_hours_says_nothing(world: World) -> None:
    calendars(world.at)
    promise(world, owned())
    add_calendar("later", CalendarEntry(name="Later"), by=MAX, at=world.at)
    works_by(world, desk="later", clients="later")

    assert names(world, of_world(world).known) == {"desk"}


def test_hours_are_those_of_the_version_that_held_at_the_instant(world: World) -> None:
    calendars(world.at)
    works_by(world, desk="office")
    office, week = WorkingCalendar.objects.get(code="office").pk, later(world.at, days=7)
    publish(office, Writing(week={"sun": WEEK["mon"]}), valid_from=week, by=MAX, at=world.at)
    known = hours(versions.known(), all_parties().teams.values())

    before, after = (known.of(world.teams["desk"].pk, None, to_us(at)) for at in (world.at, week))
    assert before is not None
    assert after is not None
    assert (before.is_open(to_us(world.at)), after.is_open(to_us(world.at))) == (True, False)
    assert known.own_of(world.teams["desk"].pk, to_us(week)) is after
    assert known.own_of(world.teams["clients"].pk, to_us(week)) is None


def test_hours_written_and_taken_back_are_not_remembered(world: World) -> None:
    calendars(world.at)
    works_by(world, desk="office")
    office = WorkingCalendar.objects.get(code="office").pk
    before = transaction.savepoint_create()
    publish(office, Writing(always=True), by=MAX, at=world.at)
    assert names(world, of_world(world).on(to_us(later(world.at, hours=12)))) == {"desk"}
    transaction.savepoint_rollback(before)
    publish(office, Writing(week={"sun": WEEK["mon"]}), by=MAX, at=world.at)

    assert of_world(world).on(to_us(world.at)) == []


def test_what_is_closed_says_when_it_opens_again(world: World) -> None:
    calendars(world.at)
    promise(world, owned())
    of, nine = of_world(world), to_us(world.at)

    assert of.opens(nine) == nine
    assert of.opens(nine + 9 * HOUR) == nine + 23 * HOUR
    assert of.opens(nine + 3 * HOUR) == nine + 4 * HOUR
    assert of.open(nine, nine + 24 * HOUR) == [
        (nine, nine + 3 * HOUR), (nine + 4 * HOUR, nine + 8 * HOUR), (nine + 23 * HOUR, nine + 24 * HOUR),
    ]  # fmt: skip


def test_a_part_of_the_teams_is_asked_alone(world: World) -> None:
    calendars(world.at)
    promise(world, owned(), backed())
    desk = of_world(world).of([world.teams["desk"].pk, world.teams["clients"].pk])

    assert (names(world, desk.known), names(world, desk.unknown)) == ({"desk"}, {"clients"})


def test_what_never_opens_is_known_and_never_on_duty() -> None:
    of = Duty({1: NEVER})

    assert (of.known, of.on(Y2000), of.opens(Y2000), of.open(Y2000, Y2000 + HOUR)) == ([1], [], None, [])


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(1, 2)], [(1, 2)]),
        ([(3, 4), (1, 2)], [(1, 2), (3, 4)]),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(1, 9), (2, 3), (8, 10)], [(1, 10)]),
    ],
)
def test_stretches_that_touch_are_one(spans: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert joined(spans) == expected
