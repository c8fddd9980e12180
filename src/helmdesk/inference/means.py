"""A mean and how sure it is, by Student's t: for means of many values, which lean little on how the values lie."""

from collections.abc import Iterable
from math import atan, cos, fsum, pi, sin, sqrt
from statistics import NormalDist
from typing import Final

from helmdesk.inference.proportions import Interval
from helmdesk.inference.quantiles import Estimate

EXACT_UP_TO: Final = 500


def mean(values: Iterable[float], level: float = 0.95) -> Estimate | None:
    """The mean with Student's interval (Student 1908, Biometrika 6:1-25), in the unit of the values; None of nothing.

    With one value there is no interval. Working times are skewed: under some thirty values read the percentiles.
    """
    found = list(values)
    n = len(found)
    if n == 0:
        return None
    middle = fsum(found) / n
    if n == 1:
        return Estimate(middle, None, 1)
    spread = sqrt(fsum((value - middle) ** 2 for value in found) / (n - 1) / n)
    half = t_quantile(level, n - 1) * spread
    return Estimate(middle, Interval(middle - half, middle + half), n)


def t_quantile(level: float, freedom: int) -> float:
    """The two-sided quantile of Student's t: 2.2281 for 0.95 and 10 degrees of freedom."""
    if freedom < 1 or not 0 < level < 1:
        raise ValueError(f"freedom {freedom} must be 1 or more, and level {level} between 0 and 1")
    low, high = 0.0, 1.0
    while _within(high, freedom) < level:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """The chance that |T| < t: the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4, and 26.7.8 beyond them."""
    if freedom > EXACT_UP_TO:
        close = t * (1 - 1 / (4 * freedom)) / sqrt(1 + t * t / (2 * freedom))
        return 2 * NormalDist().cdf(close) - 1
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    total = 0.0 if freedom == 1 else term
    for step in range(2 + odd, freedom - 1, 2):
        term *= cos(angle) ** 2 * (step - 1) / step
        total += term
    return (angle + sin(angle) * total) * 2 / pi if odd else sin(angle) * total
