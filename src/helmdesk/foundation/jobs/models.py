"""The tables of work to be done later: jobs, and when each schedule is due next."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from helmdesk.foundation.time import InstantField

UNFINISHED = Q(finished_at__isnull=True)
WAITING = UNFINISHED & Q(lease_until__isnull=True)


class Job(models.Model):
    """One call of a task, written in the transaction that causes it and kept until its result has been pruned.

    `args` holds ids, codes and numbers only (`backend.checked`), so a job is never a copy of a text or a secret.
    Every index is partial on `IS NULL`: such a condition carries no parameter, so SQLite can prove it.
    """

    queue = models.CharField(max_length=20)
    priority = models.SmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    args = models.JSONField(default=dict)
    run_at = InstantField()
    attempts = models.SmallIntegerField(default=0)
    lease_until = InstantField(null=True)
    worker = models.CharField(max_length=60, blank=True, default="")
    last_error = models.TextField(blank=True, default="")
    unique_key = models.CharField(max_length=120, null=True)
    created_at = InstantField()
    finished_at = InstantField(null=True)
    died_at = InstantField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["unique_key"], name="job_waits_once", condition=WAITING & Q(unique_key__isnull=False)
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-priority", "run_at", "id"], name="job_next", condition=UNFINISHED),
            models.Index(fields=["finished_at"], name="job_finished", condition=Q(finished_at__isnull=False)),
            models.Index(fields=["died_at"], name="job_dead", condition=Q(died_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"job {self.pk} {self.name} ({self.status})"

    @property
    def status(self) -> str:
        """waiting, running (or left by a dead worker until its lease ends), done or dead."""
        if self.finished_at is None:
            return "waiting" if self.lease_until is None else "running"
        return "done" if self.died_at is None else "dead"


class Due(models.Model):
    """When a schedule declared in code runs next; whoever moves the row on enqueues the job."""

    name = models.CharField(max_length=80, primary_key=True)
    next_at = InstantField()

    def __str__(self) -> str:
        return f"{self.name} next at {self.next_at:%Y-%m-%d %H:%M:%S}"
