"""Looking everywhere: whether a word is still said in any table, and whether the ledger is still true."""

from __future__ import annotations

import io
from collections.abc import Iterator

from django.db import connection

from helmdesk.foundation import files
from helmdesk.ledger.models import Event, Stream, Text
from helmdesk.ledger.verify import verify
from helmdesk.tickets import conversation
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Attachment, Ticket
from helmdesk.tickets.replay import differences
from tests.world import World

SECRET = "hunterzwei"


def said_anywhere(word: str) -> list[str]:
    """Tables of the whole database in which some column holds this word, in any case."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO helmdesk_search_fts (helmdesk_search_fts) VALUES ('optimize')")
    return [table for table in sorted(tables()) if any(word.lower() in value.lower() for value in values_of(table))]


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def values_of(table: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        for row in cursor.fetchall():
            for value in row:
                if isinstance(value, bytes | memoryview):
                    yield bytes(value).decode("latin-1")
                elif value is not None:
                    yield str(value)


def in_index(word: str) -> bool:
    return any(word in value for value in values_of("helmdesk_search"))


def index_all() -> None:
    from helmdesk.tickets.search.index import reindex

    reindex(Ticket.objects.unscoped(reason="test").values_list("pk", flat=True))


def still_true() -> None:
    """Every hash follows from the last, what is left of texts is what was committed to, tickets are what events say."""
    assert verify(everything=True, texts=True).faults == []
    assert list(differences()) == []


def figures(ticket: Ticket) -> list[object]:
    """What measures read of a ticket: its columns, and its events but those of texts."""
    told = Event.objects.filter(stream=Stream.TICKET, stream_id=ticket.pk)
    kinds = told.exclude(kind__in=["message.revised", "subject.revised"]).order_by("n")
    return [
        ticket.phase, ticket.team_id, ticket.assignee_id, ticket.holder, ticket.holder_id, ticket.wait,
        ticket.priority, ticket.opened_at, ticket.resolved_at, list(kinds.values_list("kind", "at", "team")),
    ]  # fmt: skip


def with_file(world: World, *, name: str, requester: str = "alice") -> Attachment:
    """A ticket of Alice's with a file."""
    stored = files.store(io.BytesIO(b"some bytes"), name=name, limits=files.Limits())
    ticket = world.ticket(requester)
    words = Words("See the file", files=[(name, stored)])
    message = conversation.reply(ticket.pk, words, by=world.who(requester), at=world.tick())
    return Attachment.objects.get(message=message)


def has_older(text: Text) -> bool:
    family = Text.objects.filter(root=text.root_id or text.pk) | Text.objects.filter(pk=text.root_id or text.pk)
    return family.filter(body__contains=SECRET).exists()
