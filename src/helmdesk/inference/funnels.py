"""Funnels: how far a share may lie from the common one by chance alone, by how many tickets it stands on."""

from helmdesk.inference.counts import at_most, smallest_beyond
from helmdesk.inference.proportions import Interval


def funnel(share: float, n: int, level: float = 0.95) -> Interval:
    """The limits within which a share of `n` lies by chance when the true one is `share`; 0.998 for the outer funnel.

    Exact binomial limits with interpolation: Spiegelhalter 2005, Stat Med 24:1185-1202, appendix A.1.1.
    """
    if not 0 <= share <= 1 or n < 1:
        raise ValueError(f"share {share} must be between 0 and 1, and n {n} at least 1")
    tail = (1 - level) / 2
    return Interval(_limit(tail, share, n), _limit(1 - tail, share, n))


def _limit(tail: float, share: float, n: int) -> float:
    if share in (0.0, 1.0):
        return share
    count = smallest_beyond(tail, n, share)
    chance, below = at_most(count, n, share), at_most(count - 1, n, share)
    part = (chance - tail) / (chance - below)
    return min(1.0, max(0.0, (count - part) / n))
