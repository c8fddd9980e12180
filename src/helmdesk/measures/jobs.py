"""What this room does by the clock."""

from datetime import timedelta
from time import monotonic
from typing import Final

from helmdesk.foundation.jobs import schedule, task

LONGEST: Final = 5.0
"""Seconds, and the batch then under way: a server that is told to stop waits no longer for it."""


@task
def follow() -> None:
    """Brings the figures up to the end of the ledger; what is left after a while waits for the next time."""
    from helmdesk.measures import keeping

    end = monotonic() + LONGEST
    while keeping.follow(most=1) and monotonic() < end:
        pass


schedule("measures.follow", task=follow, every=timedelta(seconds=30))
"""Figures are at most so long behind the ledger."""
