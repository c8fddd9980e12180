"""The time that calendars know: from 1990 to the end of 2100, in microseconds since 1970 (UTC)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class OutsideTime(ValueError):
    """An instant before 1990 or after 2100."""

    def __init__(self, instant: int) -> None:
        super().__init__(
            f"instant: {instant} µs since 1970 ({shown(instant)}) is not between {FIRST_YEAR} and {LAST_YEAR}. "
            "Give integer microseconds since 1970, in UTC."
        )
        self.instant = instant


class NeverOpen(ValueError):
    """So much open time does not follow (or, going back, does not precede) that instant."""


class NeverCloses(ValueError):
    """The calendar stays open until the end of 2100."""


def year_start(year: int) -> int:
    """The instant at which a year begins in UTC."""
    return (date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY


FIRST: Final = year_start(FIRST_YEAR)
LAST: Final = year_start(LAST_YEAR + 1)


def year_of(instant: int) -> int:
    """The UTC year of an instant; that of LAST is 2100. Raises OutsideTime."""
    if not FIRST <= instant <= LAST:
        raise OutsideTime(instant)
    return (EPOCH + timedelta(microseconds=min(instant, LAST - 1))).year


def shown(instant: int) -> str:
    """An instant as people read it, in UTC."""
    try:
        return (EPOCH + timedelta(microseconds=instant)).isoformat()
    except OverflowError:
        return "no date at all"
