"""Comparing on like tickets: shares and means of one side and the others, weighed so that both have the same mix.

A stratum is any key: here service x category x priority. Selection beyond the strata is not undone by this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from helmdesk.inference.proportions import Interval, quantile_for

ENOUGH: Final = 5
LITTLE_OVERLAP: Final = 0.5


@dataclass(frozen=True, slots=True)
class Cell:
    """What one side has in one stratum: n values, their sum, and the sum of their squares (of 0 and 1: met)."""

    n: int
    total: float
    squares: float

    @staticmethod
    def of_counts(met: int, n: int) -> "Cell":
        return Cell(n, met, met)

    @property
    def mean(self) -> float:
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Of the mean. One value says nothing about it, so the binomial or zero spread of a single one is not used."""
        if self.n < 2:
            return 0.0
        return max(0.0, self.squares - self.n * self.mean**2) / (self.n - 1) / self.n


type Strata = Mapping[Any, Cell]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A figure as it would be with the common mix, and as it is (`crude`); n values in the strata used."""

    value: float
    interval: Interval
    crude: float
    n: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One side against the others on like tickets. `overlap` is the share of its tickets that have their like there.

    None for the adjusted figures where no stratum has tickets of both.
    """

    this: Adjusted | None
    others: Adjusted | None
    difference: Interval | None
    overlap: float
    strata: int

    @property
    def hardly_overlaps(self) -> bool:
        """Whether most of this side's tickets have too few of their like on the other: then nothing is proven."""
        return self.this is None or self.overlap < LITTLE_OVERLAP


def compared(this: Strata, others: Strata, level: float = 0.95) -> Compared:
    """Direct standardisation of both sides to the mix that they have together, over the strata where both have tickets.

    value = Σ w·mean, variance = Σ w²·variance, w the stratum's share of all tickets in those strata (Breslow and Day
    1987, Statistical Methods in Cancer Research II, IARC 82, section 2.3; Kitagawa 1955, JASA 50:1168-1194).
    """
    common = [key for key in this if key in others and this[key].n and others[key].n]
    weight = {key: this[key].n + others[key].n for key in common}
    overlap = overlap_of(this, others)
    if not common:
        return Compared(None, None, None, overlap, 0)
    mine, theirs = (direct({k: side[k] for k in common}, weight, level) for side in (this, others))
    half = quantile_for(level) * sqrt(_spread(mine, level) ** 2 + _spread(theirs, level) ** 2)
    apart = mine.value - theirs.value
    return Compared(mine, theirs, Interval(apart - half, apart + half), overlap, len(common))


def direct(side: Strata, weight: Mapping[Any, float], level: float = 0.95) -> Adjusted:
    """One side's figure with the mix `weight` (any unit); every stratum of weight must have values."""
    total = sum(weight.values())
    value = sum(share / total * side[key].mean for key, share in weight.items())
    variance = sum((share / total) ** 2 * side[key].variance for key, share in weight.items())
    n = sum(side[key].n for key in weight)
    half = quantile_for(level) * sqrt(variance)
    return Adjusted(value, Interval(value - half, value + half), sum(side[k].total for k in weight) / n, n)


def overlap_of(this: Strata, others: Strata, enough: int = ENOUGH) -> float:
    """The share of this side's tickets in strata where the others have at least `enough`; 0 of nothing."""
    n = sum(cell.n for cell in this.values())
    met = sum(cell.n for key, cell in this.items() if key in others and others[key].n >= enough)
    return met / n if n else 0.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """How often something happened, against how often it would have with the others' rates: 1 is the same."""

    observed: int
    expected: float
    ratio: float
    interval: Interval


def indirect(this: Mapping[Any, tuple[int, int]], others: Mapping[Any, tuple[int, int]],
             level: float = 0.95) -> Ratio | None:  # fmt: skip
    """Indirect standardisation: (happened, n) a stratum; None where nothing was to be expected.

    The interval is Byar's approximation to the exact Poisson limits (Breslow and Day 1987, section 2.3, eq. 2.13).
    """
    common = [key for key in this if others.get(key, (0, 0))[1]]
    expected = sum(this[key][1] * others[key][0] / others[key][1] for key in common)
    if not expected:
        return None
    observed = sum(this[key][0] for key in common)
    limits = byar(observed, level)
    return Ratio(observed, expected, observed / expected, Interval(limits.low / expected, limits.high / expected))


def byar(observed: int, level: float = 0.95) -> Interval:
    """The limits of a Poisson mean of which `observed` were seen."""
    z = quantile_for(level)
    low = 0.0 if observed == 0 else observed * (1 - 1 / (9 * observed) - z / (3 * sqrt(observed))) ** 3
    more = observed + 1
    return Interval(low, more * (1 - 1 / (9 * more) + z / (3 * sqrt(more))) ** 3)


def _spread(adjusted: Adjusted, level: float) -> float:
    return (adjusted.interval.high - adjusted.value) / quantile_for(level)
