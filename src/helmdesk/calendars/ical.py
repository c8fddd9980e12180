"""Days off from an iCalendar file (RFC 5545): whole days only, on the dates that the file means.

A DATE is that date, whatever the zone. An end is the first day that is no longer part of it. A DATE-TIME counts as
whole days when it goes from midnight to midnight, as it is written or else in the calendar's own zone: converting what
is written as midnight is what makes holidays land a day early. What covers a part of a day is left out, and named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from helmdesk.calendars.recurrence import BadRule, Budget, rule_from
from helmdesk.foundation.errors import BadEntry
from helmdesk.worktime import zones

if TYPE_CHECKING:  # loaded where a file is read: a server that reads none is smaller without it
    from icalendar import Event

LARGEST: Final = 1024 * 1024
MOST_EVENTS: Final = 5000
MOST_REPEATING: Final = 200
MOST_DAYS: Final = 5000
LONGEST_NAME: Final = 120
LONGEST_EVENT: Final = timedelta(days=400)
NEARLY_MIDNIGHT: Final = time(23, 59)
DAY: Final = timedelta(days=1)
MOST_LOOKED_AT: Final = 500_000
UNREADABLE: Final = (ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError, OverflowError)
_FOLD = re.compile(rb"\r?\n[ \t]")
_ZONES = re.compile(rb"^BEGIN:VTIMEZONE.*?^END:VTIMEZONE[ \t]*\r?$", re.MULTILINE | re.DOTALL | re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """The days of a file by date, and what was left out since it is no whole day."""

    days: dict[date, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a file: its first day, how many, what it is called, and what replaces or repeats it."""

    first: date
    days: int
    name: str
    event: Event


def read(content: bytes, *, zone: str, years: range) -> Found:
    """Every whole day of the file within these years. Raises BadEntry where it is no such file or too large."""
    if len(content) > LARGEST:
        raise BadEntry("file", f"{len(content)} bytes", f"At most {LARGEST // 1024} kB.")
    window = date(years[0], 1, 1), date(years[-1], 12, 31)
    found, own_zone, budget = Found(), zones.zone(zone), Budget(MOST_LOOKED_AT)
    try:
        events = list(_events(content))
        replaced = _replaced(events)
        for event in events:
            happening = _happening(event, own_zone, found)
            if happening is not None:
                for start in _starts(happening, replaced, window, budget):
                    _add(found, happening, start, window)
    except BadEntry:
        raise
    except UNREADABLE as error:
        raise BadEntry("file", "", f"It is not an iCalendar file that can be read: {str(error)[:120]}.") from error
    return found


def _events(content: bytes) -> Iterator[Event]:
    """Zones are known by their names; the definitions that a file brings are not run."""
    from icalendar import Calendar, Event

    plain = _ZONES.sub(b"", _FOLD.sub(b"", content.removeprefix(b"\xef\xbb\xbf")))
    if len(re.findall(rb"^BEGIN:", plain, re.MULTILINE | re.IGNORECASE)) > 2 * MOST_EVENTS:
        raise BadEntry("file", "", f"At most {MOST_EVENTS} events.")
    files = Calendar.from_ical(plain, multiple=True)
    events = [event for one in files for event in one.walk("VEVENT") if isinstance(event, Event)]
    if not events:
        raise BadEntry("file", "", "It holds no events. Choose an iCalendar file (.ics) of holidays.")
    if len(events) > MOST_EVENTS or sum("RRULE" in event for event in events) > MOST_REPEATING:
        raise BadEntry("file", len(events), f"At most {MOST_EVENTS} events, of which {MOST_REPEATING} repeat.")
    return iter(events)


def _replaced(events: list[Event]) -> dict[str, set[date]]:
    """Dates of repeating events, by their UID, that the file tells of apart: moved or called off."""
    dates: dict[str, set[date]] = {}
    for event in events:
        if (instead := _value(event, "RECURRENCE-ID")) is not None:
            dates.setdefault(str(event.get("UID", "")), set()).add(_date(instead))
    return dates


def _happening(event: Event, zone: ZoneInfo, found: Found) -> Happening | None:
    start, end = _value(event, "DTSTART"), _value(event, "DTEND")
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or start is None:
        return None
    if end is None:
        length = _value(event, "DURATION")
        end = start + (length if isinstance(length, timedelta) else _usual(start))
    name = _named(event)
    whole = _whole_days(event, start, end, zone)
    if whole is None:
        found.left_out.append(f"{name} {_date(start).isoformat()}".strip())
        return None
    first, last = whole
    if last - first > LONGEST_EVENT:
        raise BadEntry("file", name, f"It lasts longer than {LONGEST_EVENT.days} days. Enter it as hours of the week.")
    return Happening(first, max((last - first).days, 1), name, event)


def _usual(start: date) -> timedelta:
    """How long an event without an end lasts: a DATE its day, a DATE-TIME no time at all."""
    return timedelta(0) if isinstance(start, datetime) else DAY


def _whole_days(event: Event, start: date, end: date, zone: ZoneInfo) -> tuple[date, date] | None:
    """The first day and the first no longer part of it; None for a part of a day."""
    if not isinstance(start, datetime):
        return start, _date(end)
    if not isinstance(end, datetime):
        return start.date(), end
    if str(event.get("X-MICROSOFT-CDO-ALLDAYEVENT", "")).upper() == "TRUE":
        return start.date(), end.date()
    written = _midnights(start, end)
    if written is None and start.tzinfo is not None and end.tzinfo is not None:
        written = _midnights(start.astimezone(zone), end.astimezone(zone))
    return written


def _midnights(start: datetime, end: datetime) -> tuple[date, date] | None:
    last = end.date()
    if end.time() >= NEARLY_MIDNIGHT:
        last += DAY
    elif end.time() != time():
        return None
    return (start.date(), last) if start.time() == time() and last > start.date() else None


def _starts(
    happening: Happening, replaced: dict[str, set[date]], window: tuple[date, date], budget: Budget
) -> Iterator[date]:
    event = happening.event
    starts = {happening.first}
    if "RECURRENCE-ID" not in event:
        starts |= set(_repeated(happening, window, budget)) | _dates(event, "RDATE")
        starts -= _dates(event, "EXDATE") | replaced.get(str(event.get("UID", "")), set())
    return iter(sorted(starts))


def _repeated(happening: Happening, window: tuple[date, date], budget: Budget) -> Iterator[date]:
    """The first days that its rules give, up to the window's end: a rule without an end is no reason to go on."""
    rules = happening.event.get("RRULE") or []
    for told in rules if isinstance(rules, list) else [rules]:
        try:
            yield from rule_from(told).starts(happening.first, window[1], budget)
        except BadRule as bad:
            raise BadEntry("file", f"{happening.name}: {told.to_ical().decode()}", str(bad)) from bad


def _add(found: Found, happening: Happening, start: date, window: tuple[date, date]) -> None:
    for day in (start + timedelta(days=count) for count in range(happening.days)):
        if window[0] <= day <= window[1]:
            found.days.setdefault(day, happening.name)
    if len(found.days) > MOST_DAYS:
        raise BadEntry("file", "", f"It closes more than {MOST_DAYS} days. Enter them as hours of the week.")


def _dates(event: Event, name: str) -> set[date]:
    told = event.get(name) or []
    lists = told if isinstance(told, list) else [told]
    moments = [moment.dt for one in lists for moment in getattr(one, "dts", [])]
    return {_date(moment[0] if isinstance(moment, tuple) else moment) for moment in moments}


def _value(event: Event, name: str) -> Any:
    told = event.get(name)
    return getattr(told[0] if isinstance(told, list) else told, "dt", None)


def _date(value: date) -> date:
    """The date as it is written."""
    return value.date() if isinstance(value, datetime) else value


def _named(event: Event) -> str:
    words = unicodedata.normalize("NFC", str(event.get("SUMMARY", "")))
    shown = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in words)
    return " ".join(shown.split())[:LONGEST_NAME]
