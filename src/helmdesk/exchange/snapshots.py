"""The whole database at one instant, while others go on writing; and back again.

SQLite: the online backup API under one read transaction, so that the copy is of one instant and writers, who never wait
for a reader in WAL mode, do not make it start again.

PostgreSQL: COPY of every table within one REPEATABLE READ transaction. `pg_dump` would have to be on the machine, and
at least as new as the server; COPY's text format is the same in every version, needs nothing but the driver that the
desk has anyway, and what it holds can be read by people. The schema is not dumped: our migrations make it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from helmdesk.exchange.archive import CHUNK, BadBackup, Packing

STEP: Final = 2_000

type Migrations = list[list[str]]


class NotEmpty(RuntimeError):
    """A restore never writes over anything."""


# --- SQLite ---


def pack_sqlite(packing: Packing, staging: Path) -> dict[str, Any]:
    """Adds a copy of the database, and returns what the copy says of itself."""
    copy = staging / "database.sqlite3"
    with _reading(database_file()) as source, closing(sqlite3.connect(copy, isolation_level=None)) as target:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=STEP)
        target.execute("PRAGMA journal_mode=DELETE")
        said = _facts(lambda query: target.execute(query).fetchall())
    packing.add(copy.name, copy)
    copy.unlink()
    return said


def unpack_sqlite(staged: Path) -> None:
    """Puts an unpacked copy where the database belongs."""
    with _reading(staged) as copy:
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise BadBackup(f"Its database is damaged: {found}. Take another copy of it.")
    target = database_file()
    must_be_empty()
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.close()
    for leftover in ("", "-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    staged.replace(target)


def database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=20)) as opened:
        opened.isolation_level = None
        yield opened


# --- PostgreSQL ---


def pack_postgresql(packing: Packing, staging: Path) -> dict[str, Any]:
    """Adds every table, and returns what the snapshot says of itself, with columns and sequences."""
    apart = connection.copy()
    try:
        with apart.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            tables = _tables(cursor)
            for table, columns in tables.items():
                _pack_table(cursor, table, columns, packing, staging)
            cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
            sequences = dict(cursor.fetchall())
            said = _facts(lambda query: _fetched(cursor, query))
            cursor.execute("COMMIT")
    finally:
        apart.close()
    return {**said, "tables": tables, "sequences": sequences}


def _pack_table(cursor: Any, table: str, columns: list[str], packing: Packing, staging: Path) -> None:
    path = staging / f"{table}.copy"
    with path.open("wb") as file, cursor.copy(f'COPY "{table}" ({_listed(columns)}) TO STDOUT') as rows:
        for row in rows:
            file.write(row)
    packing.add(f"tables/{table}.copy", path)
    path.unlink()


def unpack_postgresql(staging: Path, manifest: dict[str, Any]) -> None:
    """Makes the tables as they were then, and fills them; a failure leaves the database empty as it was."""
    must_be_empty()
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(_targets(executor, manifest["migrations"]))
        with transaction.atomic(), connection.cursor() as cursor:
            _fill(cursor, staging, manifest)
    except BaseException:
        _empty_again()
        raise


def _fill(cursor: Any, staging: Path, manifest: dict[str, Any]) -> None:
    there = _tables(cursor)
    tables: dict[str, list[str]] = manifest["tables"]
    for table, columns in tables.items():
        if set(columns) - set(there.get(table, ())):
            raise BadBackup(f"Table {table} has other columns here than in the backup. Use the version that made it.")
    for table in tables:  # what the migrations themselves put in is in the backup too
        cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 (a name that the database has just told)
    for table, columns in tables.items():
        path = staging / "tables" / f"{table}.copy"
        with path.open("rb") as file, cursor.copy(f'COPY "{table}" ({_listed(columns)}) FROM STDIN') as rows:
            while chunk := file.read(CHUNK):
                rows.write(chunk)
    for sequence, last in manifest["sequences"].items():
        if last is not None:
            cursor.execute("SELECT setval(to_regclass(quote_ident(%s)), %s)", [sequence, last])


def _targets(executor: MigrationExecutor, applied: Migrations) -> list[tuple[str, str]]:
    """The last migration of each app; all before them follow."""
    names = {(app, name) for app, name in applied}
    nodes = executor.loader.graph.node_map
    return [
        key
        for key in sorted(names)
        if not any(child.key in names and child.key[0] == key[0] for child in nodes[key].children)
    ]


def _empty_again() -> None:
    with connection.cursor() as cursor:
        for table in _tables(cursor):
            cursor.execute(f'DROP TABLE IF EXISTS "{table}" CASCADE')


def _tables(cursor: Any) -> dict[str, list[str]]:
    """Every table of the schema with the columns that are stored as given."""
    cursor.execute(
        """SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum"""
    )
    tables: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        tables.setdefault(table, []).append(column)
    return tables


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _fetched(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


# --- both ---


def _facts(rows: Any) -> dict[str, Any]:
    """What a snapshot says of itself: where its ledger ends, how much there is, which migrations made it."""
    head = rows("SELECT seq, hash FROM helmdesk_head WHERE id = 1")
    first = rows("SELECT hash FROM helmdesk_event WHERE seq = 1")
    return {
        "desk": bytes(first[0][0]).hex() if first else None,
        "head": {"seq": head[0][0], "hash": bytes(head[0][1]).hex()} if head else None,
        "events": rows("SELECT count(*) FROM helmdesk_event")[0][0],
        "tickets": rows("SELECT count(*) FROM helmdesk_ticket")[0][0],
        "erasures": [list(row) for row in rows("SELECT id, what, what_id, at, seq FROM helmdesk_erasure ORDER BY id")],
        "migrations": [list(row) for row in rows("SELECT app, name FROM django_migrations ORDER BY id")],
    }


def must_be_known(applied: Migrations) -> None:
    """Refuses what a newer version has made."""
    known = MigrationExecutor(None).loader.disk_migrations
    unknown = [f"{app}.{name}" for app, name in applied if (app, name) not in known]
    if unknown:
        raise BadBackup(f"It was made by another version of Helmdesk, with {unknown[-1]}. Install that version first.")


def must_be_empty() -> None:
    """Refuses a target that holds anything."""
    if connection.vendor == "sqlite":
        path = database_file()
        if path.exists() and path.stat().st_size:
            with _reading(path) as there:
                tables = [name for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        else:
            tables = []
    else:
        with connection.cursor() as cursor:
            tables = list(_tables(cursor))
    if tables:
        raise NotEmpty(f"The database has {len(tables)} tables already. Restore into an empty one.")
