"""A working calendar: how much of it lies between two instants, and when so much of it will have passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from helmdesk.worktime.horizon import (
    FIRST_YEAR,
    LAST,
    LAST_YEAR,
    NeverCloses,
    NeverOpen,
    shown,
    year_of,
)
from helmdesk.worktime.hours import Hours
from helmdesk.worktime.line import Line, grown, line_of
from helmdesk.worktime.spans import Span, spans_of_year

WHOLE = range(FIRST_YEAR, LAST_YEAR + 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Made by `reading.calendar_from`. Equal to every calendar of the same canonical spec.

    Instants are integer µs since 1970 (UTC), 1990 to 2100, else OutsideTime is raised; durations are integer µs. The
    package's first lines give the rules. Years are worked out when they are first asked for, and kept.
    """

    hours: Hours
    _kept: list[Line] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def spec(self) -> dict[str, Any]:
        """The canonical spec: from it `calendar_from` makes an equal calendar."""
        return self.hours.spec

    @property
    def never(self) -> bool:
        """Whether it has no open time at all, 1990 to 2100."""
        if self._kept and (self._kept[0].total or self._kept[0].years == WHOLE):
            return not self._kept[0].total
        elif any(spans_of_year(self.hours, year) for year in WHOLE):
            return False
        else:
            return not self.whole().total

    def elapsed(self, a: int, b: int) -> int:
        """The open time from a to b; negative where b is before a."""
        line = self._line(a, b)
        return line.used(b) - line.used(a)

    def add(self, a: int, us: int) -> int:
        """The earliest instant at which `us` of open time have passed since a; add(a, 0) == a.

        For us < 0 the latest instant from which -us pass until a. Raises NeverOpen where less than that is left.
        """
        if us == 0:
            self._line(a, a)
            return a
        line = self._line(a, a)
        while not 0 <= (used := line.used(a) + us) <= line.total:
            line = self._further(line, a, us)
        return line.earliest(used) if us > 0 else line.latest(used)

    def is_open(self, a: int) -> bool:
        line = self._line(a, min(a + 1, LAST))
        n = line.ending_after(a)
        return n < len(line.starts) and line.starts[n] <= a

    def next_open(self, a: int) -> int:
        """a itself where open, else the next opening. Raises NeverOpen."""
        line = self._line(a, min(a + 1, LAST))
        while (n := line.ending_after(a)) == len(line.starts):
            line = self._further(line, a, 1)
        return max(a, line.starts[n])

    def next_close(self, a: int) -> int:
        """The first instant after a at which an open span ends. Raises NeverOpen, or NeverCloses."""
        line = self._line(a, min(a + 1, LAST))
        while (n := line.ending_after(a)) == len(line.starts) or line.ends[n] == line.until:
            if line.until == LAST and n < len(line.starts):
                raise NeverCloses(
                    f"instant: {shown(a)}. From then on the calendar is open until the end of {LAST_YEAR}."
                )
            line = self._further(line, a, 1)
        return line.ends[n]

    def spans(self, a: int, b: int) -> list[Span]:
        """The open spans from a to b, cut at a and b. None where b is not after a."""
        line = self._line(a, b)
        some = slice(line.ending_after(a), line.starting_before(b) if a < b else 0)
        return [(max(start, a), min(end, b)) for start, end in zip(line.starts[some], line.ends[some], strict=True)]

    def __reduce__(self) -> tuple[type[Calendar], tuple[Hours]]:
        return Calendar, (self.hours,)

    def whole(self) -> Line:
        """All of it, 1990 to 2100."""
        return self._over(WHOLE)

    def _line(self, a: int, b: int) -> Line:
        """A line in which both instants lie."""
        if self._kept:
            line = self._kept[0]
            if line.since <= a <= line.until and line.since <= b <= line.until:
                return line
        years = sorted((year_of(a), year_of(b)))
        return self._over(range(years[0], years[1] + 1))

    def _further(self, line: Line, a: int, us: int) -> Line:
        """A line twice as long, onwards or (us < 0) back."""
        years = line.years
        if us > 0 and years.stop < WHOLE.stop:
            return self._over(range(years.start, min(years.stop + len(years), WHOLE.stop)))
        elif us < 0 and years.start > WHOLE.start:
            return self._over(range(max(years.start - len(years), WHOLE.start), years.stop))
        way = f"after it up to the end of {LAST_YEAR}" if us > 0 else f"before it back to {FIRST_YEAR}"
        raise NeverOpen(f"instant: {shown(a)}. The calendar has less than {abs(us)} µs of open time {way}.")

    def _over(self, years: range) -> Line:
        """A line over at least these years. It is replaced as a whole, so threads may ask at the same time."""
        if not self._kept:
            self._kept[:] = [line_of(self.hours, years)]
        line = self._kept[0]
        if years.start < line.years.start or years.stop > line.years.stop:
            years = range(min(years.start, line.years.start), max(years.stop, line.years.stop))
            line = self._kept[0] = grown(line, self.hours, years)
        return line
