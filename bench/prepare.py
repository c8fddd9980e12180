"""Finds or makes what is measured: `prepare.py AGENT GUEST` prints [long, short, the guest's short, a requester]."""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmdesk.config.settings")

import django

django.setup()

from helmdesk.access.viewer import Viewer, system, viewer_of  # noqa: E402
from helmdesk.foundation.time import now  # noqa: E402
from helmdesk.people.models import Account  # noqa: E402
from helmdesk.tickets.conversation import Words, reply  # noqa: E402
from helmdesk.tickets.models import Message, Ticket  # noqa: E402

LONG, SOUGHT = 50, 2_000


def viewer(email: str) -> Viewer:
    person = Account.objects.get(email=email).person_id
    assert person is not None
    return viewer_of(person, at=now())


def tickets_of(email: str) -> list[int]:
    seen = Ticket.objects.visible_to(viewer(email)).still_open().newest_first()
    return list(seen.values_list("pk", flat=True)[:SOUGHT])


def messages(ticket: int) -> int:
    return int(Message.objects.unscoped(reason="counting for a measurement").filter(ticket=ticket).count())


def main(agent: str, guest: str) -> list[int]:
    mine, theirs = tickets_of(agent), tickets_of(guest)
    long_one = next((pk for pk in mine[-60:] if messages(pk) >= LONG), mine[-1])
    for n in range(messages(long_one), LONG):
        reply(long_one, Words(f"Message {n}: the line is up, the second switch still waits."), by=system(), at=now())
    short = [next(pk for pk in pks if messages(pk) == 3) for pks in (mine, theirs)]
    requester = Ticket.objects.unscoped(reason="somebody to open a ticket for").get(pk=short[0]).requester_id
    return [long_one, *short, requester]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:3])))
