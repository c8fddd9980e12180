"""Where nobody is on duty: hours as people live them, also when clocks change, and what came in the weeks before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helmdesk.foundation.time import from_us, to_us
from helmdesk.measures import keeping
from helmdesk.measures.coverage import (
    DAYS,
    QUARTER,
    WEEKS,
    Gap,
    Hour,
    Quarter,
    arrivals,
    back,
    gaps,
    instant,
    past,
    week,
)
from helmdesk.service_levels.duty import Duty
from helmdesk.tickets import sorting
from helmdesk.worktime.reading import calendar_from
from tests.world import World

VIENNA, KATHMANDU = ZoneInfo("Europe/Vienna"), ZoneInfo("Asia/Kathmandu")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HOUR = 3_600_000_000
ALL = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def on(*spans: str, days: tuple[str, ...] = ALL, zone: str = "Europe/Vienna") -> Duty:
    """One team that works so every day."""
    return Duty({1: calendar_from({"zone": zone, "week": {day: list(spans) for day in days}})})


def local(text: str, zone: ZoneInfo = VIENNA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def came(*texts: str, urgent: int = 0) -> list[Quarter]:
    return [Quarter(to_us(local(text)), 1, urgent) for text in sorted(texts)]


def words(found: list[Gap]) -> list[tuple[str, str]]:
    return [tuple(f"{from_us(edge).astimezone(VIENNA):%a %H:%M}" for edge in gap[:2]) for gap in found]  # type: ignore[misc]


def hours_of(day: date, duty: Duty, some: list[Quarter] = [], *, at: str) -> list[Hour]:  # noqa: B006
    return week({7: duty}, some, at=local(at), zone=VIENNA)[day]


def test_a_week_is_seven_days_of_24_hours_from_today_on() -> None:
    found = week({}, [], at=local("2026-11-26 23:30"), zone=VIENNA)

    assert list(found) == [date(2026, 11, 26) + timedelta(days=n) for n in range(DAYS)]
    assert {len(hours) for hours in found.values()} == {24}
    assert from_us(found[date(2026, 11, 26)][0].start) == local("2026-11-26 00:00")


def test_an_hour_says_which_parties_work_in_it_and_which_for_a_part() -> None:
    parties = {7: on("08:00-12:00"), 8: on("11:30-18:00"), 9: Duty({2: None})}
    (hours, *_rest) = week(parties, [], at=local("2026-11-26 10:00"), zone=VIENNA).values()

    assert [hours[n].on for n in (7, 8, 11, 12)] == [(), (7,), (7, 8), (8,)]
    assert [hours[n].part for n in (8, 11, 12)] == [(), (8,), ()]


def test_teams_of_a_party_stand_in_for_each_other() -> None:
    two = Duty({**on("08:00-12:30").calendars, 2: on("12:30-18:00").calendars[1]})

    hour = hours_of(date(2026, 11, 26), two, at="2026-11-26 10:00")[12]

    assert (hour.on, hour.part) == ((7,), ())


def test_the_hour_that_clocks_skip_is_not_there() -> None:
    hours = hours_of(SPRING, on("00:00-24:00"), at="2026-03-27 10:00")

    assert [n for n, hour in enumerate(hours) if hour.skipped] == [2]
    assert (hours[2].on, hours[3].on) == ((), (7,))
    assert sum(hour.end - hour.start for hour in hours) == 23 * HOUR


def test_the_hour_that_clocks_repeat_lasts_two() -> None:
    hours = hours_of(AUTUMN, on("03:00-24:00"), at="2026-10-23 10:00")

    assert [n for n, hour in enumerate(hours) if hour.end - hour.start == 2 * HOUR] == [2]
    assert [hours[n].on for n in (1, 2, 3)] == [(), (), (7,)]
    assert sum(hour.end - hour.start for hour in hours) == 25 * HOUR


def test_arrivals_lie_in_the_hour_and_weekday_of_their_own_day() -> None:
    some = came("2026-03-22 08:10", "2026-03-15 08:50", "2026-02-01 08:00") + came("2026-03-21 08:00", urgent=1)
    hours = week({}, sorted(some), at=local("2026-03-27 10:00"), zone=VIENNA)

    assert [hours[SPRING][n][-2:] for n in (7, 8, 9)] == [(0, 0), (3, 0), (0, 0)]
    assert hours[SPRING - timedelta(days=1)][8][-2:] == (1, 1)


def test_what_came_today_is_not_counted_among_whole_weeks() -> None:
    some = came("2026-11-19 09:00", "2026-11-26 09:00")
    assert hours_of(date(2026, 11, 26), on(), some, at="2026-11-26 10:00")[9].came == 1


@pytest.mark.parametrize("zone", [VIENNA, KATHMANDU, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Chatham")])
@pytest.mark.parametrize("day", [SPRING, AUTUMN, date(2026, 1, 1), date(2026, 4, 5), date(2026, 9, 27)])
def test_hours_tile_the_day_in_every_zone(zone: ZoneInfo, day: date) -> None:
    edges = [instant(day, n, zone) for n in range(25)]

    assert edges == sorted(edges)
    assert edges[-1] == instant(day + timedelta(days=1), 0, zone)
    assert all(edge % QUARTER == 0 for edge in edges)


def test_gaps_are_when_nobody_works_from_now_on() -> None:
    office = on("08:00-12:00", "13:00-18:00", days=("mon", "tue", "wed", "thu", "fri"))

    found = words(gaps(office, [], at=local("2026-11-26 12:30"), zone=VIENNA))

    assert found == [
        ("Thu 12:30", "Thu 13:00"), ("Thu 18:00", "Fri 08:00"), ("Fri 12:00", "Fri 13:00"), ("Fri 18:00", "Mon 08:00"),
        ("Mon 12:00", "Mon 13:00"), ("Mon 18:00", "Tue 08:00"), ("Tue 12:00", "Tue 13:00"), ("Tue 18:00", "Wed 08:00"),
        ("Wed 12:00", "Wed 13:00"), ("Wed 18:00", "Thu 08:00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("duty", "expected"),
    [
        (Duty({}), []),
        (Duty({1: None}), []),
        (on("00:00-24:00"), []),
        (Duty({1: calendar_from({"zone": "UTC", "week": {}})}), [("Thu 10:00", "Thu 00:00")]),
        (Duty({**on("00:00-12:00").calendars, 2: on("12:00-24:00").calendars[1], 3: None}), []),
    ],
)
def test_nothing_is_said_where_nothing_is_known_and_no_gap_where_somebody_is(duty: Duty, expected: Any) -> None:
    assert words(gaps(duty, [], at=local("2026-11-26 10:00"), zone=VIENNA)) == expected


def test_a_gap_tells_what_came_at_that_time_in_each_week() -> None:
    some = sorted(
        came("2026-11-19 22:00", "2026-11-20 05:45", "2026-11-12 23:00", "2026-11-20 06:00", "2026-11-19 21:45")
        + came("2026-10-15 22:15", urgent=1)
    )
    (gap, *_rest) = gaps(on("06:00-22:00"), some, at=local("2026-11-26 10:00"), zone=VIENNA)

    assert (gap.came, gap.least, gap.most, gap.urgent) == ((2, 1, 0, 0, 0, 1, 0, 0), 0, 2, 1)
    assert len(gap.came) == WEEKS


def test_a_gap_looks_back_by_the_clock_on_the_wall_when_clocks_changed_since() -> None:
    """Vienna is two hours ahead of UTC before 25 October 2026, and one after: ten at night stays ten at night."""
    some = came("2026-10-22 22:00", "2026-10-22 21:45", "2026-10-23 05:45", "2026-10-23 06:00")

    (gap, *_rest) = gaps(on("06:00-22:00"), some, at=local("2026-10-29 10:00"), zone=VIENNA)

    assert words([gap]) == [("Thu 22:00", "Fri 06:00")]
    assert gap.came[0] == 2
    assert from_us(back(gap.start, 1, VIENNA)) == local("2026-10-22 22:00")


def test_the_night_in_which_clocks_change_is_one_gap() -> None:
    duty = on("06:00-22:00")
    long, short = (
        next(gap for gap in gaps(duty, [], at=local(at), zone=VIENNA) if words([gap])[0][0] == "Sat 22:00")
        for at in ("2026-10-23 10:00", "2026-03-27 10:00")
    )

    assert [(gap.end - gap.start) // HOUR for gap in (long, short)] == [9, 7]


def test_the_weeks_looked_at_begin_at_a_midnight_of_that_zone() -> None:
    since, until = past(local("2026-11-26 10:00"), VIENNA)

    assert (from_us(since), from_us(until)) == (local("2026-10-01 00:00"), local("2026-11-26 10:00"))


def test_arrivals_are_counted_by_quarters_of_an_hour(world: World) -> None:
    world.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    start = world.at
    for minutes in (1, 13, 1, 44):
        world.at += timedelta(minutes=minutes - 1)
        world.ticket()
    sorting.prioritise(world.ticket().pk, impact=1, urgency=1, by=world.who("ina"), at=world.tick())
    keeping.follow()

    found = arrivals(world.who("iris"), since=to_us(start), until=to_us(start + timedelta(days=1)))

    assert found == [(to_us(start), 2, 0), (to_us(start) + QUARTER, 1, 0), (to_us(start) + 3 * QUARTER, 1, 0),
                     (to_us(start) + 4 * QUARTER, 1, 1)]  # fmt: skip
    assert arrivals(world.who("iris"), since=to_us(start) + 16 * QUARTER, until=to_us(start) + 99 * QUARTER) == []


def test_a_guest_counts_what_came_to_their_own_teams(world: World) -> None:
    world.ticket(service="network", team="network")
    world.ticket(service="network")
    world.ticket(service="payroll")
    keeping.follow()
    since, until = to_us(world.at - timedelta(days=1)), to_us(world.at + timedelta(days=1))

    counted = {
        who: sum(one.came for one in arrivals(world.who(who), since=since, until=until))
        for who in ("iris", "nora", "bela")
    }

    assert counted == {"iris": 3, "nora": 1, "bela": 0}
