"""No text lies in the database that nobody declared, and whatever is personal or secret has somebody who erases it."""

from __future__ import annotations

from collections import Counter

import pytest
from django.apps import apps
from django.db import connection
from django.utils.module_loading import import_string

from helmdesk.foundation.copies import TABLES, Copy, declared, present


def test_every_field_that_can_hold_a_text_is_declared_and_no_declared_one_is_gone() -> None:
    fields = {copy.place for copy in declared()} - {table for table, _, _ in TABLES}

    assert {"undeclared": sorted(present() - fields), "gone": sorted(fields - present())} == {
        "undeclared": [], "gone": [],
    }  # fmt: skip


def test_nothing_is_declared_twice() -> None:
    assert [place for place, times in Counter(copy.place for copy in declared()).items() if times > 1] == []


@pytest.mark.parametrize("copy", [copy for copy in declared() if copy.holds != "none"], ids=lambda copy: copy.place)
def test_whatever_is_personal_or_secret_has_an_eraser_that_exists(copy: Copy) -> None:
    assert callable(import_string(copy.how))


def test_what_holds_nothing_says_why() -> None:
    assert [copy.place for copy in declared() if copy.holds == "none" and not copy.how.strip()] == []


def test_every_table_is_a_model_or_declared(db: None) -> None:
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    others = {table for table, _, _ in TABLES}
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))

    assert sorted(there - models - others) == []
