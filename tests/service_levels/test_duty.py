"""Who is on duty: what promises tell of the hours of teams, and that nothing is guessed where they tell nothing."""

from __future__ import annotations

import pytest

from helmdesk.foundation.time import to_us
from helmdesk.service_levels.duty import Duty, duty, joined
from helmdesk.worktime.reading import calendar_from
from tests.service_levels.promising import HOUR, backed, calendars, later, owned, promise
from tests.world import World

Y2000 = 946_684_800_000_000
NEVER = calendar_from({"zone": "UTC", "week": {}})


def of_world(world: World) -> Duty:
    teams = {team.pk: team.provider_id for team in world.teams.values()}
    return duty(teams, at=to_us(world.at))


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
