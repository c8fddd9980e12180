"""The house stands as DESIGN says: imports and foreign keys point downward, and nothing grows past its guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grimp
from django.apps import apps
from django.db.models import Model

from tests.house.layers import heights
from tools import guards

ROOT = Path(__file__).resolve().parents[2]
PURE_ROOMS = {"engine", "clocks", "history", "terms", "worktime", "inference"}
NOT_PURE = ("django", "psycopg", "sqlite3", "allauth")


def test_no_file_function_or_name_breaks_a_guard() -> None:
    assert list(guards.faults()) == []


def test_every_room_is_in_the_list_of_layers() -> None:
    rooms = {path.parent.name for path in (ROOT / "src/helmdesk").glob("*/__init__.py")}

    assert rooms - set(heights()) == set()


def test_foreign_keys_point_to_the_same_room_or_a_lower_one() -> None:
    height = heights()
    upward = [
        f"{room(model)}.{model.__name__}.{name} -> {room(target)}.{target.__name__}"
        for model, name, target in foreign_keys()
        if room(target) != room(model) and height[room(target)] >= height[room(model)]
    ]

    assert upward == []


def test_the_pure_rooms_know_no_django_and_no_database() -> None:
    graph = grimp.build_graph("helmdesk", include_external_packages=True)
    impure = [
        f"{importer} imports {imported}"
        for imported in NOT_PURE
        if imported in graph.modules
        for importer in graph.find_modules_that_directly_import(imported)
        if importer.split(".")[1] in PURE_ROOMS
    ]

    assert impure == []


def foreign_keys() -> Iterator[tuple[type[Model], str, type[Model]]]:
    """Every relation that a model of ours writes down: the model, the field's name, the model it points to."""
    for model in apps.get_app_config("helmdesk").get_models(include_auto_created=False):
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            target = field.related_model
            if isinstance(target, type) and target.__module__.startswith("helmdesk."):
                yield model, field.name, target


def room(model: type[Model]) -> str:
    return model.__module__.split(".")[1]
