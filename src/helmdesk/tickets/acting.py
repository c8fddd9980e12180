"""The frame of every verb: lock, check, change, record, announce, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.announce import announce
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.door import Entry, append
from helmdesk.ledger.models import Event, Hat, Stream
from helmdesk.providers.models import Team
from helmdesk.tickets.facts import TicketsChanged
from helmdesk.tickets.guards import is_own
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.refusals import NotThere, Overtaken

BALL = frozenset(
    "assigned handed_over hand_over.accepted hand_over.declined hand_over.recalled wait.started wait.moved wait.ended "
    "resolved reopened closed ticket.opened ticket.merged ticket.unmerged team.rerouted".split()
)


@dataclass(slots=True)
class Act:
    """One verb under way: its tickets, locked, and the events it will leave.

    `touched` are those with events; of them the verb itself has `written` some.
    """

    by: Viewer
    at: datetime
    tickets: dict[int, Ticket]
    first: int | None
    family: dict[int, Ticket] = field(default_factory=dict)
    touched: dict[int, Ticket] = field(default_factory=dict)
    written: set[int] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def ticket(self) -> Ticket:
        """The ticket that the verb was called on."""
        assert self.first is not None
        return self.tickets[self.first]

    def record(self, ticket: Ticket, kind: str, /, **what: Any) -> int:
        """Adds an event of a ticket, to be appended when the verb is done; returns its n."""
        ticket.position += 1
        if kind in BALL:
            ticket.ball_position = ticket.position
        ticket.updated_at = self.at
        ticket.live = True
        self.entries.append(Entry(Stream.TICKET, ticket.pk, kind, what, n=ticket.position, team=ticket.team_id))
        self.touched[ticket.pk] = ticket
        return ticket.position


@contextmanager
def acting(
    *tickets: int, by: Viewer, at: datetime, shown: int | None = None, cause: int | None = None
) -> Iterator[Act]:
    """Locks the tickets in ascending order, as far as `by` may see them, and on leaving writes rows and events.

    `shown` is the position of the first ticket that the page had shown. Raises NotThere for a ticket that does not
    exist for `by`, Overtaken when the ball moved since `shown`.
    """
    with transaction.atomic():
        act = locked_act(tickets, by=by, at=at)
        if shown is not None and act.ticket.ball_position > shown:
            raise Overtaken(what_happened(act.ticket, since=shown, by=by))
        worn = signature(act)
        yield act
        for pk in act.touched.keys() - act.written:
            act.touched[pk].save()
        act.events = append(act.entries, by=worn if tickets else signature(act), at=act.at, cause=cause)
        if act.events:
            announce(TicketsChanged(tuple(act.touched), tuple(e.kind for e in act.events), act.events[-1].seq))


def locked_act(ids: tuple[int, ...], *, by: Viewer, at: datetime) -> Act:
    """Locks tickets and their parents in ascending order, then asks which of them `by` may see."""
    if not ids:
        return Act(by=by, at=at, tickets={}, first=None)
    everything = Ticket.objects.unscoped(reason="locked first; what `by` may not see is refused right after")
    parents = everything.filter(pk__in=ids, parent__isnull=False).values_list("parent_id", flat=True)
    rows = {t.pk: t for t in everything.filter(pk__in={*ids, *parents}).order_by("pk").select_for_update()}
    seen = set(Ticket.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))
    for pk in ids:
        if pk not in seen:
            raise NotThere("ticket", pk)
    tickets = {pk: rows[pk] for pk in ids}
    family = {pk: row for pk, row in rows.items() if pk not in tickets}
    return Act(
        by=by, at=max(at, *(row.updated_at for row in rows.values())), tickets=tickets, first=ids[0], family=family
    )


def signature(act: Act) -> Stamp:
    """The hat that the doer wears: on a ticket of their own the requester's, whoever they work for."""
    if act.by.hat == Hat.MEMBER and act.first is not None and is_own(act.by, act.ticket):
        return act.by.as_requester().stamp
    return act.by.stamp


SAID = {
    "assigned": "somebody took or was given it",
    "handed_over": "it was passed on",
    "hand_over.accepted": "the team accepted it",
    "hand_over.declined": "the team declined it",
    "hand_over.recalled": "it was taken back",
    "wait.started": "it was set to wait",
    "wait.ended": "the wait ended",
    "wait.moved": "the wait moved on",
    "resolved": "it was resolved",
    "reopened": "it was reopened",
    "closed": "it was closed",
    "ticket.merged": "it was merged into another",
    "ticket.unmerged": "the merge was undone",
    "team.rerouted": "it was moved to another team",
}


def what_happened(ticket: Ticket, *, since: int, by: Viewer) -> str:
    """The last ball event since a position, in words, with the team that has it now where one does."""
    last = (
        Event.objects.filter(stream=Stream.TICKET, stream_id=ticket.pk, n__gt=since, kind__in=BALL)
        .order_by("-n")
        .first()
    )
    said = SAID.get(last.kind if last else "", "something happened")
    if last is None or last.kind not in ("assigned", "handed_over", "team.rerouted", "hand_over.declined"):
        return said
    who = ticket.assignee.person.name if ticket.assignee_id and ticket.assignee and by.unmasked else None
    team = Team.objects.filter(pk=ticket.team_id).values_list("name", flat=True).first()
    return f"{said}: it is with {team}{f', {who}' if who else ''}"
