"""The walk of one level over one ticket's steps: what running.py and happenings.py say, in the order of time."""
# ruff: noqa: PLR0917, C901 (kernels: columns and state are handed on)

from __future__ import annotations

from typing import Any

from helmdesk.clocks.happenings import (
    assigned,
    declined,
    offered,
    passed,
    rejoined,
    reopened,
    rested,
    said,
)
from helmdesk.clocks.running import (
    AT,
    BY_HANDING,
    CARRY,
    COUNT,
    DONE,
    DUE,
    FIRST,
    MERGED_AWAY,
    MERGED_ON,
    METRIC,
    NEVER_JUDGED,
    OFFER,
    ON,
    ON_CHANGE,
    ON_MERGE,
    RESOLUTION,
    RESTART,
    ROW,
    TARGET,
    advance,
    chosen,
    ended,
    fresh,
    goes_on,
    restart,
    retarget,
    still_open,
    stop,
)
from helmdesk.clocks.situations import Column
from helmdesk.clocks.steps import (
    ACCEPTED,
    ASSIGNED,
    CLOSED,
    DECLINED,
    HANDED,
    MERGED,
    MESSAGE,
    OPENED,
    PRIORITISED,
    RECALLED,
    RECEIVED,
    RELEASED,
    REOPENED,
    RESOLVED,
    TYPED,
    UNMERGED,
)


def walk(
    n: int, at: Column, kind: Column, a: Column, b: Column, c: Column, sit: Column, p: Column, group: int,
    now: int, calendar: Any, excluded: Column, s: Column, out: Column,
) -> int:  # fmt: skip
    """Fills `out` with the turns of one level, up to `now`, and tells how many; at most n + 1."""
    fresh(s)
    if n == 0:
        return 0
    s[AT] = at[0]
    for i in range(n):
        if at[i] > s[AT]:
            advance(s, p, sit, i - 1, at[i], calendar, excluded)
        k = kind[i]
        if k == MESSAGE:
            said(s, p, sit, i, a[i], group, out, excluded)
        elif k == ASSIGNED:
            assigned(s, p, sit, i, a[i], b[i], group, out, excluded)
        elif PRIORITISED <= k <= TYPED:
            changed(s, p, sit, i, group, out, excluded)
        elif k == OPENED:
            s[DUE] = 1 if p[METRIC] == FIRST or p[METRIC] == RESOLUTION else 0
        elif k == HANDED:
            offered(s, p, sit, i, c[i])
            passed(s, p, sit, i, b[i], BY_HANDING, group, out, excluded)
        elif k == DECLINED:
            declined(s, p, sit, i, b[i], group, out, excluded)
        elif k == RECALLED:
            s[OFFER] = 0
            passed(s, p, sit, i, b[i], BY_HANDING, group, out, excluded)
        elif k == ACCEPTED:
            s[OFFER] = 0
        elif k in (RESOLVED, CLOSED):
            rested(s, p, sit, i, b[i], k == CLOSED, group, out, excluded)
        elif k == REOPENED:
            reopened(s, p, sit, i)
        elif MERGED <= k <= RELEASED:
            merged(s, p, i, kind, a, b, calendar, out, excluded)
        if i + 1 == n or at[i + 1] != at[i]:
            ended(s, p, sit, i, group, out, excluded)
    advance(s, p, sit, n - 1, max(now, s[AT]), calendar, excluded)
    if s[ON] == 1 and s[TARGET] >= 0:
        still_open(s, p, sit, n - 1, out, calendar, excluded)
    return int(s[COUNT])


def changed(s: Column, p: Column, sit: Column, i: int, group: int, out: Column, excluded: Column) -> None:
    """Priority, classification or type. What chooses the same row changes nothing."""
    if s[ON] == 1 and p[ON_CHANGE] == CARRY:
        retarget(s, p, sit, i, group, out, excluded)
    elif s[ON] == 1 and p[ON_CHANGE] == RESTART:
        row, within = chosen(p, sit, i, group)
        if row != s[ROW] and within < 0:
            retarget(s, p, sit, i, group, out, excluded)
        elif row != s[ROW]:
            restart(s, p, out, excluded)


def merged(
    s: Column, p: Column, i: int, kind: Column, a: Column, b: Column, calendar: Any, out: Column, excluded: Column
) -> None:
    """Into another ticket and back (no clock runs in between), or another ticket into this one."""
    if kind[i] == MERGED:
        s[OFFER] = 0
        s[MERGED_ON] = s[ON]
        if s[ON] == 1:
            stop(s, out, NEVER_JUDGED, MERGED_AWAY, excluded)
    elif kind[i] == UNMERGED:
        answered = (p[METRIC] < RESOLUTION) and s[DUE] == 0
        if s[MERGED_ON] == 1 and not answered and s[DONE] == 0:
            goes_on(s)
        s[MERGED_ON] = 0
    elif p[ON_MERGE] == CARRY:
        rejoined(s, p, i, kind, a, b, calendar, excluded)
    elif p[ON_MERGE] == RESTART and kind[i] == RECEIVED:
        restart(s, p, out, excluded)
