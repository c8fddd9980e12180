"""`helmdesk backup FILE.tar.gz`: database, files and manifest, while the desk is at work."""

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helmdesk.exchange import backup
from helmdesk.exchange.archive import BadBackup
from helmdesk.exchange.register import BadRegister
from helmdesk.foundation.time import now


class Command(BaseCommand):
    help = "Back up the database and the files, while the desk is at work. Keys are not in it: keep them elsewhere."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a new file: *.tar, or smaller and slower *.tar.gz")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        started = time.monotonic()
        try:
            made = backup.make(file, at=now())
        except (BadBackup, BadRegister) as fault:
            raise CommandError(str(fault)) from fault
        if options["json"]:
            self.stdout.write(json.dumps(asdict(made), default=str))
            return
        counts = f"{made.tickets:,} tickets, {made.events:,} events to {made.head}, {made.files:,} files"
        self.stdout.write(f"{made.file}: {made.bytes / 1e6:,.1f} MB, {counts} ({time.monotonic() - started:.1f} s)")
        self.stdout.write(f"{made.register}: what was erased; keep it beside.")
        self.stdout.write("Keys are not in the backup: keep a copy of HELMDESK_KEYS elsewhere.")
