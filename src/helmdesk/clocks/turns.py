"""What a clock says: one turn of one level on one ticket."""

from __future__ import annotations

from enum import IntEnum

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

    `used` is the time that counts, in the level's calendar; `gross` is all time from start to stop (or to now).
    `target` is the one in force last. `since` is from when `used` runs on (RUNNING, LATE) or None. `due` is when the
    target is used up if nothing interrupts (RUNNING), or was (LATE, MISSED: the instant of the miss); None while
    paused or unjudged before it. `why` says what stopped it, by event kind, or why it is unjudged ("replaced",
    "merged", "declined", "excluded", "no_target").
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
