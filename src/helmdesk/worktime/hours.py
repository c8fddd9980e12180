"""When a calendar is open, in its canonical form; specs that mean the same have the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES: Final = 24 * 60

Interval = tuple[int, int]
"""Minutes since the midnight that begins the day; the end may lie up to 48 h after it."""

Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Always:
    """Open at every instant."""

    @property
    def spec(self) -> dict[str, Any]:
        return {"always": True}


@dataclass(frozen=True, slots=True)
class Weekly:
    """The hours of a week on the wall clock of a zone, and those of single days, by ISO date and in order."""

    zone: str
    week: tuple[Intervals, ...]
    days: tuple[tuple[str, Intervals], ...] = ()

    @property
    def spec(self) -> dict[str, Any]:
        week = {name: written(open_) for name, open_ in zip(WEEKDAYS, self.week, strict=True) if open_}
        days = {day: written(open_) for day, open_ in self.days}
        return {"zone": self.zone, "week": week} | ({"days": days} if days else {})


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Open when at least one is."""

    parts: tuple[Hours, ...]

    @property
    def spec(self) -> dict[str, Any]:
        return {"any": [part.spec for part in self.parts]}


@dataclass(frozen=True, slots=True)
class AllOf:
    """Open when all are."""

    parts: tuple[Hours, ...]

    @property
    def spec(self) -> dict[str, Any]:
        return {"all": [part.spec for part in self.parts]}


Hours = Always | Weekly | AnyOf | AllOf


def combined(kind: type[AnyOf] | type[AllOf], parts: list[Hours]) -> Hours:
    """Nested ones of the same kind laid flat, doubles dropped, in one order; one part alone is itself."""
    flat = {inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))}
    ordered = sorted(flat, key=repr)
    return ordered[0] if len(ordered) == 1 else kind(tuple(ordered))


def joined(intervals: list[Interval]) -> Intervals:
    """In order, those that overlap or touch made one."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def written(intervals: Intervals) -> list[str]:
    """As in a spec. What is longer than a day takes two intervals, for one can say 24 h at most."""
    short = []
    for start, end in intervals:
        if end - start <= DAY_MINUTES:
            short.append((start, end))
        else:
            short += [(start, start + DAY_MINUTES), (end - DAY_MINUTES, end)]
    return [f"{_time(start)}-{_time(end)}" for start, end in short]


def _time(minutes: int) -> str:
    minutes = minutes if minutes == DAY_MINUTES else minutes % DAY_MINUTES
    return f"{minutes // 60:02}:{minutes % 60:02}"
