"""Two sides are compared on like tickets: who has the harder ones is not blamed, and no comparison is made up."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.inference.casemix import Cell, byar, compared, direct, indirect, overlap_of
from helmdesk.inference.proportions import Interval

# Charig et al. 1986, BMJ 292:879-882: open surgery and nephrolithotomy, by the size of the stone.
SURGERY = {"small": Cell.of_counts(81, 87), "large": Cell.of_counts(192, 263)}
NEEDLE = {"small": Cell.of_counts(234, 270), "large": Cell.of_counts(55, 80)}


def test_the_better_treatment_is_found_although_it_was_given_the_harder_cases() -> None:
    """The adjusted shares .832 and .779 are those of Julious and Mullee 1994, BMJ 309:1480, and of textbooks since."""
    found = compared(SURGERY, NEEDLE)
    assert found.this is not None
    assert found.others is not None
    assert (round(found.this.crude, 2), round(found.others.crude, 2)) == (0.78, 0.83)
    assert (round(found.this.value, 4), round(found.others.value, 4)) == (0.8325, 0.7789)
    assert (found.overlap, found.hardly_overlaps, found.strata) == (1.0, False, 2)


def test_without_any_like_ticket_nothing_is_compared() -> None:
    found = compared({"payroll": Cell.of_counts(9, 10)}, {"network": Cell.of_counts(5, 10)})
    assert (found.this, found.others, found.difference, found.overlap, found.hardly_overlaps) == (
        None, None, None, 0.0, True,
    )  # fmt: skip


def test_little_overlap_is_said() -> None:
    mine = {"a": Cell.of_counts(8, 10), "b": Cell.of_counts(80, 90)}
    theirs = {"a": Cell.of_counts(8, 10), "b": Cell.of_counts(2, 2)}
    found = compared(mine, theirs)
    assert (found.overlap, found.hardly_overlaps) == (0.1, True)
    assert overlap_of({}, theirs) == 0.0


strata = st.dictionaries(
    st.sampled_from("abcd"), st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1
)


@settings(max_examples=60)
@given(strata, strata)
def test_turned_round_the_difference_is_its_mirror(one: dict, other: dict) -> None:
    mine, theirs = ({key: Cell.of_counts(*cell) for key, cell in side.items()} for side in (one, other))
    there, back = compared(mine, theirs), compared(theirs, mine)
    assert (there.difference is None) == (back.difference is None) == (not set(one) & set(other))
    if there.difference is not None and back.difference is not None:
        assert there.difference.low == pytest.approx(-back.difference.high)


@settings(max_examples=40)
@given(strata)
def test_with_its_own_mix_a_side_keeps_its_own_figure(side: dict) -> None:
    cells = {key: Cell.of_counts(*cell) for key, cell in side.items()}
    found = direct(cells, {key: cell.n for key, cell in cells.items()})
    assert found.value == pytest.approx(found.crude)
    assert found.value in found.interval


def test_means_are_compared_like_shares() -> None:
    hours = {"a": [1.0, 2.0, 3.0], "b": [10.0, 12.0]}
    cells = {key: Cell(len(v), sum(v), sum(x * x for x in v)) for key, v in hours.items()}
    assert [(cell.mean, round(cell.variance, 6)) for cell in cells.values()] == [(2.0, 0.333333), (11.0, 1.0)]
    assert Cell(1, 4.0, 16.0).variance == 0.0


def test_equal_sides_are_found_to_differ_about_as_often_as_chance_has_it() -> None:
    dice = random.Random(11)
    apart = 0
    for _ in range(400):
        sides = [
            {key: Cell.of_counts(sum(dice.random() < share for _ in range(n)), n) for key, share, n in mix}
            for mix in ([("easy", 0.9, 80), ("hard", 0.5, 20)], [("easy", 0.9, 20), ("hard", 0.5, 80)])
        ]
        difference = compared(sides[0], sides[1]).difference
        assert difference is not None
        apart += 0 not in difference
    assert apart / 400 < 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5 + 0.02


# Breslow and Day 1987, table 2.10 (Byar's column), 95 %: limits of a Poisson mean.
@pytest.mark.parametrize(("observed", "low", "high"), [(1, 0.01, 5.57), (5, 1.61, 11.67), (10, 4.79, 18.39)])
def test_the_limits_of_a_count_are_byars(observed: int, low: float, high: float) -> None:
    found = byar(observed)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.011), pytest.approx(high, abs=0.011))


def test_what_happened_is_set_against_what_the_others_would_have_had() -> None:
    found = indirect({"a": (4, 20), "b": (6, 10), "new": (9, 9)}, {"a": (10, 100), "b": (30, 100)})
    assert found is not None
    assert (found.observed, round(found.expected, 9), round(found.ratio, 9)) == (10, 5.0, 2.0)
    assert (round(found.interval.low, 2), round(found.interval.high, 2)) == (0.96, 3.68)
    assert indirect({"a": (1, 2)}, {"b": (1, 2)}) is None
    assert byar(0).low == Interval(0.0, 1.0).low
