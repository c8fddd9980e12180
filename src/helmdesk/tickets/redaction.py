"""Removing a secret for good: the next revision stands in its place, and nothing of the older ones is left.

The events stay, and their commitments open no more. What a text's copies in split-off tickets say goes with it: they
are the same text.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from helmdesk.access.viewer import Viewer
from helmdesk.foundation import files
from helmdesk.ledger import texts
from helmdesk.ledger.changing import CONFIG, never_before
from helmdesk.ledger.door import Entry
from helmdesk.ledger.forgetting import empty, register, root_of, with_revisions
from helmdesk.ledger.models import Stream, Text
from helmdesk.people.models import Person
from helmdesk.tickets.acting import Act
from helmdesk.tickets.conversation import draft
from helmdesk.tickets.guards import must_be
from helmdesk.tickets.models import Attachment, Message, Ticket
from helmdesk.tickets.refusals import NotThere, Overtaken, Refused
from helmdesk.tickets.search.index import reindex
from helmdesk.tickets.unseen import acting_unseen

REASONS: Final = ("secret", "personal_data", "wrong_place", "legal", "asked")

LONGEST_REASON: Final = 500

type Spans = Sequence[tuple[int, int]]
type Removed = str | Spans
"""Words, removed wherever they stand, or places: (from, up to) in characters of the text as it is now."""


def redact(
    message: int, removed: Removed, *, reason: str, replacement: str = "", shown: int | None = None, by: Viewer,
    at: datetime,
) -> Message:  # fmt: skip
    """Removes words or spans from a message and everything that it said before; `replacement` stands in their place.

    `shown` is the text (revision) in which spans were chosen; another one since then refuses.
    """
    must_be(by, "tickets.redact")
    _refuse_told(reason, removed)
    found = Message.objects.visible_to(by).select_related("text").filter(pk=message).first()
    if found is None:
        raise NotThere("message", message)
    root = root_of(found.text)
    told = Message.objects.unscoped(reason="the same text on a split-off ticket goes too, whoever sees that")
    sharing = told.filter(Q(text=root) | Q(text__root=root))
    with _forgetting(sharing.values_list("ticket_id", flat=True), reason=reason, by=by, at=at) as act:
        found.refresh_from_db()
        _must_be_shown(found.text, shown)
        ticket = act.tickets[found.ticket_id]
        new = _without(found.text, removed, replacement or _mark(reason), ticket=ticket, at=act.at)
        for one in sharing.order_by("pk"):
            one.text = new
            one.save(update_fields=["text"])
            ticket = act.tickets[one.ticket_id]
            act.record(ticket, "message.revised", message=one.pk, cause="redaction", text=texts.commitment(new))
        _note(act, {"message": found.pk, "text": root, "rev": new.rev})
    return found  # type: ignore[no-any-return]


def redact_subject(
    ticket: int, removed: Removed, *, reason: str, replacement: str = "", shown: int | None = None, by: Viewer,
    at: datetime,
) -> Ticket:  # fmt: skip
    must_be(by, "tickets.redact")
    _refuse_told(reason, removed)
    _must_be_seen(ticket, by)
    with _forgetting([ticket], reason=reason, by=by, at=at) as act:
        row = act.ticket
        _must_be_shown(row.subject, shown)
        row.subject = _without(row.subject, removed, replacement or _mark(reason), ticket=row, at=act.at)
        act.record(row, "subject.revised", cause="redaction", text=texts.commitment(row.subject))
        _note(act, {"text": root_of(row.subject), "rev": row.subject.rev})
    return row


def redact_field(ticket: int, *, code: str, reason: str, by: Viewer, at: datetime) -> Ticket:
    """Removes the whole of an own field's text."""
    must_be(by, "tickets.redact")
    _must_be_seen(ticket, by)
    with _forgetting([ticket], reason=reason, by=by, at=at) as act:
        row = act.ticket
        held = row.fields.get(code)
        text = Text.objects.filter(pk=held["t"]).first() if isinstance(held, dict) else None
        if text is None or text.body is None:
            raise Refused(
                "no_text", "This field holds no text.", field="code", value=code,
                cure="Only texts can be forgotten; set another value.",
            )  # fmt: skip
        new = _without(text, [(0, len(text.body))], _mark(reason), ticket=row, at=act.at)
        row.fields = {**row.fields, code: {"t": new.pk}}
        act.record(row, "field.set", field=code, value=None, text=texts.commitment(new))
        _note(act, {"text": root_of(new), "rev": new.rev})
    return row


def erase_attachment(attachment: int, *, reason: str, by: Viewer, at: datetime) -> Attachment:
    """Removes a file and its name. The bytes go when this is committed, or with the next sweep of files."""
    must_be(by, "tickets.redact")
    found = Attachment.objects.select_related("message", "name").filter(pk=attachment).first()
    seen = found is not None and Message.objects.visible_to(by).filter(pk=found.message_id).exists()
    if found is None or not seen or found.erased_at is not None:
        raise NotThere("file", attachment)
    with _forgetting([found.message.ticket_id], reason=reason, by=by, at=at) as act:
        if found.name.body:
            whole = [(0, len(found.name.body))]
            found.name = _without(found.name, whole, _mark(reason), ticket=act.ticket, at=act.at)
            found.save(update_fields=["name"])
        drop_file(found, at=act.at)
        _note(act, {"attachment": found.pk, "text": root_of(found.name), "rev": found.name.rev})
        act.touched[act.ticket.pk] = act.ticket
    return found


def drop_file(attachment: Attachment, *, at: datetime) -> None:
    """Within a transaction: the row names its file no more, so that a sweep removes it should the process die now."""
    key = attachment.key
    attachment.key, attachment.digest, attachment.erased_at = f"erased-{attachment.pk}", b"", at
    attachment.save(update_fields=["key", "digest", "erased_at"])
    transaction.on_commit(lambda: files.delete(key), robust=True)


@contextmanager
def _forgetting(tickets: Iterable[int], *, reason: str, by: Viewer, at: datetime) -> Iterator[Act]:
    """The frame: tickets locked, the event in `config`, the register and the index written with it."""
    with transaction.atomic():
        why = said_why(reason)
        with acting_unseen(*sorted(set(tickets)), by=by, at=never_before(at)) as act:
            yield act
            act.entries[-1].what.update(why)
        noted = next(event for event in act.events if event.kind == "text.erased")
        what = next(entry.what for entry in act.entries if entry.kind == "text.erased")
        older = Text.objects.filter(Q(pk=what["text"]) | Q(root=what["text"]), rev__lt=what["rev"])
        register("text", empty(older.values_list("pk", flat=True)), at=act.at, seq=noted.seq)
        if "attachment" in what:
            register("attachment", [what["attachment"]], at=act.at, seq=noted.seq)
        reindex(act.tickets)


def said_why(reason: str) -> dict[str, Any]:
    """A reason as an event holds it: one of REASONS, or "other" with the words beside the ledger."""
    if reason in REASONS:
        return {"reason": reason}
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise Refused(
            "reason", "Forgetting needs a reason.", field="reason", value=reason[:40],
            cure=f"One of {', '.join(REASONS)}, or a sentence of at most {LONGEST_REASON} characters.",
        )  # fmt: skip
    text = texts.write(texts.Draft(words, "reason", None))
    return {"reason": "other", "words": texts.commitment(text)}


def _mark(reason: str) -> str:
    """What stands where something was removed."""
    return f"[removed: {reason}]" if reason in REASONS else "[removed]"


def _note(act: Act, what: dict[str, Any]) -> None:
    act.entries.append(Entry(Stream.CONFIG, CONFIG, "text.erased", what))


def _refuse_told(reason: str, removed: Removed) -> None:
    if isinstance(removed, str) and removed and removed in reason:
        raise Refused("reason", "The reason says what is to be forgotten.", field="reason", cure="Say it without.")


def _must_be_shown(text: Text, shown: int | None) -> None:
    if shown is not None and text.pk != shown:
        raise Overtaken("the text was changed")


def _without(text: Text, removed: Removed, replacement: str, *, ticket: Ticket, at: datetime) -> Text:
    """The next revision, with the replacement where the removed was. It belongs to the same owner."""
    people = {pk for pk in (text.owner, ticket.requester_id) if pk is not None}
    refuse_hold(Person.objects.filter(pk__in=people, hold_until__gt=at).order_by("-hold_until").first())
    body = text.body or ""
    spans = places_of(removed, body) if isinstance(removed, str) else list(removed)
    if not spans or any(not 0 <= start < end <= len(body) for start, end in spans):
        raise Refused(
            "not_found", "The text does not hold what is to be removed.", field="removed", cure="Look at it again."
        )
    return texts.revise(text, draft(_replaced(body, spans, replacement), text.kind, owner=text.owner, ticket=ticket))


def places_of(words: str, body: str) -> list[tuple[int, int]]:
    """Where these words stand, as they are written."""
    places, start = [], body.find(words) if words else -1
    while start >= 0:
        places.append((start, start + len(words)))
        start = body.find(words, start + len(words))
    return places


def _replaced(body: str, spans: Spans, replacement: str) -> str:
    parts, end = [], 0
    for start, stop in sorted(spans):
        if start >= end:
            parts += [body[end:start], replacement]
        end = max(end, stop)
    return "".join([*parts, body[end:]])


def refuse_hold(held: Person | None) -> None:
    """Under a legal hold nothing is forgotten."""
    if held is not None:
        day = held.hold_until.date().isoformat()
        raise Refused(
            "held", f"A legal hold keeps everything of person {held.pk} until {day}.", field="person", value=held.pk,
            cure="Ask again after that day, or have the hold lifted.",
        )  # fmt: skip


def _must_be_seen(ticket: int, by: Viewer) -> None:
    if not Ticket.objects.visible_to(by).filter(pk=ticket).exists():
        raise NotThere("ticket", ticket)


def tickets_with(text: int) -> list[int]:
    """Tickets on which this text, in any revision, is a message, a subject or the name of a file."""
    family = with_revisions([text])
    why = "whatever shows a forgotten text is indexed anew"
    told = Message.objects.unscoped(reason=why).filter(text__in=family).values_list("ticket_id", flat=True)
    asked = Ticket.objects.unscoped(reason=why).filter(subject__in=family).values_list("pk", flat=True)
    named = Attachment.objects.filter(name__in=family).values_list("message__ticket_id", flat=True)
    return sorted({*told, *asked, *named})
