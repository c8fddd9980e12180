"""What a person has asked for, or takes part in, as their own pages list it: open ones, and those that ended lately."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import F, Q

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.models import Hat
from helmdesk.tickets.models import Message, Participant, Ticket

MOST: Final = 100
LATELY: Final = timedelta(days=14)


class Matter(NamedTuple):
    """One thing that was asked for, with who has it now."""

    pk: int
    subject: str | None
    phase: int
    wait: str | None
    wait_until: datetime | None
    team: int
    helper: str | None
    mine: bool
    asked_by: str
    updated_at: datetime
    ended_at: datetime | None


class Asked(NamedTuple):
    """The last thing the helpers said on a matter."""

    ticket: int
    body: str | None
    at: datetime
    who: str | None
    provider: int | None


def matters(viewer: Viewer, *, at: datetime) -> list[Matter]:
    """Those of this person that are open or ended lately, the last changed first."""
    # Listed first: PostgreSQL looks a short list up, but would ask a subquery of every ticket there is.
    part = list(Participant.objects.filter(person=viewer.person).values_list("ticket", flat=True))
    rows = (
        Ticket.objects.visible_to(viewer.as_requester())
        .filter(Q(requester=viewer.person) | Q(pk__in=part), merged_into__isnull=True)
        .filter(Q(closed_at__isnull=True) | Q(closed_at__gt=at - LATELY))
        .newest_first()
        .values_list(
            "pk", "subject__body", "phase", "wait", "wait_until", "team_id", "assignee__person__name",
            "requester_id", "requester__name", "updated_at", "resolved_at", "closed_at",
        )[:MOST]
    )  # fmt: skip
    return [
        Matter(
            pk, subject, phase, wait, until, team, helper, requester == viewer.person, name, updated,
            closed or resolved,
        )
        for pk, subject, phase, wait, until, team, helper, requester, name, updated, resolved, closed in rows
    ]  # fmt: skip


def last_asked(tickets: Collection[int], *, viewer: Viewer) -> dict[int, Asked]:
    """What the helpers said last, to be read by this person, on each of these."""
    if not tickets:
        return {}
    said = Message.objects.visible_to(viewer.as_requester()).filter(ticket__in=list(tickets), hat=Hat.MEMBER)
    columns = ("ticket_id", F("text__body"), "at", "person__name", "provider_id")
    return {row[0]: Asked(*row) for row in said.order_by("ticket_id", "at", "pk").values_list(*columns)}
