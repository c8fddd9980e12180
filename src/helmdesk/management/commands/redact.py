"""`helmdesk redact MESSAGE --text '…'`: removes a secret from a message and all that it said before, for good."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helmdesk.access.viewer import system
from helmdesk.foundation.time import now
from helmdesk.tickets.models import Message
from helmdesk.tickets.redaction import REASONS, redact
from helmdesk.tickets.refusals import Refused


class Command(BaseCommand):
    help = "Remove a secret from a message, and from everything that it said before, for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("message", type=int, help="the number of the message")
        parser.add_argument("--text", required=True, help="the words to remove, wherever they stand in it")
        parser.add_argument("--reason", default="secret", help=f"one of {', '.join(REASONS)}, or a sentence")
        parser.add_argument("--replacement", default="", help="what stands in their place")

    def handle(self, *args: Any, message: int, text: str, reason: str, replacement: str, **options: Any) -> None:
        try:
            done = redact(message, text, reason=reason, replacement=replacement, by=system(), at=now())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Message {done.pk} of ticket {done.ticket_id} says it no more, in no revision.")
        others = list(elsewhere(done, text))
        if others:
            told = ", ".join(f"{pk} (ticket {ticket})" for pk, ticket in others)
            self.stdout.write(f"The same words stand in these messages too: {told}")


def elsewhere(message: Message, words: str) -> list[tuple[int, int]]:
    """Other messages that hold the words: quoted answers, tickets split off or linked."""
    rows = Message.objects.visible_to(system()).filter(text__body__contains=words).exclude(pk=message.pk)
    return [(pk, ticket) for pk, ticket in rows.order_by("pk").values_list("pk", "ticket_id")[:50]]
