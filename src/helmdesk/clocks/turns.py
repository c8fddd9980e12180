"""What a clock says: one turn of one level on one ticket."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Protocol

import msgspec


class Verdict(IntEnum):
    """RUNNING, PAUSED (nobody's time is counted just now) and LATE (over its target and not stopped) are still open."""

    RUNNING = 1
    PAUSED = 2
    LATE = 3
    MET = 4
    MISSED = 5
    UNJUDGED = 6


class Turn(msgspec.Struct, frozen=True):
    """One turn of a level, judged as of an instant. Instants and durations are integer µs.

    `used` is the time that counts up to `stop`, or up to the instant of judging, in the level's calendar; `gross` is
    all time from start to then. `target` is the one in force last. `since` is from when more is added to `used`: the
    instant of judging where time counts just now; later, where a cap or an exclusion ends by itself (PAUSED); None
    where something must happen first. `due` is when the target is used up if nothing interrupts (None where `since`
    is, or where the calendar has not so much open time any more); of LATE and MISSED it is the instant of the miss.
    `why` says what stopped the turn, by kind of event, or why it is unjudged (WHYS).
    """

    level: str
    n: int
    verdict: Verdict
    start: int
    stop: int | None
    used: int
    gross: int
    target: int
    since: int | None = None
    due: int | None = None
    why: str | None = None


WHYS: Final = (
    None, "message.added", "resolved", "closed", "assigned", "handed_over", "hand_over.declined", "ball.left",
    "replaced", "merged", "declined", "excluded", "no_target",
)  # fmt: skip
"""What stops a turn, by the numbers of running.py; from "replaced" on nothing is judged, unless it was late by then."""


class Elapses(Protocol):
    """A working calendar, as `worktime.calendar.Calendar` is one: integer µs."""

    def elapsed(self, a: int, b: int) -> int: ...

    def add(self, a: int, us: int) -> int: ...


def reaches(turn: Turn, calendar: Elapses, share: float) -> int | None:
    """When an open turn will have used this share of its target if nothing interrupts; None where it is not known.

    Where it has used that much already, the instant of judging or later is meaningless, and so None as well.
    """
    left = round(turn.target * share) - turn.used
    if turn.since is None or turn.stop is not None or left <= 0:
        return None
    try:
        return calendar.add(turn.since, left)
    except ValueError:
        return None
