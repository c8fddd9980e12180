"""A turn told span by span: who had the ball, how much of it was open time, how much counted, and why not the rest.

The sums are those of the clock itself, asked at every instant that matters: the walk over the steps so far says what
was used by then. So the last sum is the turn's `used`, whatever the options of its level.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from helmdesk.clocks.levels import Binds, Level
from helmdesk.clocks.steps import Exclusion, Steps
from helmdesk.clocks.ticket import Holding, holdings, turns
from helmdesk.clocks.turns import Elapses, Turn

COUNTS: Final = "counts"
CLOSED: Final = "closed"
PAUSED: Final = "paused"
ELSEWHERE: Final = "elsewhere"
EXCLUDED: Final = "excluded"
AT_REST: Final = "at_rest"
NOT_YET: Final = "not_yet"
MOVED: Final = "moved"


class Line(msgspec.Struct, frozen=True):
    """From `start` to before `end`, µs: `open` is the calendar's open time, `counted` what the clock took of it.

    `sum` is what was used at the end. `why` says why it counts, or why not. A line without length whose `why` is MOVED
    is what an event alone added or took away (a hand-over declined, a merge, a target that came to fit).
    """

    start: int
    end: int
    holding: Holding | None
    open: int
    counted: int
    sum: int
    why: str
    exclusion: Exclusion | None = None
    capped: bool = False


class Clocked(msgspec.Struct, frozen=True):
    """What a clock was walked with, and which of the turns that came out it is (`nth`, from 0)."""

    steps: Steps
    level: Level
    calendar: Elapses
    provider_of: Mapping[int, int]
    group: int | None
    nth: int


def account(clocked: Clocked, turn: Turn, *, now: int, cuts: Iterable[int] = ()) -> list[Line]:
    """The lines of a turn, without gap from its start to its stop or `now`; cut at `cuts` too (midnights)."""
    end = now if turn.stop is None else turn.stop
    asked = _Asked(clocked)
    lines: list[Line] = []
    held = holdings(clocked.steps)
    marks = _marks(clocked, held, turn.start, end, cuts)
    for a, b in pairwise([*marks, end]):
        lines += _moved(asked, held, a)
        if a < b:
            lines += _between(clocked, asked, held, a, b)
    if end not in marks:
        lines += _moved(asked, held, end)
    return list(_after_caps(lines))


def _after_caps(lines: Iterable[Line]) -> Iterator[Line]:
    """A night after the longest pause for a wait is off duty, and no longer a pause."""
    over: Holding | None = None
    for line in lines:
        if line.capped:
            over = line.holding
        closed = line.why == PAUSED and not line.open and over is not None and line.holding == over
        yield msgspec.structs.replace(line, why=CLOSED) if closed else line


def merged(lines: Iterable[Line], *, days: Container[int] = ()) -> list[Line]:
    """Neighbours of one party for one reason as one line; what counts on two days (cut at `days`) stays two."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and _alike(last, line) and (line.why != COUNTS or line.start not in days):
            joined[-1] = msgspec.structs.replace(
                last, end=line.end, open=last.open + line.open, counted=last.counted + line.counted, sum=line.sum
            )
        else:
            joined.append(line)
    return joined


def _alike(one: Line, other: Line) -> bool:
    same = (one.why, one.exclusion, one.capped) == (other.why, other.exclusion, other.capped)
    return same and one.why != MOVED and _whose(one) == _whose(other)


def _whose(line: Line) -> tuple[object, ...]:
    held = line.holding
    return () if held is None else (held.party_kind, held.party, held.wait, held.overruled)


class _Asked:
    """What the clock had used at an instant: before the steps of that instant, or after them."""

    def __init__(self, clocked: Clocked) -> None:
        self.clocked = clocked
        self.known: dict[tuple[int, int], int] = {}

    def before(self, at: int) -> int:
        return self._used(bisect_left(self.clocked.steps.at, at), at)

    def after(self, at: int) -> int:
        return self._used(bisect_right(self.clocked.steps.at, at), at)

    def _used(self, count: int, at: int) -> int:
        if (count, at) not in self.known:
            told = self.clocked
            found = turns(
                _first(told.steps, count), [(told.level, told.calendar)], provider_of=told.provider_of,
                group=told.group, now=at,
            )  # fmt: skip
            self.known[count, at] = found[told.nth].used if told.nth < len(found) else 0
        return self.known[count, at]


def _first(steps: Steps, count: int) -> Steps:
    return Steps(
        steps.at[:count], steps.kind[:count], steps.a[:count], steps.b[:count], steps.c[:count], steps.exclusions
    )


def _marks(clocked: Clocked, held: Sequence[Holding], start: int, end: int, cuts: Iterable[int]) -> list[int]:
    """Every instant at which something may change, in order, the start first."""
    excluded = [at for one in clocked.steps.exclusions for at in (one.start, one.end)]
    marks = {start, *clocked.steps.at, *(one.start for one in held), *excluded, *cuts}
    return sorted(at for at in marks if start <= at < end) or [start]


def _moved(asked: _Asked, held: Sequence[Holding], at: int) -> Iterator[Line]:
    before, after = asked.before(at), asked.after(at)
    if before != after:
        yield Line(at, at, _holding_at(held, at), 0, after - before, after, MOVED)


def _between(clocked: Clocked, asked: _Asked, held: Sequence[Holding], a: int, b: int) -> Iterator[Line]:
    """One situation: nothing of it counts, or all, or what is left when the cap of a wait is used up."""
    used, later = asked.after(a), asked.before(b)
    opened, counted = clocked.calendar.elapsed(a, b), later - used
    holding = _holding_at(held, a)
    if 0 < counted < opened:
        paused = opened - counted
        turned = clocked.calendar.add(a, paused)
        yield Line(a, turned, holding, paused, 0, used, PAUSED)
        yield Line(turned, b, holding, counted, counted, later, COUNTS, capped=True)
    else:
        exclusion = _exclusion_at(clocked.steps.exclusions, a)
        why = _why(clocked, holding, exclusion, opened, counted)
        capped = why == COUNTS and holding is not None and holding.wait in _named(clocked.level)
        yield Line(a, b, holding, opened, counted, later, why, exclusion, capped)


def _why(clocked: Clocked, holding: Holding | None, exclusion: Exclusion | None, opened: int, counted: int) -> str:
    if counted:
        return COUNTS
    elif exclusion is not None:
        return EXCLUDED
    elif holding is None or holding.party_kind == "rest":
        return AT_REST
    elif not _bound(clocked, holding):
        return ELSEWHERE
    elif holding.wait in _named(clocked.level):
        return PAUSED
    else:
        return NOT_YET if opened else CLOSED


def _named(level: Level) -> frozenset[str]:
    return frozenset(pause.wait for pause in level.pauses)


def _bound(clocked: Clocked, holding: Holding) -> bool:
    """Whether the level's party has the ball; a promise to the requester runs whoever has it."""
    level = clocked.level
    if level.binds == Binds.REQUESTER:
        return True
    elif holding.party_kind != "team" or holding.party is None:
        return False
    elif level.binds == Binds.TEAM:
        return holding.party == level.party
    return clocked.provider_of.get(holding.party) == level.party


def _holding_at(held: Sequence[Holding], at: int) -> Holding | None:
    return next((one for one in reversed(held) if one.start <= at and (one.end is None or at < one.end)), None)


def _exclusion_at(exclusions: Sequence[Exclusion], at: int) -> Exclusion | None:
    return next((one for one in exclusions if one.start <= at < one.end), None)
