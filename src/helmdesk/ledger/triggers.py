"""The database's own refusal to change what happened. Reinstalled after every migrate, checked at every start.

`REPLACE INTO` deletes without firing delete triggers on SQLite, so an insert onto a taken place is refused too; a
Django `AlterField` on SQLite remakes the table and loses its triggers, so they are put back after each migrate.
"""

from typing import Any, Final

from django.apps import apps
from django.db import connection, models

from helmdesk.ledger.models import AppendOnly

REFUSAL: Final = "the ledger is append-only"


def sealed_tables() -> list[str]:
    """The tables that are only ever added to: the ledger's own, and versions in rooms above."""
    return [model._meta.db_table for model in _sealed()]


def _sealed() -> list[type[AppendOnly]]:
    return [model for model in apps.get_models() if issubclass(model, AppendOnly)]


def install(**_: Any) -> None:
    """Puts the triggers in place where one is missing, on either database. A receiver of `post_migrate`."""
    tables = set(connection.introspection.table_names())
    unguarded = {name.rpartition("_no_")[0] for name in missing()}
    with connection.cursor() as cursor:
        for table in sealed_tables():
            if table in tables & unguarded:
                for statement in _statements(table):
                    cursor.execute(statement)


def missing() -> list[str]:
    """Names of the triggers that should be there, and are not or do something else."""
    found = _found_on_sqlite() if connection.vendor == "sqlite" else _found_on_postgresql()
    return sorted({name for table in sealed_tables() for name in _names(table)} - found)


def _names(table: str) -> list[str]:
    acts = ("update", "delete", "insert") if connection.vendor == "sqlite" else ("update", "delete", "truncate")
    return [f"{table}_no_{act}" for act in acts]


def _statements(table: str) -> list[str]:
    if connection.vendor == "sqlite":
        made = _on_sqlite(table)
        return [*(f"DROP TRIGGER IF EXISTS {name}" for name in made), *made.values()]
    else:
        return _on_postgresql(table)


# --- SQLite ---


def _on_sqlite(table: str) -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"{table}_no_delete": f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"{table}_no_insert": (
            f"CREATE TRIGGER {table}_no_insert BEFORE INSERT ON {table} WHEN {_taken(table)} {refuse}"
        ),
    }


def _taken(table: str) -> str:
    """That a new row has the key or another unique place of one that is there."""
    model = next(model for model in _sealed() if model._meta.db_table == table)
    singles = [[str(field.column)] for field in model._meta.local_concrete_fields if field.unique]
    unique = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint) and not one.condition]
    several = [[str(model._meta.get_field(name).column) for name in one.fields] for one in unique]  # type: ignore[union-attr]
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in columns)})"  # noqa: S608
        for columns in [*singles, *several]
    )


def _found_on_sqlite() -> set[str]:
    ours = {name: sql for table in sealed_tables() for name, sql in _on_sqlite(table).items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name for name, sql in cursor.fetchall() if ours.get(name) == sql}


# --- PostgreSQL ---

FUNCTION: Final = "helmdesk_append_only"
_SOURCE: Final = f" BEGIN RAISE EXCEPTION '{REFUSAL}'; END "
# The bits of pg_trigger.tgtype: 1 each row, 2 before, 8 delete, 16 update, 32 truncate.
_TYPES: Final = {"update": 19, "delete": 11, "truncate": 34}


def _on_postgresql(table: str) -> list[str]:
    """ALWAYS, so that they fire too in a session that calls itself a replica."""
    run = f"EXECUTE FUNCTION {FUNCTION}()"
    statements = [f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${_SOURCE}$$"]
    for act in _TYPES:
        each = "STATEMENT" if act == "truncate" else "ROW"
        statements += [
            f"CREATE OR REPLACE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} FOR EACH {each} {run}",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_{act}",
        ]
    return statements


def _found_on_postgresql() -> set[str]:
    query = """SELECT t.tgname, c.relname, t.tgtype FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgenabled = 'A' AND t.tgqual IS NULL AND p.proname = %s AND p.prosrc = %s
        AND pg_table_is_visible(c.oid)"""
    with connection.cursor() as cursor:
        cursor.execute(query, [FUNCTION, _SOURCE])
        found = {(name, table, kind) for name, table, kind in cursor.fetchall()}
    return {
        f"{table}_no_{act}"
        for table in sealed_tables()
        for act, kind in _TYPES.items()
        if (f"{table}_no_{act}", table, kind) in found
    }
