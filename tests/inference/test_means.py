"""A mean is told with Student's interval, whose quantiles are those of the printed tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.inference.means import mean, t_quantile
from helmdesk.inference.quantiles import Estimate

# Any printed table of Student's t, two-sided.
PRINTED = [
    (0.95, 1, 12.7062), (0.95, 2, 4.3027), (0.95, 5, 2.5706), (0.95, 10, 2.2281), (0.95, 30, 2.0423),
    (0.95, 120, 1.9799), (0.99, 4, 4.6041), (0.90, 7, 1.8946), (0.95, 100_000, 1.96),
]  # fmt: skip


@pytest.mark.parametrize(("level", "freedom", "printed"), PRINTED)
def test_the_quantiles_are_the_printed_ones(level: float, freedom: int, printed: float) -> None:
    assert t_quantile(level, freedom) == pytest.approx(printed, abs=6e-5)


def test_the_exact_sums_and_the_approximation_meet() -> None:
    assert t_quantile(0.95, 500) == pytest.approx(t_quantile(0.95, 501), abs=1e-4)


def test_the_mean_of_the_sleep_of_ten_patients_is_students_own() -> None:
    """Student 1908, section IX: additional hours of sleep; mean .75, here with the usual n - 1."""
    found = mean([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    assert found is not None
    assert found.interval is not None
    assert [round(x, 4) for x in (found.value, found.interval.low, found.interval.high)] == [0.75, -0.5298, 2.0298]


def test_one_value_has_no_interval_and_none_no_mean() -> None:
    assert mean([3.0]) == Estimate(3.0, None, 1)
    assert mean([]) is None


@settings(max_examples=50)
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=50), st.integers(-100, 100))
def test_a_mean_moves_with_its_values(values: list[int], by: int) -> None:
    found, moved = mean(values), mean([value + by for value in values])
    assert found is not None
    assert found.interval is not None
    assert moved is not None
    assert moved.interval is not None
    assert found.value in found.interval
    assert moved.value == pytest.approx(found.value + by)
    assert moved.interval.high - moved.interval.low == pytest.approx(found.interval.high - found.interval.low)


@pytest.mark.parametrize(("level", "freedom"), [(0.95, 0), (1.0, 5)])
def test_quantiles_that_cannot_be_are_refused(level: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        t_quantile(level, freedom)
