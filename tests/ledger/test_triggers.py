"""The database itself refuses to change what happened, whichever way it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from helmdesk.foundation.time import now, to_us
from helmdesk.ledger import seals, triggers
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.door import Entry, Observation, append, observe
from helmdesk.ledger.models import Erasure, Event, Seal, Stream
from helmdesk.ledger.verify import verify
from tests.databases import CommittedDatabase
from tests.ledger import tampering
from tests.ledger.events import many

SQLITE = pytest.mark.skipif("connection.vendor != 'sqlite'")
POSTGRESQL = pytest.mark.skipif("connection.vendor != 'postgresql'")
COLUMNS = ", ".join(tampering.COLUMNS)
OWN_TABLES = ("helmdesk_event", "helmdesk_seal", "helmdesk_erasure")


@pytest.fixture
def kept(db: None) -> None:
    """A row in each table that is only ever added to."""
    many(3)
    seals.seal(at=now())
    Erasure.objects.create(what="text", what_id=1, at=now(), seq=1)


def refused(act: str | Callable[[], object]) -> None:
    """The statement, or what is done, fails for the reason we gave and leaves everything as it was."""
    before = contents()
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        attempt(act)
    assert contents() == before


def attempt(act: str | Callable[[], object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        if isinstance(act, str):
            cursor.execute(act)
        else:
            act()


def contents() -> list[list[Any]]:
    return [[tuple(row) for row in model.objects.order_by("pk").values_list()] for model in (Event, Seal, Erasure)]


@pytest.mark.parametrize("table", OWN_TABLES)
def test_update_and_delete_are_refused(kept: None, table: str) -> None:
    key = "seq" if table == "helmdesk_event" else "id"
    refused(f"UPDATE {table} SET {key} = {key}")
    refused(f"UPDATE {table} SET {key} = {key} + 100 WHERE {key} = (SELECT max({key}) FROM {table})")
    refused(f"DELETE FROM {table}")
    refused(f"DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})")


@pytest.mark.parametrize("model", [Event, Seal, Erasure])
def test_querysets_are_refused_too(kept: None, model: type[models.Model]) -> None:
    rows = model._default_manager.all()
    name = "seq" if model is not Seal else "count"
    refused(lambda: rows.update(**{name: 7}))
    refused(lambda: rows.delete())
    refused(lambda: rows[0].delete())
    refused(lambda: rows[0].save())
    refused(lambda: rows.bulk_update(list(rows), ["at"]))


def test_upserts_are_refused(kept: None) -> None:
    one = Event.objects.get(seq=2)
    refused(
        lambda: Event.objects.bulk_create([one], update_conflicts=True, update_fields=["at"], unique_fields=["seq"])
    )
    select = f"SELECT {COLUMNS} FROM helmdesk_event WHERE seq = 2"
    refused(f"INSERT INTO helmdesk_event ({COLUMNS}) {select} ON CONFLICT (seq) DO UPDATE SET person = 99")
    other_seq = select.replace("SELECT seq", "SELECT 99")
    conflict = "ON CONFLICT (stream, stream_id, n) DO UPDATE SET person = 99"
    refused(f"INSERT INTO helmdesk_event ({COLUMNS}) {other_seq} {conflict}")


@SQLITE
@pytest.mark.parametrize("insert", ["REPLACE INTO", "INSERT OR REPLACE INTO", "INSERT OR IGNORE INTO", "INSERT INTO"])
def test_sqlite_replaces_nothing(kept: None, insert: str) -> None:
    """REPLACE deletes without firing delete triggers: seen, and so a taken place is refused before."""
    same = f"SELECT {COLUMNS} FROM helmdesk_event WHERE seq = 2"
    refused(f"{insert} helmdesk_event ({COLUMNS}) {same}")
    refused(f"{insert} helmdesk_event ({COLUMNS}) {same.replace('SELECT seq', 'SELECT 99')}")
    seal = "first_seq, last_seq, count, root, at, previous, signature"
    refused(f"{insert} helmdesk_seal ({seal}) SELECT {seal} FROM helmdesk_seal")
    refused(f"{insert} helmdesk_seal (id, {seal}) SELECT id, {seal.replace('last_seq', '99')} FROM helmdesk_seal")
    refused(f"{insert} helmdesk_erasure SELECT * FROM helmdesk_erasure")


@SQLITE
def test_sqlite_updates_nothing_by_replacing(kept: None) -> None:
    refused("UPDATE OR REPLACE helmdesk_event SET seq = 1 WHERE seq = 2")
    refused("UPDATE OR IGNORE helmdesk_event SET person = 99")


@POSTGRESQL
@pytest.mark.parametrize("table", OWN_TABLES)
def test_postgresql_truncates_nothing(kept: None, table: str) -> None:
    refused(f"TRUNCATE {table}")
    refused(f"TRUNCATE {table} CASCADE")


@POSTGRESQL
def test_postgresql_refuses_a_session_that_calls_itself_a_replica(kept: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    refused("UPDATE helmdesk_event SET person = 99")


@POSTGRESQL
def test_postgresql_merges_nothing(kept: None) -> None:
    refused(
        """MERGE INTO helmdesk_event e USING (SELECT 2 AS seq) s ON e.seq = s.seq
        WHEN MATCHED THEN UPDATE SET person = 99"""
    )


def test_appending_goes_on(kept: None) -> None:
    many(2)
    assert verify(everything=True).ok


def test_a_table_remade_by_a_migration_is_guarded_again(committed_db: CommittedDatabase) -> None:
    """SQLite alters a column by remaking the table, and the triggers are silently gone: seen."""
    many(3)
    widen("kind", models.CharField(max_length=50))
    lost = triggers.missing()
    assert lost == ([] if connection.vendor == "postgresql" else EVERY)

    call_command("migrate", verbosity=0)
    assert triggers.missing() == []
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        Event.objects.update(person=99)
    assert verify().ok


EVERY = [f"helmdesk_event_no_{act}" for act in ("delete", "earlier", "insert", "update")]


def widen(name: str, field: models.Field) -> None:
    """Runs an AlterField as a migration would."""
    from django.db.migrations.loader import MigrationLoader

    state: ProjectState = MigrationLoader(connection).project_state()
    operation = migrations.AlterField("Event", name, field)
    after = state.clone()
    operation.state_forwards("helmdesk", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("helmdesk", editor, state, after)


def test_a_trigger_that_is_gone_or_does_nothing_is_named(committed_db: CommittedDatabase) -> None:
    assert triggers.missing() == []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER helmdesk_event_no_update")
            cursor.execute(
                "CREATE TRIGGER helmdesk_event_no_update BEFORE UPDATE ON helmdesk_event BEGIN SELECT 1; END"
            )
            cursor.execute("DROP TRIGGER helmdesk_seal_no_delete")
        else:
            cursor.execute("ALTER TABLE helmdesk_event DISABLE TRIGGER helmdesk_event_no_update")
            cursor.execute("DROP TRIGGER helmdesk_seal_no_delete ON helmdesk_seal")
    assert triggers.missing() == ["helmdesk_event_no_update", "helmdesk_seal_no_delete"]

    triggers.install()
    assert triggers.missing() == []


@POSTGRESQL
def test_a_function_that_lets_everything_pass_is_noticed(committed_db: CommittedDatabase) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {triggers.FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        )
    assert len(triggers.missing()) == 3 * len(triggers.sealed_tables())


def test_a_desk_without_triggers_does_not_start(committed_db: CommittedDatabase) -> None:
    with tampering.unguarded(), pytest.raises(Exception, match="The ledger is not protected"):
        call_command("serve", stdout=StringIO())


def test_no_event_is_before_the_last_of_its_stream(kept: None) -> None:
    """Who names its place in a stream knows when the last event was; the database sees to it that they do."""
    entries = [Entry(Stream.TICKET, 7, "tried", n=n) for n in (1, 2, 3)]
    at = now()
    append(entries[:1], by=Stamp(), at=at)
    before = contents()
    for earlier in (timedelta(microseconds=1), timedelta(days=9)):
        with pytest.raises(DatabaseError, match=triggers.EARLIER), transaction.atomic():
            append(entries[1:2], by=Stamp(), at=at - earlier)
    assert contents() == before

    [same] = append(entries[1:2], by=Stamp(), at=at)
    [later] = append(entries[2:], by=Stamp(), at=at + timedelta(microseconds=1))
    assert (same.at, later.at) == (to_us(at), to_us(at) + 1)


def test_what_is_observed_may_be_as_early_as_its_source_says(kept: None) -> None:
    at = now()
    append([Entry(Stream.TICKET, 7, "tried", n=1)], by=Stamp(), at=at)

    [event] = observe(
        [Entry(Stream.TICKET, 7, "tried", n=2, at=to_us(at) - 1)], by=Stamp(hat=3), under=Observation(1, at)
    )
    assert event.at == to_us(at) - 1
