"""`helmdesk setup company.toml`: adds what is missing and changes what differs; a second run changes nothing."""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helmdesk.access.viewer import system
from helmdesk.exchange.setup import Outcome, set_up
from helmdesk.exchange.setup_file import BadSetup
from helmdesk.foundation.time import now


class Command(BaseCommand):
    help = "Set a company up from a file: sites, services, providers, teams, people, grants and more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="see docs/reference/company.toml")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, dry_run: bool, json: bool, **options: Any) -> None:
        try:
            outcomes = set_up(file, dry_run=dry_run, by=system(), at=now())
        except BadSetup as bad:
            if json:
                self.stdout.write(told_as_json(ok=False, faults=[asdict(fault) for fault in bad.faults]))
            raise CommandError(f"Nothing was written.\n{bad}") from bad
        counts = Counter(outcome.done for outcome in outcomes)
        if json:
            counted = {done: counts[done] for done in ("added", "changed", "unchanged")}
            entries = [asdict(outcome) for outcome in outcomes]
            self.stdout.write(told_as_json(ok=True, dry_run=dry_run, **counted, entries=entries))
        else:
            self.tell(outcomes, counts, dry_run=dry_run)

    def tell(self, outcomes: list[Outcome], counts: Counter[str], *, dry_run: bool) -> None:
        for outcome in outcomes:
            if outcome.done != "unchanged":
                fields = f" ({', '.join(outcome.fields)})" if outcome.fields else ""
                self.stdout.write(f"{outcome.done:<8} {outcome.table:<13} {outcome.entry}{fields}")
        self.stdout.write(f"{counts['added']} added, {counts['changed']} changed, {counts['unchanged']} unchanged")
        if dry_run:
            self.stdout.write("Nothing was written: this was a dry run.")


def told_as_json(**what: Any) -> str:
    return json.dumps(what, indent=2, ensure_ascii=False)
