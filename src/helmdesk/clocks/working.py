"""Working time less what was agreed not to count: the only place where clocks ask a calendar.

compiled.py compiles these with `elapsed` and `add` of a compiled calendar in place of the two below.
"""

from __future__ import annotations

from typing import Any, Final

from helmdesk.clocks.situations import Column

NEVER: Final = 2**62
"""An instant that does not come."""


def elapsed(calendar: Any, start: int, end: int) -> int:
    """Open µs between two instants."""
    return int(calendar.elapsed(start, end))


def add(calendar: Any, start: int, us: int) -> int:
    """The earliest instant by which `us` of open time have passed; NEVER where the calendar has not so much."""
    try:
        return int(calendar.add(start, us))
    except ValueError:
        return NEVER


def counted(calendar: Any, excluded: Column, start: int, end: int) -> int:
    """Open µs from start to end outside `excluded`: start, end, start, end, ... in order and apart."""
    if end <= start:
        return 0
    us = elapsed(calendar, start, end)
    for k in range(0, len(excluded), 2):
        low, high = max(start, excluded[k]), min(end, excluded[k + 1])
        if low < high:
            us -= elapsed(calendar, low, high)
    return us


def reached(calendar: Any, excluded: Column, start: int, us: int) -> int:
    """The earliest instant by which so much has been counted, or NEVER."""
    for k in range(0, len(excluded), 2):
        if excluded[k + 1] > start:
            low = max(start, excluded[k])
            before = elapsed(calendar, start, low)
            if before >= us:
                return add(calendar, start, us)
            us -= before
            start = excluded[k + 1]
    return add(calendar, start, us)


def resumes(excluded: Column, at: int) -> int:
    """`at`, or the end of the exclusion that it lies in."""
    for k in range(0, len(excluded), 2):
        if excluded[k] <= at < excluded[k + 1]:
            return int(excluded[k + 1])
    return at


def wholly_excluded(excluded: Column, start: int, end: int) -> bool:
    """Whether there is any time from start to end, and all of it lies in one exclusion."""
    for k in range(0, len(excluded), 2):  # noqa: SIM110 (numba compiles no generators)
        if excluded[k] <= start < end <= excluded[k + 1]:
            return True
    return False
