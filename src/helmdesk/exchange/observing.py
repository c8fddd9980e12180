"""Writes what another system has recorded: whole tickets at once, through the observed door.

No facts are announced, so nobody is mailed and no rule runs. A ticket's columns come from the same fold that replay
uses; the caller has put ids for names.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from helmdesk.access.models import Audience
from helmdesk.access.scopes import Combination, intern_all
from helmdesk.foundation.rows import insert_many, reserve
from helmdesk.foundation.time import from_us, to_us
from helmdesk.history.fold import Event as Happened
from helmdesk.history.fold import State, fold
from helmdesk.ledger import door, texts
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import never_before
from helmdesk.ledger.models import Stream, Text
from helmdesk.tickets.models import Link, Message, Share, Thread, Ticket, TicketTag, TimeEntry
from helmdesk.tickets.replay import folded, put

SYSTEM = Stamp()
TEXT_COLUMNS = ("id", "root_id", "rev", "owner", "kind", "salt", "body", "masked_body")
MESSAGE_COLUMNS = (
    "id", "ticket_id", "thread_id", "audience_id", "text_id", "said_as", "person_id", "hat", "provider_id",
    "automatic", "at",
)  # fmt: skip
THREAD_COLUMNS = ("id", "ticket_id", "audience_id", "opened_at")
TICKET_COLUMNS = tuple(str(column.column) for column in Ticket._meta.local_concrete_fields)


@dataclass(slots=True)
class Happening:
    """One thing that the source shows: kind, instant (µs), payload with ids, who, and the words where there are any.

    `ticket.opened`, `subject.revised`, `message.added` and `field.set` may carry words; a message names its audience.
    `named` is the message that a wait names; `other` is the `ref` of another ticket, whose id goes into `what[key]`.
    """

    kind: str
    at: int
    what: dict[str, Any]
    stamp: Stamp = SYSTEM
    words: texts.Draft | None = None
    audience: Audience | None = None
    named: "Happening | None" = None
    other: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Instead:
    """What the row of a ticket holds where its source does not show team or requester; the events say null."""

    team: int
    requester: int


@dataclass(slots=True)
class Observed:
    """A ticket as its source shows it, or what is new of one that is here already (`ticket`)."""

    happenings: list[Happening]
    external_ref: str = ""
    ref: str = ""
    ticket: int | None = None
    shares: dict[int, str] = field(default_factory=dict)
    instead: Instead | None = None

    def events(self) -> int:
        """How many events this makes, threads opened on the way included (of a ticket that is new)."""
        threads = {h.audience.pk for h in self.happenings if h.audience is not None}
        return len(self.happenings) + len(threads)


@dataclass(slots=True)
class _Batch:
    """Rows on their way into the database, and the ids that were reserved for them."""

    texts: list[tuple[Any, ...]] = field(default_factory=list)
    threads: list[tuple[Any, ...]] = field(default_factory=list)
    messages: list[tuple[Any, ...]] = field(default_factory=list)
    here: dict[int, Ticket] = field(default_factory=dict)
    rows: dict[int, Ticket] = field(default_factory=dict)
    about: dict[int, Combination] = field(default_factory=dict)
    revisions: dict[int, tuple[int, int]] = field(default_factory=dict)
    entries: list[door.Entry] = field(default_factory=list)
    refs: dict[str, int] = field(default_factory=dict)


class StillLive(RuntimeError):
    """A ticket that people here have worked on already; history is no longer added to it."""


def write(
    observed: Sequence[Observed],
    *,
    under: door.Observation,
    by: Stamp = SYSTEM,
    known: dict[str, int] | None = None,
    first: Sequence[door.Entry] = (),
) -> list[int]:
    """Writes tickets and their events in the caller's transaction; returns their ids, in order.

    `known` holds the ids of tickets by their `ref`, for happenings that name another; this batch's are added to it.
    `first` are live events of what was set up for these tickets, recorded before theirs. Raises StillLive.
    """
    here = _locked(observed)
    ids = _Ids.for_all(observed)
    numbers = [ticket.ticket or next(ids.tickets) for ticket in observed]
    batch = _Batch(here=here, refs={} if known is None else known)
    batch.refs.update((ticket.ref, pk) for ticket, pk in zip(observed, numbers, strict=True) if ticket.ref)
    for ticket, pk in zip(observed, numbers, strict=True):
        _one(ticket, pk, batch, ids)
    _place(batch)
    insert_many(Text._meta.db_table, TEXT_COLUMNS, batch.texts)
    fresh = [stored_values(row) for pk, row in batch.rows.items() if pk not in here]
    insert_many(Ticket._meta.db_table, TICKET_COLUMNS, fresh)
    for row in here.values():
        row.save()
    insert_many(Thread._meta.db_table, THREAD_COLUMNS, batch.threads)
    insert_many(Message._meta.db_table, MESSAGE_COLUMNS, batch.messages)
    _hang_on(observed, numbers, batch)
    if first:
        door.locked_head()
        door.append(first, by=by, at=never_before(under.recorded_at))
    door.observe(batch.entries, by=by, under=under)
    return numbers


def _locked(observed: Sequence[Observed]) -> dict[int, Ticket]:
    """The tickets that are here already, locked in ascending order before anything else is."""
    wanted = sorted({ticket.ticket for ticket in observed if ticket.ticket is not None})
    if not wanted:
        return {}
    everything = Ticket.objects.unscoped(reason="an import goes on with the tickets that it made itself")
    rows = {row.pk: row for row in everything.filter(pk__in=wanted).order_by("pk").select_for_update()}
    for row in rows.values():
        if row.live:
            raise StillLive(f"ticket {row.pk} has been worked on here; its history is no longer added to")
    return rows


def _place(batch: _Batch) -> None:
    """Puts the scopes of all these tickets into their rows. Before the ledger's lock, as all who make scopes do."""
    scopes = intern_all(batch.about.values())
    for pk, what in batch.about.items():
        batch.rows[pk].scope_id = scopes[what.key].pk


class _Ids:
    """Ids reserved for a whole batch, handed out one by one."""

    def __init__(self, texts_: int, tickets: int, threads: int, messages: int) -> None:
        self.texts = iter(reserve(Text, texts_))
        self.tickets = iter(reserve(Ticket, tickets))
        self.threads = iter(reserve(Thread, threads))
        self.messages = iter(reserve(Message, messages))

    @classmethod
    def for_all(cls, observed: Iterable[Observed]) -> "_Ids":
        words = threads = messages = tickets = 0
        for ticket in observed:
            tickets += ticket.ticket is None
            said = [h for h in ticket.happenings if h.kind == "message.added"]
            messages += len(said)
            threads += len({h.audience.pk for h in said if h.audience is not None})
            words += sum(h.words is not None for h in ticket.happenings)
        return cls(words, tickets, threads, messages)


def _one(observed: Observed, pk: int, batch: _Batch, ids: _Ids) -> None:
    row = batch.here.get(pk)
    if row is not None:
        state, threads = folded(pk), _threads_of(pk)
    else:
        row, state, threads = Ticket(pk=pk, live=False, external_ref=observed.external_ref), None, {}
        if observed.instead is not None:
            row.team_id, row.requester_id = observed.instead.team, observed.instead.requester
    batch.rows[pk] = row
    for happening in observed.happenings:
        if happening.kind == "message.added":
            _say(happening, row, threads, batch, ids)
        elif happening.words is not None:
            _word(happening, row, batch, ids)
        state = _happen(happening, row, state, batch)
    if state is not None:
        put(state, row)
        row.ball_position = row.position


def _happen(happening: Happening, row: Ticket, state: State | None, batch: _Batch) -> State:
    if happening.named is not None:
        happening.what["message"] = happening.named.what["message"]
    if happening.other is not None:
        key, ref = happening.other
        happening.what[key] = batch.refs[ref]
    row.position += 1
    event = Happened(n=row.position, kind=happening.kind, at=happening.at, what=happening.what)
    state = fold(state, event)
    row.updated_at = happening.at
    _note(happening, row, batch)
    batch.entries.append(
        door.Entry(
            Stream.TICKET, row.pk, happening.kind, happening.what, n=row.position, team=state.team,
            at=happening.at, stamp=happening.stamp,
        )
    )  # fmt: skip
    return state


def _note(happening: Happening, row: Ticket, batch: _Batch) -> None:
    """What the fold does not hold: type, classification, priority, own fields."""
    what = happening.what
    if happening.kind == "ticket.opened":
        row.type, row.channel = what["type"], what["channel"]
        row.requester_id, row.opened_by_id = what["requester"] or row.requester_id, what["opened_by"]
        row.opened_at, row.said_urgency = happening.at, what["said_urgency"]
    if happening.kind in ("ticket.opened", "prioritised"):
        _rank(what, row)
    if happening.kind in ("ticket.opened", "classified"):
        batch.about[row.pk] = Combination(**what["scope"])
    if happening.kind == "type.changed":
        row.type = what["type"]
    if happening.kind == "field.set" and happening.words is None:
        row.fields = {**row.fields, what["field"]: what["value"]}
    if happening.kind == "parent.set":
        row.parent_id = what["parent"]


def _rank(what: dict[str, Any], row: Ticket) -> None:
    """What the source does not show stays as the row has it: a column cannot be empty, an event can say null."""
    for name in ("impact", "urgency", "priority"):
        if what[name] is not None:
            setattr(row, name, what[name])
    row.matrix_version = what["matrix"] or 0
    shown = "matrix" if what["matrix"] is not None else "observed" if what["priority"] is not None else "unknown"
    row.priority_reason = what.get("reason", shown)


def _word(happening: Happening, row: Ticket, batch: _Batch, ids: _Ids) -> int:
    """Stores words, as the next revision where they replace others, and puts their commitment into the payload."""
    assert happening.words is not None
    pk, salt = next(ids.texts), secrets.token_bytes(texts.SALT_BYTES)
    root, rev = _replaces(happening, row, batch)
    batch.revisions[pk] = (root or pk, rev)
    body = texts.clean(happening.words.body)
    masked = None if happening.words.masked is None else texts.clean(happening.words.masked)
    batch.texts.append((pk, root, rev, happening.words.owner, happening.words.kind, salt, body, masked))
    committed = {"t": root or pk, "rev": rev, "len": len(body), "c": sha256(salt + body.encode()).hexdigest()}
    if happening.kind in ("ticket.opened", "subject.revised"):
        row.subject_id = pk
    elif happening.kind == "field.set":
        row.fields = {**row.fields, happening.what["field"]: {"t": pk}}
    happening.what["subject" if happening.kind == "ticket.opened" else "text"] = committed
    return pk


def _replaces(happening: Happening, row: Ticket, batch: _Batch) -> tuple[int | None, int]:
    """The first revision of the text that these words replace, or None, and the number that they get."""
    was = None
    if happening.kind == "subject.revised":
        was = row.subject_id
    elif happening.kind == "field.set" and isinstance(value := row.fields.get(happening.what["field"]), dict):
        was = value["t"]
    if was is None:
        return None, 1
    if was not in batch.revisions:
        root, rev = Text.objects.values_list("root_id", "rev").get(pk=was)
        batch.revisions[was] = (root or was, rev)
    root, rev = batch.revisions[was]
    return root, rev + 1


def _say(happening: Happening, row: Ticket, threads: dict[int, int], batch: _Batch, ids: _Ids) -> None:
    assert happening.audience is not None
    audience, stamp, what = happening.audience.pk, happening.stamp, happening.what
    if audience not in threads:
        threads[audience] = next(ids.threads)
        batch.threads.append((threads[audience], row.pk, audience, happening.at))
        opened = {"thread": threads[audience], "audience": audience}
        row.position += 1
        batch.entries.append(
            door.Entry(Stream.TICKET, row.pk, "thread.opened", opened, n=row.position, at=happening.at, stamp=stamp)
        )
    text, message = _word(happening, row, batch, ids), next(ids.messages)
    what.update(message=message, thread=threads[audience])
    batch.messages.append((
        message, row.pk, threads[audience], audience, text, what["as"], stamp.person, stamp.hat, stamp.provider,
        what["auto"], happening.at,
    ))  # fmt: skip


def stored_values(row: Ticket) -> tuple[Any, ...]:
    """A ticket's columns as the database stores them."""
    return tuple(_stored(getattr(row, column)) for column in TICKET_COLUMNS)


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_us(value)
    if isinstance(value, dict):
        return json.dumps(value)
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _threads_of(ticket: int) -> dict[int, int]:
    threads = Thread.objects.unscoped(reason="an import goes on with the ticket that it made itself")
    return dict(threads.filter(ticket=ticket).values_list("audience_id", "pk"))


def _hang_on(observed: Sequence[Observed], numbers: Sequence[int], batch: _Batch) -> None:
    """Shares, tags, links and logged time, which events tell and rows repeat."""
    shares, tags, times, links = [], [], [], []
    for ticket, pk in zip(observed, numbers, strict=True):
        closed = batch.rows[pk].closed_at
        if pk in batch.here:
            Share.objects.filter(ticket=pk).update(closed_at=closed)
        shares += [
            Share(ticket_id=pk, provider_id=provider, why=why, closed_at=closed)
            for provider, why in ticket.shares.items()
        ]
        for happening in ticket.happenings:
            if happening.kind == "tagged" and happening.what["on"]:
                tags.append(TicketTag(ticket_id=pk, tag_id=happening.what["tag"]))
            if happening.kind == "linked" and happening.what["on"]:
                links.append(Link(source_id=pk, target_id=happening.what["to"], kind=happening.what["link"]))
            if happening.kind == "time.logged" and happening.stamp.hat_id is not None:
                times.append(_time(happening, pk))
    Share.objects.bulk_create(shares, ignore_conflicts=True)
    TicketTag.objects.bulk_create(tags, ignore_conflicts=True)
    TimeEntry.objects.bulk_create(times)
    Link.objects.bulk_create(links, ignore_conflicts=True)


def _time(happening: Happening, ticket: int) -> TimeEntry:
    what, member = happening.what, happening.stamp.hat_id
    assert member is not None
    return TimeEntry(
        ticket_id=ticket, membership_id=member, seconds=what["seconds"], day=what["day"],
        work=what["work"], at=from_us(happening.at),
    )  # fmt: skip
