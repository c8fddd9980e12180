"""A backup, made while the desk is at work: the database at one instant, the files, and beside it what was erased."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection

from helmdesk.exchange import register, snapshots
from helmdesk.exchange.archive import Packing, must_be_free, packed
from helmdesk.exchange.register import Entry
from helmdesk.foundation.time import to_us
from helmdesk.ledger import keys


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written, and where the ledger stood."""

    file: Path
    register: Path
    events: int
    tickets: int
    files: int
    bytes: int
    head: int


def make(path: Path, *, at: datetime) -> Backup:
    """Writes FILE and FILE.erasures.json, and brings the register at home up to date. Raises BadBackup.

    The database first: whatever a row of that instant names was synced to the disk before it.
    """
    must_be_free(path)
    register.keep()
    with (
        tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder,
        packed(path, at=to_us(at) // 10**6) as packing,
    ):
        pack = snapshots.pack_sqlite if connection.vendor == "sqlite" else snapshots.pack_postgresql
        said = pack(packing, Path(folder))
        files = pack_files(packing)
        erasures = [Entry(said["desk"] or "", *row) for row in said.pop("erasures")]
        packing.finish(
            {
                "helmdesk": version("helmdesk"),
                "made_at": at.isoformat(),
                "database": connection.vendor,
                "seal_keys": keys.trusted(),
                "files": files,
                **said,
            }
        )
    beside = register.write_beside(path, erasures)
    head = said["head"]["seq"] if said["head"] else 0
    return Backup(path, beside, said["events"], said["tickets"], files, path.stat().st_size, head)


def pack_files(packing: Packing) -> int:
    """Adds every stored file; one that is swept away meanwhile is left out."""
    root = Path(settings.HELMDESK_FILES)
    added = 0
    for path in sorted(root.glob("??/*")):
        if len(path.name) == 32 and path.name.startswith(path.parent.name):
            added += packing.add(f"files/{path.parent.name}/{path.name}", path)
    return added
