"""`helmdesk restore FILE`: a desk from a backup, into an empty database and folder of files."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helmdesk.exchange.archive import BadBackup
from helmdesk.exchange.register import BadRegister
from helmdesk.exchange.restore import Restored, restore
from helmdesk.exchange.snapshots import NotEmpty
from helmdesk.foundation.time import now

OF_THE_OLD_HOME = ("DATABASE_URL", "HELMDESK_FILES", "HELMDESK_KEYS")


class Command(BaseCommand):
    help = "Restore a backup into an empty database and folder, forget again what was erased since, and verify it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--into", action="append", default=[], metavar="TARGET",
            help="a folder as HELMDESK_HOME, a DATABASE_URL, or both (twice); else where this desk's settings point",
        )  # fmt: skip
        parser.add_argument(
            "--erasures", type=Path, action="append", default=[], metavar="FILE",
            help="a register of erasures: erasures.jsonl of the desk's home, as new as there is (may be repeated)",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, into: list[str], erasures: list[Path], **options: Any) -> None:
        if into:
            self.elsewhere(file, into, erasures, as_json=options["json"])
            return
        try:
            restored = restore(file, registers=erasures, at=now())
        except (BadBackup, BadRegister, NotEmpty) as fault:
            raise CommandError(str(fault)) from fault
        if options["json"]:
            self.stdout.write(json.dumps(restored.as_dict(), default=str, indent=2))
        else:
            self.tell(restored)
        if not restored.ok:
            raise SystemExit(1)

    def elsewhere(self, file: Path, into: list[str], erasures: list[Path], *, as_json: bool) -> None:
        """The same command in a process whose settings point there."""
        command = [sys.executable, "-m", "django", "restore", str(file), *(["--json"] if as_json else [])]
        for register in erasures:
            command += ["--erasures", str(register)]
        done = subprocess.run(command, env=environment_of(into), check=False, capture_output=True, text=True)
        self.stdout.write(done.stdout)
        if done.returncode != 0:
            self.stderr.write(done.stderr)
            raise SystemExit(done.returncode)

    def tell(self, restored: Restored) -> None:
        report = restored.verified
        self.stdout.write(
            f"Restored the backup of {restored.made_at}: {report.tickets:,} tickets, {report.events:,} events, "
            f"{restored.files:,} files; {restored.forgotten} things were forgotten again."
        )
        if restored.strange_keys:
            self.stdout.write(
                "Its seals are signed by a key that is not here; they are believed by its public half. To go on with "
                "the same key, put the old keys folder into HELMDESK_KEYS before the desk starts."
            )
        for fault in report.faults:
            self.stdout.write(f"  {fault.fault}: {fault.words}")
        for one in restored.differences:
            self.stdout.write(f"  ticket {one.ticket}: {one.field} is {one.row}, by its events {one.events}")
        self.stdout.write(
            "Verified and replayed: all as recorded." if restored.ok else "It does NOT verify, see above."
        )


def environment_of(targets: list[str]) -> dict[str, str]:
    """This process's environment, pointing at a database, a home, or both."""
    environment = dict(os.environ)
    homes = [target for target in targets if "://" not in target]
    addresses = [target for target in targets if "://" in target]
    if len(homes) > 1 or len(addresses) > 1:
        raise CommandError("--into: give one folder and one DATABASE_URL at most.")
    if homes:
        for name in OF_THE_OLD_HOME:
            environment.pop(name, None)
        environment["HELMDESK_HOME"] = str(Path(homes[0]).absolute())
    if addresses:
        environment["DATABASE_URL"] = addresses[0]
    return environment
