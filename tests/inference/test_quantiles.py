"""A percentile is told with the two values that hold it between them, and not told at all from too few."""

import random
from bisect import bisect_left

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.inference.counts import at_most, smallest_beyond
from helmdesk.inference.proportions import Interval
from helmdesk.inference.quantiles import Estimate, fewest, percentile

# Ranks (from 1) that hold the median at 95 %: Conover 1999, table A3; Hahn and Meeker 1991, table A.14.
RANKS_OF_THE_MEDIAN = [(6, 1, 6), (10, 2, 9), (20, 6, 15), (25, 8, 18), (100, 40, 61)]


@pytest.mark.parametrize(("n", "low", "high"), RANKS_OF_THE_MEDIAN)
def test_the_median_lies_between_the_published_ranks(n: int, low: int, high: int) -> None:
    ranks = range(1, n + 1)
    assert percentile(ranks, 50) == Estimate((n + 1) / 2, Interval(low, high), n)


def test_between_two_values_a_percentile_lies_in_proportion() -> None:
    assert percentile([10, 20, 30, 40], 90) == Estimate(37.0, None, 4)
    assert percentile([7], 90) == Estimate(7, None, 1)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 50) is None


@pytest.mark.parametrize(("p", "n"), [(50, 6), (90, 36)])
def test_it_takes_so_many_values_before_an_interval_can_be_given(p: float, n: int) -> None:
    found = {size: percentile(range(size), p) for size in (n - 1, n)}
    assert [one is not None and one.interval is not None for one in found.values()] == [False, True]
    assert fewest(p) == n


def test_a_share_in_place_of_a_percentile_is_refused() -> None:
    with pytest.raises(ValueError, match="give 90"):
        percentile([1, 2], 101)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200), st.floats(0, 100))
def test_a_percentile_grows_with_p_and_stays_among_the_values(values: list[int], p: float) -> None:
    ordered = sorted(values)
    found, more = percentile(ordered, p), percentile(ordered, min(100, p + 5))
    assert found is not None
    assert more is not None
    assert ordered[0] <= found.value <= more.value <= ordered[-1]
    assert found.interval is None or found.value in found.interval or len(ordered) < 10


def test_the_interval_holds_the_true_percentile_as_often_as_it_says() -> None:
    dice = random.Random(7)
    held = 0
    for _ in range(800):
        found = percentile(sorted(dice.expovariate(1) for _ in range(60)), 90)
        assert found is not None
        assert found.interval is not None
        held += 2.302585 in found.interval
    assert held / 800 >= 0.95 - 3 * (0.95 * 0.05 / 800) ** 0.5


@settings(max_examples=50)
@given(st.integers(1, 60), st.floats(0.01, 0.99), st.floats(0.001, 0.999))
def test_the_smallest_count_beyond_a_tail_is_found_as_by_trying_all(n: int, share: float, tail: float) -> None:
    chances = [at_most(k, n, share) for k in range(n + 1)]
    assert smallest_beyond(tail, n, share) == min(bisect_left(chances, tail), n)


def test_counts_by_chance_are_those_of_the_tables() -> None:
    assert at_most(3, 10, 0.5) == pytest.approx(176 / 1024)
    assert [at_most(k, 4, 0.5) * 16 for k in range(-1, 6)] == pytest.approx([0, 1, 5, 11, 15, 16, 16])
    assert at_most(2500, 5000, 0.5) == pytest.approx(0.50564, abs=1e-5)
    assert at_most(25_000, 50_000, 0.5) == pytest.approx(0.50178, abs=1e-5)
    assert (at_most(0, 5, 0.0), at_most(4, 5, 1.0)) == (1.0, 0.0)
