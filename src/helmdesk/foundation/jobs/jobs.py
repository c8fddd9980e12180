"""The queue's own housekeeping."""

from datetime import timedelta

from helmdesk.foundation.jobs import schedule, task
from helmdesk.foundation.time import now


@task
def prune() -> None:
    """Deletes what was done more than a week ago."""
    from helmdesk.foundation.jobs import queue

    while queue.prune(at=now()):
        pass


schedule("jobs.prune", every=timedelta(hours=1), task=prune)
