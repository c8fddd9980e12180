"""What rooms above write on a ticket: when it is due next, and in its history that people were told of a deadline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helmdesk.access.viewer import system
from helmdesk.foundation.statements import run
from helmdesk.foundation.time import to_us
from helmdesk.ledger.door import Entry, append
from helmdesk.ledger.models import Stream
from helmdesk.tickets.models import Ticket

_SET = "UPDATE helmdesk_ticket SET next_due_at = %s WHERE id = %s"


def set_next_due(ticket: int, at: datetime | None) -> None:
    """When what was promised on this ticket is due next, or that nothing is. A derived column, and no event."""
    run(_SET, [None if at is None else to_us(at), ticket])


def record_notices(notices: Mapping[int, list[dict[str, Any]]], *, at: datetime) -> None:
    """`notice.sent`, for each ticket what was noticed and who was told: ids only. Nothing of the ticket changes.

    Within the caller's transaction; locks the tickets in ascending order, and the ledger last.
    """
    rows = Ticket.objects.unscoped(reason="the desk notes whom it told").filter(pk__in=list(notices)).order_by("pk")
    locked = list(rows.select_for_update().only("pk", "position", "team_id", "updated_at"))
    entries = []
    for ticket in locked:
        for what in notices[ticket.pk]:
            ticket.position += 1
            entries.append(Entry(Stream.TICKET, ticket.pk, "notice.sent", what, n=ticket.position, team=ticket.team_id))
    Ticket.objects.unscoped(reason="the position of the events just noted").bulk_update(locked, ["position"])
    append(entries, by=system().stamp, at=max([at, *(ticket.updated_at for ticket in locked)]))
