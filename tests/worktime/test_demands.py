"""The rows of DEMANDS.md 1.1 that other desks got wrong by their calendars, as vectors."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from helmdesk.worktime import arrays
from helmdesk.worktime.reading import calendar_from
from tests.worktime.twin import NAMES, us

HOUR = 3_600_000_000
MINUTE = 60_000_000
VIENNA = "Europe/Vienna"


def office(zone=VIENNA, hours=("08:00-17:00",), days=None):
    return calendar_from({"zone": zone, "week": {day: list(hours) for day in NAMES[:5]}, "days": days or {}})


def test_row_8_hours_hold_in_their_own_zone_wherever_the_desk_runs():
    """glpi#15429: levels worked only with a 24/7 calendar, since hours were shifted by the zone."""
    for zone, opens_utc in [
        (VIENNA, "07:00"),
        ("America/New_York", "13:00"),
        ("Asia/Kathmandu", "02:15"),
        ("Pacific/Apia", "19:00"),
    ]:
        day = "2026-11-24" if zone == "Pacific/Apia" else "2026-11-25"
        assert office(zone).next_open(us("2026-11-25 08:00", zone) - HOUR) == us(f"{day} {opens_utc}")


def test_row_17_a_holiday_lies_on_its_own_day_from_midnight_to_midnight_of_its_zone():
    """zammad#3706, #2229: imported holidays landed one day early."""
    for zone in (VIENNA, "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Pago_Pago", "UTC"):
        calendar = calendar_from(
            {"zone": zone, "week": {day: ["00:00-24:00"] for day in NAMES}, "days": {"2026-12-25": []}}
        )
        assert calendar.spans(us("2026-12-24 12:00", zone), us("2026-12-26 12:00", zone)) == [
            (us("2026-12-24 12:00", zone), us("2026-12-25 00:00", zone)),
            (us("2026-12-26 00:00", zone), us("2026-12-26 12:00", zone)),
        ]


def test_row_19_time_on_hold_is_added_as_working_time_not_as_time_on_the_wall():
    """frappe PR #2449: hold time was added to the creation date, wrong over weekends and holidays.

    Opened Thursday 15:00 with 8 h; on hold from Friday 09:00 to Monday 09:00, 9 h of the calendar.
    """
    calendar = office(days={"2026-11-23": []})
    opened, held, resumed = (
        us("2026-11-19 15:00", VIENNA),
        us("2026-11-20 09:00", VIENNA),
        us("2026-11-24 09:00", VIENNA),
    )

    on_hold = calendar.elapsed(held, resumed)

    assert on_hold == 9 * HOUR
    assert calendar.add(opened, 8 * HOUR + on_hold) == us("2026-11-24 14:00", VIENNA)
    assert calendar.add(resumed, 8 * HOUR - calendar.elapsed(opened, held)) == us("2026-11-24 14:00", VIENNA)


def test_row_20_the_lunch_break_stops_the_clock():
    """frappe#2212, #1528."""
    calendar = office(hours=("08:00-12:00", "13:00-17:00"))
    assert calendar.elapsed(us("2026-11-25 11:30", VIENNA), us("2026-11-25 13:30", VIENNA)) == HOUR
    assert calendar.add(us("2026-11-25 11:30", VIENNA), HOUR) == us("2026-11-25 13:30", VIENNA)


def test_row_23_a_promise_respects_opening_hours():
    """osTicket#1168, #2131, #4969: four hours from Friday 15:00 are due on Monday at 10:00."""
    assert office().add(us("2026-11-27 15:00", VIENNA), 4 * HOUR) == us("2026-11-30 10:00", VIENNA)


def test_row_25_a_breach_is_judged_by_business_hours():
    """chatwoot PR #13392: answered on Monday at 09:00, 64 h later on the wall and 1 h later at the desk."""
    asked, answered = us("2026-11-27 17:00", VIENNA), us("2026-11-30 09:00", VIENNA)
    assert (answered - asked, office().elapsed(asked, answered)) == (64 * HOUR, HOUR)


def test_row_26_business_minutes_are_right_across_the_change_of_clocks():
    """dbt_zendesk#25: every week has 45 h, that of each change too, in single questions and in columns."""
    for zone in (VIENNA, "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"):
        mondays = [date(2018, 1, 1) + timedelta(weeks=n) for n in range(420)]
        starts = np.array([us(f"{monday} 00:00", zone) for monday in mondays])
        weeks = arrays.elapsed(office(zone), starts[:-1], starts[1:])
        assert (weeks // MINUTE).tolist() == [45 * 60] * 419
        assert [office(zone).elapsed(int(a), int(b)) for a, b in pairwise(starts[:60])] == [45 * HOUR] * 59
