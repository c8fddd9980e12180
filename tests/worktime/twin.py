"""The slow, obvious twin: it walks minute by minute and looks at the wall clock each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from helmdesk.worktime import zones

MINUTE = 60_000_000
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def us(text: str, zone: str = "UTC", fold: int = 0) -> int:
    """The instant at which a wall clock shows that: "2026-03-29 01:30"."""
    at = datetime.fromisoformat(text).replace(tzinfo=zones.zone(zone), fold=fold)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def elapsed(spec, a, b):
    return sum(end - start for start, end in spans(spec, a, b))


def add(spec, a, duration, *, within):
    """The first instant by which so much is over, sought up to `within`; None when it is not found."""
    if duration == 0:
        return a
    for start, end in spans(spec, a, within):
        if duration <= end - start:
            return start + duration
        duration -= end - start
    return None


def spans(spec, a, b):
    """The open stretches from a to b, joined where they touch."""
    found: list[tuple[int, int]] = []
    for minute in range(a // MINUTE, -(-b // MINUTE) if a < b else 0):
        if is_open(spec, minute):
            start, end = max(a, minute * MINUTE), min(b, (minute + 1) * MINUTE)
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found


def is_open(spec, minute):
    """Whether it is open in that minute since 1970, UTC."""
    if "always" in spec:
        return True
    elif "any" in spec:
        return any(is_open(part, minute) for part in spec["any"])
    elif "all" in spec:
        return all(is_open(part, minute) for part in spec["all"])
    wall = shown(zones.zone(spec["zone"]), minute)
    time = wall.strftime("%H:%M")
    yesterday = wall.date() - timedelta(days=1)
    return any(_today(time, *parts(text)) for text in hours(spec, wall.date())) or any(
        _since_yesterday(time, *parts(text)) for text in hours(spec, yesterday)
    )


def hours(spec, day):
    week = spec.get("week", {})
    return spec.get("days", {}).get(day.isoformat(), week.get(NAMES[day.weekday()], []))


def parts(text):
    start, end = text.split("-")
    return start, end


def _today(time, start, end):
    return start <= time < end if start < end else time >= start


def _since_yesterday(time, start, end):
    return end <= start and time < end


@cache
def shown(zone: ZoneInfo, minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, zone)
