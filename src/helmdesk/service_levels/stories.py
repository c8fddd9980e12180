"""What happened to tickets, as far as clocks can be concerned: read in one statement, told as `clocks` reads it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from helmdesk.foundation.statements import fetched, listed
from helmdesk.foundation.time import to_us
from helmdesk.history.fold import EFFECTS
from helmdesk.ledger.models import Event, Stream
from helmdesk.tickets.models import Ticket

TELLING: Final = frozenset(EFFECTS) | frozenset(
    """
    ticket.opened message.added classified type.changed prioritised wait.judged merge.received merge.released
    exclusion.approved
    """.split()
)
"""The kinds of event after which a clock may stand otherwise."""
READ: Final = ", ".join(f"'{kind}'" for kind in sorted(TELLING | {"exclusion.asked"}))


class Happened(msgspec.Struct, frozen=True):
    """One event as `clocks.steps` reads it."""

    n: int
    kind: str
    at: int
    what: dict[str, Any]
    v: int
    hat: int
    person: int | None
    provider: int | None
    recorded_at: int
    batch: int | None


@dataclass(slots=True)
class Story:
    """One ticket: its telling events in order, and what of it stands beside them.

    `public` are the threads that the requester reads, `merged` when the tickets merged into it were opened.
    """

    ticket: int
    requester: int
    department: int | None
    next_due_at: int | None
    live: bool
    events: list[Happened] = field(default_factory=list)
    public: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)

    @property
    def opened_at(self) -> int:
        return self.events[0].at

    @property
    def now(self) -> int:
        """When a clock was last told of."""
        return max(event.at for event in self.events if event.kind in TELLING)

    @property
    def live_since(self) -> int:
        """When it was first worked on here: what another system recorded before is nobody's to be warned of."""
        return min((event.at for event in self.events if event.batch is None), default=2**62)


class _Body(msgspec.Struct):
    what: dict[str, Any]


_decode: Final = msgspec.json.Decoder(_Body).decode
_TICKETS: Final = """
SELECT t.id, t.requester_id, p.department_id, t.next_due_at, t.live FROM helmdesk_ticket t
JOIN helmdesk_person p ON p.id = t.requester_id WHERE t.id IN ({tickets})
"""
_EVENTS: Final = f"""
SELECT stream_id, body, n, kind, at, v, hat, person, provider, recorded_at, batch FROM helmdesk_event
WHERE stream = {Stream.TICKET.value} AND stream_id IN ({{tickets}}) AND kind IN ({READ})
ORDER BY stream_id, n
"""  # noqa: S608 (names of our own)
_BESIDE: Final = """
SELECT th.ticket_id, th.id, NULL FROM helmdesk_thread th
JOIN helmdesk_audience a ON a.id = th.audience_id WHERE th.ticket_id IN ({tickets}) AND a.requester
UNION ALL SELECT NULL, id, provider_id FROM helmdesk_team
"""


def stories(tickets: Collection[int]) -> tuple[list[Story], dict[int, int]]:
    """The tickets that have events, in ascending order; and the provider of every team."""
    marks, ids = listed(tickets)
    rows = fetched(_TICKETS.format(tickets=marks), ids)
    found = {row[0]: Story(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows}
    for ticket, body, n, kind, at, *rest in fetched(_EVENTS.format(tickets=marks), ids):
        found[ticket].events.append(Happened(n, kind, at, _decode(body).what, *rest))
    beside = fetched(_BESIDE.format(tickets=marks), ids)
    for ticket, thread, _provider in beside:
        if ticket is not None:
            found[ticket].public.add(thread)
    for story in found.values():
        story.merged = _opened(event.what["source"] for event in story.events if event.kind == "merge.received")
    providers = {team: provider for ticket, team, provider in beside if ticket is None}
    return [story for _pk, story in sorted(found.items()) if story.events], providers


def _opened(tickets: Iterable[int]) -> dict[int, int]:
    """When these tickets were opened, in µs."""
    ids = list(tickets)
    if not ids:
        return {}
    rows = Ticket.objects.unscoped(reason="a clock may count from when the ticket merged in was opened")
    return {pk: to_us(at) for pk, at in rows.filter(pk__in=ids).values_list("pk", "opened_at")}


def group_at(story: Story) -> int | None:
    """The department that the requester belonged to when the ticket was opened, as the history of people has it."""
    events = Event.objects.filter(stream=Stream.PERSON, stream_id=story.requester, at__lte=story.opened_at)
    told = events.filter(kind__in=("person.added", "person.changed")).order_by("-n").values_list("body", flat=True)
    for body in told[:1]:
        department: int | None = _decode(body).what.get("department")
        return department
    return story.department
