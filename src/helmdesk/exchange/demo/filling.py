"""Fills a desk with very many tickets, for measuring: real rows, real events, a real index, from drawn tuples (`bulk`).

Everything goes through the observed door of the ledger; only the rows beside it are written in bulk.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import batched
from typing import Any

from django.db import transaction

from helmdesk.access.scopes import Combination, intern, intern_audience
from helmdesk.exchange.demo.bulk import BulkTicket
from helmdesk.exchange.demo.founding import Ids
from helmdesk.exchange.observing import MESSAGE_COLUMNS, TEXT_COLUMNS, THREAD_COLUMNS, TICKET_COLUMNS, stored_values
from helmdesk.foundation.rows import insert_many, reserve
from helmdesk.foundation.text import index_terms, key
from helmdesk.foundation.time import from_us
from helmdesk.ledger import door
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Hat, Stream, Text
from helmdesk.tickets.models import Holder, Message, Phase, Share, Thread, Ticket
from helmdesk.tickets.search.index import Row, insert
from helmdesk.tickets.search.tables import PLACES

CHUNK = 2_000


@dataclass(slots=True)
class Filling:
    """What lasts from chunk to chunk: ids by name, interned scopes, index terms of texts seen before."""

    ids: Ids
    at: datetime
    batch: int
    scopes: dict[Combination, int]
    terms: dict[str, str]

    def scope(self, ticket: BulkTicket) -> tuple[int, dict[str, Any]]:
        ids = self.ids
        what = Combination(ids.services[ticket.service], ids.sites[ticket.site], ids.categories[ticket.category])
        if what not in self.scopes:
            self.scopes[what] = intern(what).pk
        return self.scopes[what], what.as_dict()

    def indexed(self, text: str) -> str:
        if text not in self.terms:
            self.terms[text] = index_terms(text)
        return self.terms[text]

    def external(self, team: str) -> int | None:
        provider = self.ids.provider_of[team]
        return self.ids.providers[provider] if provider in self.ids.external else None

    def works(self, agent: str, team: str) -> Stamp:
        ids = self.ids
        return Stamp(Hat.MEMBER.value, ids.people[agent], ids.memberships[agent], ids.providers[ids.provider_of[team]])


def fill(
    tickets: Iterable[BulkTicket], ids: Ids, *, at: datetime, batch: int, progress: Callable[[int], None] | None = None
) -> int:
    """Writes the tickets, a transaction every `CHUNK`; returns how many events that made."""
    filling, events, done = Filling(ids, at, batch, {}, {}), 0, 0
    for drawn in batched(tickets, CHUNK):
        with transaction.atomic():
            events += _Chunk(drawn, filling).write()
        done += len(drawn)
        if progress is not None:
            progress(done)
    return events


class _Chunk:
    """The rows and events of some tickets, written together."""

    def __init__(self, drawn: tuple[BulkTicket, ...], filling: Filling) -> None:
        self.drawn, self.filling = drawn, filling
        self.texts: list[Any] = []
        self.tickets: list[Any] = []
        self.threads: list[Any] = []
        self.messages: list[Any] = []
        self.search: list[Row] = []
        self.entries: list[door.Entry] = []
        self.shares: list[Share] = []
        self.audience = intern_audience(requester=True, in_house=False).pk
        self.ids = self._reserved()

    def write(self) -> int:
        for drawn in self.drawn:
            self._ticket(drawn)
        insert_many(Text._meta.db_table, TEXT_COLUMNS, self.texts)
        insert_many(Ticket._meta.db_table, TICKET_COLUMNS, self.tickets)
        insert_many(Thread._meta.db_table, THREAD_COLUMNS, self.threads)
        insert_many(Message._meta.db_table, MESSAGE_COLUMNS, self.messages)
        Share.objects.bulk_create(self.shares)
        insert(self.search)
        under = door.Observation(self.filling.batch, self.filling.at)
        return len(door.observe(self.entries, by=Stamp(), under=under))

    def _reserved(self) -> dict[type[Any], Iterator[int]]:
        tickets, messages = len(self.drawn), sum(len(drawn.messages) for drawn in self.drawn)
        threads = sum(bool(drawn.messages) for drawn in self.drawn)
        counts = ((Text, tickets + messages), (Ticket, tickets), (Thread, threads), (Message, messages))
        return {model: iter(reserve(model, count)) for model, count in counts}

    def _ticket(self, drawn: BulkTicket) -> None:
        pk, names = next(self.ids[Ticket]), self.filling.ids
        scope, about = self.filling.scope(drawn)
        requester, team = names.people[drawn.requester], names.teams[drawn.team]
        subject = self._text(drawn.subject, "subject", requester)
        asks = Stamp(Hat.REQUESTER.value, requester)
        works = self.filling.works(drawn.assignee, drawn.team) if drawn.assignee else asks
        opened = {
            "type": drawn.type, "channel": drawn.channel, "team": team, "requester": requester, "opened_by": None,
            "scope": about, "impact": drawn.impact, "urgency": drawn.urgency, "said_urgency": None, "priority": 3,
            "matrix": 0, "subject": subject, "holder": "team",
        }  # fmt: skip
        told: list[_Told] = [("ticket.opened", drawn.opened_at, asks, opened)]
        keys = self._keys(drawn, scope, requester)
        self.search.append(Row(pk * PLACES, None, f"{self.filling.indexed(drawn.subject)} {pk} {keys} {key('a', 0)}"))
        told += self._talk(pk, drawn, keys, asks, works)
        told += self._end(drawn, team, works)
        for n, (kind, at, stamp, what) in enumerate(told, 1):
            self.entries.append(door.Entry(Stream.TICKET, pk, kind, what, n, team, at, stamp))
        self.tickets.append(self._row(pk, subject["t"], scope, drawn, told))
        self._share(pk, drawn)

    def _keys(self, drawn: BulkTicket, scope: int, requester: int) -> str:
        provider = self.filling.external(drawn.team)
        held = [] if provider is None else [key("p", provider)]
        return " ".join((key("s", scope), *held, key("r", requester)))

    def _talk(self, pk: int, drawn: BulkTicket, keys: str, asks: Stamp, works: Stamp) -> "list[_Told]":
        if not drawn.messages:
            return []
        thread = next(self.ids[Thread])
        self.threads.append((thread, pk, self.audience, drawn.opened_at))
        told: list[_Told] = [("thread.opened", drawn.opened_at, asks, {"thread": thread, "audience": self.audience})]
        for place, (at, who, said_as, body) in enumerate(drawn.messages):
            stamp = asks if who == drawn.requester else works
            if place == 1 and drawn.assignee:
                told.append(("assigned", at, works, {"assignee": works.hat_id, "was": None, "how": "take"}))
            text, message = self._text(body, "message", stamp.person), next(self.ids[Message])
            self.messages.append((
                message, pk, thread, self.audience, text["t"], said_as, stamp.person, stamp.hat, stamp.provider, False,
                at,
            ))  # fmt: skip
            what = {"message": message, "thread": thread, "text": text, "as": said_as, "auto": False, "files": 0}
            told.append(("message.added", at, stamp, what))
            terms = f"{self.filling.indexed(body)} {keys} {key('a', self.audience)}"
            self.search.append(Row(pk * PLACES + place + 1, message, terms))
        return told

    def _end(self, drawn: BulkTicket, team: int, works: Stamp) -> "list[_Told]":
        if not drawn.closed_at:
            return []
        closed: _Told = ("closed", drawn.closed_at, Stamp(), {"how": "timer"})
        if not drawn.messages:
            return [closed]
        return [("resolved", drawn.resolved_at, works, {"team": team, "how": "solved"}), closed]

    def _text(self, body: str, kind: str, owner: int | None) -> dict[str, Any]:
        pk = next(self.ids[Text])
        salt = pk.to_bytes(16)
        self.texts.append((pk, None, 1, owner, kind, salt, body, None))
        return {"t": pk, "rev": 1, "len": len(body), "c": sha256(salt + body.encode()).hexdigest()}

    def _row(self, pk: int, subject: int, scope: int, drawn: BulkTicket, told: "list[_Told]") -> tuple[Any, ...]:
        names, last = self.filling.ids, from_us(told[-1][1])
        team = names.teams[drawn.team]
        taken = any(kind == "assigned" for kind, *_ in told)
        row = Ticket(
            pk=pk, type=drawn.type, channel=drawn.channel, subject_id=subject,
            requester_id=names.people[drawn.requester], scope_id=scope, team_id=team,
            assignee_id=names.memberships[drawn.assignee] if taken else None, impact=drawn.impact,
            urgency=drawn.urgency, priority=3, matrix_version=0, opened_at=from_us(drawn.opened_at), updated_at=last,
            position=len(told), ball_position=len(told), live=False, holder=Holder.TEAM, holder_id=team,
        )  # fmt: skip
        if drawn.closed_at:
            row.phase, row.holder, row.holder_id, row.closed_at = Phase.CLOSED, Holder.REST, None, last
            row.resolved_at = from_us(drawn.resolved_at) if drawn.messages else None
        return stored_values(row)

    def _share(self, pk: int, drawn: BulkTicket) -> None:
        provider = self.filling.external(drawn.team)
        if provider is not None:
            closed = from_us(drawn.closed_at) if drawn.closed_at else None
            self.shares.append(Share(ticket_id=pk, provider_id=provider, why=Share.Why.HELD, closed_at=closed))


type _Told = tuple[str, int, Stamp, dict[str, Any]]
