"""The priority matrix: the version in force at an instant, read by impact and urgency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from helmdesk.catalogue.matrix import DEFAULT_CELLS, Matrix, current_matrix
from helmdesk.catalogue.models import PriorityMatrix

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GRADE = st.integers(1, 3)


@given(impact=GRADE, urgency=GRADE)
def test_by_default_more_impact_or_urgency_never_means_a_later_turn(impact: int, urgency: int) -> None:
    matrix = Matrix(0, tuple(tuple(row) for row in DEFAULT_CELLS))
    now = matrix.priority(impact=impact, urgency=urgency)
    assert 1 <= now <= 5
    assert now == impact + urgency - 1
    assert now >= matrix.priority(impact=max(1, impact - 1), urgency=urgency)
    assert now == matrix.priority(impact=urgency, urgency=impact)


@given(cells=st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=3, max_size=3))
def test_a_cell_is_found_by_impact_first(cells: list[list[int]]) -> None:
    matrix = Matrix(1, tuple(tuple(row) for row in cells))
    assert [[matrix.priority(impact=i, urgency=u) for u in (1, 2, 3)] for i in (1, 2, 3)] == cells


def test_without_any_the_default_is_in_force_and_says_so(db: None) -> None:
    assert current_matrix(NOON) == Matrix(0, ((1, 2, 3), (2, 3, 4), (3, 4, 5)))


def test_a_version_is_in_force_from_its_first_instant_to_before_the_next(db: None) -> None:
    for version, hours in ((1, 0), (2, 2), (3, 2), (4, 1)):  # the fourth was set last and holds from before the second
        starts = NOON + timedelta(hours=hours)
        PriorityMatrix.objects.create(version=version, cells=[[version] * 3] * 3, valid_from=starts, recorded_at=NOON)
    in_force = [current_matrix(NOON + timedelta(minutes=m)).version for m in (-1, 0, 59, 60, 119, 120, 9999)]
    assert in_force == [0, 1, 1, 4, 4, 3, 3]
    assert current_matrix(NOON).priority(impact=3, urgency=1) == 1
