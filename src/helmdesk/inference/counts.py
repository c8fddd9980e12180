"""How counts vary by chance: the binomial distribution, exactly while it is cheap, else by the normal one."""

from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

EXACT_UP_TO: Final = 2000


def at_most(k: int, n: int, share: float) -> float:
    """The chance of at most `k` of `n`, each with the chance `share` (0 to 1)."""
    if k < 0:
        return 0.0
    elif k >= n:
        return 1.0
    elif share in (0.0, 1.0):
        return 1.0 if share == 0.0 else 0.0
    elif n > EXACT_UP_TO:
        return NormalDist(n * share, sqrt(n * share * (1 - share))).cdf(k + 0.5)
    return min(1.0, sum(exp(_log_chance(i, n, share)) for i in range(k + 1)))


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
