"""Rows of one ticket brought together: as they come where the file keeps them together, else by an external sort."""

from __future__ import annotations

import heapq
import os
import tempfile
from collections.abc import Iterator
from itertools import batched
from typing import IO, Final

import msgspec

from helmdesk.history.delimited import Record, Table

RUN: Final = 50_000
BLOCK: Final = 500
LENGTH: Final = 8
PACKED: Final = msgspec.msgpack.Encoder()
UNPACKED: Final = msgspec.msgpack.Decoder(list[Record])
REMEMBERED: Final = 2_000_000
MAX_ROWS_A_TICKET: Final = 100_000


class Survey(msgspec.Struct, frozen=True):
    """What one pass over a file shows: its rows, its tickets, and whether each ticket's rows lie together.

    With more than two million tickets, togetherness is no longer checked, and taken as absent.
    """

    rows: int
    tickets: int
    together: bool


def survey(table: Table, column: int) -> Survey:
    rows = tickets = 0
    seen: set[int] = set()
    together = True
    before = None
    for record in table.records():
        rows += 1
        name = "" if record.fault else record.fields[column]
        if name and name != before:
            before = name
            mark = hash(name)
            together = together and mark not in seen
            if len(seen) < REMEMBERED:
                tickets += mark not in seen
                seen.add(mark)
            else:
                tickets += 1
                together = False
    return Survey(rows, tickets, together)


def by_ticket(table: Table, column: int, *, together: bool) -> Iterator[list[Record]]:
    """The rows of each ticket in file order; a row that cannot be read, or names no ticket, comes alone."""
    records = table.records() if together else _sorted(table.records(), column)
    group: list[Record] = []
    for record in records:
        name = "" if record.fault else record.fields[column]
        if not name:
            # Its neighbours stay together: a bad row in the middle must not open their ticket twice.
            yield [record]
        elif not group or name == group[0].fields[column]:
            group.append(record)
        else:
            yield group
            group = [record]
        if len(group) > MAX_ROWS_A_TICKET:
            yield [_one_too_many(group.pop())]
    if group:
        yield group


def _one_too_many(record: Record) -> Record:
    fault = f"is of a ticket with more than {MAX_ROWS_A_TICKET:,} rows"
    return Record(record.number, [], fault, "check that the column of the ticket's number is the right one")


def _sorted(records: Iterator[Record], column: int) -> Iterator[Record]:
    """All records by ticket, then row, in bounded memory: sorted runs on disk, merged."""

    def key(record: Record) -> tuple[str, int]:
        return ("" if record.fault else record.fields[column]), record.number

    with tempfile.TemporaryFile() as spill:
        runs = [_spilled(spill, sorted(run, key=key)) for run in batched(records, RUN)]
        yield from heapq.merge(*(_read(spill, start) for start in runs), key=key)


def _spilled(spill: IO[bytes], run: list[Record]) -> int:
    """Write one sorted run at the end, in blocks; an empty block ends it. Where it starts."""
    start = spill.seek(0, os.SEEK_END)
    for block in batched(run, BLOCK):
        packed = PACKED.encode(block)
        spill.write(len(packed).to_bytes(LENGTH) + packed)
    spill.write(bytes(LENGTH))
    return start


def _read(spill: IO[bytes], at: int) -> Iterator[Record]:
    """The records of one run. Runs share the file, so each block is sought for itself."""
    while True:
        spill.seek(at)
        size = int.from_bytes(spill.read(LENGTH))
        if not size:
            return
        yield from UNPACKED.decode(spill.read(size))
        at += LENGTH + size
