"""Random durations by inversion of whole numbers: a table of quantiles, straight lines between them.

A drawn word of 32 bits is the place in the distribution. Cells are 256 to the median; above it 32 to each halving of
the tail, as far as one in 2**31, so that the tail is as finely drawn as the middle. Against an exponential distribution
the mean is 0.01 % too large. Any quantile function will do: a formula, or the times that a history shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from math import exp, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from helmdesk.engine.compiling import inlined
from helmdesk.engine.table import Column

MIDDLE: Final = 2**31
LOWER_SHIFT: Final = 23
LOWER: Final = MIDDLE >> LOWER_SHIFT
PER_HALVING_BITS: Final = 5
PER_HALVING: Final = 2**PER_HALVING_BITS
HALVINGS: Final = 31 - PER_HALVING_BITS
FINE_ENOUGH: Final = 16
"""Bits of the place within a cell: with more, a cell of months would not fit the product into int64."""
KNOTS: Final = LOWER + PER_HALVING * HALVINGS + PER_HALVING + 1
"""The last halvings, with less than one word to a cell, are PER_HALVING single words."""


def places() -> list[int]:
    """Where, of 2**32, each knot lies."""
    lower = [n << LOWER_SHIFT for n in range(LOWER)]
    upper = []
    for halving in range(HALVINGS):
        top = MIDDLE >> halving
        upper += [2**32 - top + n * (top >> 1 >> PER_HALVING_BITS) for n in range(PER_HALVING)]
    rest = MIDDLE >> HALVINGS
    upper += [2**32 - rest + n for n in range(rest)]
    return [*lower, *upper, 2**32]


def knots(quantile: Callable[[float], float]) -> Column:
    """The quantile function at each place, whole µs, never falling. The last cell ends at half a word from 1."""
    table = [quantile(min(place / 2**32, 1 - 2**-33)) for place in places()]
    return np.maximum.accumulate(np.round(np.array(table)).astype(np.int64))


@inlined
def drawn(table: Column, word: int) -> int:
    """The duration at a word of 32 bits."""
    if word < MIDDLE:
        cell, shift = word >> LOWER_SHIFT, LOWER_SHIFT
        rest = word & (2**LOWER_SHIFT - 1)
    else:
        tail = 2**32 - 1 - word
        bit = 0
        shift = 31 - 1 - PER_HALVING_BITS
        while bit < HALVINGS and tail < (MIDDLE >> 1 >> bit):
            bit += 1
            shift -= 1
        if bit == HALVINGS:
            return int(table[KNOTS - 2 - tail])
        inside = word - (2**32 - (MIDDLE >> bit))
        cell = LOWER + bit * PER_HALVING + (inside >> shift)
        rest = inside & ((1 << shift) - 1)
    if shift > FINE_ENOUGH:
        rest, shift = rest >> (shift - FINE_ENOUGH), FINE_ENOUGH
    return int(table[cell] + (((table[cell + 1] - table[cell]) * rest) >> shift))


def fixed(us: int) -> Column:
    """Always the same."""
    return knots(lambda _: us)


def exponential(mean: float) -> Column:
    """Memoryless, of that mean in µs."""
    return knots(lambda place: -mean * log1p(-place))


def log_normal(mean: float, variation: float) -> Column:
    """Log-normal, of that mean in µs and standard deviation by mean."""
    spread = sqrt(log1p(variation**2))
    middle = log(mean) - spread**2 / 2
    normal = NormalDist()
    return knots(lambda place: exp(middle + spread * normal.inv_cdf(place)) if place > 0 else 0.0)


def observed(times: Iterable[int]) -> Column:
    """As a history shows: straight lines between its times in order."""
    ordered = sorted(times)
    if not ordered:
        raise ValueError("times: none. Give at least one.")
    points = [(n / max(1, len(ordered) - 1), time) for n, time in enumerate(ordered)]
    spots, heights = [spot for spot, _ in points], [height for _, height in points]
    return knots(lambda place: float(np.interp(place, spots, heights)))


def mean(table: Column) -> float:
    """The mean of what is drawn from a table, in µs."""
    widths = np.array([after - before for before, after in pairwise(places())], dtype=float)
    return float(np.sum((table[1:] + table[:-1]) / 2 * widths) / 2**32)
