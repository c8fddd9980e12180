"""What a ticket's page is made of, as far as one viewer may read it: the ticket, what was said, what happened.

Narrow rows in a handful of statements, the same number however much was said. Bodies are the rendition that the viewer
may read; None is a text that was removed for good.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec
from django.db.models import F
from django.db.models.functions import Coalesce

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched, listed
from helmdesk.history.fold import Event as Happened
from helmdesk.ledger.models import Hat
from helmdesk.tickets.conditions import readable_by, said_to, seen_by
from helmdesk.tickets.guards import is_own
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.refusals import NotThere

MESSAGES: Final = 50
_decode = msgspec.json.Decoder().decode


class Opened(NamedTuple):
    """One ticket as its page shows it; instants in microseconds."""

    pk: int
    subject: str | None
    type: str
    channel: str
    phase: int
    team: int
    assignee: int | None
    assignee_person: int | None
    assignee_name: str | None
    offered_from: int | None
    holder: str
    holder_id: int | None
    wait: str | None
    wait_on: int | None
    wait_since: int | None
    wait_until: int | None
    wait_position: int | None
    impact: int
    urgency: int
    said_urgency: int | None
    priority: int
    priority_reason: str
    fields: Any
    parent: int | None
    merged_into: int | None
    opened_at: int
    resolved_at: int | None
    closed_at: int | None
    due: int | None
    position: int
    service: Any
    site: str | None
    category: Any
    flags: int
    requester: int
    requester_name: str
    requester_title: str
    requester_language: str
    department: str | None
    requester_site: str | None
    requester_zone: str | None
    opened_by: int | None
    own: bool
    """Whether the viewer is requester or participant, and so reads it as such."""

    @property
    def open(self) -> bool:
        return self.phase == 1

    @property
    def confidential(self) -> bool:
        return bool(self.flags & 1)


TICKET = """
SELECT helmdesk_ticket.id, {subject}, helmdesk_ticket.type, helmdesk_ticket.channel, helmdesk_ticket.phase,
  helmdesk_ticket.team_id, assignee_id, m.person_id, a.name, offered_from_id, holder, holder_id, wait, wait_on,
  wait_since, wait_until, wait_position, impact, urgency, said_urgency, priority, priority_reason,
  CAST(helmdesk_ticket.fields AS TEXT), helmdesk_ticket.parent_id, helmdesk_ticket.merged_into_id, opened_at,
  resolved_at, closed_at, next_due_at, position, CAST(sv.name AS TEXT), si.name, CAST(ca.name AS TEXT), sc.flags,
  requester_id, r.name, r.title, r.language, d.name, rs.name, coalesce(nullif(r.zone, ''), rs.zone), opened_by_id,
  EXISTS (SELECT 1 FROM helmdesk_participant pa WHERE pa.ticket_id = helmdesk_ticket.id AND pa.person_id = %s)
FROM helmdesk_ticket
JOIN helmdesk_text s ON s.id = subject_id
JOIN helmdesk_person r ON r.id = requester_id
JOIN helmdesk_scope sc ON sc.id = scope_id
LEFT JOIN helmdesk_service sv ON sv.id = sc.service_id
LEFT JOIN helmdesk_site si ON si.id = sc.site_id
LEFT JOIN helmdesk_category ca ON ca.id = sc.category_id
LEFT JOIN helmdesk_department d ON d.id = r.department_id
LEFT JOIN helmdesk_site rs ON rs.id = r.site_id
LEFT JOIN helmdesk_membership m ON m.id = assignee_id
LEFT JOIN helmdesk_person a ON a.id = m.person_id
WHERE helmdesk_ticket.id = %s AND {seen}
"""
RENDITION: Final = {True: "s.body", False: "coalesce(s.masked_body, s.body)"}


def opened(ticket: int, *, viewer: Viewer) -> Opened:
    """The ticket, or NotThere where it does not exist for this viewer."""
    seen, values = seen_by(viewer)
    rows = fetched(TICKET.format(subject=RENDITION[viewer.unmasked], seen=seen), [viewer.person, ticket, *values])
    if not rows:
        raise NotThere("ticket", ticket)
    row = Opened(*rows[0])
    own = bool(row.own) or row.requester == viewer.person
    return row._replace(own=own, fields=_json(row.fields), service=_json(row.service), category=_json(row.category))


def _json(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


class Event(NamedTuple):
    """One event of the ticket's stream, with the name of whoever acted; `what` is decoded."""

    n: int
    kind: str
    at: int
    hat: int
    person: int | None
    name: str | None
    provider: int | None
    what: dict[str, Any]


EVENTS = """
SELECT e.n, e.kind, e.at, e.hat, e.person, p.name, e.provider, e.body
FROM helmdesk_event e LEFT JOIN helmdesk_person p ON p.id = e.person
WHERE e.stream = 1 AND e.stream_id = %s ORDER BY e.n
"""


def events_of(ticket: int) -> list[Event]:
    """Everything that happened to a ticket; what of it a viewer is told is decided where it is told."""
    return [
        Event(n, kind, at, hat, person, name, provider, _decode(body)["what"])
        for n, kind, at, hat, person, name, provider, body in fetched(EVENTS, [ticket])
    ]


def foldable(events: Iterable[Event]) -> list[Happened]:
    return [Happened(n=event.n, kind=event.kind, at=event.at, what=event.what) for event in events]


class File(NamedTuple):
    """An attachment of a message."""

    pk: int
    message: int
    name: str
    media_type: str
    size: int


@dataclass(slots=True)
class Hangings:
    """What hangs on a ticket. Other tickets are numbers here: which of them exist for the viewer is asked after."""

    tags: dict[int, str] = field(default_factory=dict)
    links: list[tuple[int, str, bool]] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    participants: dict[int, str] = field(default_factory=dict)
    shares: dict[int, str] = field(default_factory=dict)
    files: dict[int, list[File]] = field(default_factory=dict)
    members: dict[int, tuple[int, str]] = field(default_factory=dict)
    persons: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    following: bool = False
    snoozed_until: int | None = None
    seconds: int = 0
    seq: int = 0


HANGINGS = """
SELECT 1, t.id, 0, 0, t.code, '' FROM helmdesk_tickettag x JOIN helmdesk_tag t ON t.id = x.tag_id WHERE x.ticket_id = %s
UNION ALL SELECT 2, target_id, 0, 0, kind, '' FROM helmdesk_link WHERE source_id = %s
UNION ALL SELECT 3, source_id, 0, 0, kind, '' FROM helmdesk_link WHERE target_id = %s
UNION ALL SELECT 4, id, 0, 0, '', '' FROM helmdesk_ticket WHERE parent_id = %s
UNION ALL SELECT 5, id, 0, 0, '', '' FROM helmdesk_ticket WHERE merged_into_id = %s
UNION ALL SELECT 6, p.id, 0, 0, p.name, '' FROM helmdesk_participant x JOIN helmdesk_person p ON p.id = x.person_id
  WHERE x.ticket_id = %s
UNION ALL SELECT 7, provider_id, 0, 0, why, '' FROM helmdesk_share WHERE ticket_id = %s AND ended_at IS NULL
UNION ALL SELECT 8, f.id, f.message_id, f.size, {name}, f.media_type FROM helmdesk_attachment f
  JOIN helmdesk_message m ON m.id = f.message_id JOIN helmdesk_text s ON s.id = f.name_id
  WHERE f.erased_at IS NULL AND m.ticket_id IN
    (SELECT %s UNION ALL SELECT id FROM helmdesk_ticket WHERE merged_into_id = %s)
UNION ALL SELECT 9, 0, 0, 0, '', '' FROM helmdesk_follow WHERE ticket_id = %s AND person_id = %s
UNION ALL SELECT 10, until, 0, 0, '', '' FROM helmdesk_snooze WHERE ticket_id = %s AND person_id = %s
UNION ALL SELECT 11, coalesce(sum(seconds), 0), 0, 0, '', '' FROM helmdesk_timeentry WHERE ticket_id = %s
UNION ALL SELECT 12, seq, 0, 0, '', '' FROM helmdesk_head WHERE id = 1
"""
MEMBERS = """UNION ALL SELECT 13, m.id, m.person_id, 0, p.name, '' FROM helmdesk_membership m
JOIN helmdesk_person p ON p.id = m.person_id WHERE m.id IN ({ids}) """
PERSONS = "UNION ALL SELECT 14, id, 0, 0, name, '' FROM helmdesk_person WHERE id IN ({ids}) "
TEXTS = "UNION ALL SELECT 15, s.id, 0, 0, {body}, '' FROM helmdesk_text s WHERE s.id IN ({ids}) "


def hangings_of(ticket: Opened, events: Iterable[Event], *, viewer: Viewer) -> Hangings:
    """All of it in one statement, with the names of those whom the events tell of."""
    members, persons = _told_of(events)
    texts = {value["t"] for value in (ticket.fields or {}).values() if isinstance(value, dict)}
    pk, me = ticket.pk, viewer.person
    sql, values = HANGINGS.format(name=RENDITION[viewer.unmasked]), [pk] * 9 + [pk, me, pk, me, pk]
    for part, ids in ((MEMBERS, members), (PERSONS, persons), (TEXTS, texts)):
        if ids:
            marks, named = listed(ids)
            sql += part.format(ids=marks, body=RENDITION[viewer.unmasked])
            values += named
    return _sorted_out(fetched(sql, values))


def _told_of(events: Iterable[Event]) -> tuple[set[int], set[int]]:
    members: set[int | None] = set()
    persons: set[int | None] = set()
    for event in events:
        if event.kind in ("assigned", "reopened"):
            members |= {event.what.get("assignee"), event.what.get("was")}
        elif event.kind.startswith("participant."):
            persons.add(event.what.get("person"))
    return {one for one in members if isinstance(one, int)}, {one for one in persons if isinstance(one, int)}


def _sorted_out(rows: Iterable[tuple[Any, ...]]) -> Hangings:
    by: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for kind, *row in rows:
        by[kind].append(tuple(row))
    files: dict[int, list[File]] = defaultdict(list)
    for pk, message, size, name, media_type in by[8]:
        files[message].append(File(pk, message, name or "", media_type, size))
    return Hangings(
        tags={pk: code for pk, _, _, code, _ in by[1]},
        links=[(pk, kind, True) for pk, _, _, kind, _ in by[2]] + [(pk, kind, False) for pk, _, _, kind, _ in by[3]],
        children=[pk for pk, *_ in by[4]],
        sources=[pk for pk, *_ in by[5]],
        participants={pk: name for pk, _, _, name, _ in by[6]},
        shares={pk: why for pk, _, _, why, _ in by[7]},
        files=files,
        following=bool(by[9]),
        snoozed_until=by[10][0][0] if by[10] else None,
        seconds=int(by[11][0][0]),
        seq=by[12][0][0] if by[12] else 0,
        members={pk: (person, name) for pk, person, _, name, _ in by[13]},
        persons={pk: name for pk, _, _, name, _ in by[14]},
        texts={pk: body for pk, _, _, body, _ in by[15]},
    )


class Said(NamedTuple):
    """One message that the viewer may read. `readers` is the audience's key."""

    pk: int
    ticket: int
    at: int
    said_as: str
    hat: int
    automatic: bool
    person: int | None
    name: str | None
    provider: int | None
    body: str | None
    rev: int
    readers: str

    @property
    def to_requester(self) -> bool:
        return self.readers.startswith("1")

    @property
    def providers(self) -> frozenset[int]:
        """The external providers who read it beside the house."""
        named = self.readers.partition(":")[2]
        return frozenset(int(pk) for pk in named.split(",")) if named else frozenset()


class Before(NamedTuple):
    """Where older messages begin: before the one with these."""

    at: int
    pk: int


SAID = """
SELECT helmdesk_message.id, helmdesk_message.ticket_id, helmdesk_message.at, said_as, hat, automatic, person_id, p.name,
  provider_id, {body}, s.rev, helmdesk_audience.key
FROM helmdesk_message
JOIN helmdesk_audience ON helmdesk_audience.id = helmdesk_message.audience_id
JOIN helmdesk_ticket ON helmdesk_ticket.id = helmdesk_message.ticket_id
JOIN helmdesk_text s ON s.id = helmdesk_message.text_id
LEFT JOIN helmdesk_person p ON p.id = helmdesk_message.person_id
WHERE {which} ORDER BY helmdesk_message.at DESC, helmdesk_message.id DESC LIMIT {limit}
"""
BEFORE = "helmdesk_message.at <= %s AND (helmdesk_message.at < %s OR helmdesk_message.id < %s)"


def said_on(
    ticket: Opened, sources: Collection[int] = (), *, viewer: Viewer, before: Before | None = None,
    limit: int = MESSAGES,
) -> tuple[list[Said], Before | None]:  # fmt: skip
    """The last messages in all threads that the viewer reads, oldest first, and where older ones begin.

    With `sources`, also what was said on tickets merged into this one, where the viewer may read that too.
    """
    if sources:
        marks, tickets = listed({ticket.pk, *sources})
        which, values = said_to(viewer)
        which, values = f"helmdesk_message.ticket_id IN ({marks}) AND {which}", (*tickets, *values)
    else:
        which, values = readable_by(viewer)
        which, values = f"helmdesk_message.ticket_id = %s AND {which}", (ticket.pk, *values)
    if before is not None:
        which, values = f"{which} AND {BEFORE}", (*values, before.at, *before)
    sql = SAID.format(body=RENDITION[viewer.unmasked], which=which, limit=limit + 1)
    said = [Said(*row) for row in fetched(sql, values)]
    first = said[limit - 1] if len(said) > limit else None
    return said[:limit][::-1], None if first is None else Before(first.at, first.pk)


class Related(NamedTuple):
    """Another ticket, named because the viewer may see it too."""

    pk: int
    subject: str | None
    phase: int


RELATED = """
SELECT helmdesk_ticket.id, {subject}, phase FROM helmdesk_ticket JOIN helmdesk_text s ON s.id = subject_id
WHERE helmdesk_ticket.id IN ({ids}) AND {seen}
"""


def related(numbers: Collection[int | None], *, viewer: Viewer) -> dict[int, Related]:
    """Those of these tickets that exist for the viewer."""
    marks, asked = listed({pk for pk in numbers if pk is not None})
    if not asked:
        return {}
    seen, values = seen_by(viewer)
    rows = fetched(RELATED.format(subject=RENDITION[viewer.unmasked], ids=marks, seen=seen), [*asked, *values])
    return {row[0]: Related(*row) for row in rows}


def rendition(text: str, viewer: Viewer) -> F | Coalesce:
    """The body of a text, by the name of the key to it, as this viewer may read it."""
    return F(f"{text}__body") if viewer.unmasked else Coalesce(f"{text}__masked_body", f"{text}__body")


def is_theirs(ticket: int, *, viewer: Viewer) -> bool:
    """Whether the viewer is requester or participant of a ticket that they may see: then they read as such."""
    found = Ticket.objects.visible_to(viewer).filter(pk=ticket).only("pk", "requester_id").first()
    return found is not None and (viewer.hat == Hat.REQUESTER or is_own(viewer, found))
