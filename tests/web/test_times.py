"""Times are said as people say them, in their zone and language, and exactly for who points at them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from helmdesk.foundation.time import to_us
from helmdesk.web import times

NOW = datetime(2026, 11, 19, 12, 42, tzinfo=UTC)  # a Thursday, 13:42 in Vienna


@pytest.fixture(autouse=True)
def in_vienna() -> Iterator[None]:
    with timezone.override(ZoneInfo("Europe/Vienna")), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=2, minutes=11), "2 h 11 ago"),
        (timedelta(hours=23), "yesterday 14:42"),
        (timedelta(days=3), "Mon 13:42"),
        (timedelta(days=40), "10 October"),
        (timedelta(days=400), "15 October 2025"),
        (-timedelta(minutes=18), "in 18 min"),
        (-timedelta(hours=22), "tomorrow 11:42"),
    ],
)
def test_how_long_ago(earlier: timedelta, said: str) -> None:
    assert times.ago(NOW - earlier, NOW) == said


def test_today_and_tomorrow_are_those_of_the_reader() -> None:
    late = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)

    assert times.when(late, NOW) == "tomorrow 00:30"
    with timezone.override(ZoneInfo("America/New_York")):
        assert times.when(late, NOW) == "18:30"


@pytest.mark.parametrize(
    ("length", "said"),
    [(0, "under 1 min"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (7860, "2 h 11"), (3660, "1 h 01"),
     (86_400, "1 day"), (3 * 86_400 + 7200, "3 days")],
)  # fmt: skip
def test_how_long(length: int, said: str) -> None:
    assert times.span(length) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (720, "12 min"),
        (4680, "1 h 18"),
        (7200, "2 h"),
        (552_600, "153 h 30"),
        (59.999, "59 s"),
    ],
)
def test_time_that_counts_is_never_said_in_days(seconds: float, said: str) -> None:
    """A working day has no one length."""
    assert times.hours(round(seconds * 1_000_000)) == said


@pytest.mark.parametrize(
    ("us", "said"),
    [(0, "0:00:00"), (45_000_000, "0:00:45"), (5_400_000_000, "1:30:00"), (552_600_000_000, "153:30:00"),
     (1_500_000, "0:00:01.500"), (-60_000_000, "−0:01:00")],
)  # fmt: skip
def test_a_table_that_adds_up_tells_time_to_the_second(us: int, said: str) -> None:
    assert times.to_the_second(us) == said


def test_exactly() -> None:
    assert times.exact(NOW) == "Thursday 19 November 2026, 13:42:00 CET (UTC+01:00)"
    assert times.machine(NOW) == "2026-11-19T12:42:00Z"


def test_rows_of_the_ledger_carry_microseconds() -> None:
    assert times.exact(to_us(NOW)) == times.exact(NOW)


def test_the_reader_s_language() -> None:
    with translation.override("de"):
        assert times.when(NOW - timedelta(days=3), NOW) == "Mo 13:42"
