"""When people are at work: weekly hours in a zone, and the next minute somebody is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_HOLIDAYS = {
    "AT": ("01-01", "01-06", "05-01", "08-15", "10-26", "11-01", "12-08", "12-25", "12-26"),
    "ES": ("01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"),
    "GB": ("01-01", "12-25", "12-26"),
    "US": ("01-01", "07-04", "12-25"),
    "PH": ("01-01", "12-25"),
}
_WEEKDAYS = (0, 1, 2, 3, 4)
_EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Hours:
    """Minutes of the local day on which work begins and ends; an end after 1,440 is past midnight."""

    zone: str
    days: tuple[int, ...]
    begin: int
    end: int
    holidays: tuple[str, ...] = ()  # MM-DD

    @property
    def always(self) -> bool:
        return self.days == _EVERY_DAY and self.end - self.begin >= 1440

    def spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working spans in UTC, from the one that may still run at `at`, without end."""
        day = at.astimezone(zone(self.zone)).date() - timedelta(days=1)
        while True:
            span = _span(self, day.toordinal())
            if span is not None:
                yield span
            day += timedelta(days=1)

    def next(self, at: datetime) -> datetime:
        """`at` itself if it is worked, else the beginning of the next span."""
        return self.after(at, 0.0)

    def after(self, at: datetime, seconds: float) -> datetime:
        """The instant by which so many seconds have been worked."""
        if self.always:
            return at + timedelta(seconds=seconds)
        left = timedelta(seconds=seconds)
        for begin, end in self.spans(at):
            start = max(begin, at)
            if start < end and start + left < end:
                return start + left
            if start < end:
                left -= end - start
        raise AssertionError("working hours never end")

    def covers(self, at: datetime) -> bool:
        return self.always or self.next(at) == at


@lru_cache(maxsize=50_000)
def _span(hours: Hours, ordinal: int) -> tuple[datetime, datetime] | None:
    midnight = datetime.fromordinal(ordinal)
    if midnight.weekday() not in hours.days or midnight.strftime("%m-%d") in hours.holidays:
        return None
    # Wall clock first, zone afterwards: a night shift keeps its hours when the clocks change.
    local = [midnight + timedelta(minutes=minutes) for minutes in (hours.begin, hours.end)]
    begin, end = (moment.replace(tzinfo=zone(hours.zone)).astimezone(UTC) for moment in local)
    return begin, end


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def holidays(country: str) -> tuple[str, ...]:
    return _HOLIDAYS[country]


def hours_from_words(words: str, zone_name: str, country: str) -> Hours:
    """'always' or 'weekdays 07:00-18:00'."""
    if words == "always":
        return Hours(zone_name, _EVERY_DAY, 0, 1440)
    begin, end = (_minutes(clock) for clock in words.removeprefix("weekdays ").split("-"))
    return Hours(zone_name, _WEEKDAYS, begin, end, _HOLIDAYS[country])


def around_the_clock(zone_name: str, begin_hour: int, end_hour: int, days: tuple[int, ...]) -> Hours:
    return Hours(zone_name, days, begin_hour * 60, end_hour * 60)


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
