"""`helmdesk ledger`: verify it, seal it, list the seals."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helmdesk.foundation.time import now
from helmdesk.ledger import keys, seals
from helmdesk.ledger.models import Seal
from helmdesk.ledger.verify import Report, verify


class Command(BaseCommand):
    help = "Verify that nothing in the ledger was changed, removed or put in; seal it; list the seals."
    requires_system_checks = ()  # an auditor needs no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="verify | seal | seals", required=True)
        verifying = acts.add_parser("verify", help="whether everything is as it was recorded; exit code 1 if not")
        verifying.add_argument("--all", action="store_true", help="from the beginning, not from the last good seal")
        verifying.add_argument("--seal", type=Path, metavar="FILE", help="against a seal that somebody has kept")
        verifying.add_argument("--texts", action="store_true", help="read the texts too, and open every commitment")
        sealing = acts.add_parser("seal", help="seal what has happened since the last seal, now")
        listing = acts.add_parser("seals", help="which seals there are")
        for act in (verifying, sealing, listing):
            act.add_argument("--json", action="store_true")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "verify":
            self.verify(**options)
        elif act == "seal":
            self.seal(**options)
        else:
            self.list(**options)

    def verify(self, *, seal: Path | None, texts: bool, json: bool, **options: Any) -> None:
        started = time.monotonic()
        try:
            against = None if seal is None else seals.read_file(seal)
        except seals.SealUnreadable as fault:
            raise CommandError(str(fault)) from fault
        report = verify(everything=options["all"], against=against, texts=texts)
        if json:
            self.tell(report.as_dict())
        else:
            self.describe(report, time.monotonic() - started)
        if not report.ok:
            raise SystemExit(1)

    def describe(self, report: Report, seconds: float) -> None:
        sealed = "no seal yet" if report.sealed_to is None else f"sealed to event {report.sealed_to:,}"
        counts = f"{report.events:,} events, {report.tickets:,} tickets, {report.erased:,} erasures, {sealed}"
        verdict = "all as recorded" if report.ok else f"{len(report.faults)} faults"
        self.stdout.write(f"{counts}: {verdict} ({seconds:.1f} s)")
        for fault in report.faults:
            where = " ".join(str(part) for part in (fault.seq, fault.stream) if part is not None)
            self.stdout.write(f"  {fault.fault:<10} {where}: {fault.words}")

    def seal(self, *, json: bool, **options: Any) -> None:
        try:
            made = seals.seal(at=now())
        except (seals.LedgerBroken, keys.KeyUnusable) as fault:
            raise CommandError(str(fault)) from fault
        if json:
            self.tell(None if made is None else row(made))
        elif made is None:
            self.stdout.write("Nothing to seal: no event since the last seal.")
        else:
            self.stdout.write(f"Sealed events {made.first_seq} to {made.last_seq}: {seals.path_of(made)}")

    def list(self, *, json: bool, **options: Any) -> None:
        made = [row(seal) for seal in Seal.objects.order_by("last_seq")]
        if json:
            self.tell({"key": keys.public_key(), "seals": made})
            return
        self.stdout.write(f"This desk's key: {keys.public_key()}")
        for one in made:
            self.stdout.write(
                f"  {one['at']}  events {one['first_seq']} to {one['last_seq']}  root {one['root'][:16]}…"
            )

    def tell(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2))


def row(made: Seal) -> dict[str, Any]:
    return {
        "at": made.at.isoformat(timespec="seconds"),
        "first_seq": made.first_seq,
        "last_seq": made.last_seq,
        "count": made.count,
        "root": bytes(made.root).hex(),
        "file": str(seals.path_of(made)),
    }
