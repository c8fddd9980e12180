"""Specs of calendars read: what JSON, TOML or a form gives becomes a Calendar, or every fault is told at once.

    {"zone": "Europe/Vienna",
     "week": {"mon": ["08:00-12:00", "13:00-17:00"], "fri": ["22:00-06:00"]},
     "days": {"2026-12-25": [], "2026-12-24": ["08:00-12:00"]}}

Weekdays that are not named are closed. {"any": [spec, ...]} is open when one of them is, {"all": [spec, ...]} when all
are, {"always": true} at every instant.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from helmdesk.worktime import zones
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.horizon import FIRST_YEAR, LAST_YEAR
from helmdesk.worktime.hours import (
    DAY_MINUTES,
    WEEKDAYS,
    AllOf,
    Always,
    AnyOf,
    Hours,
    Interval,
    Intervals,
    Weekly,
    combined,
    joined,
)

DEEPEST: Final = 8
MOST_PARTS: Final = 100
MOST_INTERVALS: Final = 100
MOST_DAYS: Final = 20_000

FORMS: Final = {"any", "all", "always"}
_INTERVAL: Final = re.compile(r"\s*(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)\s*", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a spec: where ("any[0].week.mon[1]"), what stands there, what to do."""

    field: str
    value: Any
    cure: str

    def __str__(self) -> str:
        return f"{self.field}: {reprlib.repr(self.value)}. {self.cure}"


class BadCalendar(ValueError):
    """A spec that is no calendar; `faults` are all that it has."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def calendar_from(spec: Any) -> Calendar:
    """The calendar that a spec describes. Raises BadCalendar."""
    faults: list[Fault] = []
    hours = _hours(spec, "", 1, faults)
    if faults:
        raise BadCalendar(faults)
    return Calendar(hours)


def _hours(spec: Any, field: str, depth: int, faults: list[Fault]) -> Hours:
    if not isinstance(spec, dict):
        faults.append(Fault(field or "calendar", spec, 'Give a table such as {"zone": …, "week": {"mon": […]}}.'))
    elif depth > DEEPEST:
        faults.append(Fault(field, depth, f"Calendars within calendars go at most {DEEPEST} deep."))
    elif form := next((name for name in ("always", "any", "all") if name in spec), None):
        _known(spec, {form}, field, faults, f'A calendar with "{form}" has nothing else.')
        return _READERS[form](spec[form], _within(field, form), depth, faults)
    else:
        return _weekly(spec, field, faults)
    return Always()


def _always(value: Any, field: str, depth: int, faults: list[Fault]) -> Hours:
    if value is not True:
        faults.append(Fault(field, value, 'Only true; for never open, give {"zone": …, "week": {}}.'))
    return Always()


def _any(value: Any, field: str, depth: int, faults: list[Fault]) -> Hours:
    return combined(AnyOf, _parts(value, field, depth, faults))


def _all(value: Any, field: str, depth: int, faults: list[Fault]) -> Hours:
    return combined(AllOf, _parts(value, field, depth, faults))


_READERS: Final[dict[str, Callable[[Any, str, int, list[Fault]], Hours]]] = {
    "always": _always,
    "any": _any,
    "all": _all,
}


def _parts(value: Any, field: str, depth: int, faults: list[Fault]) -> list[Hours]:
    if not isinstance(value, list | tuple) or not value:
        faults.append(Fault(field, value, "Give a list of one or more calendars."))
    elif len(value) > MOST_PARTS:
        faults.append(Fault(field, len(value), f"At most {MOST_PARTS} calendars."))
    else:
        return [_hours(part, f"{field}[{n}]", depth + 1, faults) for n, part in enumerate(value)]
    return [Always()]


def _weekly(spec: dict[Any, Any], field: str, faults: list[Fault]) -> Hours:
    _known(spec, {"zone", "week", "days"}, field, faults, 'A calendar has "zone", "week" and "days".')
    zone = _zone(spec.get("zone"), _within(field, "zone"), faults)
    if "week" not in spec and "days" not in spec:
        faults.append(Fault(_within(field, "week"), None, 'Give the hours of the week, {} for none: {"mon": […], …}.'))
    week = _table(spec.get("week", {}), _within(field, "week"), faults)
    _known(week, set(WEEKDAYS), _within(field, "week"), faults, f"Weekdays are {', '.join(WEEKDAYS)}.")
    open_ = [_intervals(week.get(name, []), _within(field, f"week.{name}"), faults) for name in WEEKDAYS]
    days = tuple(_days(spec.get("days", {}), _within(field, "days"), faults))
    return Weekly(zone, tuple(open_), tuple(sorted(days)))


def _zone(value: Any, field: str, faults: list[Fault]) -> str:
    if isinstance(value, str) and value in zones.names():
        return value
    cure = "Give a time zone by its name, such as Europe/Vienna."
    if isinstance(value, str) and (near := get_close_matches(value[:60], sorted(zones.names()), n=1)):
        cure += f" Did you mean {near[0]}?"
    faults.append(Fault(field, value, cure))
    return "UTC"


def _days(value: Any, field: str, faults: list[Fault]) -> Iterator[tuple[str, Intervals]]:
    table = _table(value, field, faults)
    if len(table) > MOST_DAYS:
        faults.append(Fault(field, len(table), f"At most {MOST_DAYS} days."))
        return
    for day, intervals in table.items():
        if not _is_day(day):
            cure = f"Give days as YYYY-MM-DD, {FIRST_YEAR} to {LAST_YEAR}, that the calendar has."
            faults.append(Fault(f"{field}.{day}", day, cure))
        else:
            yield day, _intervals(intervals, f"{field}.{day}", faults)


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        return FIRST_YEAR <= date.fromisoformat(value).year <= LAST_YEAR
    except ValueError:
        return False


def _intervals(value: Any, field: str, faults: list[Fault]) -> Intervals:
    if not isinstance(value, list | tuple):
        faults.append(Fault(field, value, 'Give a list such as ["08:00-12:00", "13:00-17:00"], [] for closed.'))
        return ()
    elif len(value) > MOST_INTERVALS:
        faults.append(Fault(field, len(value), f"At most {MOST_INTERVALS} intervals a day."))
        return ()
    read = (_interval(text, f"{field}[{n}]", faults) for n, text in enumerate(value))
    return joined([interval for interval in read if interval])


def _interval(value: Any, field: str, faults: list[Fault]) -> Interval | None:
    found = _INTERVAL.fullmatch(value) if isinstance(value, str) else None
    start, end = (_minutes(found[1], found[2]), _minutes(found[3], found[4])) if found else (None, None)
    if start is None or end is None or start == DAY_MINUTES:
        cure = 'Give hours and minutes as "08:00-12:00"; "24:00" only as an end; "22:00-06:00" runs into the next day.'
        faults.append(Fault(field, value, cure))
        return None
    return (start, end) if end > start else (start, end + DAY_MINUTES)


def _minutes(hours: str, minutes: str) -> int | None:
    total = int(hours) * 60 + int(minutes)
    return total if int(minutes) < 60 and total <= DAY_MINUTES else None


def _table(value: Any, field: str, faults: list[Fault]) -> dict[Any, Any]:
    if isinstance(value, dict):
        return value
    faults.append(Fault(field, value, "Give a table."))
    return {}


def _known(table: dict[Any, Any], names: set[str], field: str, faults: list[Fault], cure: str) -> None:
    faults += [Fault(_within(field, str(name)), table[name], cure) for name in table if name not in names]


def _within(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
