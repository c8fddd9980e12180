"""Calendars in compiled form, and what any numba kernel can ask them.

`arrays.compiled(calendar, ...)` makes one `Form` of one or more calendars; a kernel takes it as one argument, and names
a calendar by its number k in it, 0 for the first:

    @jitted
    def late(form, k, opened, now, target):
        return elapsed_in(form, k, opened, now) > target

An answer reads one slot, and searches only among the spans that begin in it: as a rule one or none.
numba does not notice that a function of another module has changed: after an edit of this file, delete the stored
kernels of those who call it (__pycache__/*.nbi).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from helmdesk.worktime import horizon

Column = npt.NDArray[np.int64]

FIRST: Final = horizon.FIRST
LAST: Final = horizon.LAST
NEVER: Final = -(2**63)
"""Given where Calendar would raise: outside 1990 to 2100, or when not so much open time is left."""

ENDLESS: Final = 2**62

FIRST_SPAN, TOTAL, INSTANT_SLOT, INSTANT_SHIFT, USE_SLOT, USE_SHIFT = range(6)
START, END, BEFORE = range(3)


class Form(NamedTuple):
    """Calendars, one after the other.

    - spans [n, 3], int64: starts, ends (the open spans in order, half-open, neither overlapping nor touching) and the
      open time from 1990 to each start; after each calendar's last one comes (ENDLESS, ENDLESS, all its open time)
    - slots, int32: how many rows of `spans` come before the first span that starts in each slot of 2 ** shift µs; for
      each calendar slots of time since 1990, then slots of open time
    - rows [k, 6], int64: where the calendar's spans begin, its open time in all, and where its slots of either
      kind begin and what their shift is

    One calendar's sorted columns are `starts, ends, before = form.spans.T`. A span's three numbers lie side by side
    because a random question then waits for memory twice, not four times.
    """

    spans: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int64]


def jitted[F: Callable[..., Any]](function: F) -> F:
    """Compiled when first called, and kept on disk where that is possible."""
    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # there is no folder to keep it in, neither beside the code nor at home
        return cast(F, njit(nogil=True)(function))


@jitted
def elapsed_in(form: Form, k: int, a: int, b: int) -> int:
    """Calendar.elapsed, or NEVER."""
    if a < FIRST or a > LAST or b < FIRST or b > LAST:
        return NEVER
    return used_in(form, k, b) - used_in(form, k, a)


@jitted
def add_in(form: Form, k: int, a: int, us: int) -> int:
    """Calendar.add, or NEVER."""
    if a < FIRST or a > LAST or us > LAST - FIRST or us < FIRST - LAST:
        return NEVER
    if us == 0:
        return a
    used = used_in(form, k, a) + us
    if used < 0 or used > form.rows[k, TOTAL]:
        return NEVER
    return at_use_in(form, k, used, us < 0)


@jitted
def next_open_in(form: Form, k: int, a: int) -> int:
    """Calendar.next_open, or NEVER."""
    if a < FIRST or a >= LAST:
        return NEVER
    used = used_in(form, k, a)
    if used >= form.rows[k, TOTAL]:
        return NEVER
    return max(a, at_use_in(form, k, used, True))


@jitted
def used_in(form: Form, k: int, at: int) -> int:
    """The open time from 1990 to an instant; it is not looked whether that lies between FIRST and LAST."""
    slot = form.rows[k, INSTANT_SLOT] + ((at - FIRST) >> form.rows[k, INSTANT_SHIFT])
    n, high = form.slots[slot], form.slots[slot + 1]
    while high - n > 1:
        middle = (n + high) >> 1
        if form.spans[middle, START] <= at:
            n = middle
        else:
            high = middle
    n += form.spans[n, START] <= at
    if n == form.rows[k, FIRST_SPAN]:
        return 0
    return form.spans[n - 1, BEFORE] + min(at, form.spans[n - 1, END]) - form.spans[n - 1, START]  # type: ignore[no-any-return]


@jitted
def at_use_in(form: Form, k: int, used: int, latest: bool) -> int:
    """The first instant by which so much is used (0 < used <= total), or the last (0 <= used < total)."""
    slot = form.rows[k, USE_SLOT] + (used >> form.rows[k, USE_SHIFT])
    n, high = form.slots[slot], form.slots[slot + 1]
    while high - n > 1:
        middle = (n + high) >> 1
        if form.spans[middle, BEFORE] < used + latest:
            n = middle
        else:
            high = middle
    n += form.spans[n, BEFORE] < used + latest
    return form.spans[n - 1, START] + used - form.spans[n - 1, BEFORE]  # type: ignore[no-any-return]


@jitted
def elapsed_column(form: Form, a: Column, b: Column, out: Column) -> int:
    """Fills `out`; the number of the first that is NEVER, else -1."""
    for n in range(len(out)):
        if a[n] < FIRST or a[n] > LAST or b[n] < FIRST or b[n] > LAST:
            return n
        out[n] = used_in(form, 0, b[n]) - used_in(form, 0, a[n])
    return -1


@jitted
def add_column(form: Form, a: Column, us: Column, out: Column) -> int:
    """Fills `out`; the number of the first that is NEVER, else -1."""
    for n in range(len(out)):
        if a[n] < FIRST or a[n] > LAST or us[n] > LAST - FIRST or us[n] < FIRST - LAST:
            return n
        used = used_in(form, 0, a[n]) + us[n]
        if used < 0 or used > form.rows[0, TOTAL]:
            return n
        out[n] = at_use_in(form, 0, used, us[n] < 0) if us[n] != 0 else a[n]
    return -1


@jitted
def next_open_column(form: Form, a: Column, out: Column) -> int:
    """Fills `out`; the number of the first that is NEVER, else -1."""
    for n in range(len(out)):
        value = next_open_in(form, 0, a[n])
        if value == NEVER:
            return n
        out[n] = value
    return -1
