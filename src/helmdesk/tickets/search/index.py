"""Writes the index rows of tickets: what they say, and who may find them by it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from helmdesk.foundation.text import index_terms, key, to_tsvector
from helmdesk.people.models import Person
from helmdesk.tickets.models import Attachment, Message, Participant, Share, Ticket, TicketTag
from helmdesk.tickets.search.tables import PLACES


@dataclass(frozen=True, slots=True)
class Row:
    """One index row: id, message, and terms either `plain` or `whole` beside `masked`."""

    id: int
    message: int | None
    plain: str | None
    whole: str | None = None
    masked: str | None = None


def reindex(tickets: Iterable[int]) -> int:
    """Replaces the index rows of these tickets, in one transaction; returns how many rows there are now."""
    ids = sorted(set(tickets))
    with transaction.atomic():
        rows = list(rows_of(ids))
        _remove(ids)
        insert(rows)
    return len(rows)


def rows_of(tickets: list[int]) -> Iterator[Row]:
    """The rows that these tickets should have."""
    everything = Ticket.objects.unscoped(reason="the index holds every ticket; its keys say who may find it")
    found = {ticket.pk: ticket for ticket in everything.filter(pk__in=tickets).select_related("subject")}
    readers = _readers(list(found))
    names = dict(Person.objects.filter(pk__in={t.requester_id for t in found.values()}).values_list("pk", "name"))
    messages, files = _messages(list(found))
    tags = _tags(list(found))
    for pk, ticket in found.items():
        at_work = [key("s", ticket.scope_id), *readers.providers[pk]]
        own = [key("r", ticket.requester_id), *readers.people[pk]]
        facts = f"{pk} {ticket.external_ref} {' '.join(tags[pk])}"
        name = names.get(ticket.requester_id, "")
        subject = ticket.subject.body or ""
        masked = ticket.subject.masked_body or subject
        keys = [*at_work, *own, key("a", 0)]
        yield _row(pk * PLACES, None, f"{subject} {facts} {name}", f"{masked} {facts}", keys)
        for place, message in enumerate(messages[pk], 1):
            named = files[message.pk]
            whole = " ".join([message.text.body or "", *(whole for whole, _ in named)])
            masked = " ".join([message.text.masked_body or message.text.body or "", *(masked for _, masked in named)])
            keys = [*at_work, key("a", message.audience_id), *(own if message.audience.requester else ())]
            yield _row(pk * PLACES + place, message.pk, whole, masked, keys)


def _row(pk: int, message: int | None, whole: str, masked: str, keys: list[str]) -> Row:
    end = " ".join(("", *keys))
    if whole == masked:
        return Row(pk, message, index_terms(whole) + end)
    return Row(pk, message, None, index_terms(whole) + end, index_terms(masked) + end)


def insert(rows: Iterable[Row]) -> None:
    """Adds rows as they are; for bulk filling too."""
    values: Iterable[tuple[Any, ...]]
    if connection.vendor == "postgresql":
        values = ((r.id, r.message, *(_vector(terms) for terms in (r.plain, r.whole, r.masked))) for r in rows)
        marks = "%s, %s, %s::tsvector, %s::tsvector, %s::tsvector"
    else:
        values = ((r.id, r.message, r.plain, r.whole, r.masked) for r in rows)
        marks = "%s, %s, %s, %s, %s"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO helmdesk_search (id, message, plain, whole, masked) VALUES ({marks})",  # noqa: S608
            list(values),
        )


def _vector(terms: str | None) -> str | None:
    return None if terms is None else to_tsvector(terms)


def _remove(tickets: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM helmdesk_search WHERE id >= %s AND id < %s", [(t * PLACES, (t + 1) * PLACES) for t in tickets]
        )


@dataclass(frozen=True, slots=True)
class _Readers:
    providers: dict[int, list[str]]
    people: dict[int, list[str]]


def _readers(tickets: list[int]) -> _Readers:
    readers = _Readers(defaultdict(list), defaultdict(list))
    shares = Share.objects.filter(ticket__in=tickets, ended_at__isnull=True)
    for ticket, provider in shares.values_list("ticket_id", "provider_id"):
        readers.providers[ticket].append(key("p", provider))
    for ticket, person in Participant.objects.filter(ticket__in=tickets).values_list("ticket_id", "person_id"):
        readers.people[ticket].append(key("r", person))
    return readers


def _messages(tickets: list[int]) -> tuple[dict[int, list[Message]], dict[int, list[tuple[str, str]]]]:
    everything = Message.objects.unscoped(reason="the index holds every message; its keys say who may find it")
    rows = everything.filter(ticket__in=tickets).select_related("text", "audience").order_by("ticket_id", "pk")
    messages: dict[int, list[Message]] = defaultdict(list)
    for message in rows:
        messages[message.ticket_id].append(message)
    files: dict[int, list[tuple[str, str]]] = defaultdict(list)
    names = Attachment.objects.filter(message__ticket__in=tickets, erased_at__isnull=True)
    for message, body, masked in names.values_list("message_id", "name__body", "name__masked_body"):
        files[message].append((body or "", masked or body or ""))
    return messages, files


def _tags(tickets: list[int]) -> dict[int, list[str]]:
    tags: dict[int, list[str]] = defaultdict(list)
    for ticket, code in TicketTag.objects.filter(ticket__in=tickets).values_list("ticket_id", "tag__code"):
        tags[ticket].append(code)
    return tags
