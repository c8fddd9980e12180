"""What happens to a job, in SQL: put in, claimed under a lease, renewed, finished, tried again, buried, pruned."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Min, Q

from helmdesk.foundation.jobs import schedules
from helmdesk.foundation.jobs.models import UNFINISHED, WAITING, Due, Job
from helmdesk.foundation.time import to_us

# The update locks the waiting job until we commit: claimed before that, it would miss what we wrote.
INSERT_ONCE = """
    INSERT INTO helmdesk_job AS job
    (queue, priority, name, args, run_at, attempts, worker, last_error, unique_key, created_at)
    VALUES (%s, %s, %s, %s, %s, 0, '', '', %s, %s)
    ON CONFLICT (unique_key) WHERE finished_at IS NULL AND lease_until IS NULL AND unique_key IS NOT NULL
    DO UPDATE SET run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END
    RETURNING *"""
CLAIM = """
    UPDATE helmdesk_job SET lease_until = %s, worker = %s, attempts = attempts + 1 WHERE id IN (
        SELECT id FROM helmdesk_job
        WHERE finished_at IS NULL AND run_at <= %s AND (lease_until IS NULL OR lease_until < %s) {queues}
        ORDER BY priority DESC, run_at, id LIMIT %s {skip}
    ) RETURNING *"""
KEPT = timedelta(days=7)
PRUNED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much work there is."""

    waiting: int
    running: int
    dead: int
    oldest_seconds: float


def enqueue(
    *,
    name: str,
    args: dict[str, Any],
    queue: str,
    priority: int,
    run_at: datetime,
    unique_key: str | None,
    at: datetime,
) -> Job:
    """Writes a job in the running transaction; with a key, joins the one that waits under it."""
    if unique_key is None:
        return Job.objects.create(queue=queue, priority=priority, name=name, args=args, run_at=run_at, created_at=at)
    row = [queue, priority, name, json.dumps(args), to_us(run_at), unique_key, to_us(at)]
    with transaction.atomic(savepoint=False):
        (job,) = Job.objects.raw(INSERT_ONCE, row)
    return job


def anything_due(*, queues: Collection[str], at: datetime) -> bool:
    """A cheap look before the claim, which on SQLite takes the one write lock."""
    due = Job.objects.filter(UNFINISHED, Q(lease_until__isnull=True) | Q(lease_until__lt=at), run_at__lte=at)
    return (due.filter(queue__in=queues) if queues else due).exists()


def claim(*, worker: str, count: int, queues: Collection[str], lease: timedelta, at: datetime) -> list[Job]:
    """Takes up to `count` jobs whose time has come, those of a dead worker too; each counts as one attempt."""
    statement = CLAIM.format(
        queues=f"AND queue IN ({', '.join(['%s'] * len(queues))})" if queues else "",
        skip="FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else "",
    )
    with transaction.atomic():
        jobs = Job.objects.raw(statement, [to_us(at + lease), worker, to_us(at), to_us(at), *queues, count])
        return sorted(jobs, key=lambda job: (-job.priority, job.run_at, job.pk))


def renew(jobs: Iterable[Job], *, worker: str, lease: timedelta, at: datetime) -> None:
    """Says that these are still being worked on."""
    ids = [job.pk for job in jobs]
    if ids:
        Job.objects.filter(UNFINISHED, pk__in=ids, worker=worker).update(lease_until=at + lease)


def give_back(jobs: Iterable[Job], *, begun: bool, at: datetime) -> None:
    """Returns jobs before their lease ends: those not begun as if they had never been taken."""
    for job in jobs:
        attempts = job.attempts if begun else job.attempts - 1
        _put_back(job, run_at=job.run_at, attempts=attempts, last_error=job.last_error, at=at)


def finish(job: Job, *, at: datetime) -> bool:
    """Marks a job as done; false when its lease had gone to another worker."""
    return bool(_mine(job).update(finished_at=at, last_error=""))


def try_again(job: Job, *, run_at: datetime, error: str, at: datetime) -> bool:
    return _put_back(job, run_at=run_at, attempts=job.attempts, last_error=error, at=at)


def bury(job: Job, *, error: str, at: datetime) -> bool:
    """Gives up on a job; it stays as a dead letter until someone retries or drops it."""
    return bool(_mine(job).update(finished_at=at, died_at=at, last_error=error))


def revive(jobs: Iterable[Job], *, at: datetime) -> int:
    """Lets dead letters run again, from their first attempt; those whose key waits already are done with."""
    return sum(_revived(job, at=at) for job in jobs)


def dead() -> Any:
    return Job.objects.filter(died_at__isnull=False)


def drop(jobs: Iterable[Job]) -> int:
    dropped: int = dead().filter(pk__in=[job.pk for job in jobs]).delete()[0]
    return dropped


def prune(*, at: datetime) -> int:
    """Deletes jobs done more than a week ago, some at a time; dead letters stay."""
    old = Job.objects.filter(finished_at__isnull=False, finished_at__lt=at - KEPT, died_at__isnull=True)
    done: int = Job.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])).delete()[0]
    return done


def load(*, at: datetime) -> Load:
    waiting = Job.objects.filter(WAITING)
    oldest: datetime | None = waiting.filter(run_at__lte=at).aggregate(oldest=Min("run_at"))["oldest"]
    return Load(
        waiting=waiting.count(),
        running=Job.objects.filter(UNFINISHED, lease_until__isnull=False).count(),
        dead=dead().count(),
        oldest_seconds=(at - oldest).total_seconds() if oldest else 0.0,
    )


def tick(*, at: datetime) -> int:
    """Enqueues what the schedules owe; whoever moves a due row on enqueues, so each instant is served once."""
    rows = dict(Due.objects.values_list("name", "next_at"))
    owed = [plan for plan in schedules.declared() if rows.get(plan.name, at) <= at]
    return sum(_serve(plan, seen=rows.get(plan.name), at=at) for plan in owed)


def _serve(plan: schedules.Schedule, *, seen: datetime | None, at: datetime) -> bool:
    with transaction.atomic():
        if seen is None:
            Due.objects.bulk_create([Due(name=plan.name, next_at=at)], ignore_conflicts=True)
        moved = Due.objects.filter(name=plan.name, next_at=seen or at).update(next_at=plan.next_after(at))
        if moved:
            plan.task.using(unique_key=f"schedule:{plan.name}").enqueue()
    return bool(moved)


def _mine(job: Job) -> Any:
    """The row as long as this attempt of this worker still owns it."""
    return Job.objects.filter(UNFINISHED, pk=job.pk, worker=job.worker, attempts=job.attempts)


def _put_back(job: Job, *, run_at: datetime, attempts: int, last_error: str, at: datetime) -> bool:
    """Makes a job wait again; where another waits under its key by now, that one does the work and this is done."""
    try:
        with transaction.atomic():
            changed = _mine(job).update(lease_until=None, run_at=run_at, attempts=attempts, last_error=last_error)
    except IntegrityError:
        changed = _mine(job).update(finished_at=at, last_error=last_error)
    return bool(changed)


def _revived(job: Job, *, at: datetime) -> bool:
    waiting = {"finished_at": None, "died_at": None, "lease_until": None, "attempts": 0, "run_at": at}
    try:
        with transaction.atomic():
            return bool(dead().filter(pk=job.pk).update(**waiting))
    except IntegrityError:
        return bool(dead().filter(pk=job.pk).update(died_at=None))
