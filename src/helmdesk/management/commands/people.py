"""`helmdesk people`: bring people in from a table, invite one to choose a password."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from helmdesk.access.viewer import system
from helmdesk.exchange.people_csv import COLUMNS, Imported, Options, import_people
from helmdesk.foundation.entries import checked_zone
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import now
from helmdesk.history.delimited import Unreadable
from helmdesk.people.accounts import account_for, create_account, invitation
from helmdesk.people.addresses import person_with_email

MOST_SHOWN = 50


class Command(BaseCommand):
    help = "Bring people in from a table; invite one of them to choose a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="import | invite", required=True)
        taking = acts.add_parser("import", help="add and change people from a table (CSV)")
        taking.add_argument("file", type=Path, help=f"columns: {', '.join(COLUMNS)}")
        taking.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        taking.add_argument("--create", action="store_true", help="make departments and sites that are not there")
        taking.add_argument("--zone", default="UTC", help="time zone of sites that are made")
        taking.add_argument("--encoding", help='of a file that is not UTF-8, such as "cp1252"')
        taking.add_argument("--delimiter", help="where it is none of , ; tab |")
        taking.add_argument("--json", action="store_true")
        inviting = acts.add_parser("invite", help="print a link, used once, to choose a password")
        inviting.add_argument("email", help="an address of the person")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "import":
            self.bring_in(**options)
        else:
            self.invite(options["email"])

    def bring_in(self, *, file: Path, json: bool, **options: Any) -> None:
        try:
            chosen = Options(
                create=options["create"], zone=checked_zone(options["zone"]), encoding=options["encoding"],
                delimiter=options["delimiter"], dry_run=options["dry_run"],
            )  # fmt: skip
            done = import_people(file, chosen, by=system(), at=now())
        except Unreadable as fault:
            raise CommandError(f"{fault.reason}. {fault.cure} (--encoding, --delimiter). Nothing was done.") from fault
        except BadEntry as bad:
            raise CommandError(f"--zone: {bad}") from bad
        if json:
            self.stdout.write(told_as_json({**done.as_dict(), "dry_run": chosen.dry_run}))
        else:
            self.tell(done, dry_run=chosen.dry_run)

    def tell(self, done: Imported, *, dry_run: bool) -> None:
        for name in done.made:
            self.stdout.write(f"made     {name}")
        for row in done.refused[:MOST_SHOWN]:
            what = f"{row.column} = {row.value}: " if row.column else ""
            self.stdout.write(f"refused  row {row.row}: {what}{row.reason}")
        if len(done.refused) > MOST_SHOWN:
            self.stdout.write(f"refused  … and {len(done.refused) - MOST_SHOWN} more (--json lists all)")
        if done.ignored:
            self.stdout.write(f"ignored  columns: {', '.join(done.ignored)}")
        self.stdout.write(
            f"{done.rows} rows: {done.added} added, {done.changed} changed, {done.unchanged} unchanged, "
            f"{len(done.refused)} refused"
        )
        if dry_run:
            self.stdout.write("Nothing was written: this was a dry run.")

    def invite(self, email: str) -> None:
        person, by, at = person_with_email(email), system().stamp, now()
        if person is None:
            raise CommandError(f"Nobody has the address {email!r}. Add the person first.")
        try:
            account = account_for(email) or create_account(person.pk, email=email, by=by, at=at)
        except BadEntry as bad:
            raise CommandError(str(bad)) from bad
        uid, _, key = invitation(account).partition("-")
        link = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
        self.stdout.write(f"{settings.HELMDESK_BASE_URL}{link}")


def told_as_json(what: dict[str, Any]) -> str:
    return json.dumps(what, indent=2, ensure_ascii=False)
