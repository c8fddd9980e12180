"""What this room does by the clock."""

from datetime import time, timedelta

from helmdesk.foundation.jobs import schedule, task


@task
def forget_for_good() -> None:
    """Takes what was erased out of the database's files, and removes files that nothing names."""
    from helmdesk.tickets import scrubbing

    scrubbing.daily()


@task
def pass_time() -> None:
    """Ends waits whose date has passed, and closes what has been resolved long enough."""
    from helmdesk.foundation.time import now
    from helmdesk.tickets import timers

    timers.pass_time(at=now())


schedule("tickets.pass_time", task=pass_time, every=timedelta(minutes=1))
schedule("tickets.forget", task=forget_for_good, daily_at=time(2, 30))
