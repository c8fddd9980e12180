"""Foreign dates become instants by named formats and one stated rule, or are refused with a cure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmdesk.history.instants import BadInstant, Instants, zone_named

BERLIN = ZoneInfo("Europe/Berlin")
DAY_FIRST = Instants(["%d/%m/%Y %H:%M"], BERLIN)


def us(year: int, month: int, day: int, *clock: int) -> int:
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    "form, text, expected",
    [
        ("iso", "2025-03-04T05:06:07+02:00", us(2025, 3, 4, 3, 6, 7)),
        ("iso", "2025-03-04T05:06:07Z", us(2025, 3, 4, 5, 6, 7)),
        ("iso", "2025-03-04 05:06:07 UTC", us(2025, 3, 4, 5, 6, 7)),
        ("iso", "2025-03-04 05:06", us(2025, 3, 4, 4, 6)),
        ("%d/%m/%Y %H:%M", "4/3/2025 05:06", us(2025, 3, 4, 4, 6)),
        ("%m/%d/%Y %H:%M", "4/3/2025 05:06", us(2025, 4, 3, 3, 6)),
        ("%d/%b/%y %I:%M %p", "04/Mar/25 5:06 PM", us(2025, 3, 4, 16, 6)),
        ("%Y-%m-%d %H:%M:%S %z", "2025-03-04 05:06:07 -0300", us(2025, 3, 4, 8, 6, 7)),
        ("epoch", "1741064767", us(2025, 3, 4, 5, 6, 7)),
    ],
)
def test_a_named_format_is_read(form, text, expected):
    assert Instants([form], BERLIN).read(text) == expected


def test_a_repeated_hour_is_its_first_unless_the_row_before_is_later():
    assert DAY_FIRST.read("26/10/2025 02:30") == us(2025, 10, 26, 0, 30)
    assert DAY_FIRST.read("26/10/2025 02:30", not_before=us(2025, 10, 26, 0, 45)) == us(2025, 10, 26, 1, 30)
    assert DAY_FIRST.read("26/10/2025 02:30", not_before=us(2025, 10, 27)) == us(2025, 10, 26, 0, 30)


def test_a_skipped_hour_is_counted_on_from_the_hour_before():
    assert DAY_FIRST.read("30/3/2025 02:30") == us(2025, 3, 30, 1, 30)


@pytest.mark.parametrize(
    "text, cure",
    [
        ("31/2/2025 10:00", "name the order of day and month"),
        ("4/3/25 05:06", "name the order of day and month"),
        ("04.03.2025", "name the order of day and month"),
        ("yesterday", "name the format"),
        ("", "name the format"),
        ("٤/3/2025 05:06", "name the order of day and month"),
        ("1/1/1969 00:00", "correct the date"),
        ("1/1/9999 00:00", "correct the date"),
    ],
)
def test_what_is_no_date_is_refused_with_a_cure(text, cure):
    with pytest.raises(BadInstant, match=cure):
        DAY_FIRST.read(text)


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "-5"])
def test_seconds_that_are_no_instant_are_refused(text):
    with pytest.raises(BadInstant):
        Instants(["epoch"], None).read(text)


def test_without_a_zone_a_local_time_is_refused_and_an_offset_is_not():
    plain = Instants(["iso"], None)
    assert plain.read("2025-03-04T05:06:07Z") == us(2025, 3, 4, 5, 6, 7)
    with pytest.raises(BadInstant, match="in which time zone; name it"):
        plain.read("2025-03-04T05:06:07")


@pytest.mark.parametrize("name", ["Mars/Base", "", "../../etc/passwd", "Europe", "a\0b"])
def test_a_zone_that_is_none_is_refused(name):
    with pytest.raises(BadInstant, match="no time zone"):
        zone_named(name)


@given(st.integers(us(1971, 1, 1) // 60_000_000, us(2199, 1, 1) // 60_000_000))
def test_every_local_minute_reads_as_python_converts_it(minute):
    local = datetime.fromtimestamp(minute * 60, UTC).replace(tzinfo=None)
    text = f"{local.day}/{local.month}/{local.year} {local.hour:02}:{local.minute:02}"
    expected = local.replace(tzinfo=BERLIN).astimezone(UTC)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=DAY_FIRST.read(text)) == expected
