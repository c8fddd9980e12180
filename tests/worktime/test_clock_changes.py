"""Exact tables of the days on which clocks change: a calendar is open when the wall clock shows an open time."""

from __future__ import annotations

import pytest

from helmdesk.worktime.reading import calendar_from
from tests.worktime.twin import us

HOUR = 3_600_000_000

SPRING = ("Europe/Vienna", "2026-03-29")  # 02:00 becomes 03:00
AUTUMN = ("Europe/Vienna", "2026-10-25")  # 03:00 becomes 02:00
EAST_SPRING = ("America/New_York", "2026-03-08")
EAST_AUTUMN = ("America/New_York", "2026-11-01")
HALF_SPRING = ("Australia/Lord_Howe", "2026-10-04")  # 02:00 becomes 02:30
HALF_AUTUMN = ("Australia/Lord_Howe", "2026-04-05")  # 02:00 becomes 01:30
MIDNIGHT_SPRING = ("America/Sao_Paulo", "2018-11-04")  # 00:00 becomes 01:00
MIDNIGHT_AUTUMN = ("America/Sao_Paulo", "2019-02-16")  # 24:00 becomes 23:00
ABOLISHED = ("America/Sao_Paulo", "2026-11-01")
IRAN_SPRING = ("Asia/Tehran", "2022-03-22")  # 00:00 becomes 01:00
ZONE_MOVED = ("Asia/Pyongyang", "2018-05-04")  # 23:30 becomes 24:00
ORDINARY = ("Europe/Vienna", "2026-03-30")


def day_of(zone, date, *intervals):
    return calendar_from({"zone": zone, "days": {date: list(intervals)}})


@pytest.mark.parametrize(
    "day, interval, hours",
    [
        (ORDINARY, "00:00-24:00", 24),
        (SPRING, "00:00-24:00", 23),
        (AUTUMN, "00:00-24:00", 25),
        (EAST_SPRING, "00:00-24:00", 23),
        (EAST_AUTUMN, "00:00-24:00", 25),
        (HALF_SPRING, "00:00-24:00", 23.5),
        (HALF_AUTUMN, "00:00-24:00", 24.5),
        (MIDNIGHT_SPRING, "00:00-24:00", 23),
        (MIDNIGHT_AUTUMN, "00:00-24:00", 25),
        (ABOLISHED, "00:00-24:00", 24),
        (IRAN_SPRING, "00:00-24:00", 23),
        (ZONE_MOVED, "00:00-24:00", 23.5),
        (("Pacific/Apia", "2011-12-29"), "00:00-24:00", 24),
        (("Pacific/Apia", "2011-12-30"), "00:00-24:00", 0),
        (("Pacific/Apia", "2011-12-31"), "00:00-24:00", 24),
        (("Europe/Vienna", "2024-02-29"), "00:00-24:00", 24),
        (SPRING, "01:00-02:30", 1),
        (SPRING, "02:30-04:00", 1),
        (SPRING, "02:00-03:00", 0),
        (SPRING, "02:15-02:45", 0),
        (AUTUMN, "02:00-03:00", 2),
        (AUTUMN, "02:15-02:45", 1),
        (AUTUMN, "01:00-02:30", 2),
        (AUTUMN, "02:30-04:00", 2),
        (AUTUMN, "08:00-17:00", 9),
        (SPRING, "08:00-17:00", 9),
        (("Europe/Vienna", "2026-03-28"), "22:00-06:00", 7),
        (("Europe/Vienna", "2026-10-24"), "22:00-06:00", 9),
        (("Europe/Vienna", "2026-03-28"), "22:00-02:30", 4),
        (("America/Sao_Paulo", "2018-11-03"), "22:00-00:30", 2),
        (MIDNIGHT_AUTUMN, "23:00-24:00", 2),
        (("Pacific/Apia", "2011-12-29"), "22:00-06:00", 2),
    ],
)
def test_hours_that_a_day_really_has(day, interval, hours):
    zone, date = day
    calendar = day_of(zone, date, interval)
    assert (
        calendar.elapsed(us(f"{date} 00:00", "UTC") - 48 * HOUR, us(f"{date} 00:00", "UTC") + 96 * HOUR) == hours * HOUR
    )


def test_an_opening_time_that_the_clock_skips_is_the_instant_of_the_change():
    calendar = day_of(*SPRING, "02:30-04:00")
    assert calendar.spans(us("2026-03-28"), us("2026-03-31")) == [(us("2026-03-29 01:00"), us("2026-03-29 02:00"))]


def test_hours_that_the_clock_shows_twice_are_open_twice():
    calendar = day_of(*AUTUMN, "02:15-02:45")
    assert calendar.spans(us("2026-10-24"), us("2026-10-27")) == [
        (us("2026-10-25 00:15"), us("2026-10-25 00:45")),
        (us("2026-10-25 01:15"), us("2026-10-25 01:45")),
    ]


def test_a_closing_time_that_comes_twice_closes_twice():
    calendar = day_of(*AUTUMN, "01:00-02:30")
    assert calendar.spans(us("2026-10-24"), us("2026-10-27")) == [
        (us("2026-10-24 23:00"), us("2026-10-25 00:30")),
        (us("2026-10-25 01:00"), us("2026-10-25 01:30")),
    ]


def test_of_the_night_shift_of_a_day_that_was_skipped_the_hours_after_midnight_take_place():
    """Samoa went from Thursday the 29th straight to Saturday the 31st of December 2011."""
    calendar = calendar_from({"zone": "Pacific/Apia", "week": {"fri": ["08:00-17:00", "22:00-06:00"], "sat": []}})
    assert calendar.spans(us("2011-12-26"), us("2012-01-03")) == [
        (us("2011-12-31 00:00", "Pacific/Apia"), us("2011-12-31 06:00", "Pacific/Apia"))
    ]


@pytest.mark.parametrize(
    "zone, opened, hours, due",
    [
        ("Europe/Vienna", "2026-03-27 16:00", 2, "2026-03-30 09:00"),
        ("Europe/Vienna", "2026-10-23 16:00", 2, "2026-10-26 09:00"),
        ("America/New_York", "2026-03-06 16:00", 2, "2026-03-09 09:00"),
        ("Australia/Lord_Howe", "2026-10-02 16:00", 2, "2026-10-05 09:00"),
        ("America/Sao_Paulo", "2018-11-02 16:00", 2, "2018-11-05 09:00"),
        ("America/Sao_Paulo", "2025-10-31 16:00", 2, "2025-11-03 09:00"),
        ("Asia/Kathmandu", "2026-10-23 16:00", 2, "2026-10-26 09:00"),
        ("Asia/Tehran", "2022-03-21 16:00", 2, "2022-03-22 09:00"),
        ("Asia/Tehran", "2024-03-21 16:00", 2, "2024-03-22 09:00"),
        ("Pacific/Apia", "2011-12-29 16:00", 2, "2012-01-02 09:00"),
        ("Asia/Pyongyang", "2018-05-04 16:00", 2, "2018-05-07 09:00"),
    ],
)
def test_two_hours_from_an_hour_before_closing_end_an_hour_after_opening(zone, opened, hours, due):
    week = {key: ["08:00-17:00"] for key in ("mon", "tue", "wed", "thu", "fri")}
    calendar = calendar_from({"zone": zone, "week": week})
    assert calendar.add(us(opened, zone), hours * HOUR) == us(due, zone)
    assert calendar.elapsed(us(opened, zone), us(due, zone)) == hours * HOUR


@pytest.mark.parametrize("year, hours", [(1990, 8760), (1996, 8784), (2000, 8784), (2024, 8784), (2100, 8760)])
@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_a_year_round_the_clock_has_all_its_hours(zone, year, hours):
    week = {key: ["00:00-24:00"] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    calendar = calendar_from({"zone": zone, "week": week})
    a, b = us(f"{year}-01-01"), us(f"{year}-12-31 23:59:59.999999") + 1
    assert calendar.spans(a, b) == [(a, b)]
    assert calendar.elapsed(a, b) == hours * HOUR
