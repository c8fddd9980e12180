"""The register of erasures, kept beside backups: what a restore has to forget again. Ids only.

Each backup has its own as FILE.erasures.json. What is erased later is added to HELMDESK_HOME/erasures.jsonl, which is
to be copied to where the backups are.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Erasure, Event

# An erasure may be dated a little before it is committed, and a backup begins before its snapshot is taken.
MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was forgotten. `desk` is the hash of the desk's first event: ids mean nothing elsewhere."""

    desk: str
    id: int
    what: str
    what_id: int
    at: int
    seq: int


class BadRegister(ValueError):
    """A file that is no register of this desk; says where and what to do."""


def path_beside(backup: Path) -> Path:
    return backup.with_name(f"{backup.name}.erasures.json")


def path_at_home() -> Path:
    return Path(settings.HELMDESK_HOME) / "erasures.jsonl"


def desk() -> str | None:
    first = Event.objects.filter(seq=1).values_list("hash", flat=True).first()
    return None if first is None else bytes(first).hex()


def recorded() -> list[Entry]:
    """What the database itself says was forgotten."""
    name = desk()
    if name is None:
        return []
    rows = Erasure.objects.order_by("pk")
    return [Entry(name, row.pk, row.what, row.what_id, to_us(row.at), row.seq) for row in rows.iterator(2000)]


def keep() -> int:
    """Adds to the file at home whatever it lacks; says how much that was. Safe to run at once with another."""
    path = path_at_home()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        kept = set(_lines(file, path))
        missing = [entry for entry in recorded() if entry not in kept]
        file.writelines(json.dumps(asdict(entry)) + "\n" for entry in missing)
        file.flush()
        os.fsync(file.fileno())
    return len(missing)


def write_beside(backup: Path, entries: Iterable[Entry]) -> Path:
    path = path_beside(backup)
    path.write_text(json.dumps([asdict(entry) for entry in entries], indent=1) + "\n")
    return path


def read(path: Path) -> list[Entry]:
    """A register of either shape. Raises BadRegister."""
    try:
        text = path.read_text()
    except OSError as fault:
        raise BadRegister(f"{path}: cannot be read: {fault.strerror}.") from fault
    if not text.lstrip().startswith("["):
        return list(_lines(text.splitlines(), path))
    try:
        return [_entry(said, f"{path}, entry {number}") for number, said in enumerate(json.loads(text), start=1)]
    except json.JSONDecodeError as fault:
        raise BadRegister(f"{path}: is not whole: {fault}. Take another copy of it.") from fault


def must_be_of(desk: str | None, entries: Iterable[Entry]) -> None:
    """Refuses the register of another desk: its ids would name somebody else here."""
    strange = next((entry.desk for entry in entries if entry.desk != desk), None)
    if strange is not None:
        raise BadRegister(f"A register names desk {strange[:16]}…, the backup is of another. Give its own register.")


def to_reapply(entries: Iterable[Entry], *, since: datetime) -> list[tuple[str, int]]:
    """Those that a database restored from a backup of `since` does not know of.

    Older ones are in the backup itself; where one is not, it was erased on a desk that has since been given up for an
    earlier backup, and its ids may mean something else here.
    """
    known = {(entry.what, entry.what_id, entry.at) for entry in recorded()}
    found: dict[tuple[str, int], None] = {}
    for entry in entries:
        if entry.at >= to_us(since - MARGIN) and (entry.what, entry.what_id, entry.at) not in known:
            found[entry.what, entry.what_id] = None
    return list(found)


def _lines(lines: Iterable[str], path: Path) -> Iterator[Entry]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                said = json.loads(line)
            except json.JSONDecodeError as fault:
                raise BadRegister(f"{path}, line {number}: is not whole: {fault}. Mend that line.") from fault
            yield _entry(said, f"{path}, line {number}")


def _entry(said: Any, where: str) -> Entry:
    try:
        entry = Entry(**said)
    except TypeError as fault:
        raise BadRegister(f"{where}: is no erasure. Take another copy of the register.") from fault
    kinds = {"desk": str, "what": str}
    wrong = [name for name, value in asdict(entry).items() if type(value) is not kinds.get(name, int)]
    if wrong:
        raise BadRegister(f"{where}: {wrong[0]} is {said[wrong[0]]!r}. Take another copy of the register.")
    return entry
