"""What time does to tickets: waits pass their date, resolved tickets close. Each through its verb, one by one.

Reads only the few rows that are due, by partial indexes of open tickets; what a refused verb says is left for the
next round. Tickets that were brought in and never worked on here are left as their source left them.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from helmdesk.access.viewer import system
from helmdesk.tickets.closing import closes_after
from helmdesk.tickets.models import Phase, Ticket
from helmdesk.tickets.refusals import Refused
from helmdesk.tickets.resolution import close
from helmdesk.tickets.seen import TicketQuery
from helmdesk.tickets.waiting import end_wait

ROUND = 200

log = logging.getLogger("helmdesk.tickets")


def pass_time(*, at: datetime) -> int:
    """Ends the waits and closes the tickets that are due by `at`; returns how many that were."""
    due = Ticket.objects.unscoped(reason="the clock sees every ticket").still_open().filter(live=True)
    waits = due.filter(wait_until__isnull=False, wait_until__lte=at).order_by("wait_until")
    done = _each(waits, lambda pk: end_wait(pk, why="expired", by=system(), at=at))
    for kind, after in closes_after().items():
        if after is not None:
            resting = due.filter(
                phase=Phase.RESOLVED, type=kind, resolved_at__isnull=False, resolved_at__lte=at - after
            )
            done += _each(resting.order_by("resolved_at"), lambda pk: close(pk, by=system(), at=at))
    return done


def _each(tickets: TicketQuery, act: Callable[[int], object]) -> int:
    done = 0
    for pk in list(tickets.values_list("pk", flat=True)[:ROUND]):
        try:
            act(pk)
            done += 1
        except Refused as refused:
            log.info("left as it is", extra={"ticket": pk, "refused": refused.code})
    return done
