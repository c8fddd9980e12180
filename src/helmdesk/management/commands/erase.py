"""`helmdesk erase PERSON --reason …`: forgets a person for good; what happened stays, and still verifies."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helmdesk.access.viewer import system
from helmdesk.foundation.time import now
from helmdesk.people.addresses import person_with_email
from helmdesk.people.merging import current_person
from helmdesk.people.models import Person
from helmdesk.tickets.erasure import erase_person, traces_of
from helmdesk.tickets.mentions import Mention, mentions_of
from helmdesk.tickets.redaction import REASONS
from helmdesk.tickets.refusals import Refused


class Command(BaseCommand):
    help = "Forget a person for good: names, addresses, account, sessions, own texts and files, personal fields."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="the person's number, or an e-mail address")
        parser.add_argument("--reason", default="asked", help=f"one of {', '.join(REASONS)}, or a sentence")
        parser.add_argument("--mentions", action="store_true", help="remove what others say of them by name, too")
        parser.add_argument("--dry-run", action="store_true", help="say what would be forgotten, and forget nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask before it is done")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, person: str, reason: str, mentions: bool, dry_run: bool, **options: Any) -> None:
        row = found(person)
        said = list(mentions_of(row.pk, by=system()))
        counts = {"person": row.pk, **traces_of(row.pk).counts(), "mentions": len(said), "dry_run": dry_run}
        if not dry_run:
            self.confirm(counts, yes=options["yes"] or options["json"])
            try:
                erase_person(row.pk, reason=reason, mentions=said if mentions else (), by=system(), at=now())
            except Refused as refused:
                raise CommandError(str(refused)) from refused
        if options["json"]:
            listed = [{"ticket": one.ticket, "message": one.message, "spans": one.spans} for one in said]
            self.stdout.write(json.dumps({**counts, "mentioned": listed}, indent=2))
        else:
            self.tell(counts, said, removed=mentions)

    def confirm(self, counts: dict[str, Any], *, yes: bool) -> None:
        """A person at a terminal is asked; a program has decided already."""
        if yes or not sys.stdin.isatty():
            return
        self.stdout.write(told(counts))
        if input("This cannot be undone. Go on? [yes/no] ").strip().lower() != "yes":
            raise CommandError("Nothing was forgotten.")

    def tell(self, counts: dict[str, Any], said: list[Mention], *, removed: bool) -> None:
        self.stdout.write(("Would forget: " if counts["dry_run"] else "Forgotten: ") + told(counts))
        if said:
            places = ", ".join(f"message {one.message}" if one.message else "the subject" for one in said[:20])
            tickets = ", ".join(str(ticket) for ticket in sorted({one.ticket for one in said})[:20])
            what = "would be removed with --mentions" if counts["dry_run"] and not removed else "stay"
            what = "are removed too" if removed else what
            self.stdout.write(f"Others name the person in {places} (tickets {tickets}); these mentions {what}.")


def found(who: str) -> Person:
    """The person of this number or address, after every merge."""
    if who.isdecimal() and len(who) < 18:
        row = Person.objects.filter(pk=int(who)).first()
    else:
        row = person_with_email(who)
    if row is None:
        raise CommandError(f"There is no person {who!r}. Give their number or an e-mail address.")
    if row.erased_at is not None:
        raise CommandError(f"Person {row.pk} was erased already.")
    return current_person(row.pk)


def told(counts: dict[str, Any]) -> str:
    names = ("texts", "files", "addresses", "accounts")
    many = ", ".join(f"{counts[name]} {name}" for name in names)
    return f"person {counts['person']} with {many}, shown on {counts['tickets']} tickets."
