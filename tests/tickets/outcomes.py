"""What came of a verb: the event it left, or a refusal that left nothing at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from helmdesk.access.grants import Terms, give
from helmdesk.foundation import announce
from helmdesk.ledger.models import Event, Stream
from helmdesk.people.models import Role
from helmdesk.providers.models import Membership
from helmdesk.tickets.facts import TicketsChanged
from helmdesk.tickets.models import Share, Ticket
from helmdesk.tickets.refusals import Refused
from tests.world import World

WRITTEN = "event text thread message attachment participant link tickettag timeentry searchqueue follow snooze".split()
COUNTED = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM helmdesk_{name}" for name in WRITTEN)
ANY = object()


@contextmanager
def refused(
    code: str, says: str = "", *, cure: str = "", field: str | None = None, value: Any = ANY
) -> Iterator[list[Refused]]:
    """The verb says no for this reason, in these words; nothing is written and nobody hears of it."""
    before, caught = everything(), list[Refused]()
    with heard() as facts, pytest.raises(Refused) as raised:
        yield caught
    no = raised.value
    caught.append(no)
    assert (no.code, says in no.message, cure in no.cure) == (code, True, True), (no.code, no.message, no.cure)
    assert field is None or no.field == field
    assert value is ANY or no.value == value
    assert (everything(), facts) == (before, [])


@contextmanager
def heard() -> Iterator[list[TicketsChanged]]:
    """The facts that verbs announce meanwhile."""
    facts: list[TicketsChanged] = []
    announce.listen_within(TicketsChanged, facts.append)
    try:
        yield facts
    finally:
        announce._within[TicketsChanged].remove(facts.append)


def everything() -> list[Any]:
    """All that a verb might change: the rows of tickets and shares, and how much there is of all else."""
    tickets = Ticket.objects.unscoped(reason="a test looks at the truth").order_by("pk").values_list()
    shares = Share.objects.order_by("pk").values_list("ticket", "provider", "why", "ended_at")
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        return [list(tickets), list(shares), sorted(cursor.fetchall())]


def events(ticket: Ticket, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and payload of a ticket's events in order; of these kinds only, where any are named."""
    rows = Event.objects.filter(stream=Stream.TICKET, stream_id=ticket.pk).order_by("n").values_list("kind", "body")
    return [(kind, json.loads(body)["what"]) for kind, body in rows if not kinds or kind in kinds]


def last(ticket: Ticket, kind: str) -> dict[str, Any]:
    """The payload of the ticket's last event of a kind."""
    return events(ticket, kind)[-1][1]


def kinds(ticket: Ticket, *, since: int = 0) -> list[str]:
    """The kinds of the ticket's events, after the first `since`."""
    return [kind for kind, _ in events(ticket)][since:]


def signature(ticket: Ticket, kind: str) -> tuple[int, int | None, int | None]:
    """Hat, person and provider of the ticket's last event of a kind."""
    rows = Event.objects.filter(stream=Stream.TICKET, stream_id=ticket.pk, kind=kind).order_by("-n")
    return rows.values_list("hat", "person", "provider")[0]


def clear_for_confidential(world: World, *names: str) -> None:
    """These people, and their providers, may see what is confidential."""
    role, _ = Role.objects.get_or_create(
        code="cleared", defaults={"name": {"en": "Cleared"}, "permissions": ["tickets.confidential"]}
    )
    for name in names:
        member = Membership.objects.get(person=world.people[name], ended_at__isnull=True)
        member.roles.add(role)
        give(member.provider_id, Terms(confidential=True, personal_data=True), by=world.who("system"), at=world.tick())


def widen(world: World, provider: str, *services: str) -> None:
    """One more grant for a provider: these services, or all of them."""
    terms = Terms(services=[world.services[code].pk for code in services])
    give(world.providers[provider].pk, terms, by=world.who("system"), at=world.tick())
