"""How counts vary by chance: the binomial distribution, exactly while it is cheap, else by the normal one."""

from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

EXACT_UP_TO: Final = 20_000
NOTHING: Final = 1e-18


def at_most(k: int, n: int, share: float) -> float:
    """The chance of at most `k` of `n`, each with the chance `share` (0 to 1)."""
    if k < 0:
        return 0.0
    elif k >= n:
        return 1.0
    elif min(share, 1 - share) < NOTHING or 1 - share in (0.0, 1.0):
        return 1.0 if share < 0.5 else 0.0
    elif n > EXACT_UP_TO:
        return NormalDist(n * share, sqrt(n * share * (1 - share))).cdf(k + 0.5)
    elif k > n * share:
        return 1.0 - _tail(n - k - 1, n, 1 - share)
    return _tail(k, n, share)


def _tail(k: int, n: int, share: float) -> float:
    """P(at most k) for k up to the mean: summed downward from k, until what is added no longer matters."""
    term = total = exp(_log_chance(k, n, share))
    odds = (1 - share) / share
    while k > 0 and term > NOTHING * total:
        term *= odds * k / (n - k + 1)
        total += term
        k -= 1
    return min(1.0, total)


def smallest_beyond(tail: float, n: int, share: float) -> int:
    """The smallest count r with P(at most r) > `tail`."""
    low, high = -1, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at_most(middle, n, share) > tail else (middle, high)
    return high


def _log_chance(k: int, n: int, share: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return ways + k * log(share) + (n - k) * log1p(-share)
