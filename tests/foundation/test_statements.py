"""Statements of our own: rows come back alike, and few texts serve any number of ids."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.foundation.statements import fetched, first, listed

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_rows_come_back_however_often_they_are_asked_for() -> None:
    marks, ids = listed({3, 1, 2})
    with CaptureQueriesContext(connection) as asked:
        answers = [fetched(f"SELECT id FROM helmdesk_head WHERE id IN ({marks})", ids) for _ in range(5)]
    assert answers == [answers[0]] * 5
    assert len(asked) == 5


def test_a_value_is_never_part_of_the_statement() -> None:
    hostile = "x' OR '1' = '1"
    assert first("SELECT app FROM django_migrations WHERE name = %s", [hostile]) is None
    assert first("SELECT app FROM django_migrations WHERE name = %s LIMIT 1", ["0001_initial"]) is not None


@pytest.mark.parametrize(
    ("ids", "marks", "values"),
    [
        (set(), "NULL", []),
        ({7}, "%s", [7]),
        ({9, 8}, "%s, %s", [8, 9]),
        ({3, 1, 2}, "%s, %s, %s, %s", [1, 2, 3, 3]),
        (range(5), ", ".join(["%s"] * 8), [0, 1, 2, 3, 4, 4, 4, 4]),
    ],
)
def test_any_number_of_ids_has_one_of_few_texts(ids: set[int], marks: str, values: list[int]) -> None:
    assert listed(ids) == (marks, values)
