"""Where others speak of a person: found by names and addresses, to be redacted before these are forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.masking import named_in
from helmdesk.foundation.text import WORD, fold
from helmdesk.people.erasing import Known, known_of
from helmdesk.people.merging import records_of
from helmdesk.tickets.models import Message, Participant, Ticket

LONG_ENOUGH = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """A text by somebody else that names the person: a message, or the subject where `message` is None.

    `text` is the revision in which the spans were found.
    """

    ticket: int
    text: int
    message: int | None
    spans: tuple[tuple[int, int], ...]


def mentions_of(person: int, *, by: Viewer) -> Iterator[Mention]:
    """Every mention in what `by` may read: on tickets that the person took part in by any longer part of the name,
    elsewhere by the whole name or an address.
    """
    records = records_of(person)
    known = known_of(records)
    if not known.words:
        return
    near = _tickets_with(records)
    told = set(near.values_list("pk", flat=True))
    messages = Message.objects.visible_to(by).exclude(person__in=records).exclude(text__owner__in=records)
    rows = messages.filter(Q(ticket__in=near.values("pk")) | _says(known)).order_by("pk")
    seen = set()  # a split-off ticket refers to the same text
    for pk, ticket, text, body in rows.values_list("pk", "ticket_id", "text_id", "text__body").iterator(500):
        if text not in seen and (spans := _spans(body, known, near=ticket in told)):
            seen.add(text)
            yield Mention(ticket, text, pk, spans)
    subjects = Ticket.objects.visible_to(by).exclude(subject__owner__in=records).exclude(requester__in=records)
    asked = subjects.filter(Q(pk__in=near.values("pk")) | _says(known, "subject__body")).order_by("pk")
    for pk, text, body in asked.values_list("pk", "subject_id", "subject__body").iterator(500):
        if spans := _spans(body, known, near=pk in told):
            yield Mention(pk, text, None, spans)


def _tickets_with(records: list[int]) -> Any:
    """Tickets that the person asked for, took part in or wrote on."""
    why = "only ids, to look into messages that the viewer may read"
    wrote = Message.objects.unscoped(reason=why).filter(person__in=records).values("ticket")
    took_part = Participant.objects.filter(person__in=records).values("ticket")
    asked = Q(requester__in=records) | Q(pk__in=wrote) | Q(pk__in=took_part)
    return Ticket.objects.unscoped(reason=why).filter(asked)


def _says(known: Known, field: str = "text__body") -> Q:
    """A coarse question to the database, whose own folding knows no accents; `_spans` looks closer."""
    words = {longest for one in known.words if (longest := max(WORD.findall(one) or [""], key=len))}
    spelled = {way for word in words for way in (word, word.lower(), word.upper(), word.title(), fold(word))}
    return reduce(or_, (Q(**{f"{field}__icontains": word}) for word in sorted(spelled)), Q(pk__in=[]))


def _spans(body: Any, known: Known, *, near: bool) -> tuple[tuple[int, int], ...]:
    found = [(span.start, span.end) for span in named_in(body or "", known.words)]
    if not near:
        found = [(start, end) for start, end in found if _whole(body[start:end], known)]
    return tuple(found)


def _whole(said: str, known: Known) -> bool:
    """Elsewhere a single word is somebody's name by chance; the whole name or an address is not."""
    return len(WORD.findall(said)) > 1 or fold(said) in {fold(one) for one in known.words if len(one) >= LONG_ENOUGH}
