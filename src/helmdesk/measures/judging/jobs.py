"""What judgings do by the clock."""

from datetime import timedelta

from helmdesk.foundation.jobs import schedule, task


@task
def prune() -> None:
    """Forgets answers that are some days old."""
    from helmdesk.foundation.time import now
    from helmdesk.measures.judging import walking

    walking.prune(at=now())


schedule("measures.judging.prune", task=prune, every=timedelta(hours=6))
