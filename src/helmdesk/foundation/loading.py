"""One row as its model without building a query, where a verb needs a few of them each time.

For models that nobody's view bounds: tickets, threads and messages are read through `visible_to`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

from helmdesk.foundation.statements import first


def loaded[M: models.Model](model: type[M], where: str, values: Sequence[Any]) -> M | None:
    """The first row that meets a condition of our own words, or None."""
    names, readers = _shape(model, connection.vendor)
    row = first(f"SELECT {', '.join(names[1])} FROM {model._meta.db_table} WHERE {where} LIMIT 1", values)  # noqa: S608
    if row is None:
        return None
    read = [value if reader is None else reader(value) for reader, value in zip(readers, row, strict=True)]
    return model.from_db(connection.alias, names[0], read)


type _Reader = Callable[[Any], Any] | None


@cache
def _shape(model: type[models.Model], _vendor: str) -> tuple[tuple[list[str], list[str]], list[_Reader]]:
    """Attributes and columns in the model's order, and how a stored value becomes the attribute's."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields], [f'"{field.column}"' for field in fields]
    return names, [_reader(field) for field in fields]


def _reader(field: Any) -> _Reader:
    if isinstance(field, models.DateTimeField | models.DecimalField | models.UUIDField):
        raise TypeError(f"{field}: the databases store it differently; ask Django")
    elif hasattr(field, "from_db_value"):
        return lambda value: field.from_db_value(value, None, connection)
    elif isinstance(field, models.BooleanField):
        return lambda value: None if value is None else bool(value)
    else:
        return None
