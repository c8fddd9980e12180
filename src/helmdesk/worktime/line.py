"""The open spans of some years as three sorted columns, so that any question is one bisection."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import sub

from helmdesk.worktime.horizon import year_start
from helmdesk.worktime.hours import Hours
from helmdesk.worktime.spans import Span, merged, spans_of_year


@dataclass(frozen=True, slots=True)
class Line:
    """What is known from `since` to `until`; before[n] is the open time in it ahead of starts[n], in µs.

    Methods take instants from since to until, both included.
    """

    years: range
    since: int
    until: int
    starts: array[int]
    ends: array[int]
    before: array[int]
    total: int

    def used(self, instant: int) -> int:
        """The open time from `since` to an instant."""
        n = bisect_right(self.starts, instant) - 1
        if n < 0:
            return 0
        elif instant >= (end := self.ends[n]):
            return self.before[n] + end - self.starts[n]
        else:
            return self.before[n] + instant - self.starts[n]

    def earliest(self, used: int) -> int:
        """The first instant by which so much is used; 0 < used <= total."""
        n = bisect_left(self.before, used) - 1
        return self.starts[n] + used - self.before[n]

    def latest(self, used: int) -> int:
        """The last instant by which no more is used; 0 <= used < total."""
        n = bisect_right(self.before, used) - 1
        return self.starts[n] + used - self.before[n]

    def ending_after(self, instant: int) -> int:
        """How many spans end at an instant or before: the number of the first that does not."""
        return bisect_right(self.ends, instant)

    def starting_before(self, instant: int) -> int:
        """How many spans start before an instant."""
        return bisect_left(self.starts, instant)


def line_of(hours: Hours, years: range) -> Line:
    return _line(years, _spans(hours, years))


def grown(line: Line, hours: Hours, years: range) -> Line:
    """A line over `years`, which hold those of `line`: only the new ones are worked out."""
    earlier, later = range(years.start, line.years.start), range(line.years.stop, years.stop)
    known = zip(line.starts, line.ends, strict=True)
    return _line(years, chain(_spans(hours, earlier), known, _spans(hours, later)))


def _spans(hours: Hours, years: range) -> Iterable[Span]:
    return chain.from_iterable(spans_of_year(hours, year) for year in years)


def _line(years: range, spans: Iterable[Span]) -> Line:
    found = merged(spans)
    starts, ends = array("q", [start for start, _ in found]), array("q", [end for _, end in found])
    used = array("q", accumulate(map(sub, ends, starts), initial=0))
    total = used.pop()
    return Line(years, year_start(years.start), year_start(years.stop), starts, ends, used, total)
