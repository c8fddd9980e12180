"""What an import remembers of a ticket is forgotten with whatever is forgotten there."""

from itertools import batched
from typing import Final

from helmdesk.exchange.models import ImportedTicket
from helmdesk.tickets.facts import TicketsChanged

FORGETTING: Final = frozenset({"text.erased", "person.erased"})
SOME: Final = 500


def forget(changed: TicketsChanged) -> None:
    """Within a redaction or an erasure: the digests of a source's rows and texts could confirm a guess of them."""
    if not FORGETTING.isdisjoint(changed.kinds):
        for some in batched(changed.tickets, SOME, strict=False):
            ImportedTicket.objects.filter(ticket__in=some).update(memory="", salt=None)
