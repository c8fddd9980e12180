"""What a calendar looks like day by day, and what an edit would change, before anybody saves it."""

from __future__ import annotations

from datetime import date

import pytest

from helmdesk.calendars.days import Day, Difference, days, differences
from helmdesk.calendars.uses import Use, of, tell_by
from helmdesk.worktime.reading import calendar_from
from tests.calendars.written import AT, WEEK

OFFICE = {"zone": "Europe/Vienna", "week": WEEK, "days": {"2026-12-25": [], "2026-12-24": ["08:00-12:00"]}}
FULL = ("08:00-12:00", "13:00-17:00")


def test_each_date_says_its_hours_and_how_long_they_are() -> None:
    found = days(calendar_from(OFFICE), "Europe/Vienna", date(2026, 12, 23), date(2026, 12, 26))

    assert found == [
        Day(date(2026, 12, 23), FULL, 480),
        Day(date(2026, 12, 24), ("08:00-12:00",), 240),
        Day(date(2026, 12, 25), (), 0),
        Day(date(2026, 12, 26), (), 0),
    ]


def test_a_night_shift_is_cut_at_midnight_and_the_day_of_a_change_has_its_own_length() -> None:
    night = calendar_from({"zone": "Europe/Vienna", "week": {"sat": ["22:00-06:00"]}})

    assert days(night, "Europe/Vienna", date(2026, 3, 28), date(2026, 3, 29)) == [
        Day(date(2026, 3, 28), ("22:00-24:00",), 120),
        Day(date(2026, 3, 29), ("00:00-06:00",), 300),
    ]


def test_around_the_clock_every_day_is_open_whole() -> None:
    assert {
        (one.hours, one.minutes)
        for one in days(calendar_from({"always": True}), "UTC", date(2026, 1, 1), date(2026, 12, 31))
    } == {(("00:00-24:00",), 1440)}


def test_hours_are_shown_on_the_clock_of_the_zone_that_is_asked_for() -> None:
    manila = calendar_from({"zone": "Asia/Manila", "week": {"mon": ["08:00-17:00"]}})

    assert days(manila, "Europe/Vienna", date(2026, 7, 5), date(2026, 7, 6)) == [
        Day(date(2026, 7, 5), (), 0),
        Day(date(2026, 7, 6), ("02:00-11:00",), 540),
    ]


def test_an_edit_says_which_days_change_alike_ones_together() -> None:
    after = {**OFFICE, "week": {**WEEK, "fri": ["08:00-12:00"]}, "days": {"2026-12-24": ["08:00-12:00"]}}

    changed = differences(
        calendar_from(OFFICE), calendar_from(after), "Europe/Vienna", date(2026, 11, 30), date(2026, 12, 31)
    )

    assert changed == [
        Difference(date(2026, 12, 4), date(2026, 12, 18), 3, FULL, ("08:00-12:00",)),
        Difference(date(2026, 12, 25), date(2026, 12, 25), 1, (), ("08:00-12:00",)),
    ]


def test_the_same_changes_nothing_and_a_first_one_changes_every_open_day() -> None:
    office = calendar_from(OFFICE)

    assert differences(office, office, "Europe/Vienna", date(2026, 1, 1), date(2027, 1, 31)) == []
    assert differences(None, office, "Europe/Vienna", date(2026, 12, 21), date(2026, 12, 27)) == [
        Difference(date(2026, 12, 21), date(2026, 12, 21), 1, (), FULL),
        Difference(date(2026, 12, 22), date(2026, 12, 22), 1, (), FULL),
        Difference(date(2026, 12, 23), date(2026, 12, 23), 1, (), FULL),
        Difference(date(2026, 12, 24), date(2026, 12, 24), 1, (), ("08:00-12:00",)),
    ]


def test_whoever_goes_by_a_calendar_says_what_an_edit_would_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helmdesk.calendars.uses._tellers", [])
    assert of(1, AT) == []

    tell_by(teller := lambda calendar, since: [Use(f"open clocks of {calendar}", 12)])
    tell_by(teller)

    assert of(1, AT) == [Use("open clocks of 1", 12)]
