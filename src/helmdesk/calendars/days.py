"""A calendar day by day, as people read it: when each date of a zone is open, and on which days two differ."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from helmdesk.foundation.time import to_us
from helmdesk.worktime import zones
from helmdesk.worktime.calendar import Calendar

DAY = timedelta(days=1)
MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Day:
    """One date of a zone: what the clock shows while it is open ("08:00-12:00"), and for how many minutes that is."""

    day: date
    hours: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Days on which two calendars are open at other hours, from the first to the last, of one weekday and kind."""

    first: date
    last: date
    count: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def days(calendar: Calendar, zone: str, first: date, last: date) -> list[Day]:
    """Every date from the first to the last, both included."""
    midnights = [_midnight(first + DAY * number, zone) for number in range((last - first).days + 2)]
    spans = calendar.spans(midnights[0], midnights[-1])
    ends = [end for _start, end in spans]
    found = []
    for number, (begin, end) in enumerate(pairwise(midnights)):
        hours, minutes = [], 0
        for start, stop in spans[bisect_left(ends, begin + 1) :]:
            if start >= end:
                break
            inside = max(start, begin), min(stop, end)
            hours.append(f"{_clock(inside[0], zone)}-{'24:00' if inside[1] == end else _clock(inside[1], zone)}")
            minutes += (inside[1] - inside[0]) // MINUTE_US
        found.append(Day(first + DAY * number, tuple(hours), minutes))
    return found


def differences(before: Calendar | None, after: Calendar, zone: str, first: date, last: date) -> list[Difference]:
    """The days whose hours change, alike ones of a weekday told together; in order of their first."""
    then = days(before, zone, first, last) if before else [Day(one, (), 0) for one in _dates(first, last)]
    together: dict[tuple[int, tuple[str, ...], tuple[str, ...]], list[date]] = {}
    for old, new in zip(then, days(after, zone, first, last), strict=True):
        if old.hours != new.hours:
            together.setdefault((new.day.weekday(), old.hours, new.hours), []).append(new.day)
    return sorted(
        (Difference(found[0], found[-1], len(found), old, new) for (_, old, new), found in together.items()),
        key=lambda one: (one.first, one.last),
    )


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + DAY * number for number in range((last - first).days + 1))


def _midnight(day: date, zone: str) -> int:
    """When a date begins; where the clock skips midnight, the instant of the change."""
    return to_us(datetime.combine(day, time(), tzinfo=zones.zone(zone)))


def _clock(us: int, zone: str) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, zones.zone(zone)):%H:%M}"
