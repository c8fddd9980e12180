"""A share is told with how sure it is: published intervals come out, and no interval leaves 0 to 1."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.inference.proportions import Interval, newcombe, quantile_for, wilson

# Newcombe 1998, Stat Med 17:857-872, table I, method 3 (score without continuity correction).
PUBLISHED_SHARES = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
# Newcombe 1998, Stat Med 17:873-890, table II, method 10.
PUBLISHED_DIFFERENCES = [
    ((56, 48), (70, 80), 0.0524, 0.3339),
    ((9, 3), (10, 10), 0.1705, 0.8090),
    ((6, 2), (7, 7), 0.0582, 0.8062),
    ((5, 0), (56, 29), -0.0381, 0.1926),
    ((0, 0), (10, 20), -0.1611, 0.2775),
    ((0, 0), (10, 10), -0.2775, 0.2775),
    ((10, 0), (10, 20), 0.6791, 1.0000),
    ((10, 0), (10, 10), 0.6075, 1.0000),
]


@pytest.mark.parametrize(("met", "n", "low", "high"), PUBLISHED_SHARES)
def test_the_wilson_interval_is_the_published_one(met: int, n: int, low: float, high: float) -> None:
    found = wilson(met, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(("met", "n", "low", "high"), PUBLISHED_DIFFERENCES)
def test_the_interval_of_a_difference_is_the_published_one(
    met: tuple[int, int], n: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(met, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


counts = st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=60)
@given(counts)
def test_the_share_lies_in_its_interval_and_the_misses_mirror_it(count: tuple[int, int]) -> None:
    met, n = count
    kept, missed = wilson(met, n), wilson(n - met, n)
    assert 0 <= kept.low <= kept.high <= 1
    assert not n or met / n in kept
    assert kept.low == pytest.approx(1 - missed.high, abs=1e-12)


@settings(max_examples=40)
@given(counts)
def test_more_of_the_same_is_surer(count: tuple[int, int]) -> None:
    met, n = count
    once, tenfold = wilson(met, n), wilson(10 * met, 10 * n)
    assert tenfold.high - tenfold.low <= once.high - once.low


@settings(max_examples=60)
@given(counts, counts)
def test_a_difference_turned_round_is_its_mirror(one: tuple[int, int], other: tuple[int, int]) -> None:
    there = newcombe((one[0], other[0]), (one[1], other[1]))
    back = newcombe((other[0], one[0]), (other[1], one[1]))
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)
    assert newcombe((0, 3), (0, 4)) == Interval(-1.0, 1.0)


@pytest.mark.parametrize(("met", "n"), [(-1, 3), (4, 3)])
def test_counts_that_cannot_be_are_refused(met: int, n: int) -> None:
    with pytest.raises(ValueError, match="count again"):
        wilson(met, n)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused_with_the_cure(level: float) -> None:
    with pytest.raises(ValueError, match=r"0\.95"):
        quantile_for(level)
