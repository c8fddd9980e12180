"""The database's own refusal to change what happened. Reinstalled after every migrate, checked at every start.

`REPLACE INTO` deletes without firing delete triggers on SQLite, so an insert onto a taken place is refused too; a
Django `AlterField` on SQLite remakes the table and loses its triggers, so they are put back after each migrate.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connection, models

from helmdesk.ledger.models import AppendOnly

REFUSAL: Final = "the ledger is append-only"
EARLIER: Final = "no event is before the last of its stream"
EVENTS: Final = "helmdesk_event"
_IS_EARLIER: Final = (
    f"NEW.batch IS NULL AND EXISTS (SELECT 1 FROM {EVENTS} "  # noqa: S608 (a name of our own)
    "WHERE stream = NEW.stream AND stream_id = NEW.stream_id AND n = NEW.n - 1 AND at > NEW.at)"
)


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
    return list(_on_sqlite(table) if connection.vendor == "sqlite" else _wanted(table))


def _statements(table: str) -> list[str]:
    if connection.vendor == "sqlite":
        made = _on_sqlite(table)
        return [*(f"DROP TRIGGER IF EXISTS {name}" for name in made), *made.values()]
    else:
        return _on_postgresql(table)


# --- SQLite ---


def _on_sqlite(table: str) -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    made = {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"{table}_no_delete": f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"{table}_no_insert": (
            f"CREATE TRIGGER {table}_no_insert BEFORE INSERT ON {table} WHEN {_taken(table)} {refuse}"
        ),
    }
    if table == EVENTS:
        made[f"{table}_no_earlier"] = (
            f"CREATE TRIGGER {table}_no_earlier BEFORE INSERT ON {table} WHEN {_IS_EARLIER} "
            f"BEGIN SELECT RAISE(ABORT, '{EARLIER}'); END"
        )
    return made


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

FUNCTION, IN_ORDER = "helmdesk_append_only", "helmdesk_in_order"
_SOURCES: Final = {
    FUNCTION: f" BEGIN RAISE EXCEPTION '{REFUSAL}'; END ",
    IN_ORDER: f" BEGIN IF {_IS_EARLIER} THEN RAISE EXCEPTION '{EARLIER}'; END IF; RETURN NEW; END ",
}


@dataclass(frozen=True, slots=True)
class _Trigger:
    """When it fires, what it runs, and how pg_trigger.tgtype says so.

    Bits: 1 each row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
    """

    act: str
    bits: int
    function: str = FUNCTION

    def fires(self, table: str) -> str:
        return f"BEFORE {self.act} ON {table} FOR EACH {'ROW' if self.bits & 1 else 'STATEMENT'}"


def _wanted(table: str) -> dict[str, _Trigger]:
    made = {"update": _Trigger("UPDATE", 19), "delete": _Trigger("DELETE", 11), "truncate": _Trigger("TRUNCATE", 34)}
    if table == EVENTS:
        made["earlier"] = _Trigger("INSERT", 7, IN_ORDER)
    return {f"{table}_no_{name}": trigger for name, trigger in made.items()}


def _on_postgresql(table: str) -> list[str]:
    """ALWAYS, so that they fire too in a session that calls itself a replica."""
    statements = [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${source}$$"
        for name, source in _SOURCES.items()
    ]
    for name, trigger in _wanted(table).items():
        statements += [
            f"CREATE OR REPLACE TRIGGER {name} {trigger.fires(table)} EXECUTE FUNCTION {trigger.function}()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ]
    return statements


def _found_on_postgresql() -> set[str]:
    query = """SELECT t.tgname, c.relname, t.tgtype, p.proname, p.prosrc FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgenabled = 'A' AND t.tgqual IS NULL AND pg_table_is_visible(c.oid)"""
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = set(cursor.fetchall())
    return {
        name
        for table in sealed_tables()
        for name, trigger in _wanted(table).items()
        if (name, table, trigger.bits, trigger.function, _SOURCES[trigger.function]) in found
    }
