"""The ribbon's geometry: stretches of a ticket's life and instants on it as places on a band, in percent of its width.

Pure: instants are µs, nothing is read. The past runs evenly from the opening to now; what lies ahead has the rest of
the width, evenly too, so that a far date does not squeeze what happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LEAST_PIXELS: Final = 1.5
MOST_HATCHES: Final = 60
MORNING: Final = 4 * 3_600_000_000
DAY: Final = 6 * MORNING
LEAST_PAST, MOST_PAST = 40.0, 90.0

type Stretch = tuple[int, int]
"""From an instant to before another."""
type Place = tuple[float, float]
"""Where a stretch lies: from the left, and how wide; percent."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where instants lie: `start` at 0, `now` at `past` percent, `until` at 100."""

    start: int
    now: int
    until: int
    past: float

    def x(self, at: int) -> float:
        if at <= self.now:
            share = (max(at, self.start) - self.start) / max(self.now - self.start, 1)
            return round(share * self.past, 2)
        share = (min(at, self.until) - self.now) / max(self.until - self.now, 1)
        return round(self.past + share * (100 - self.past), 2)

    def place(self, stretch: Stretch) -> Place:
        left = self.x(stretch[0])
        return left, round(self.x(stretch[1]) - left, 2)


def scale(start: int, now: int, ahead: Iterable[int] = ()) -> Scale:
    """A scale on which everything ahead has its place, the last of it shortly before the end."""
    last = max((at for at in ahead if at > now), default=now)
    if last == now:
        return Scale(start, now, now, 100.0)
    until = last + (last - start) // 25
    past = 100 * (now - start) / max(until - start, 1)
    return Scale(start, now, until, round(min(max(past, LEAST_PAST), MOST_PAST), 2))


def closed(start: int, end: int, opened: Sequence[Stretch]) -> list[Stretch]:
    """What lies between the open spans, from start to end."""
    found, since = [], start
    for begins, ends in opened:
        if since < begins:
            found.append((since, begins))
        since = max(since, ends)
    return [*found, (since, end)] if since < end else found


def hatches(offs: Iterable[Stretch], drawn: Scale, *, pixels: int) -> list[Place]:
    """Where a band so wide is hatched: what is too narrow to be seen is left out, what nearly touches is one.

    Of a life of months only days off are left, of one of years nothing: so there are about MOST_HATCHES at most.
    """
    life = max(drawn.now - drawn.start, 1)
    least = max(life * LEAST_PIXELS * 100 / (pixels * drawn.past), life / (2 * MOST_HATCHES))
    shortest = least if least <= MORNING else max(least, DAY)
    seen = [one for one in _joined(offs, 1) if one[1] - one[0] >= shortest]
    return [drawn.place(one) for one in _joined(seen, least)]


def _joined(stretches: Iterable[Stretch], nearer: float) -> list[Stretch]:
    joined: list[Stretch] = []
    for begins, ends in stretches:
        if joined and begins - joined[-1][1] < nearer:
            joined[-1] = joined[-1][0], ends
        else:
            joined.append((begins, ends))
    return joined


def apart(labels: Sequence[Place]) -> list[int]:
    """Which row each label has (0, 1, ...) so that none touches another; given by where each begins, in order."""
    ends: list[float] = []
    rows = []
    for x, width in labels:
        row = next((n for n, end in enumerate(ends) if x > end), len(ends))
        ends[row : row + 1] = [x + width]
        rows.append(row)
    return rows
