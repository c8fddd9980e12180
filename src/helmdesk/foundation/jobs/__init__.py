"""Work to be done later, enqueued in the transaction that causes it: `task`, `schedule`, and the worker behind them.

    @task(max_attempts=12)
    def send_mail(outbox_id: int) -> None: ...

    send_mail.enqueue(7)                                   # one job, committed with its cause
    send_mail.using(unique_key="outbox:7").enqueue(7)      # at most one of them waits at a time
    schedule("mail.sweep", every=timedelta(minutes=5), task=sweep)

A job runs at least once: a task asks first whether its work is done already.
"""

from helmdesk.foundation.jobs.schedules import schedule
from helmdesk.foundation.jobs.tasks import JobTask, task

__all__ = ["JobTask", "schedule", "task"]
