"""The one definition of a clock: one level on one ticket, walked step by step, turn after turn.

Plain functions over anything that can be indexed, as in situations.py: the server runs them on lists, bulk on arrays.
`s` is the clock's state, `p` the level (encoding.py), `sit` the situations, `out` takes a row a turn. Within an instant
each step may stop a turn; only when all steps of that instant are told, another turn begins where one is due,
so that nobody is charged with a ball that merely passed through. What each option means is said in
docs/reference/service-levels.md, and tests/clocks/twin.py says all of it a second time, slowly.
"""
# ruff: noqa: PLR0917, C901 (kernels: columns and state are handed on)

from __future__ import annotations

from typing import Any, Final

from helmdesk.clocks.situations import (
    AT_REST,
    BY,
    BY_PROVIDER,
    CATEGORY,
    HOLDER,
    OPEN,
    OWNED,
    PHASE,
    PRIORITY,
    PROVIDER,
    SERVICE,
    SITE,
    TEAM,
    TYPE,
    WAIT,
    WAIT_AT,
    WIDTH,
    WITH_TEAM,
    Column,
)
from helmdesk.clocks.working import NEVER, counted, reached, resumes, wholly_excluded

# The level's column: encoding.py writes it. Caps: -2 the wait is not named, -1 no cap. Targets begin with their number.
METRIC: Final = 0
BINDS: Final = 1
PARTY: Final = 2
UNTIL: Final = 3
ON_CHANGE: Final = 4
ON_HAND_OVER: Final = 5
ON_DECLINE: Final = 6
ON_REOPEN: Final = 7
ON_MERGE: Final = 8
CAPS: Final = 8  # of wait w at CAPS + w
TARGETS: Final = 17
NOT_NAMED: Final = -2
NO_CAP: Final = -1

FIRST: Final = 1
NEXT: Final = 2
UPDATE: Final = 3
RESOLUTION: Final = 4
OWN: Final = 5
HAND_OVER: Final = 6
GIVE_BACK: Final = 7
FOR_REQUESTER: Final = 1
FOR_TEAM: Final = 2
UNTIL_CLOSED: Final = 2
KEEP: Final = 1
CARRY: Final = 2
RESTART: Final = 3

# The clock's state. The second half keeps the first as it was when the ball was last offered to somebody.
ON: Final = 0  # a turn is under way
DUE: Final = 1  # its occasion is there: a turn begins as soon as the party has the ball
DONE: Final = 2
ANSWERED: Final = 3  # the requester had a first response
START: Final = 4
OWN_START: Final = 5  # before time of merged tickets was taken in
USED: Final = 6
TARGET: Final = 7  # -1: none fits, so the turn is not shown
ROW: Final = 8
REACHED: Final = 9  # the earliest instant at which USED was TARGET
COUNT: Final = 10
RESTS: Final = 11  # coming to rest stopped it, so it may go on
MERGED_ON: Final = 12
WROTE: Final = 13
JOINED: Final = 14
CAP_OF: Final = 15
CAP_LEFT: Final = 16
AT: Final = 17
AWAY: Final = 18  # what would have counted since the ball was offered, had it stayed
OFFER: Final = 19
OFFER_AT: Final = 20
HAD: Final = 21
ASKED_AT: Final = 22
HALF: Final = 23

# A turn's row; encoding.py reads it.
T_VERDICT: Final = 0
T_START: Final = 1
T_STOP: Final = 2
T_USED: Final = 3
T_GROSS: Final = 4
T_TARGET: Final = 5
T_SINCE: Final = 6
T_DUE: Final = 7
T_WHY: Final = 8
T_WIDTH: Final = 9

RUNNING: Final = 1
PAUSED: Final = 2
LATE: Final = 3
MET: Final = 4
MISSED: Final = 5
UNJUDGED: Final = 6

JUDGED: Final = 1
UNLESS_LATE: Final = 2  # unjudged, but what was late by then is missed
NEVER_JUDGED: Final = 3

BY_MESSAGE: Final = 1  # by place in turns.WHYS
BY_RESOLVING: Final = 2
BY_CLOSING: Final = 3
BY_ASSIGNING: Final = 4
BY_HANDING: Final = 5
BY_DECLINING: Final = 6
BALL_LEFT: Final = 7
REPLACED: Final = 8
MERGED_AWAY: Final = 9
DECLINED_TURN: Final = 10
EXCLUDED: Final = 11
NO_TARGET: Final = 12


def fresh(s: Column) -> None:
    """The state before the first step."""
    for k in range(2 * HALF):
        s[k] = 0
    s[HAD] = 1
    s[TARGET] = s[ROW] = s[REACHED] = s[CAP_OF] = s[ASKED_AT] = -1


def advance(s: Column, p: Column, sit: Column, i: int, to: int, calendar: Any, excluded: Column) -> None:
    """Counts the time up to an instant, in the situation after step i."""
    start = s[AT]
    s[AT] = to
    if to <= start or (s[ON] == 0 and s[OFFER] == 0):
        return
    runs = s[ON] == 1 and running(p, sit, i)
    if runs or (s[OFFER] == 1 and lent(sit, i)):
        left = cap_left(s, p, sit, i)
        if left == NEVER:
            return
        worked = counted(calendar, excluded, start, to)
        us = max(0, worked - left)
        if left > 0:
            s[CAP_LEFT] = left - (worked - us)
        if s[OFFER] == 1:
            s[AWAY] += us
        if runs:
            missing = s[TARGET] - s[USED]
            if s[TARGET] >= 0 and s[REACHED] < 0 and us >= missing:
                s[REACHED] = reached(calendar, excluded, start, left + missing)
            s[USED] += us


def cap_left(s: Column, p: Column, sit: Column, i: int) -> int:
    """How much more working time the wait of step i holds the clock: 0 none, NEVER as long as it lasts."""
    wait = sit[i * WIDTH + WAIT]
    if wait == 0 or p[CAPS + wait] == NOT_NAMED:
        return 0
    elif p[CAPS + wait] == NO_CAP:
        return NEVER
    if s[CAP_OF] != sit[i * WIDTH + WAIT_AT]:
        s[CAP_OF] = sit[i * WIDTH + WAIT_AT]
        s[CAP_LEFT] = p[CAPS + wait]
    return int(s[CAP_LEFT])


def running(p: Column, sit: Column, i: int) -> bool:
    """Whether the party's time counts after step i, pauses apart."""
    phase = sit[i * WIDTH + PHASE]
    if p[BINDS] == FOR_REQUESTER:
        return bool(phase == OPEN or (phase == AT_REST and p[METRIC] == RESOLUTION and p[UNTIL] == UNTIL_CLOSED))
    else:
        return bool(phase == OPEN and has_ball(p, sit, i))


def has_ball(p: Column, sit: Column, i: int) -> bool:
    """Whether the party bound has the ball after step i; of a requester level, whether any team has."""
    row = i * WIDTH
    if sit[row + HOLDER] != WITH_TEAM:
        return False
    elif p[BINDS] == FOR_REQUESTER:
        return True
    elif p[BINDS] == FOR_TEAM:
        return bool(sit[row + BY] == p[PARTY])
    else:
        return bool(sit[row + BY_PROVIDER] == p[PARTY])


def lent(sit: Column, i: int) -> bool:
    """Whether the ball is with the team that it was offered to."""
    row = i * WIDTH
    return bool(sit[row + PHASE] == OPEN and sit[row + HOLDER] == WITH_TEAM and sit[row + BY] == sit[row + TEAM])


def responsible(p: Column, sit: Column, i: int) -> int:
    """The party responsible after step i, as this level tells parties apart."""
    return int(sit[i * WIDTH + (TEAM if p[BINDS] == FOR_TEAM else PROVIDER)])


def chosen(p: Column, sit: Column, i: int, group: int) -> tuple[int, int]:
    """The first row of targets that fits after step i, and its µs; -1, -1 where none does."""
    row = i * WIDTH
    k = TARGETS + 1
    for target in range(p[TARGETS]):
        within = p[k]
        k += 1
        fits = True
        for what in range(7):
            many = p[k]
            k += 1
            if many > 0:
                if what == 0:
                    value = sit[row + PRIORITY]
                elif what == 1:
                    value = sit[row + SERVICE]
                elif what == 2:
                    value = sit[row + CATEGORY]
                elif what == 3:
                    value = sit[row + SITE]
                elif what == 4:
                    value = sit[row + PROVIDER]
                elif what == 5:
                    value = group
                else:
                    value = sit[row + TYPE]
                found = False
                for j in range(many):
                    found = found or p[k + j] == value
                fits = fits and found
                k += many
        if fits:
            return target, int(within)
    return -1, -1


def begin(s: Column, p: Column, sit: Column, i: int, at: int, group: int) -> None:
    """A turn begins with nothing used and the target of this moment."""
    s[ROW], s[TARGET] = chosen(p, sit, i, group)
    s[ON] = 1
    s[START] = s[OWN_START] = at
    s[USED] = s[JOINED] = s[RESTS] = 0
    s[REACHED] = -1


def stop(s: Column, out: Column, how: int, why: int, excluded: Column) -> None:
    """The turn under way ends now, and is judged as `how` says. One without a target leaves no trace."""
    no_longer_offered(s)
    s[ON] = s[RESTS] = s[WROTE] = 0
    if s[TARGET] < 0:
        return
    if wholly_excluded(excluded, s[START], s[AT]) and how != NEVER_JUDGED:
        verdict, why = UNJUDGED, EXCLUDED
    elif how != NEVER_JUDGED and s[USED] > s[TARGET]:
        verdict = MISSED
    elif how == JUDGED:
        verdict = MET
    else:
        verdict = UNJUDGED
    row = s[COUNT] * T_WIDTH
    out[row + T_VERDICT] = verdict
    out[row + T_START], out[row + T_STOP] = s[START], s[AT]
    out[row + T_USED], out[row + T_GROSS], out[row + T_TARGET] = s[USED], s[AT] - s[START], s[TARGET]
    out[row + T_SINCE] = -1
    out[row + T_DUE] = s[REACHED] if verdict == MISSED else -1
    out[row + T_WHY] = why
    s[COUNT] += 1
    s[WROTE] = 1


def no_longer_offered(s: Column) -> None:
    """Something happened to the turn after the ball was offered, so that declining cannot undo the offer any more."""
    if s[AT] > s[OFFER_AT]:
        s[OFFER] = 0


def goes_on(s: Column) -> None:
    """The turn that was stopped last is under way again."""
    s[ON] = 1
    s[RESTS] = 0
    s[COUNT] -= s[WROTE]


def restart(s: Column, p: Column, out: Column, excluded: Column) -> None:
    """The turn under way is replaced; the next begins with the end of this instant."""
    if s[ON] == 1:
        stop(s, out, UNLESS_LATE, REPLACED, excluded)
        if p[METRIC] == GIVE_BACK:
            s[DUE] = 1


def retarget(s: Column, p: Column, sit: Column, i: int, group: int, out: Column, excluded: Column) -> None:
    """The target is chosen again, and the time used counts."""
    row, within = chosen(p, sit, i, group)
    if s[ON] == 0 or row == s[ROW]:
        return
    elif row < 0:
        stop(s, out, NEVER_JUDGED, NO_TARGET, excluded)
    else:
        no_longer_offered(s)
        s[ROW], s[TARGET] = row, within
        s[REACHED] = s[AT] if s[USED] >= within else -1


def wanted(s: Column, p: Column, sit: Column, i: int) -> bool:
    """Whether a turn is due after step i and the party can be held to it. GIVE_BACK has its own: ended()."""
    phase = sit[i * WIDTH + PHASE]
    at_rest = phase == AT_REST and p[METRIC] == RESOLUTION and p[UNTIL] == UNTIL_CLOSED and p[BINDS] == FOR_REQUESTER
    if s[DONE] == 1 or (phase != OPEN and not at_rest):
        return False
    elif p[METRIC] == OWN:
        return bool(has_ball(p, sit, i) and sit[i * WIDTH + OWNED] == 0)
    elif p[METRIC] == HAND_OVER:
        return bool(responsible(p, sit, i) == p[PARTY])
    elif p[METRIC] == GIVE_BACK:
        return False
    else:
        return bool(s[DUE] == 1 and (p[BINDS] == FOR_REQUESTER or has_ball(p, sit, i)))


def ready(s: Column, p: Column, sit: Column, i: int, group: int) -> None:
    """Before what stops a turn in the very instant of its occasion: a turn of no length."""
    if i >= 0 and s[ON] == 0 and p[METRIC] != UPDATE and wanted(s, p, sit, i):
        begin(s, p, sit, i, s[AT], group)


def ended(s: Column, p: Column, sit: Column, i: int, group: int, out: Column, excluded: Column) -> None:
    """All steps of this instant are told."""
    phase = sit[i * WIDTH + PHASE]
    holds = phase == OPEN and has_ball(p, sit, i)
    if p[METRIC] == GIVE_BACK:
        if s[ON] == 1 and not holds:
            stop(s, out, JUDGED, BALL_LEFT, excluded)
        elif s[ON] == 0 and holds and s[DONE] == 0 and (s[HAD] == 0 or s[DUE] == 1):
            begin(s, p, sit, i, s[AT], group)
        s[DUE] = 0
    elif s[ON] == 0 and wanted(s, p, sit, i):
        begin(s, p, sit, i, s[AT], group)
    s[HAD] = 1 if holds or phase != OPEN else 0


def still_open(s: Column, p: Column, sit: Column, i: int, out: Column, calendar: Any, excluded: Column) -> None:
    """The row of a turn that nothing has stopped by now."""
    now = s[AT]
    since, paused = -1, True
    if running(p, sit, i):
        left = cap_left(s, p, sit, i)
        if left != NEVER:
            since = resumes(excluded, reached(calendar, excluded, now, left) if left > 0 else now)
        since = -1 if since == NEVER else since
        paused = since != now
    over = s[USED] > s[TARGET]
    due = s[REACHED]
    if since >= 0 and not over and due < 0:
        due = reached(calendar, excluded, since, s[TARGET] - s[USED])
    row = s[COUNT] * T_WIDTH
    out[row + T_VERDICT] = LATE if over else PAUSED if paused else RUNNING
    out[row + T_START], out[row + T_STOP] = s[START], -1
    out[row + T_USED], out[row + T_GROSS], out[row + T_TARGET] = s[USED], now - s[START], s[TARGET]
    out[row + T_SINCE] = since
    out[row + T_DUE] = due if due != NEVER and (over or since >= 0) else -1
    out[row + T_WHY] = 0
    s[COUNT] += 1
