"""Boundaries, exceptions, unions, the ends of time, and calendars that never open."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from helmdesk.worktime.horizon import FIRST, LAST, NeverCloses, NeverOpen, OutsideTime
from helmdesk.worktime.reading import calendar_from
from tests.worktime.twin import NAMES, us

HOUR = 3_600_000_000
WORKDAYS = NAMES[:5]
OFFICE = {"zone": "UTC", "week": {key: ["08:00-12:00", "13:00-17:00"] for key in WORKDAYS}}
NIGHTS = {"zone": "UTC", "week": {key: ["22:00-06:00"] for key in NAMES}}
ALWAYS = {"always": True}
NEVER = [
    {"zone": "Europe/Vienna", "week": {}},
    {"zone": "Europe/Vienna", "week": {"mon": []}},
    {"zone": "Pacific/Apia", "days": {"2011-12-30": ["08:00-17:00"]}},
    {"all": [OFFICE, {"zone": "UTC", "week": {"sun": ["00:00-24:00"]}}]},
    {"any": [{"zone": "UTC", "week": {}}, {"all": [ALWAYS, {"zone": "Asia/Tehran", "week": {}}]}]},
]


def office():
    return calendar_from(OFFICE)


def test_hours_are_open_at_the_opening_time_and_closed_at_the_closing_time():
    monday = [
        us(f"2026-11-23 {at}") for at in ("07:59:59.999999", "08:00", "11:59:59.999999", "12:00", "13:00", "17:00")
    ]
    assert [office().is_open(at) for at in monday] == [False, True, True, False, True, False]


@pytest.mark.parametrize(
    "at, opens, closes",
    [
        ("2026-11-23 07:00", "2026-11-23 08:00", "2026-11-23 12:00"),
        ("2026-11-23 08:00", "2026-11-23 08:00", "2026-11-23 12:00"),
        ("2026-11-23 09:30", "2026-11-23 09:30", "2026-11-23 12:00"),
        ("2026-11-23 12:00", "2026-11-23 13:00", "2026-11-23 17:00"),
        ("2026-11-27 17:00", "2026-11-30 08:00", "2026-11-30 12:00"),
        ("2026-12-31 17:00", "2027-01-01 08:00", "2027-01-01 12:00"),
    ],
)
def test_when_it_next_opens_and_closes(at, opens, closes):
    assert (office().next_open(us(at)), office().next_close(us(at))) == (us(opens), us(closes))


@pytest.mark.parametrize(
    "at, hours, due",
    [
        ("2026-11-27 16:00", 1, "2026-11-27 17:00"),  # used up at closing time: due then, not at the next opening
        ("2026-11-27 16:00", 1.5, "2026-11-30 08:30"),
        ("2026-11-27 20:00", 0, "2026-11-27 20:00"),  # nothing to wait for, open or not
        ("2026-11-27 16:00", 0, "2026-11-27 16:00"),
        ("2026-11-27 20:00", 4, "2026-11-30 12:00"),
        ("2026-11-27 11:00", 40, "2026-12-04 11:00"),
        ("2026-11-30 08:30", -1.5, "2026-11-27 16:00"),
        ("2026-11-30 12:00", -4, "2026-11-30 08:00"),  # back to the opening, not to the last closing
        ("2026-11-29 12:00", -1, "2026-11-27 16:00"),
    ],
)
def test_adding_working_hours(at, hours, due):
    assert office().add(us(at), int(hours * HOUR)) == us(due)


def test_counting_back_gives_the_same_with_a_minus():
    friday, monday = us("2026-11-27 16:00"), us("2026-11-30 08:30")
    assert (office().elapsed(friday, monday), office().elapsed(monday, friday)) == (1.5 * HOUR, -1.5 * HOUR)
    assert office().elapsed(friday, friday) == 0


def test_microseconds_count():
    a = us("2026-11-27 16:59:59.999999")
    assert (office().elapsed(a, a + 5), office().add(a, 2)) == (1, us("2026-11-30 08:00") + 1)


def test_night_hours_belong_to_the_day_on_which_they_start():
    calendar = calendar_from(NIGHTS | {"days": {"2026-12-24": []}})
    assert calendar.spans(us("2026-12-23 12:00"), us("2026-12-26 12:00")) == [
        (us("2026-12-23 22:00"), us("2026-12-24 06:00")),  # spills into the closed day
        (us("2026-12-25 22:00"), us("2026-12-26 06:00")),  # nothing spills out of it
    ]


def test_an_exception_opens_a_day_that_is_closed_and_closes_one_that_is_open():
    calendar = calendar_from(OFFICE | {"days": {"2026-11-28": ["10:00-14:00"], "2026-11-30": []}})
    assert calendar.spans(us("2026-11-27 13:00"), us("2026-12-01 12:00")) == [
        (us("2026-11-27 13:00"), us("2026-11-27 17:00")),
        (us("2026-11-28 10:00"), us("2026-11-28 14:00")),
        (us("2026-12-01 08:00"), us("2026-12-01 12:00")),
    ]


def test_a_union_follows_the_sun():
    sites = ["Asia/Kathmandu", "Europe/Vienna", "America/New_York"]
    parts = [{"zone": zone, "week": {key: ["09:00-17:00"] for key in WORKDAYS}} for zone in sites]
    day = us("2026-11-25"), us("2026-11-26")

    assert calendar_from({"any": parts}).spans(*day) == [(us("2026-11-25 03:15"), us("2026-11-25 22:00"))]
    assert calendar_from({"all": parts[:2]}).spans(*day) == [(us("2026-11-25 08:00"), us("2026-11-25 11:15"))]
    assert calendar_from({"all": parts}).never


def test_an_hour_is_counted_once_however_many_are_open():
    calendar = calendar_from({"any": [OFFICE, NIGHTS, OFFICE | {"zone": "Europe/Lisbon"}]})
    assert calendar.elapsed(us("2026-11-25"), us("2026-11-26")) == 16 * HOUR


@pytest.mark.parametrize("spec", NEVER)
def test_a_calendar_that_never_opens_says_so_and_never_loops(spec):
    calendar = calendar_from(spec)
    at = us("2026-11-25")

    assert calendar.never
    assert (calendar.elapsed(FIRST, LAST), calendar.spans(FIRST, LAST), calendar.is_open(at)) == (0, [], False)
    assert calendar.add(at, 0) == at
    for us_ in (1, -1):
        with pytest.raises(NeverOpen, match=r"^instant: 2026-11-25T00:00:00\+00:00\. The calendar has less than 1 µs"):
            calendar.add(at, us_)
    for ask in (calendar.next_open, calendar.next_close):
        with pytest.raises(NeverOpen):
            ask(at)


@pytest.mark.parametrize("spec", [ALWAYS, OFFICE, {"zone": "UTC", "days": {"2100-12-31": ["23:59-24:00"]}}])
def test_a_calendar_that_opens_at_all_is_not_one_that_never_does(spec):
    assert not calendar_from(spec).never


def test_round_the_clock():
    calendar = calendar_from(ALWAYS)
    at = us("2026-11-25 12:34")
    assert (calendar.elapsed(FIRST, LAST), calendar.spans(FIRST, LAST)) == (LAST - FIRST, [(FIRST, LAST)])
    assert (calendar.add(at, 5), calendar.add(at, -5), calendar.next_open(at)) == (at + 5, at - 5, at)
    with pytest.raises(NeverCloses, match="open until the end of 2100"):
        calendar.next_close(at)


@pytest.mark.parametrize("at", [FIRST - 1, LAST + 1, 0, -(10**30), 10**30])
def test_instants_outside_1990_to_2100_are_refused(at):
    calendar = office()
    asks = [
        lambda: calendar.elapsed(at, us("2026-11-25")),
        lambda: calendar.elapsed(us("2026-11-25"), at),
        lambda: calendar.spans(us("2026-11-25"), at),
        lambda: calendar.add(at, 0),
        lambda: calendar.add(at, 5),
        lambda: calendar.next_open(at),
        lambda: calendar.next_close(at),
        lambda: calendar.is_open(at),
    ]
    for ask in asks:
        with pytest.raises(OutsideTime, match=r"is not between 1990 and 2100\. Give integer microseconds") as refused:
            ask()
        assert refused.value.instant == at


def test_the_ends_of_time_belong_to_it():
    calendar = calendar_from({"zone": "Pacific/Kiritimati", "week": {key: ["00:00-24:00"] for key in NAMES}})
    assert calendar.elapsed(FIRST, LAST) == LAST - FIRST
    assert (calendar.add(FIRST, LAST - FIRST), calendar.add(LAST, FIRST - LAST)) == (LAST, FIRST)
    assert (calendar.is_open(FIRST), calendar.is_open(LAST - 1), calendar.is_open(LAST)) == (True, True, False)
    for a, n in ((LAST, 1), (FIRST, -1), (FIRST, LAST - FIRST + 1), (FIRST, 10**30)):
        with pytest.raises(NeverOpen):
            calendar.add(a, n)


def test_what_comes_only_in_a_far_year_is_found():
    calendar = calendar_from({"zone": "UTC", "days": {"2100-12-31": ["10:00-12:00"], "1990-01-01": ["10:00-12:00"]}})
    at = us("2026-11-25")
    assert (calendar.next_open(at), calendar.next_close(at)) == (us("2100-12-31 10:00"), us("2100-12-31 12:00"))
    assert (calendar.add(at, HOUR), calendar.add(at, -HOUR)) == (us("2100-12-31 11:00"), us("1990-01-01 11:00"))


def test_a_server_that_asks_about_this_month_works_out_this_year_only():
    calendar = office()
    calendar.add(us("2026-11-25"), 5 * HOUR)
    assert not calendar.never
    assert [line.years for line in calendar._kept] == [range(2026, 2027)]


def test_threads_that_ask_at_once_get_the_same():
    years = [1990 + n * 7 % 111 for n in range(0, 111, 8)]
    shared, alone = office(), office()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda year: shared.elapsed(us(f"{year}-01-01"), us(f"{year}-12-31")), years))
    assert found == [alone.elapsed(us(f"{year}-01-01"), us(f"{year}-12-31")) for year in years]


def test_a_calendar_of_many_days_is_read_and_worked_out_in_no_time():
    days = {
        f"{year}-{month:02}-{day:02}": ["10:00-10:01"]
        for year in range(1990, 2040)
        for month in range(1, 13)
        for day in range(1, 29)
    }
    began = time.process_time()
    assert calendar_from({"zone": "Europe/Vienna", "days": days}).elapsed(FIRST, LAST) == len(days) * HOUR // 60
    assert time.process_time() - began < 5
