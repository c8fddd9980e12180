"""Keeps the index in step: a verb queues its tickets, a job writes their rows."""

from datetime import timedelta

from helmdesk.foundation.jobs import task
from helmdesk.foundation.statements import insert
from helmdesk.foundation.time import now
from helmdesk.tickets.facts import TicketsChanged
from helmdesk.tickets.models import SearchQueue
from helmdesk.tickets.search.index import reindex

BATCH = 200
GATHERS = timedelta(seconds=1)
"""How long changes gather before they are indexed together."""


def queue(changed: TicketsChanged) -> None:
    """Within a verb's transaction: these tickets are out of date, and somebody will see to it."""
    insert("helmdesk_searchqueue", ["ticket"], [[ticket] for ticket in changed.tickets])
    catch_up.using(unique_key="search.catch_up", run_after=now() + GATHERS).enqueue()


@task(priority=10)
def catch_up() -> None:
    """Indexes what waits, in batches; a ticket queued meanwhile is done again."""
    while waiting := list(SearchQueue.objects.order_by("pk").values_list("pk", "ticket")[:BATCH]):
        reindex(ticket for _, ticket in waiting)
        SearchQueue.objects.filter(pk__in=[pk for pk, _ in waiting]).delete()
