"""Erasing a person: everything that says who they were or that they said is forgotten; what happened stays.

Their row is left as "Former person 7f3a", their events as they are. A restore forgets again what the register names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from helmdesk.access.viewer import Viewer, system
from helmdesk.catalogue.models import OwnField
from helmdesk.foundation.announce import announce
from helmdesk.foundation.masking import named_in
from helmdesk.ledger.changing import changing
from helmdesk.ledger.forgetting import empty, for_good, register, remembered, with_revisions
from helmdesk.ledger.models import Text
from helmdesk.people.erasing import forget_record, known_of
from helmdesk.people.merging import records_of
from helmdesk.people.models import Account, Address, Person
from helmdesk.providers.memberships import leave
from helmdesk.providers.models import Membership
from helmdesk.tickets.facts import TicketsChanged
from helmdesk.tickets.guards import must_be
from helmdesk.tickets.mentions import Mention
from helmdesk.tickets.models import Attachment, Follow, Message, Snooze, Ticket
from helmdesk.tickets.redaction import drop_file, redact, redact_subject, refuse_hold, said_why, tickets_with
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.search.index import reindex

AT_ONCE: Final = 1000
RESTORED: Final = "restored"


@dataclass(frozen=True, slots=True)
class Traces:
    """What there is of a person, by id: every record, text and file of theirs, and the tickets that show them."""

    records: tuple[int, ...]
    texts: tuple[int, ...]
    files: tuple[int, ...]
    tickets: tuple[int, ...]
    addresses: int
    accounts: int

    def counts(self) -> dict[str, int]:
        return {
            "records": len(self.records),
            "texts": len(self.texts),
            "files": len(self.files),
            "tickets": len(self.tickets),
            "addresses": self.addresses,
            "accounts": self.accounts,
        }


def traces_of(person: int) -> Traces:
    """What an erasure would forget, to be shown before it is done."""
    records = records_of(person)
    asked = Ticket.objects.unscoped(reason="whatever there is of a person is forgotten, seen or not")
    told = Message.objects.unscoped(reason="whatever there is of a person is forgotten, seen or not")
    theirs = asked.filter(requester__in=records)
    written = told.filter(person__in=records)
    attached = Attachment.objects.filter(message__person__in=records)
    named: set[int] = {
        *Text.objects.filter(owner__in=records).values_list("pk", flat=True),
        *theirs.values_list("subject_id", flat=True),
        *written.values_list("text_id", flat=True),
        *attached.values_list("name_id", flat=True),
        *_personal_fields(theirs.exclude(fields={}).values_list("fields", flat=True)),
    }
    return Traces(
        records=tuple(records),
        texts=tuple(remembered(named)),
        files=tuple(attached.filter(erased_at__isnull=True).order_by("pk").values_list("pk", flat=True)),
        tickets=tuple(sorted({*theirs.values_list("pk", flat=True), *written.values_list("ticket_id", flat=True)})),
        addresses=Address.objects.filter(person__in=records).count(),
        accounts=Account.objects.filter(person__in=records).count(),
    )


def erase_person(person: int, *, reason: str, mentions: Sequence[Mention] = (), by: Viewer, at: datetime) -> Traces:
    """Forgets a person for good, with the mentions given (`mentions_of`, asked before). A legal hold refuses."""
    must_be(by, "people.erase")
    with transaction.atomic():
        _must_be_erasable(person, at=at)
        _refuse_told(reason, person)
        for mention in mentions:
            _redact_mention(mention, reason=reason, by=by, at=at)
        return _erase(person, why=said_why(reason), by=by, at=at)


def reapply(entries: Iterable[tuple[str, int]], *, at: datetime) -> int:
    """Forgets again what a restored database remembers of (what, id) from a register; says how much there was."""
    done = 0
    with transaction.atomic():
        for what, what_id in entries:
            done += _REAPPLIED[what](what_id, at) if what in _REAPPLIED else _refuse_unknown(what)
    return done


def _must_be_erasable(person: int, *, at: datetime) -> None:
    # The row is locked before the ledger: who is writing for this person right now is waited for.
    row = Person.objects.select_for_update().filter(pk=person).first()
    if row is None:
        raise NotThere("person", person)
    if row.erased_at is not None:
        raise Refused("erased", "This person was erased already.", field="person", value=person)
    if row.merged_into_id is not None:
        raise Refused(
            "merged", f"This record is merged into {row.merged_into_id}.", field="person", value=person,
            cure="Erase that person, and this goes too; or undo the merge first.",
        )  # fmt: skip
    refuse_hold(Person.objects.filter(pk__in=records_of(person), hold_until__gt=at).order_by("-hold_until").first())


def _refuse_told(reason: str, person: int) -> None:
    if named_in(reason, known_of(records_of(person)).words):
        raise Refused("reason", "The reason names the person.", field="reason", cure="Say it without the name.")


def _redact_mention(mention: Mention, *, reason: str, by: Viewer, at: datetime) -> None:
    if mention.message is not None:
        redact(mention.message, mention.spans, reason=reason, shown=mention.text, by=by, at=at)
    else:
        redact_subject(mention.ticket, mention.spans, reason=reason, shown=mention.text, by=by, at=at)


def _erase(person: int, *, why: dict[str, Any], by: Viewer, at: datetime) -> Traces:
    for_good()
    with changing(by=by.stamp, at=at) as change:
        traces = traces_of(person)
        for membership in Membership.objects.filter(person__in=traces.records, ended_at__isnull=True):
            leave(membership.pk, by=by.stamp, at=change.at)
        for record in Person.objects.filter(pk__in=traces.records, erased_at__isnull=True):
            forget_record(record, change)
        empty(traces.texts)
        for file in traces.files:
            drop_file(Attachment.objects.get(pk=file), at=change.at)
        for private in (Follow, Snooze):
            private.objects.filter(person__in=traces.records).delete()
        counts = traces.counts()
        what = {"person": person, "also": [pk for pk in traces.records if pk != person], **why, **counts}
        change.record("person.erased", what, person=person)
    seq = change.events[0].seq
    register("person", traces.records, at=change.at, seq=seq)
    _refresh(traces.tickets, seq=seq)
    return traces


def _refresh(tickets: Sequence[int], *, seq: int) -> None:
    """Nobody finds them by the words that are gone; of very many tickets the rest is indexed by a job."""
    reindex(tickets[:AT_ONCE])
    if tickets:
        announce(TicketsChanged(tuple(tickets), ("person.erased",), seq))


def _personal_fields(rows: Iterable[dict[str, Any]]) -> set[int]:
    codes = set(OwnField.objects.filter(personal=True).values_list("code", flat=True))
    return {
        value["t"] for fields in rows for code, value in fields.items() if code in codes and isinstance(value, dict)
    }


def _person_again(person: int, at: datetime) -> int:
    row = Person.objects.filter(pk=person, erased_at__isnull=True).first()
    if row is None:
        return 0
    _erase(row.pk, why={"reason": RESTORED}, by=system(), at=at)
    return 1


def _text_again(text: int, at: datetime) -> int:
    if not empty([text]):
        return 0
    return _noted("text", text, tickets_with(text), at)


def _file_again(attachment: int, at: datetime) -> int:
    row = Attachment.objects.filter(pk=attachment, erased_at__isnull=True).select_related("message", "name").first()
    if row is None:
        return 0
    empty(with_revisions([row.name_id]))
    drop_file(row, at=at)
    return _noted("attachment", attachment, [row.message.ticket_id], at)


def _noted(what: str, pk: int, tickets: Sequence[int], at: datetime) -> int:
    with changing(by=system().stamp, at=at) as change:
        change.record("text.erased", {what: pk, "reason": RESTORED})
    seq = change.events[0].seq
    register(what, [pk], at=change.at, seq=seq)
    _refresh(tickets, seq=seq)
    return 1


def _refuse_unknown(what: str) -> int:
    raise ValueError(f"register: nothing called {what!r} can be forgotten. One of: {', '.join(_REAPPLIED)}.")


_REAPPLIED: Final = {"person": _person_again, "text": _text_again, "attachment": _file_again}
