"""`helmdesk demo`: a generated company to try the desk with."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from helmdesk.exchange.demo.load import Bulk, Made, NotEmpty, make, make_in_bulk
from helmdesk.foundation.time import now
from helmdesk.people.models import Person

LONGEST_BULK = 10_000_000


class Command(BaseCommand):
    help = "Make a desk with a generated company, providers and half a year of tickets, and print its logins."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--serve", action="store_true", help="open the desk afterwards, or at once if it is there")
        parser.add_argument("--seed", default="helmdesk", help="the same seed makes the same company")
        parser.add_argument("--password", help="of every login (default: a random one, printed)")
        parser.add_argument("--tickets", type=int, help="how many tickets to tell (default: about 3000)")
        parser.add_argument("--bulk", type=int, metavar="N", help="draw N tickets instead, to measure with")
        parser.add_argument("--open-share", type=float, default=0.02, help="share of bulk tickets still open")
        parser.add_argument(
            "--messages", type=int, default=3, help="messages of a bulk ticket (0: two events a ticket)"
        )
        parser.add_argument("--json", action="store_true", help="print what was made as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if options["serve"] and Person.objects.exists():
            self.stdout.write("The demo desk is here already; its logins were printed when it was made.")
        else:
            self._tell(self._make(options), as_json=options["json"])
        if options["serve"]:
            call_command("serve")

    def _make(self, options: dict[str, Any]) -> Made:
        at, common = now(), {"seed": options["seed"], "password": options["password"]}
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
            progress = _reporter(bar)
            try:
                if options["bulk"] is None:
                    return make(now=at, tickets=options["tickets"], progress=progress, **common)
                shape = Bulk(_bulk(options["bulk"]), options["open_share"], options["messages"])
                return make_in_bulk(now=at, shape=shape, progress=progress, **common)
            except NotEmpty as error:
                raise CommandError(str(error)) from error

    def _tell(self, made: Made, *, as_json: bool) -> None:
        if as_json:
            logins = [{"role": role, "name": name, "email": email} for role, name, email, _ in made.logins]
            self.stdout.write(json.dumps({"tickets": made.tickets, "password": made.password, "logins": logins}))
            return
        self.stdout.write(f"{made.company}: {made.tickets} tickets. Every login has the password {made.password}\n")
        widths = [max(len(login[column]) for login in made.logins) for column in range(3)]
        for login in made.logins:
            role, name, email = (login[column].ljust(widths[column]) for column in range(3))
            self.stdout.write(f"  {role.replace('_', ' ')}  {name}  {email}  {login[3]}")


def _bulk(tickets: int) -> int:
    if not 1 <= tickets <= LONGEST_BULK:
        raise CommandError(f"--bulk {tickets}: between 1 and {LONGEST_BULK}.")
    return tickets


def _reporter(bar: Progress) -> Callable[[str, int, int], None]:
    tasks: dict[str, Any] = {}

    def report(name: str, done: int, total: int) -> None:
        if name not in tasks:
            tasks[name] = bar.add_task(name, total=total)
        bar.update(tasks[name], completed=done)

    return report
