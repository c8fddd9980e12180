"""What a ticket's steps add up to, step by step: the fold of history.fold in small integers.

Plain functions over anything that can be indexed: Python's lists in the server, numpy's arrays when numba has compiled
them (compiled.py). A situation is one row of WIDTH integers in a flat column, as it is after its step; -1 is nobody.
A wait that was judged not to be true is no wait: the responsible team has the ball.
"""
# ruff: noqa: PLR0917, C901 (kernels: columns and state are handed on)

from __future__ import annotations

from typing import Any, Final

from helmdesk.clocks.steps import (
    ACCEPTED,
    ASSIGNED,
    CLASSIFIED,
    CLOSED,
    DECLINED,
    HANDED,
    MERGED,
    MOVED,
    OPENED,
    PRIORITISED,
    RECALLED,
    REOPENED,
    RESOLVED,
    TYPED,
    UNMERGED,
    WAIT_ENDED,
    WAITS_ON,
)

type Column = Any
"""Integers by place: a list, or a numpy array."""

PHASE: Final = 0  # 0 before the opening
TEAM: Final = 1  # responsible
PROVIDER: Final = 2  # of that team
HOLDER: Final = 3
BY: Final = 4  # the team or company that has the ball
BY_PROVIDER: Final = 5
OWNED: Final = 6  # 1 when a human has assigned somebody
WAIT: Final = 7  # 0 none
WAIT_AT: Final = 8  # the place of the step that began it
OVERRULED: Final = 9
CLOSED_AT: Final = 10
OFFERED: Final = 11
PRIORITY: Final = 12
SERVICE: Final = 13
CATEGORY: Final = 14
SITE: Final = 15
TYPE: Final = 16
WIDTH: Final = 17

OPEN: Final = 1
AT_REST: Final = 2
SHUT: Final = 3
GONE: Final = 4  # merged

WITH_TEAM: Final = 1
WITH_REQUESTER: Final = 2
WITH_THIRD: Final = 3
UNKNOWN: Final = 4
REST: Final = 5

W_REQUESTER: Final = 1
W_THIRD: Final = 2
W_PARTS: Final = 3
W_CHANGE: Final = 4
W_AGREED: Final = 8

H_HOLDER: Final = 0
H_BY: Final = 1
H_START: Final = 2
H_END: Final = 3
H_WAIT: Final = 4
H_OVERRULED: Final = 5
H_WIDTH: Final = 6


def situations(
    n: int, at: Column, kind: Column, a: Column, b: Column, c: Column, provider_of: Any, out: Column
) -> None:
    """Fills n rows of `out`. `provider_of[team]` is a number for every team that the steps name."""
    saved = -1
    for i in range(n):
        row = i * WIDTH
        if i == 0:
            for k in range(WIDTH):
                out[row + k] = -1
            out[row + PHASE] = out[row + OWNED] = out[row + WAIT] = out[row + OVERRULED] = 0
            out[row + HOLDER] = UNKNOWN
        else:
            for k in range(WIDTH):
                out[row + k] = out[row - WIDTH + k]
        if kind[i] == MERGED:
            saved = row - WIDTH
            _rest(row, out, GONE, at[i])
            out[row + WAIT] = out[row + OVERRULED] = 0
        elif kind[i] == UNMERGED and saved >= 0:
            for k in range(PRIORITY):
                out[row + k] = out[saved + k]
        else:
            _after(i, row, at[i], kind[i], a[i], b[i], c[i], out)
        out[row + PROVIDER] = -1 if out[row + TEAM] < 0 else provider_of[out[row + TEAM]]
        held = out[row + HOLDER] == WITH_TEAM
        out[row + BY_PROVIDER] = provider_of[out[row + BY]] if held and out[row + BY] >= 0 else -1


def _after(i: int, row: int, at: int, kind: int, a: int, b: int, c: int, out: Column) -> None:
    """One step's change, merging apart."""
    if kind == PRIORITISED:
        out[row + PRIORITY] = a
    elif kind == CLASSIFIED:
        out[row + SERVICE], out[row + CATEGORY], out[row + SITE] = a, b, c
    elif kind == TYPED:
        out[row + TYPE] = a
    elif kind == OPENED:
        out[row + PHASE] = OPEN
        out[row + TEAM] = a
        _back(row, out, b == 1)
    elif kind == ASSIGNED:
        if b == 1 or a < 0:
            out[row + OWNED] = 1 if a >= 0 else 0
    elif kind in (HANDED, DECLINED, RECALLED):
        _give(row, out, a)
        out[row + OFFERED] = c if kind == HANDED and out[row + PHASE] == OPEN else -1
    elif kind == ACCEPTED:
        out[row + OFFERED] = -1
    elif kind == WAITS_ON:
        _wait(i, row, out, a, b, c)
    elif kind == MOVED:
        if out[row + OVERRULED] == 0:
            out[row + HOLDER], out[row + BY] = WITH_TEAM, a
    elif kind == WAIT_ENDED:
        out[row + WAIT] = out[row + OVERRULED] = 0
        if out[row + PHASE] == OPEN:
            _back(row, out, b == 1)
    elif kind == RESOLVED:
        _rest(row, out, AT_REST, out[row + CLOSED_AT])
    elif kind == REOPENED:
        out[row + PHASE], out[row + CLOSED_AT] = OPEN, -1
        if a >= 0:
            out[row + TEAM] = a
        out[row + OWNED] = 1 if c >= 0 else 0
        _back(row, out, b == 1)
    elif kind == CLOSED:
        _rest(row, out, SHUT, at)
        out[row + OFFERED] = -1


def _rest(row: int, out: Column, phase: int, closed_at: int) -> None:
    out[row + PHASE] = phase
    out[row + HOLDER], out[row + BY] = REST, -1
    out[row + CLOSED_AT] = closed_at


def _back(row: int, out: Column, unknown: bool) -> None:
    """The ball is with the responsible team, or nobody knows with whom."""
    if unknown or out[row + TEAM] < 0:
        out[row + HOLDER], out[row + BY] = UNKNOWN, -1
    else:
        out[row + HOLDER], out[row + BY] = WITH_TEAM, out[row + TEAM]


def _give(row: int, out: Column, to: int) -> None:
    """To another team; to -1: to one that the source does not show, and the old one stays responsible."""
    out[row + OWNED] = 0
    if to >= 0:
        out[row + TEAM] = to
    if out[row + PHASE] == OPEN:
        _back(row, out, to < 0)


def _wait(i: int, row: int, out: Column, wait: int, of: int, overruled: int) -> None:
    if overruled == 1:
        out[row + OVERRULED] = 1
        return
    out[row + WAIT], out[row + WAIT_AT] = wait, i
    if wait in (W_REQUESTER, W_AGREED):
        out[row + HOLDER], out[row + BY] = WITH_REQUESTER, -1
    elif wait == W_THIRD:
        out[row + HOLDER], out[row + BY] = WITH_THIRD, of
    elif wait not in (W_PARTS, W_CHANGE):
        out[row + HOLDER], out[row + BY] = (UNKNOWN, -1) if of < 0 else (WITH_TEAM, of)


def tiles(n: int, at: Column, sit: Column, out: Column) -> int:
    """Who had the ball from when to when: rows of H_WIDTH in `out`, at most n; tells how many.

    They tile the ticket's life, opening to final closing; the last end is -1 where that is not reached.
    """
    count = 0
    for i in range(n):
        row = i * WIDTH
        if sit[row + PHASE] == 0 or (i + 1 < n and at[i + 1] == at[i]):
            continue
        last = (count - 1) * H_WIDTH
        changes = count == 0 or out[last + H_HOLDER] != sit[row + HOLDER] or out[last + H_BY] != sit[row + BY]
        if changes or out[last + H_WAIT] != sit[row + WAIT] or out[last + H_OVERRULED] != sit[row + OVERRULED]:
            if count > 0:
                out[last + H_END] = at[i]
            new = count * H_WIDTH
            out[new + H_HOLDER], out[new + H_BY], out[new + H_WAIT] = sit[row + HOLDER], sit[row + BY], sit[row + WAIT]
            out[new + H_OVERRULED] = sit[row + OVERRULED]
            out[new + H_START], out[new + H_END] = at[i], -1
            count += 1
    closed_at = sit[(n - 1) * WIDTH + CLOSED_AT] if n > 0 else -1
    if closed_at >= 0:
        while count > 0 and out[(count - 1) * H_WIDTH + H_START] >= closed_at:
            count -= 1
        last = (count - 1) * H_WIDTH
        if count > 0 and (out[last + H_END] < 0 or out[last + H_END] > closed_at):
            out[last + H_END] = closed_at
    return count
