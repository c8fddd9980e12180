"""Who leaves a team, a provider or the desk leaves no ticket behind: what they had goes back to its team.

A job does it, since whoever left did so under the ledger's lock, and tickets are locked before that.
"""

from datetime import datetime

from helmdesk.access.viewer import system
from helmdesk.foundation.jobs import task
from helmdesk.foundation.time import now
from helmdesk.people.facts import PeopleLeft
from helmdesk.tickets.acting import acting
from helmdesk.tickets.assignment import works_there
from helmdesk.tickets.ball import unassign
from helmdesk.tickets.models import Phase, Ticket


def queue(left: PeopleLeft) -> None:
    """Within the change by which they left: one job sees to their tickets."""
    release_of.enqueue(list(left.persons))


@task(priority=5)
def release_of(persons: list[int]) -> None:
    release_what_was_left(persons, at=now())


def release_what_was_left(persons: list[int], *, at: datetime) -> list[int]:
    """Releases open tickets assigned to these persons where they no longer work; returns which."""
    everything = Ticket.objects.unscoped(reason="whoever leaves frees all their tickets; the system does it")
    theirs = everything.filter(assignee__person__in=persons, phase=Phase.OPEN, closed_at__isnull=True)
    released = []
    for ticket in theirs.order_by("pk").values_list("pk", flat=True):
        with acting(ticket, by=system(), at=at) as act:
            row = act.ticket
            if row.open and row.assignee_id and not works_there(row.assignee_id, row.team_id):
                unassign(act, row, how="left")
                released.append(ticket)
    return released
