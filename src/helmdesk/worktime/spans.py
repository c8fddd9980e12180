"""Open spans: lists of half-open (start, end) in µs, in order, neither overlapping nor touching."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from functools import reduce

from helmdesk.worktime import zones
from helmdesk.worktime.horizon import DAY, EPOCH_DAY, MINUTE, year_start
from helmdesk.worktime.hours import Always, AnyOf, Hours, Intervals, Weekly

Span = tuple[int, int]


def spans_of_year(hours: Hours, year: int) -> list[Span]:
    """The open spans of one UTC year; one that crosses its border is cut there."""
    if isinstance(hours, Always):
        return [(year_start(year), year_start(year + 1))]
    elif isinstance(hours, Weekly):
        return _weekly_spans(hours, year)
    parts = [spans_of_year(part, year) for part in hours.parts]
    if isinstance(hours, AnyOf):
        return merged(sorted(span for part in parts for span in part))
    else:
        return reduce(intersection, parts)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in the order of their starts, those that overlap or touch made one, empty ones dropped."""
    result: list[Span] = []
    last = None
    for start, end in spans:
        if last is not None and start <= last:
            if end > last:
                result[-1] = (result[-1][0], end)
                last = end
        elif end > start:
            result.append((start, end))
            last = end
    return result


def intersection(one: list[Span], other: list[Span]) -> list[Span]:
    """What lies in both."""
    result: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            result.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return result


def _weekly_spans(hours: Weekly, year: int) -> list[Span]:
    """Each stretch with one offset shows a piece of the wall clock's line: what is open there, moved by the offset."""
    wall = _wall_spans(hours, year)
    ends = [end for _, end in wall]
    result: list[Span] = []
    for since, until, offset in zones.periods(hours.zone, year):
        low, high = bisect_right(ends, since + offset), bisect_left(wall, (until + offset,))
        result += [(max(start - offset, since), min(end - offset, until)) for start, end in wall[low:high]]
    return merged(result)


def _wall_spans(hours: Weekly, year: int) -> list[Span]:
    """Open on the wall clock, in µs since its 1970-01-01 00:00.

    From days before the year, since intervals run on for up to two days and zones are up to a day apart.
    """
    week = [_in_microseconds(intervals) for intervals in hours.week]
    first, last = date(year, 1, 1).toordinal() - 4, date(year, 12, 31).toordinal() + 2
    days = {date.fromisoformat(day).toordinal(): _in_microseconds(open_) for day, open_ in _days(hours, first, last)}
    result = []
    for day in range(first, last + 1):
        open_ = days.get(day)
        if open_ is None:
            open_ = week[(day - 1) % 7]
        midnight = (day - EPOCH_DAY) * DAY
        result += [(midnight + start, midnight + end) for start, end in open_]
    return merged(result)


def _days(hours: Weekly, first: int, last: int) -> tuple[tuple[str, Intervals], ...]:
    """The single days from one to another; ISO dates are in order as texts."""
    low, high = (date.fromordinal(day).isoformat() for day in (first, last + 1))
    return hours.days[bisect_left(hours.days, (low,)) : bisect_left(hours.days, (high,))]


def _in_microseconds(intervals: Intervals) -> list[Span]:
    return [(start * MINUTE, end * MINUTE) for start, end in intervals]
