"""What happens to a clock: a message, an assignment, a hand-over and its declining, rest, reopening, other tickets.

The second half of running.py, in the same style: each tells one kind of step, and stops a turn or makes one due.
"""
# ruff: noqa: PLR0917, C901 (kernels: columns and state are handed on)

from __future__ import annotations

from typing import Any

from helmdesk.clocks.running import (
    ANSWERED,
    ASKED_AT,
    AT,
    AWAY,
    BINDS,
    BY_ASSIGNING,
    BY_CLOSING,
    BY_DECLINING,
    BY_MESSAGE,
    BY_RESOLVING,
    CAP_LEFT,
    CAP_OF,
    CARRY,
    COUNT,
    DECLINED_TURN,
    DONE,
    DUE,
    FIRST,
    FOR_REQUESTER,
    GIVE_BACK,
    HAD,
    HALF,
    HAND_OVER,
    JOINED,
    JUDGED,
    KEEP,
    METRIC,
    NEVER_JUDGED,
    NEXT,
    OFFER,
    OFFER_AT,
    ON,
    ON_DECLINE,
    ON_HAND_OVER,
    ON_REOPEN,
    OWN,
    OWN_START,
    PARTY,
    REACHED,
    RESOLUTION,
    RESTART,
    RESTS,
    ROW,
    START,
    TARGET,
    UNLESS_LATE,
    UNTIL,
    UNTIL_CLOSED,
    UPDATE,
    USED,
    WROTE,
    goes_on,
    ready,
    responsible,
    restart,
    retarget,
    stop,
)
from helmdesk.clocks.situations import AT_REST, GONE, OPEN, OWNED, PHASE, WIDTH, Column
from helmdesk.clocks.steps import RECEIVED, RELEASED
from helmdesk.clocks.working import counted


def said(s: Column, p: Column, sit: Column, i: int, by: int, group: int, out: Column, excluded: Column) -> None:
    """A message that the requester wrote (1) or reads (2)."""
    metric, phase = p[METRIC], sit[i * WIDTH + PHASE]
    if by == 2:
        if metric in (FIRST, NEXT):
            ready(s, p, sit, i - 1, group)
            s[DUE] = s[RESTS] = 0
        if s[ON] == 1 and metric <= UPDATE:
            stop(s, out, JUDGED, BY_MESSAGE, excluded)
        if metric == UPDATE and phase != GONE:
            s[DUE] = 1 if phase == OPEN else 0
        s[ANSWERED] = 1
    elif metric == NEXT and s[ANSWERED] == 1:
        s[OFFER] = 0
        if phase == OPEN:
            s[DUE] = 1
        else:
            s[ASKED_AT] = s[AT]


def assigned(
    s: Column, p: Column, sit: Column, i: int, a: int, human: int, group: int, out: Column, excluded: Column
) -> None:
    if p[METRIC] == OWN and human == 1 and a >= 0:
        ready(s, p, sit, i - 1, group)
        if s[ON] == 1:
            stop(s, out, JUDGED, BY_ASSIGNING, excluded)


def passed(
    s: Column, p: Column, sit: Column, i: int, human: int, why: int, group: int, out: Column, excluded: Column
) -> None:
    """Responsibility passes to another team: handed over, recalled, rerouted, or declined without an offer to undo."""
    before, after = responsible(p, sit, i - 1), responsible(p, sit, i)
    if p[METRIC] == OWN and human == 1:
        ready(s, p, sit, i - 1, group)
        if s[ON] == 1:
            stop(s, out, JUDGED, why, excluded)
    if before == after or s[ON] == 0:
        return
    if p[METRIC] == HAND_OVER:
        if before == p[PARTY]:
            stop(s, out, JUDGED, why, excluded)
    elif p[METRIC] == GIVE_BACK or p[ON_HAND_OVER] == KEEP:
        return
    elif p[ON_HAND_OVER] == RESTART:
        if p[BINDS] == FOR_REQUESTER or before == p[PARTY] or after == p[PARTY]:
            restart(s, p, out, excluded)
    elif p[BINDS] == FOR_REQUESTER or after == p[PARTY]:
        retarget(s, p, sit, i, group, out, excluded)


def offered(s: Column, p: Column, sit: Column, i: int, by: int) -> None:
    """Before a hand-over that may be declined: keeps the clock as it is. Any other passing takes the offer away."""
    s[OFFER] = 0
    if by >= 0 and sit[i * WIDTH + PHASE] == OPEN and responsible(p, sit, i - 1) != responsible(p, sit, i):
        s[AWAY] = 0
        s[OFFER_AT] = s[AT]
        for k in range(HALF):
            s[HALF + k] = s[k]
        s[OFFER] = 1


def declined(s: Column, p: Column, sit: Column, i: int, human: int, group: int, out: Column, excluded: Column) -> None:
    """A hand-over is declined: the sender's clock, and that of who declined, as on_decline says."""
    before, after = responsible(p, sit, i - 1), responsible(p, sit, i)
    sends = p[BINDS] == FOR_REQUESTER or after == p[PARTY]
    declines = p[BINDS] != FOR_REQUESTER and before == p[PARTY]
    if s[OFFER] == 0 or before == after or not (sends or declines):
        passed(s, p, sit, i, human, BY_DECLINING, group, out, excluded)
    elif p[ON_DECLINE] == CARRY and sends:
        taken_back(s)
        if s[ON] == 1:
            s[USED] += s[AWAY]
            late(s)
    elif p[ON_DECLINE] == CARRY:
        forgiven(s, out, excluded)
    elif declines or (p[BINDS] == FOR_REQUESTER and p[METRIC] == OWN):
        passed(s, p, sit, i, human, BY_DECLINING, group, out, excluded)
    elif p[ON_DECLINE] == RESTART:
        restart(s, p, out, excluded)
    elif s[ON] == 0 and s[HALF + ON] == 1 and s[COUNT] == s[HALF + COUNT] + s[WROTE]:
        taken_back(s)
    s[OFFER] = 0


def taken_back(s: Column) -> None:
    """The clock is as it was before the ball was offered; time has gone on, and so has what a cap still holds."""
    for k in range(HALF):
        if k not in (AT, AWAY, OFFER, CAP_OF, CAP_LEFT, HAD, ANSWERED):
            s[k] = s[HALF + k]


def forgiven(s: Column, out: Column, excluded: Column) -> None:
    """Who declined is not charged with the time since the offer."""
    if s[ON] == 1 and s[START] >= s[OFFER_AT]:
        s[USED] = 0
        stop(s, out, NEVER_JUDGED, DECLINED_TURN, excluded)
    elif s[ON] == 1:
        for k in (USED, TARGET, ROW, REACHED):
            s[k] = s[HALF + k]


def late(s: Column) -> None:
    """After time was given or taken at once."""
    if s[USED] < s[TARGET]:
        s[REACHED] = -1
    elif s[TARGET] >= 0 and s[REACHED] < 0:
        s[REACHED] = s[AT]


def rested(
    s: Column, p: Column, sit: Column, i: int, human: int, closing: bool, group: int, out: Column, excluded: Column
) -> None:
    """Resolved or closed."""
    metric = p[METRIC]
    s[OFFER] = 0
    if metric == RESOLUTION and p[UNTIL] == UNTIL_CLOSED and not closing:
        return
    ready(s, p, sit, i - 1, group)
    if s[ON] == 1:
        ends = metric == RESOLUTION or metric >= HAND_OVER
        answers = ends or (not closing and (metric in (NEXT, UPDATE) or human == 1))
        stop(s, out, JUDGED if answers else UNLESS_LATE, BY_CLOSING if closing else BY_RESOLVING, excluded)
        s[RESTS] = 1
    s[DUE] = 0
    if human == 1 and not closing:
        s[ANSWERED] = 1


def reopened(s: Column, p: Column, sit: Column, i: int) -> None:
    metric = p[METRIC]
    not_stopped = metric == RESOLUTION and p[UNTIL] == UNTIL_CLOSED and sit[(i - 1) * WIDTH + PHASE] == AT_REST
    if s[ON] == 1 or not_stopped or (metric == FIRST and s[ANSWERED] == 1):
        return
    elif p[ON_REOPEN] == KEEP:
        s[DONE] = 1
    elif p[ON_REOPEN] == CARRY:
        owned = metric == OWN and sit[i * WIDTH + OWNED] == 1
        elsewhere = metric == HAND_OVER and responsible(p, sit, i) != p[PARTY]
        if s[RESTS] == 1 and not owned and not elsewhere:
            goes_on(s)
        if metric in (FIRST, RESOLUTION):
            s[DUE] = 1
        elif metric == NEXT:
            s[DUE] = 1 if s[ON] == 1 or s[ASKED_AT] == s[AT] else 0
        elif metric == UPDATE:
            s[DUE] = s[ANSWERED]
    else:
        s[RESTS] = 0
        s[DUE] = s[ANSWERED] if metric in (NEXT, UPDATE) else 1


def rejoined(s: Column, p: Column, i: int, kind: Column, a: Column, b: Column, calendar: Any, excluded: Column) -> None:
    """What the requester waited on tickets merged into this one, before this one began, is counted anew."""
    if s[ON] == 0 or p[BINDS] != FOR_REQUESTER or (p[METRIC] != FIRST and p[METRIC] != RESOLUTION):
        return
    earliest = s[OWN_START]
    for j in range(i + 1):
        if kind[j] == RECEIVED and 0 <= b[j] < earliest:
            stays = True
            for k in range(j + 1, i + 1):
                stays = stays and not (kind[k] == RELEASED and a[k] == a[j])
            if stays:
                earliest = b[j]
    joined = counted(calendar, excluded, earliest, s[OWN_START])
    s[USED] += joined - s[JOINED]
    s[JOINED] = joined
    s[START] = earliest
    late(s)
