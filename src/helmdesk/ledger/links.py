"""Walks a stretch of the ledger: no event is missing, columns say what bodies say, each hash follows from the last.

It knows no Django, so that a large ledger is walked by several small processes at once: `python -m` this module reads
a stretch and an address on standard input and answers on standard output. A window of events that fits together is
seen to do so by the database and `hashlib`; only a window that does not is looked at event by event, and its faults
named.
"""

import gc
import json
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from operator import add
from typing import Any, Final
from urllib.parse import quote

import msgspec

from helmdesk.ledger.chain import ENVELOPE, GENESIS, envelope

WINDOW: Final = 1_000
MOST_FAULTS: Final = 200
STREAMS: Final = {1: "ticket", 2: "provider", 3: "person", 4: "config", 5: "access"}

_decode = msgspec.json.Decoder().decode
_NULLABLE: Final = frozenset({"batch", "cause", "hat_id", "operation", "person", "provider", "team"})
_INTEGERS: Final = tuple(name for name in ENVELOPE if name != "kind")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was recorded: where, of which kind, and in words."""

    seq: int | None
    stream: str | None
    fault: str
    words: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Events that stand together at another place than they were recorded at, `by` places off."""

    first: int
    last: int
    by: int


@dataclass(slots=True)
class Walked:
    """What a walk saw."""

    events: int = 0
    faults: list[Fault] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether so much is wrong that listing more of it helps nobody."""
        return len(self.faults) + len(self.moved) >= MOST_FAULTS


def walk(connection: Any, vendor: str, first: int, last: int) -> Walked:
    """Looks at every event from `first` to `last`. The link to the event before `first` is looked at too."""
    walker = _Walker(connection, vendor, first)
    for start in range(first, last + 1, WINDOW):
        walker.window(start, min(start + WINDOW - 1, last))
        if walker.seen.full:
            words = f"so much is wrong that the walk from {first} to {last} stopped here"
            walker.seen.faults.append(Fault(walker.expected, None, "stopped", words))
            return walker.seen
    walker.end(last)
    return walker.seen


class _Walker:
    """One walk: quick while all is well, event by event where it is not."""

    def __init__(self, connection: Any, vendor: str, first: int) -> None:
        self.rows = _reader(connection, vendor)
        self.quick, self.slow = (_ON_SQLITE, _SLOWLY_ON_SQLITE) if vendor == "sqlite" else (_ON_POSTGRESQL, _SLOWLY)
        self.seen = Walked()
        self.expected = first
        self.hashes: dict[int, bytes] = {}
        self.run: Moved | None = None
        if first == 1:
            self.hashes[0] = GENESIS
        else:
            for row in self.rows(self.slow, first - 1, first - 1):
                self.hashes[_recorded(_bytes(row[-2])).get("seq", first - 1)] = row[-1]

    def window(self, start: int, end: int) -> None:
        previous = self.hashes.get(start - 1)
        rows = self.fitting(start, end) if previous is not None and self.run is None else []
        if previous is not None and _fits_together(rows, end - start + 1, previous):
            self.seen.events += len(rows)
            self.expected = end + 1
            self.hashes = {end: rows[-1][1]}
        else:
            for row in self.rows(self.slow, start, end):
                self.look(row)

    def fitting(self, start: int, end: int) -> list[tuple[Any, ...]]:
        """Bodies (none where columns do not agree) and hashes; nothing where a value cannot even be compared."""
        try:
            return self.rows(self.quick, start, end)
        except sqlite3.OperationalError:
            return []

    def look(self, row: Sequence[Any]) -> None:
        """One event, its faults named."""
        columns, body, stored = dict(zip(ENVELOPE, row, strict=False)), _bytes(row[-2]), row[-1]
        seq = columns["seq"]
        self.seen.events += 1
        self.close_gap(seq)
        recorded = _recorded(body)
        place = recorded.get("seq")
        if not isinstance(place, int):
            place = seq
        self.mark_moved(seq, place - seq)
        self.compare(columns, body, recorded)
        previous = self.hashes.get(place - 1)
        if previous is not None and sha256(previous + body).digest() != stored:
            self.fault(
                columns, "edited",
                f"its body and its hash do not follow from event {place - 1}: one of them was changed, or event "
                f"{place - 1} was changed and hashed anew",
            )  # fmt: skip
        if isinstance(stored, bytes):
            self.hashes[place] = stored
        self.expected = seq + 1

    def close_gap(self, seq: int) -> None:
        """Names the events missing before `seq`; what followed from the last of them cannot be known."""
        missing = seq - self.expected
        if missing > 0:
            self.seen.faults.append(Fault(self.expected, None, "removed", _missing(self.expected, seq - 1)))

    def mark_moved(self, seq: int, by: int) -> None:
        run = self.run
        if run is not None and (run.by != by or run.last != seq - 1):
            self.seen.moved.append(run)
            run = None
        if by != 0:
            self.run = Moved(run.first if run else seq, seq, by)
        else:
            self.run = None

    def compare(self, columns: dict[str, Any], body: bytes, recorded: dict[str, Any]) -> None:
        """Columns against what the body says of them; the place is told apart (`mark_moved`)."""
        expected = {**columns, "seq": recorded.get("seq", columns["seq"])}
        if body.startswith(envelope(**expected).encode()) and all(_whole(columns[name]) for name in _INTEGERS):
            return
        differing = [name for name in ENVELOPE if name != "seq" and recorded.get(name) != columns[name]]
        told = [f"{name} is {columns[name]!r} and was recorded as {recorded.get(name)!r}" for name in differing]
        self.fault(columns, "edited", "; ".join(told) or "its body is not written as the ledger writes")

    def fault(self, columns: dict[str, Any], fault: str, words: str) -> None:
        self.seen.faults.append(
            Fault(columns["seq"], stream_name(columns["stream"], columns["stream_id"]), fault, words)
        )

    def end(self, last: int) -> None:
        self.close_gap(last + 1)
        if self.run is not None:
            self.seen.moved.append(self.run)


def stream_name(stream: int, stream_id: int) -> str:
    """`ticket:7`, `config`."""
    name = STREAMS.get(stream, str(stream))
    return name if name in ("config", "access") else f"{name}:{stream_id}"


def _fits_together(rows: Sequence[Sequence[Any]], count: int, previous: bytes) -> bool:
    """Whether the window is whole, every column agrees with its body, and every hash follows."""
    if len(rows) != count:
        return False
    bodies, hashes = zip(*rows, strict=True)
    if None in bodies:
        return False
    before = (previous, *hashes[:-1])
    return [sha256(linked).digest() for linked in map(add, before, bodies)] == list(hashes)


def _bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()


def _recorded(body: bytes) -> dict[str, Any]:
    try:
        read = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return read if isinstance(read, dict) else {}


def _whole(value: Any) -> bool:
    return value is None or type(value) is int


def _missing(first: int, last: int) -> str:
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"


# --- asking the databases: they compare columns with bodies, Python the hashes ---


def _on_sqlite() -> str:
    # Any column of SQLite holds any type: a blob that looks like a number makes json_object() fail, texts are < x''.
    pairs = ", ".join(f"'{name}', {name}" for name in ENVELOPE)
    agrees = f"instr(body, rtrim(json_object({pairs}), '}}') || ',\"what\":') = 1 AND hash >= x''"
    return f"SELECT CASE WHEN {agrees} THEN CAST(body AS BLOB) END, hash"


def _on_postgresql() -> str:
    shown = {name: f"coalesce({name}::text, 'null')" if name in _NULLABLE else name for name in ENVELOPE}
    shown["kind"] = "'\"' || kind || '\"'"
    head = "'{' || " + " || ".join(f"'{',' * (name != 'at')}\"{name}\":' || {shown[name]}" for name in ENVELOPE)
    return f"SELECT CASE WHEN starts_with(body, {head} || ',\"what\":') THEN convert_to(body, 'UTF8') END, hash"


_ON_SQLITE: Final = _on_sqlite()
_ON_POSTGRESQL: Final = _on_postgresql()
_SLOWLY: Final = f"SELECT {', '.join(ENVELOPE)}, body, hash"
_SLOWLY_ON_SQLITE: Final = _SLOWLY.replace("body", "CAST(body AS BLOB)")


def _reader(connection: Any, vendor: str) -> Callable[[str, int, int], list[tuple[Any, ...]]]:
    """Runs a SELECT over the events from one to another."""

    def of(select: str, start: int, end: int) -> str:
        return f"{select} FROM helmdesk_event WHERE seq BETWEEN {start:d} AND {end:d} ORDER BY seq"

    def on_sqlite(select: str, start: int, end: int) -> list[tuple[Any, ...]]:
        # A text that is no UTF-8 must be told, not stumbled over.
        decoded, connection.text_factory = connection.text_factory, lambda text: text.decode(errors="replace")
        try:
            found: list[tuple[Any, ...]] = connection.execute(of(select, start, end)).fetchall()
            return found
        finally:
            connection.text_factory = decoded

    def on_postgresql(select: str, start: int, end: int) -> list[tuple[Any, ...]]:
        from psycopg import Cursor

        with Cursor(connection) as cursor:
            return cursor.execute(of(select, start, end).encode(), binary=True).fetchall()

    return on_sqlite if vendor == "sqlite" else on_postgresql


# --- as a process of its own ---


def opened(address: dict[str, Any]) -> Any:
    """A read-only connection of our own to `{"vendor": …, …}`."""
    if address["vendor"] == "sqlite":
        connection = sqlite3.connect(f"file:{quote(address['path'])}?mode=ro", uri=True, timeout=20)
        connection.execute("PRAGMA mmap_size=1073741824")
        return connection
    import psycopg

    options = {"options": "-c default_transaction_read_only=on"}
    return psycopg.connect(**{**options, **address["parameters"]}, autocommit=True)


def read_back(written: str) -> Walked:
    """What such a process has written."""
    said = json.loads(written)
    return Walked(said["events"], [Fault(**f) for f in said["faults"]], [Moved(**m) for m in said["moved"]])


def main() -> int:
    gc.disable()  # rows make no cycles
    asked = json.load(sys.stdin)
    with closing(opened(asked["address"])) as connection:
        seen = walk(connection, asked["address"]["vendor"], asked["first"], asked["last"])
    json.dump(asdict(seen), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
