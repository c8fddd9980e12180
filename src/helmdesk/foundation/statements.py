"""Statements of our own, for what is asked at every page: plain rows, and a plan that PostgreSQL keeps.

Planning such a statement costs PostgreSQL up to ten times what answering it does. Values travel beside it, so that it
is the same text each time; after a few times psycopg has the server keep its plan.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

type Row = tuple[Any, ...]


def fetched(sql: str, values: Sequence[Any] = ()) -> list[Row]:
    """All rows of a statement; its values are `%s`, and a lone percent sign is `%%`."""
    with cursor() as asked:
        asked.execute(sql, values)
        return list(asked.fetchall())


def first(sql: str, values: Sequence[Any] = ()) -> Row | None:
    """The first row of a statement, if there is one."""
    rows = fetched(sql, values)
    return rows[0] if rows else None


def run(sql: str, values: Sequence[Any] = ()) -> None:
    """A statement whose answer nobody needs."""
    with cursor() as asked:
        asked.execute(sql, values)


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, returning: str = "") -> list[Row]:
    """A few rows in one statement, and what the database made of each; many are written by `rows.insert_many`."""
    marks = f"({', '.join(['%s'] * len(columns))})"
    values = [value for row in rows for value in row]
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([marks] * len(rows))}"  # noqa: S608
    if returning:
        return fetched(f"{sql} RETURNING {returning}", values)
    run(sql, values)
    return []


def cursor() -> Any:
    """Django's cursor, counted and logged as any other; on PostgreSQL one that leaves the values to the server."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.close_if_health_check_failed()
    connection.ensure_connection()
    bound: Any = ServerBindingCursor
    return connection._prepare_cursor(bound(connection.connection))  # type: ignore[attr-defined]


def listed(ids: Collection[int]) -> tuple[str, list[int]]:
    """The marks and values of `IN (…)` for any number of ids: few different texts, so that plans are met again."""
    values = sorted(ids)
    wide = 1 << max(len(values) - 1, 0).bit_length()
    values += values[-1:] * (wide - len(values))
    return ", ".join(["%s"] * len(values)) or "NULL", values
