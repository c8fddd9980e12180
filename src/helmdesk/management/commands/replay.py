"""`helmdesk replay`: rebuild tickets, their clocks and figures from events, and tell what differs (nothing does)."""

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from itertools import chain, islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from helmdesk.measures import replay as figures
from helmdesk.service_levels import replaying
from helmdesk.tickets import replay
from helmdesk.tickets.models import Ticket

MOST_TOLD: Final = 1000


class Command(BaseCommand):
    help = "Rebuild tickets (who has the ball, and why), their clocks and figures from events, and tell what differs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ticket", type=int, action="append", metavar="N", help="this one only (may be repeated)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, ticket: list[int] | None, **options: Any) -> None:
        started = time.monotonic()
        rows = Ticket.objects.unscoped(reason="the command tells how many were compared")
        count = rows.count() if ticket is None else rows.filter(pk__in=ticket).count()
        if ticket is not None and count < len(set(ticket)):
            raise CommandError(f"--ticket: not all of {', '.join(map(str, ticket))} exist.")
        rooms = (one.differences(tickets=ticket) for one in (replay, replaying, figures))
        found = list(islice(chain.from_iterable(rooms), MOST_TOLD))
        if options["json"]:
            told = [asdict(difference) for difference in found]
            self.stdout.write(
                json.dumps({"ok": not found, "tickets": count, "differences": told}, default=str, indent=2)
            )
        else:
            verdict = f"{len(found)} differences" if found else "no difference"
            self.stdout.write(f"{count:,} tickets rebuilt: {verdict} ({time.monotonic() - started:.1f} s)")
            for one in found:
                self.stdout.write(f"  ticket {one.ticket}: {one.field} is {one.row}, by its events {one.events}")
        if found:
            raise SystemExit(1)
