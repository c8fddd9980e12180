"""Percentiles, and how sure they are: by the order of the values alone, whatever their distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from helmdesk.inference.counts import smallest_beyond
from helmdesk.inference.proportions import Interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from `n` values, in their unit; no interval where there are too few for one."""

    value: float
    interval: Interval | None
    n: int


def percentile(ordered: Sequence[float], p: float, level: float = 0.95) -> Estimate | None:
    """The p-th percentile (0 to 100) of values in ascending order, with its interval; None of nothing.

    Between two values it lies in proportion (Hyndman and Fan 1996, Am Stat 50:361-365, type 7). The interval runs from
    one value to another (Conover 1999, Practical Nonparametric Statistics, 3.2): they hold it between them at least
    as surely as `level`; None when no two values do.
    """
    if not 0 <= p <= 100:
        raise ValueError(f"p must be between 0 and 100, and is {p}: give 90 for the 90th percentile")
    n = len(ordered)
    if n == 0:
        return None
    place = (n - 1) * p / 100
    below = int(place)
    above = min(below + 1, n - 1)
    value = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    found = _held_between(n, p / 100, level)
    return Estimate(value, None if found is None else Interval(ordered[found[0]], ordered[found[1]]), n)


def _held_between(n: int, share: float, level: float) -> tuple[int, int] | None:
    """The places (from 0) of the two values that hold the percentile between them, or None."""
    tail = (1 - level) / 2
    low = smallest_beyond(tail, n, share) - 1
    high = smallest_beyond(1 - tail - 1e-12, n, share)
    return (low, high) if low >= 0 and high <= n - 1 else None


def fewest(p: float, level: float = 0.95) -> int:
    """How many values it takes before the p-th percentile has an interval at all: 6 for the median, 36 for the 90th."""
    n = max(2, ceil(1 / (1 - level)) // 10)
    while _held_between(n, p / 100, level) is None:
        n += 1
    return n
