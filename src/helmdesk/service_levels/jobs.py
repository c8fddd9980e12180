"""What this room does by the clock."""

from datetime import timedelta

from helmdesk.foundation.jobs import schedule, task


@task(priority=20)
def watch() -> None:
    """Notices which clocks have come to a share of their target or past it, then tells those whom it concerns."""
    from helmdesk.foundation.time import now
    from helmdesk.service_levels import telling, watching

    watching.watch(at=now())
    telling.tell(at=now())


schedule("service_levels.watch", task=watch, every=timedelta(minutes=1))
