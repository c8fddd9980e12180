"""What this room does by the clock."""

from datetime import timedelta

from helmdesk.foundation.jobs import schedule, task


@task
def follow() -> None:
    """Brings the figures up to the end of the ledger; what is left after some batches waits for the next time."""
    from helmdesk.measures import keeping

    keeping.follow(most=50)


schedule("measures.follow", task=follow, every=timedelta(seconds=30))
"""Figures are at most so long behind the ledger."""
