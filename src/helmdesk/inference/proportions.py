"""Shares and how sure they are: the Wilson interval, and Newcombe's for a difference of two shares."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, at the stated level; in the unit of the figure that it belongs to."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def wilson(met: int, n: int, level: float = 0.95) -> Interval:
    """The score interval of the share `met / n`, between 0 and 1; of nothing, the whole of 0 to 1.

    Wilson 1927, JASA 22:209-212; recommended for small numbers by Brown, Cai and DasGupta 2001, Stat Sci 16:101-133.
    Raises ValueError when not 0 <= met <= n, or the level is not between 0 and 1.
    """
    if not 0 <= met <= n:
        raise ValueError(f"met must be from 0 to n={n}, and is {met}: count again")
    if n == 0:
        return Interval(0.0, 1.0)
    z = quantile_for(level)
    share, spread = met / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / n + spread / n / 4) / (1 + spread)
    return Interval(0.0 if met == 0 else max(0.0, centre - half), 1.0 if met == n else min(1.0, centre + half))


def newcombe(met: tuple[int, int], n: tuple[int, int], level: float = 0.95) -> Interval:
    """The interval of the difference `met[0]/n[0] - met[1]/n[1]`, between -1 and 1; of nothing, the whole of it.

    Newcombe 1998, Stat Med 17:873-890, method 10: the two Wilson intervals, squared and added.
    """
    if 0 in n:
        return Interval(-1.0, 1.0)
    first, second = wilson(met[0], n[0], level), wilson(met[1], n[1], level)
    one, other = met[0] / n[0], met[1] / n[1]
    below = sqrt((one - first.low) ** 2 + (second.high - other) ** 2)
    above = sqrt((first.high - one) ** 2 + (other - second.low) ** 2)
    return Interval(max(-1.0, one - other - below), min(1.0, one - other + above))


def quantile_for(level: float) -> float:
    """The two-sided normal quantile: 1.959964 for 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, and is {level}: give 0.95 for 95 %")
    return NormalDist().inv_cdf((1 + level) / 2)
