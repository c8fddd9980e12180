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
    """One event as `clocks.steps` reads it; its place in the ledger and its hash where they were asked for."""

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
    seq: int = 0
    hash: bytes = b""


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
_TICKET, _THREAD, _TEAM = 1, 2, 3
_ABOUT: Final = f"""
SELECT {_TICKET}, t.id, t.requester_id, p.department_id, t.next_due_at, CASE WHEN t.live THEN 1 ELSE 0 END
FROM helmdesk_ticket t JOIN helmdesk_person p ON p.id = t.requester_id WHERE t.id IN ({{tickets}})
UNION ALL SELECT {_THREAD}, th.ticket_id, th.id, NULL, NULL, 0 FROM helmdesk_thread th
JOIN helmdesk_audience a ON a.id = th.audience_id WHERE th.ticket_id IN ({{tickets}}) AND a.requester
UNION ALL SELECT {_TEAM}, id, provider_id, NULL, NULL, 0 FROM helmdesk_team
"""  # noqa: S608 (numbers of our own)
_EVENTS: Final = f"""
SELECT stream_id, body, n, kind, at, v, hat, person, provider, recorded_at, batch {{proof}} FROM helmdesk_event
WHERE stream = {Stream.TICKET.value} AND stream_id IN ({{tickets}}) AND kind IN ({READ})
ORDER BY stream_id, n
"""  # noqa: S608 (names of our own)


def stories(tickets: Collection[int], *, proof: bool = False) -> tuple[list[Story], dict[int, int]]:
    """The tickets that have events, in ascending order; and the provider of every team.

    With `proof` each event has its place in the ledger and its hash.
    """
    marks, ids = listed(tickets)
    about = fetched(_ABOUT.format(tickets=marks), [*ids, *ids])
    found = {row[1]: Story(row[1], row[2], row[3], row[4], bool(row[5])) for row in about if row[0] == _TICKET}
    for what, ticket, thread, *_none in about:
        if what == _THREAD:
            found[ticket].public.add(thread)
    more = ", seq, hash" if proof else ""
    for ticket, body, n, kind, at, *rest in fetched(_EVENTS.format(tickets=marks, proof=more), ids):
        found[ticket].events.append(Happened(n, kind, at, _decode(body).what, *rest))
    for story in found.values():
        story.merged = _opened(event.what["source"] for event in story.events if event.kind == "merge.received")
    providers = {team: provider for what, team, provider, *_none in about if what == _TEAM}
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
