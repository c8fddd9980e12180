"""A desk from a backup: checked before anything is touched, erased again what was since, verified after."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from helmdesk.exchange import register, snapshots
from helmdesk.exchange.archive import BadBackup, unpacked
from helmdesk.exchange.snapshots import NotEmpty
from helmdesk.ledger import keys, triggers
from helmdesk.ledger.verify import Report, verify
from helmdesk.tickets import erasure
from helmdesk.tickets.replay import Difference, differences

# Who was signed in then is not signed in now; what was counted and remembered then is stale.
FLEETING = ("usersessions_usersession", "django_session", "helmdesk_remembered")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, what was forgotten again, and whether all of it holds."""

    made_at: str
    files: int
    forgotten: int
    strange_keys: list[str]
    verified: Report
    differences: list[Difference]

    @property
    def ok(self) -> bool:
        return self.verified.ok and not self.differences

    def as_dict(self) -> dict[str, Any]:
        told = [asdict(difference) for difference in self.differences]
        return {
            "ok": self.ok, "made_at": self.made_at, "files": self.files, "forgotten": self.forgotten,
            "strange_keys": self.strange_keys, "verified": self.verified.as_dict(), "differences": told,
        }  # fmt: skip


def restore(path: Path, *, registers: Sequence[Path] = (), at: datetime) -> Restored:
    """Fills the empty database and folder of files of this process's settings. Raises BadBackup, BadRegister, NotEmpty.

    Beside the registers given, that of the backup itself and the one at home are read where they are there.
    """
    snapshots.must_be_empty()
    must_be_without_files()
    entries = [entry for source in _registers(path, registers) for entry in register.read(source)]
    home = Path(settings.HELMDESK_HOME)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
        staging = Path(folder)
        manifest = unpacked(path, staging)
        _must_fit(manifest)
        register.must_be_of(manifest["desk"], entries)
        if connection.vendor == "sqlite":
            snapshots.unpack_sqlite(staging / "database.sqlite3")
        else:
            snapshots.unpack_postgresql(staging, manifest)
        _bring_files(staging / "files")
    call_command("migrate", verbosity=0)
    triggers.install()
    end_sessions()
    strange = [key for key in manifest["seal_keys"] if keys.trust(key)]
    since = datetime.fromisoformat(manifest["made_at"])
    forgotten = erasure.reapply(register.to_reapply(entries, since=since), at=at)
    register.keep()
    found = list(islice(differences(), 1000))
    return Restored(manifest["made_at"], manifest["files"], forgotten, strange, verify(everything=True), found)


def must_be_without_files() -> None:
    root = Path(settings.HELMDESK_FILES)
    if root.exists() and any(root.iterdir()):
        raise NotEmpty(f"{root} holds files already. Restore into an empty folder.")


def _registers(path: Path, given: Sequence[Path]) -> list[Path]:
    likely = [register.path_beside(path), register.path_at_home()]
    return [*given, *(source for source in likely if source.exists())]


def _must_fit(manifest: dict[str, Any]) -> None:
    made = manifest["database"]
    if made != connection.vendor:
        raise BadBackup(
            f"It is of a {made} database; DATABASE_URL names a {connection.vendor} one. Restore into {made}."
        )
    snapshots.must_be_known(manifest["migrations"])


def _bring_files(staged: Path) -> None:
    root = Path(settings.HELMDESK_FILES)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in sorted(staged.iterdir()) if staged.exists() else ():
        shutil.move(folder, root / folder.name)


def end_sessions() -> None:
    """Whoever was signed in when the backup was made signs in again: their session may have been ended since."""
    with connection.cursor() as cursor:
        for table in FLEETING:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (a name of our own)
