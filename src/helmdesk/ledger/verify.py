"""Whether the ledger is what was recorded: nothing edited, removed, inserted, reordered or hashed anew.

Bodies and columns are walked by several processes (`links`) while the database is asked whether streams are whole and
rows know their last event. It reads no text unless asked to open commitments.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.db import connection
from django.db.models import Q

from helmdesk.ledger import links, seals
from helmdesk.ledger.commitments import unopened
from helmdesk.ledger.links import Fault, Moved, Walked, stream_name
from helmdesk.ledger.models import Erasure, Event, Stream

ALONE: Final = 50_000
MOST_PROCESSES: Final = 8
MOST_NAMED: Final = 100

# Models whose rows know the n of their stream's last event. Named, not imported: they lie above.
ROWS: Final = {Stream.TICKET: "helmdesk.Ticket"}


@dataclass(slots=True)
class Report:
    """What verifying found. `sealed_to` is the last event that a good seal covers."""

    tickets: int
    events: int
    erased: int
    sealed_to: int | None
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the ledger begins and ends: by its events, and by its head."""

    events: int
    first: int
    last: int
    head: int
    hash: bytes
    stored: bytes


def verify(*, everything: bool = False, against: seals.SealFile | None = None, texts: bool = False) -> Report:
    """From the last good seal, or from the beginning when `everything` or a kept seal file is given.

    Removed events, broken streams and rows are found wherever they are, whatever is walked.
    """
    ends = _ends()
    sealed = seals.standing()
    first = 1 if everything or against or _incomplete(sealed.to) else sealed.to + 1
    with _walking(first, ends.head) as walks:
        faults = [*sealed.faults, *_faults_of_ends(ends), *_faults_of_streams(), *_faults_of_rows()]
        if against is not None:
            faults += seals.faults_of_file(against)
        if texts:
            faults += unopened(ends.head)
        seen = [walk() for walk in walks]
    faults += [fault for walked in seen for fault in walked.faults]
    faults += _faults_of_places([moved for walked in seen for moved in walked.moved], ends.head)
    return Report(
        tickets=_count(ROWS[Stream.TICKET]),
        events=ends.events,
        erased=Erasure.objects.count(),
        sealed_to=sealed.to or None,
        faults=sorted(dict.fromkeys(faults), key=lambda fault: (fault.seq is None, fault.seq or 0)),
    )


# --- walking, by as many processes as there are processors ---


@contextmanager
def _walking(first: int, last: int) -> Iterator[list[Callable[[], Walked]]]:
    """Starts the walk from `first` to `last`; each function waits for the result of one part of it."""
    address = None if connection.in_atomic_block else _address()
    parts = _parts(first, last)
    if address is None or last - first < ALONE:
        yield [partial(_walk_here, *part) for part in parts]
        return
    processes = [_started(address, *part) for part in parts]
    try:
        yield [partial(_result_of, process) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _parts(first: int, last: int) -> list[tuple[int, int]]:
    count = min(MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    size = max(1, -(-(last - first + 1) // count))
    return [(start, min(start + size - 1, last)) for start in range(first, last + 1, size)]


def _address() -> dict[str, Any] | None:
    """How another process finds this database; None when it cannot."""
    described = connection.settings_dict
    if connection.vendor == "sqlite":
        path = Path(str(described["NAME"]))
        return {"vendor": "sqlite", "path": str(path)} if path.is_file() else None
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    parameters = {name: described[key] for name, key in names.items() if described[key]}
    options = {name: value for name, value in described["OPTIONS"].items() if isinstance(value, str)}
    return {"vendor": connection.vendor, "parameters": {**options, **parameters}}


def _started(address: dict[str, Any], first: int, last: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", links.__name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    json.dump({"address": address, "first": first, "last": last}, process.stdin)
    process.stdin.close()
    return process


def _result_of(process: subprocess.Popen[str]) -> Walked:
    assert process.stdout is not None
    said = process.stdout.read()
    if process.wait() != 0:
        raise RuntimeError("a process that walked the ledger ended early; its own message is above")
    return links.read_back(said)


def _walk_here(first: int, last: int) -> Walked:
    connection.ensure_connection()
    return links.walk(connection.connection, connection.vendor, first, last)


# --- asking the database ---


def _rows(query: str, *values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _table(model: str) -> str:
    return connection.ops.quote_name(apps.get_model(model)._meta.db_table)


def _count(model: str) -> int:
    return int(_rows(f"SELECT count(*) FROM {_table(model)}")[0][0])  # noqa: S608 (a name of our own)


def _ends() -> Ends:
    """One statement, so that nobody appends between its parts."""
    row = _rows(
        """SELECT e.events, coalesce(e.first, 1), coalesce(e.last, 0), coalesce(h.seq, 0), h.hash, x.hash
        FROM (SELECT count(*) AS events, min(seq) AS first, max(seq) AS last FROM helmdesk_event) e
        LEFT JOIN helmdesk_head h ON h.id = 1 LEFT JOIN helmdesk_event x ON x.seq = h.seq"""
    )[0]
    events, first, last, head, named, stored = row
    return Ends(events, first, last, head, bytes(named or b""), bytes(stored or b""))


def _incomplete(to: int) -> bool:
    return bool(_rows("SELECT count(*) FROM helmdesk_event WHERE seq BETWEEN 1 AND %s", to)[0][0] != to)


def _faults_of_ends(ends: Ends) -> Iterator[Fault]:
    strangers = Event.objects.filter(Q(seq__gt=ends.head, seq__lte=ends.last) | Q(seq__lt=1)).order_by("seq")
    some = ends.first < 1 or ends.last > ends.head
    for seq, stream, stream_id in strangers.values_list("seq", "stream", "stream_id")[:MOST_NAMED] if some else ():
        words = f"event {seq} was inserted: by its head, the ledger ends at {ends.head}"
        yield Fault(seq, stream_name(stream, stream_id), "inserted", words)
    if ends.stored and ends.stored != ends.hash:
        words = f"event {ends.head} is the last, but not the one that the head names: it was changed and hashed anew"
        yield Fault(ends.head, None, "rehashed", words)


def _faults_of_streams() -> Iterator[Fault]:
    """Streams whose n do not run 1, 2, 3 …, and rows that know of another last event than their stream has.

    One statement a kind of row, so that nobody writes in between; all streams are gone through once.
    """
    rows = " ".join(f"WHEN {stream:d} THEN r{stream:d}.position" for stream in ROWS)
    joined = " ".join(
        f"LEFT JOIN {_table(model)} r{stream:d} ON e.stream = {stream:d} AND r{stream:d}.id = e.stream_id"
        for stream, model in ROWS.items()
    )
    known = ", ".join(f"{stream:d}" for stream in ROWS)
    broken = _rows(
        f"""SELECT * FROM (
        SELECT e.stream, e.stream_id, e.events, e.first, e.last, CASE e.stream {rows} END AS position FROM
        (SELECT stream, stream_id, count(*) AS events, min(n) AS first, max(n) AS last
         FROM helmdesk_event GROUP BY stream, stream_id) e {joined}) s
        WHERE events <> last OR first <> 1 OR stream IN ({known}) AND (position IS NULL OR position <> last)
        ORDER BY stream, stream_id LIMIT {MOST_NAMED}"""  # noqa: S608 (names and numbers of our own)
    )
    for stream, stream_id, events, first, last, position in broken:
        if events != last or first != 1:
            yield from _faults_of_stream(stream, stream_id, last)
        if stream in ROWS and position != last:
            yield _fault_of_row(stream_name(stream, stream_id), position, last)


def _faults_of_stream(stream: int, stream_id: int, last: int) -> Iterator[Fault]:
    there = set(Event.objects.filter(stream=stream, stream_id=stream_id).values_list("n", flat=True))
    gone = [n for n in range(1, last + 1) if n not in there]
    name = stream_name(stream, stream_id)
    if gone:
        words = f"{name} lacks its event{'s' * (len(gone) > 1)} {', '.join(map(str, gone[:MOST_NAMED]))}"
        yield Fault(None, name, "removed", words)
    for n in sorted(n for n in there if n < 1):
        yield Fault(None, name, "inserted", f"{name} has an event {n}; the first is 1")


def _faults_of_rows() -> Iterator[Fault]:
    """Rows whose streams are gone with every event."""
    for stream, model in ROWS.items():
        alone = _rows(
            f"""SELECT t.id, t.position FROM {_table(model)} t WHERE NOT EXISTS
            (SELECT 1 FROM helmdesk_event e WHERE e.stream = {stream:d} AND e.stream_id = t.id)
            ORDER BY 1 LIMIT {MOST_NAMED}"""  # noqa: S608 (names of our own)
        )
        for stream_id, position in alone:
            yield _fault_of_row(stream_name(stream, stream_id), position, None)


def _fault_of_row(name: str, position: int | None, last: int | None) -> Fault:
    if position is None:
        return Fault(None, name, "removed", f"{name} has {last} events and no row: the row was removed")
    elif last is None:
        return Fault(None, name, "removed", f"{name} has a row and no event: its {position} events were removed")
    elif last < position:
        return Fault(None, name, "removed", f"{name} lacks its last events: its row knows {position}, {last} are there")
    else:
        return Fault(None, name, "inserted", f"{name} has {last} events, but its row knows only {position}")


def _faults_of_places(moved: Sequence[Moved], last: int) -> Iterator[Fault]:
    """Events at other places than recorded. What stays off until the end was pushed there by what is missing or new."""
    runs: list[Moved] = []
    for run in moved:
        joins = bool(runs) and runs[-1].by == run.by and runs[-1].last == run.first - 1
        runs.append(Moved(runs.pop().first, run.last, run.by) if joins else run)
    for run in runs:
        first, by = run.first, run.by
        if run.last == last and by > 0:
            words = (
                f"events were removed before {first}, and all after them renumbered: it was recorded as {first + by}"
            )
            yield Fault(first, None, "removed", words)
        elif run.last == last:
            words = f"events {first + by} to {first - 1} were inserted, and all after them renumbered"
            yield Fault(first + by, None, "inserted", words)
        else:
            named = f"event {first}" if run.last == first else f"events {first} to {run.last}"
            words = f"{named} stood at {first + by} when recorded: the order was changed"
            yield Fault(first, None, "reordered", words)
