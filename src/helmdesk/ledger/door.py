"""The doors into the ledger: live, for verbs, and observed, for what another system has recorded.

Lock order: tickets in ascending id first, the ledger last. Once `append` holds the ledger's lock no other lock is
taken in the transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from helmdesk.foundation.loading import loaded
from helmdesk.foundation.rows import insert_many
from helmdesk.foundation.statements import insert, run
from helmdesk.foundation.time import now, to_us
from helmdesk.ledger.chain import GENESIS, Stamp, canonical, envelope, link
from helmdesk.ledger.models import Event, Head, Stream

ADVISORY_LOCK = 0x48454C4D
CHANNEL = "helmdesk_events"


@dataclass(slots=True)
class Entry:
    """An event about to be appended. `n` is looked up where the caller does not know it."""

    stream: Stream
    stream_id: int
    kind: str
    what: dict[str, Any] = field(default_factory=dict)
    n: int | None = None
    team: int | None = None
    at: int | None = None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """Under which import something was observed, and when that was."""

    batch: int
    recorded_at: datetime


def append(
    entries: Sequence[Entry], *, by: Stamp, at: datetime, operation: int | None = None, cause: int | None = None
) -> list[Event]:
    """The live door: writes events in order, within the caller's transaction, and returns them.

    `at` is now, or the instant of the last event of a stream where a clock was set back since: that must not stop a
    desk. Who names `n` knows its stream and sees to that; the database refuses an event before the last of its
    stream (`triggers`). `operation` defaults to the first event's seq when there is more than one stream.
    """
    if not entries:
        return []
    head = locked_head()
    places, latest = _places(entries)
    us = max(to_us(at), latest)
    if operation is None and len({(entry.stream, entry.stream_id) for entry in entries}) > 1:
        operation = head.seq + 1
    events = _chained(entries, head, places, by=by, at=us, recorded_at=us, operation=operation, cause=cause, batch=None)
    _insert(events, head)
    return events


def observe(entries: Sequence[Entry], *, by: Stamp, under: Observation) -> list[Event]:
    """The observed door: `at` is each entry's own, recorded now; structural checks only, and no facts."""
    if not entries:
        return []
    head = locked_head()
    recorded = to_us(under.recorded_at)
    if any(entry.at is None for entry in entries):
        raise ValueError("at: an observed event needs the instant its source gives")
    places, _ = _places(entries)
    events = _chained(
        entries, head, places, by=by, at=recorded, recorded_at=recorded, operation=None, cause=None, batch=under.batch
    )
    _insert(events, head)
    return events


def locked_head() -> Head:
    """Takes the ledger's lock until the transaction ends, and returns where the ledger stands."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the ledger is appended to within a transaction only")
    if connection.vendor == "postgresql":
        run("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
    head = loaded(Head, "id = 1", [])
    return head or Head(pk=1, seq=0, hash=GENESIS)


def _chained(
    entries: Iterable[Entry], head: Head, places: dict[tuple[int, int], int], *, by: Stamp, at: int, recorded_at: int,
    operation: int | None, cause: int | None, batch: int | None,
) -> list[Event]:  # fmt: skip
    seq, previous = head.seq, bytes(head.hash)
    events = []
    for entry in entries:
        seq += 1
        place = (entry.stream.value, entry.stream_id)
        n = entry.n if entry.n is not None else places[place] + 1
        places[place] = n
        stamp = entry.stamp or by
        when = entry.at if entry.at is not None else at
        body = (
            envelope(
                when, batch, cause, stamp.hat, stamp.hat_id, entry.kind, n, operation, stamp.person,
                stamp.provider, recorded_at, seq, place[0], place[1], entry.team, 1,
            )
            + canonical(entry.what)
            + "}"
        )  # fmt: skip
        previous = link(previous, body)
        events.append(
            Event(
                seq=seq, stream=place[0], stream_id=place[1], n=n, kind=entry.kind, v=1, at=when,
                recorded_at=recorded_at, hat=stamp.hat, person=stamp.person, hat_id=stamp.hat_id,
                provider=stamp.provider, team=entry.team, operation=operation, cause=cause, batch=batch,
                body=body, hash=previous,
            )
        )  # fmt: skip
    return events


def _places(entries: Sequence[Entry]) -> tuple[dict[tuple[int, int], int], int]:
    """The last n of every stream whose entries do not say theirs, and the latest instant of those streams."""
    unknown = {(entry.stream.value, entry.stream_id) for entry in entries if entry.n is None}
    places: dict[tuple[int, int], int] = {(e.stream.value, e.stream_id): 0 for e in entries}
    latest = 0
    for stream, stream_id in unknown:
        rows = Event.objects.filter(stream=stream, stream_id=stream_id).order_by("-n").values_list("n", "at")
        n, at = rows.first() or (0, 0)
        places[(stream, stream_id)] = n
        latest = max(latest, at)
    return places, latest


COLUMNS = tuple(str(field.column) for field in Event._meta.local_concrete_fields)
MANY = 50


def _insert(events: list[Event], head: Head) -> None:
    rows = [[getattr(event, name) for name in COLUMNS] for event in events]
    if len(events) > MANY:
        insert_many(Event._meta.db_table, COLUMNS, rows)
    else:
        insert(Event._meta.db_table, COLUMNS, rows)
    fresh = head.seq == 0 and not bytes(head.hash).strip(b"\x00")
    head.seq, head.hash = events[-1].seq, events[-1].hash
    if fresh and not Head.objects.filter(pk=1).exists():
        head.save(force_insert=True)
    else:
        run("UPDATE helmdesk_head SET seq = %s, hash = %s WHERE id = 1", [head.seq, head.hash])
    if connection.vendor == "postgresql":
        run("SELECT pg_notify(%s, %s)", [CHANNEL, str(head.seq)])


def record_config(kind: str, what: dict[str, Any], *, by: Stamp, at: datetime | None = None) -> Event:
    """One event in the stream `config`: a change of people, roles, providers, grants, catalogue."""
    return append([Entry(Stream.CONFIG, 1, kind, what)], by=by, at=at or now())[0]


def record_access(kind: str, what: dict[str, Any], *, by: Stamp, at: datetime | None = None) -> Event:
    """One event in the stream `access`: unmasked, exported, viewed as another, searched."""
    return append([Entry(Stream.ACCESS, 1, kind, what)], by=by, at=at or now())[0]
