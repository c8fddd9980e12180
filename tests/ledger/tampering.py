"""What somebody who can write the database might do to the ledger, once past the triggers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from helmdesk.ledger import triggers
from helmdesk.ledger.chain import envelope, link
from helmdesk.ledger.models import Event, Head

COLUMNS = [str(field.column) for field in Event._meta.local_concrete_fields]


@contextmanager
def unguarded() -> Iterator[None]:
    """Without triggers; they are back afterwards, as a careful attacker would have it."""
    with connection.cursor() as cursor:
        for name in (name for table in triggers.sealed_tables() for name in triggers._names(table)):
            on = f" ON {name.rpartition('_no_')[0]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")
    yield
    triggers.install()
    assert triggers.missing() == []


def execute(statement: str, *values: Any) -> None:
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def change(seq: int, **columns: Any) -> None:
    """Changes columns of one event and nothing else."""
    for name, value in columns.items():
        execute(f"UPDATE helmdesk_event SET {name} = %s WHERE seq = %s", value, seq)


def remove(*seqs: int) -> None:
    for seq in seqs:
        execute("DELETE FROM helmdesk_event WHERE seq = %s", seq)


def swap(one: int, other: int) -> None:
    """Two events trade places, each with its body and hash."""
    place(one, -1)
    place(other, one)
    place(-1, other)


def place(seq: int, to: int) -> None:
    execute("UPDATE helmdesk_event SET seq = %s WHERE seq = %s", to, seq)


def renumber(first: int, by: int) -> None:
    """All events from `first` on move up or down, their bodies untouched."""
    seqs = list(Event.objects.filter(seq__gte=first).order_by("seq").values_list("seq", flat=True))
    for seq in reversed(seqs) if by > 0 else seqs:
        place(seq, seq + by)


def insert(seq: int, like: int, **changes: Any) -> None:
    """A forged event, linked to the one before it as it should be."""
    row = {name: getattr(Event.objects.get(seq=like), name) for name in COLUMNS} | {"seq": seq, **changes}
    write(row, bytes(Event.objects.get(seq=seq - 1).hash))


def write(row: dict[str, Any], previous: bytes) -> bytes:
    """Writes a row whose body and hash say what its columns say."""
    hash_ = honest(row, previous)
    marks = ", ".join(["%s"] * len(COLUMNS))
    execute(f"INSERT INTO helmdesk_event ({', '.join(COLUMNS)}) VALUES ({marks})", *(row[name] for name in COLUMNS))
    return hash_


def honest(row: dict[str, Any], previous: bytes) -> bytes:
    """Makes body and hash fit the columns, and returns the hash."""
    columns = {name: row[name] for name in COLUMNS if name not in ("body", "hash")}
    what = row["body"].partition('"what":')[2]
    row["body"] = envelope(**columns) + what
    row["hash"] = hash_ = link(previous, row["body"])
    return hash_


def rehash(first: int, *, head: bool = True, **changes: Any) -> None:
    """Changes one event, and hashes it and all after it anew, the head too: no link shows it."""
    previous = bytes(Event.objects.get(seq=first - 1).hash) if first > 1 else bytes(32)
    for event in Event.objects.filter(seq__gte=first).order_by("seq"):
        row = {name: getattr(event, name) for name in COLUMNS} | (changes if event.seq == first else {})
        previous = honest(row, previous)
        for name in (*changes, "body", "hash"):
            execute(f"UPDATE helmdesk_event SET {name} = %s WHERE seq = %s", row[name], event.seq)
    if head:
        Head.objects.filter(pk=1).update(hash=previous)
