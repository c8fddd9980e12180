"""Holidays from iCalendar files land on the days that their makers meant, and no file can hold the desk up."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helmdesk.calendars import ical
from helmdesk.foundation.errors import BadEntry

YEARS = range(2026, 2029)
ZONES = ["Europe/Vienna", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kathmandu", "UTC"]


def file(*events: str, before: str = "") -> bytes:
    inside = "".join(f"BEGIN:VEVENT\nUID:{n}\nSUMMARY:Day {n}\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Maker//EN\n{before}{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def days(content: bytes, *, zone: str = "Europe/Vienna") -> list[str]:
    return [day.isoformat() for day in sorted(ical.read(content, zone=zone, years=YEARS).days)]


# --- DEMANDS 1.1, row 17: imported holidays land one day early ---


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "event",
    [
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261226",
        "DTSTART;VALUE=DATE:20261225",
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261225",
        "DTSTART;VALUE=DATE:20261225\nDURATION:P1D",
        "DTSTART:20261225T000000Z\nDTEND:20261226T000000Z",
        "DTSTART:20261225T000000\nDTEND:20261226T000000",
        "DTSTART;TZID=Pacific/Auckland:20261225T000000\nDTEND;TZID=Pacific/Auckland:20261226T000000",
        "DTSTART;TZID=America/Los_Angeles:20261225T000000\nDURATION:PT24H",
        "DTSTART;TZID=W. Europe Standard Time:20261225T000000\nDTEND;TZID=W. Europe Standard Time:20261226T000000",
        "DTSTART:20261225T000000\nDTEND:20261225T235959",
        "DTSTART:20261225T000000Z\nDTEND:20261225T235900Z",
        "DTSTART:20261225T080000Z\nDTEND:20261225T170000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE\nDURATION:P1D",
    ],
)
def test_an_imported_holiday_lands_on_its_day_whatever_the_zone_says(event: str, zone: str) -> None:
    if "ALLDAYEVENT" in event:
        event = event.replace("DTEND:20261225T170000Z", "DTEND:20261226T080000Z").replace("\nDURATION:P1D", "")

    assert days(file(event), zone=zone) == ["2026-12-25"]


@pytest.mark.parametrize(
    "event, zone",
    [
        ("DTSTART:20261224T230000Z\nDTEND:20261225T230000Z", "Europe/Vienna"),
        ("DTSTART:20261225T080000Z\nDTEND:20261226T080000Z", "America/Los_Angeles"),
        ("DTSTART;TZID=UTC:20261224T110000\nDTEND;TZID=UTC:20261225T110000", "Pacific/Auckland"),
    ],
)
def test_midnight_in_the_calendars_own_zone_counts_too(event: str, zone: str) -> None:
    assert days(file(event), zone=zone) == ["2026-12-25"]


def test_an_end_is_the_first_day_that_is_no_longer_part_of_it() -> None:
    event = "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20270102"

    assert days(file(event)) == [f"2026-12-{day}" for day in range(24, 32)] + ["2027-01-01"]


def test_a_day_on_which_the_clocks_change_is_one_day() -> None:
    short = "DTSTART;TZID=Europe/Vienna:20260329T000000\nDTEND;TZID=Europe/Vienna:20260330T000000"
    long = "DTSTART:20261024T220000Z\nDTEND:20261025T230000Z"

    assert days(file(short, long)) == ["2026-03-29", "2026-10-25"]


def test_a_part_of_a_day_is_left_out_and_named() -> None:
    noon = "DTSTART:20261224T120000\nDTEND:20261224T180000"
    content = file(noon, "DTSTART;VALUE=DATE:20261225", "DTSTART:20261231T120000")

    found = ical.read(content, zone="UTC", years=YEARS)

    assert found.days == {date(2026, 12, 25): "Day 1"}
    assert found.left_out == ["Day 0 2026-12-24", "Day 2 2026-12-31"]


# --- what repeats ---


@pytest.mark.parametrize(
    "rule, expected",
    [
        ("RRULE:FREQ=YEARLY", ["2026-12-25", "2027-12-25", "2028-12-25"]),
        ("RRULE:FREQ=YEARLY;COUNT=2", ["2026-12-25", "2027-12-25"]),
        ("RRULE:FREQ=YEARLY;UNTIL=20271225", ["2026-12-25", "2027-12-25"]),
        ("RRULE:FREQ=YEARLY;UNTIL=20271225T235959Z", ["2026-12-25", "2027-12-25"]),
        ("RRULE:FREQ=YEARLY;INTERVAL=2", ["2026-12-25", "2028-12-25"]),
        ("RRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20271225", ["2026-12-25", "2028-12-25"]),
        ("RDATE;VALUE=DATE:20270106,20280106", ["2026-12-25", "2027-01-06", "2028-01-06"]),
        ("RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=-1MO", ["2026-12-25", "2026-12-28", "2027-01-25", "2027-02-22"]),
    ],
)
def test_what_repeats_is_written_out_within_the_years(rule: str, expected: list[str]) -> None:
    assert days(file(f"DTSTART;VALUE=DATE:20261225\n{rule}")) == expected


def test_a_holiday_from_long_ago_repeats_into_these_years_only() -> None:
    assert days(file("DTSTART;VALUE=DATE:19700501\nDTEND;VALUE=DATE:19700502\nRRULE:FREQ=YEARLY")) == [
        "2026-05-01", "2027-05-01", "2028-05-01",
    ]  # fmt: skip


def test_what_was_moved_or_called_off_is() -> None:
    content = file("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY", "DTSTART;VALUE=DATE:20260601\nSTATUS:CANCELLED")
    moved = "BEGIN:VEVENT\nUID:0\nRECURRENCE-ID;VALUE=DATE:20270101\nDTSTART;VALUE=DATE:20270104\nEND:VEVENT\n"
    off = moved.replace("20270101", "20280101").replace("UID:0", "UID:0\nSTATUS:CANCELLED")
    content = content.replace(b"END:VCALENDAR", (moved + off).replace("\n", "\r\n").encode() + b"END:VCALENDAR")

    assert days(content) == ["2026-01-01", "2027-01-04"]


def test_a_name_is_one_short_line() -> None:
    content = file("DTSTART;VALUE=DATE:20261225\nSUMMARY:Weih\\nnachten\\, 1.\n  Tag " + "x" * 500).replace(
        b"SUMMARY:Day 0\r\n", b""
    )

    (name,) = ical.read(content, zone="UTC", years=YEARS).days.values()
    assert (name[:20], len(name)) == ("Weih nachten, 1. Tag", 120)


def test_a_mark_at_the_beginning_and_bare_line_ends_do_no_harm() -> None:
    content = b"\xef\xbb\xbf" + file("DTSTART;VALUE=DATE:20261225").replace(b"\r\n", b"\n")

    assert days(content) == ["2026-12-25"]


# --- what would hold the desk up, or is no such file ---


@pytest.mark.parametrize(
    "content, cure",
    [
        (b"", "no events"),
        (b"hello", "not an iCalendar file"),
        (b"\x00\xff\xfe" * 100, "iCalendar"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no events"),
        (b"PK\x03\x04" + bytes(2000), "iCalendar"),
        (b"x" * (ical.LARGEST + 1), "At most 1024 kB"),
        (file(*["DTSTART;VALUE=DATE:20261225"] * 5001), "At most 5000 events"),
        (b"BEGIN:VEVENT\r\n" * 9000, "iCalendar"),
        (file(*["DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY"] * 201), "200 repeat"),
        (file("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=SECONDLY"), "daily, weekly"),
        (file("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=DAILY;INTERVAL=0"), "1 or more"),
        (file("DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY"), "too long ago"),
        (file(*["DTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 20), "too long ago"),
        (file("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYMONTH=77"), "1 to 12"),
        (file("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYWEEKNO=20"), "write its days out"),
        (file("DTSTART:20261231T1200"), "can be read"),
        (file("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20990101"), "longer than"),
        (file("DTSTART;VALUE=DATE:20260101\nRRULE:COUNT=3"), "daily, weekly"),
    ],
)
def test_a_file_that_is_none_or_has_no_end_is_refused_soon(content: bytes, cure: str) -> None:
    begun = time.process_time()

    with pytest.raises(BadEntry) as refused:
        ical.read(content, zone="Europe/Vienna", years=YEARS)

    assert (refused.value.field, cure in refused.value.cure) == ("file", True)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    "rule",
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=SU"],
)
def test_a_rule_that_never_comes_true_ends_with_the_years(rule: str) -> None:
    begun = time.process_time()

    assert days(file(f"DTSTART;VALUE=DATE:19700101\nRRULE:{rule}")) == []
    assert time.process_time() - begun < 1


def test_zones_that_a_file_defines_are_not_run() -> None:
    endless = (
        "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19000101T000000\nRRULE:FREQ=SECONDLY\n"
        "TZOFFSETFROM:+0000\nTZOFFSETTO:+1300\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = "DTSTART;TZID=Mine:20261225T000000\nDTEND;TZID=Mine:20261226T000000"

    assert days(file(event, before=endless)) == ["2026-12-25"]


LINES = st.lists(
    st.sampled_from(
        [
            "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VCALENDAR", "END:VCALENDAR", "DTSTART;VALUE=DATE:20260101", "DTSTART:",
            "DTSTART;TZID=Nowhere:20260101T000000", "DTEND;VALUE=DATE:20250101", "DURATION:-P3D", "RRULE:FREQ=WEEKLY",
            "RRULE:", "RRULE:FREQ=YEARLY;COUNT=0", "RRULE:FREQ=YEARLY;UNTIL=x", "EXDATE:20260101", "RDATE:2026",
            "RDATE;VALUE=PERIOD:20260101T000000Z/P1D", "RECURRENCE-ID:x", "SUMMARY", "SUMMARY:\\", "UID:0", " folded",
            "DTSTART:99991231T000000", "DTEND;VALUE=DATE:99991231", "RRULE:FREQ=DAILY;INTERVAL=x",
            "DURATION:P99999999D",
            "RRULE:FREQ=DAILY;BYEASTER=0", "DTSTART;VALUE=TIME:000000",
        ]
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=80)
@given(LINES)
@example(["DTSTART;VALUE=DATE:20260101", "DTSTART;VALUE=DATE:20260102"])
@example(["DTSTART:99991231T000000", "DURATION:P99999999D"])
@example(["DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20250101"])
def test_whatever_a_file_holds_it_is_read_or_refused(lines: list[str]) -> None:
    content = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()
    with suppress(BadEntry):
        assert all(day.year in YEARS for day in ical.read(content, zone="UTC", years=YEARS).days)
