"""Working time over whole columns: the same answers as Calendar gives one by one, tens of millions a second.

Only this module and `kernels` import numpy and numba; whoever imports it pays for them with memory and start.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from helmdesk.worktime import kernels
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.horizon import FIRST, LAST
from helmdesk.worktime.kernels import BEFORE, ENDLESS, START, Column, Form

SLOTS_PER_SPAN: Final = 2
LEAST_SLOTS: Final = 64


def elapsed(calendar: Calendar, a: npt.ArrayLike, b: npt.ArrayLike, *, out: Column | None = None) -> Column:
    """Calendar.elapsed for each pair: int64 µs in the shape to which a and b broadcast.

    It is written to `out` if that is given: int64, contiguous, of that shape. For tens of millions that nearly halves
    the time, for fresh memory costs as much as the answers. Raises OutsideTime for the first instant outside 1990 to
    2100, TypeError for what is not whole numbers, ValueError for an `out` that does not fit.
    """
    a, b, out = _spread(a, b, out=out)
    wrong = kernels.elapsed_column(compiled(calendar), a.ravel(), b.ravel(), out.reshape(-1))
    if wrong >= 0:
        calendar.elapsed(int(a.flat[wrong]), int(b.flat[wrong]))
    return out


def add(calendar: Calendar, a: npt.ArrayLike, us: npt.ArrayLike, *, out: Column | None = None) -> Column:
    """Calendar.add for each pair: int64 µs in the shape to which a and us broadcast; `out` as in `elapsed`.

    Raises OutsideTime or NeverOpen for the first pair for which Calendar.add would; TypeError, ValueError as `elapsed`.
    """
    a, us, out = _spread(a, us, out=out)
    wrong = kernels.add_column(compiled(calendar), a.ravel(), us.ravel(), out.reshape(-1))
    if wrong >= 0:
        calendar.add(int(a.flat[wrong]), int(us.flat[wrong]))
    return out


def next_open(calendar: Calendar, a: npt.ArrayLike, *, out: Column | None = None) -> Column:
    """Calendar.next_open for each instant; raises as it does, and as `elapsed`."""
    a, out = _spread(a, out=out)
    wrong = kernels.next_open_column(compiled(calendar), a.ravel(), out.reshape(-1))
    if wrong >= 0:
        calendar.next_open(int(a.flat[wrong]))
    return out


@lru_cache(maxsize=16)
def compiled(*calendars: Calendar) -> Form:
    """The form in which kernels take calendars; the n-th is their number n.

    A calendar of two intervals a day takes 2.2 MB and is worked out in a fraction of a second.
    """
    spans, slots, rows = [np.empty((0, 3), dtype=np.int64)], [np.empty(0, dtype=np.int64)], []
    above = room = 0
    for calendar in calendars:
        table, total = _table(calendar)
        by_instant, instant_shift = _slots(table[:-1, START], FIRST, LAST)
        by_use, use_shift = _slots(table[:-1, BEFORE], 0, total)
        rows.append((above, total, room, instant_shift, room + len(by_instant), use_shift))
        spans.append(table)
        slots += [by_instant + above, by_use + above]
        above, room = above + len(table), room + len(by_instant) + len(by_use)
    return Form(
        np.concatenate(spans), np.concatenate(slots).astype(np.int32), np.array(rows, dtype=np.int64).reshape(-1, 6)
    )


def _table(calendar: Calendar) -> tuple[npt.NDArray[np.int64], int]:
    line = calendar.whole()
    columns = [np.frombuffer(column, dtype=np.int64) for column in (line.starts, line.ends, line.before)]
    return np.vstack([np.column_stack(columns), (ENDLESS, ENDLESS, line.total)]), line.total


def _slots(starts: Column, since: int, until: int) -> tuple[Column, int]:
    """How many of `starts` lie before each slot from since to until; the shift that makes two to four slots a span."""
    most = max(SLOTS_PER_SPAN * len(starts), LEAST_SLOTS)
    shift = ((until - since) // most).bit_length()
    edges = since + (np.arange(((until - since) >> shift) + 2, dtype=np.int64) << shift)
    return np.searchsorted(starts, edges, side="left"), shift


def _spread(*given: Any, out: Column | None) -> tuple[Column, ...]:
    """What was given as int64 in one shape, and `out` or an empty array of that shape."""
    spread = np.broadcast_arrays(*(_whole_numbers(one) for one in given))
    shape = spread[0].shape
    if out is None:
        return (*spread, np.empty(shape, dtype=np.int64))
    elif out.dtype != np.int64 or out.shape != shape or not out.flags.c_contiguous or not out.flags.writeable:
        raise ValueError(f"out: {out.dtype} of shape {out.shape}. Give a contiguous int64 array of shape {shape}.")
    else:
        return (*spread, out)


def _whole_numbers(given: Any) -> Column:
    found = np.asarray(given)
    if found.size and (found.dtype.kind not in "iu" or found.dtype == np.uint64):
        raise TypeError(f"instants and durations are int64 µs, not {found.dtype}. Convert them first.")
    return found.astype(np.int64, copy=False)
