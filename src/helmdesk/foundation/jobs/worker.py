"""Runs jobs: one thread claims, renews leases and watches the clock, a few others work."""

import logging
import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from secrets import token_hex
from time import monotonic
from typing import Any

from django.db import DatabaseError, close_old_connections, connection, connections
from django.tasks.base import TaskContext
from django.utils.module_loading import import_string

from helmdesk.foundation.jobs import queue
from helmdesk.foundation.jobs.backend import result_of
from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.jobs.tasks import ATTEMPTS, JobTask, wait_after
from helmdesk.foundation.time import now
from helmdesk.foundation.tracebacks import outline

log = logging.getLogger("helmdesk.jobs")

BATCH = 20
LEASE = timedelta(seconds=60)
BUSY_POLL, IDLE_POLL, GLANCE = 0.5, 2.0, 0.25
GRACE = 25.0


class Worker:
    """Works until `stop` is called; then finishes what is under way and gives back the rest."""

    def __init__(self, *, threads: int = 2, queues: Collection[str] = (), lease: timedelta = LEASE) -> None:
        self.name = f"w{token_hex(6)}"
        self._threads = [threading.Thread(target=self._work, name=f"job-{n}", daemon=True) for n in range(threads)]
        self._queues, self._lease = queues, lease
        self._ready: SimpleQueue[Job | None] = SimpleQueue()
        self._held: dict[int, Job] = {}
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._renewed = monotonic()
        self._version = 0

    def stop(self, *_: Any) -> None:
        self._stopping.set()
        self._wake.set()

    def run(self) -> bool:
        """Works until stopped; false when a job was still under way after the grace and had to be left."""
        for thread in self._threads:
            thread.start()
        delay = BUSY_POLL
        while not self._stopping.is_set():
            claimed = self._turn()
            delay = BUSY_POLL if claimed else min(delay * 2, IDLE_POLL)
            self._pause(delay if not claimed or self._full() else 0)
        return self._wind_down()

    def drain(self) -> int:
        """Runs, in this thread, all that is due now; for commands and tests."""
        done = 0
        while jobs := queue.claim(worker=self.name, count=BATCH, queues=self._queues, lease=self._lease, at=now()):
            for job in jobs:
                execute(job)
            done += len(jobs)
        return done

    def _turn(self) -> int:
        """One look at the database; an unreachable one is waited for."""
        try:
            close_old_connections()
            self._renew()
            queue.tick(at=now())
            return self._claim()
        except DatabaseError as error:
            log.error("jobs wait for the database", extra={"fault": outline(error)})
            connection.close()
            return 0

    def _renew(self) -> None:
        if monotonic() - self._renewed >= self._lease.total_seconds() / 3:
            queue.renew(list(self._held.values()), worker=self.name, lease=self._lease, at=now())
            self._renewed = monotonic()

    def _claim(self) -> int:
        at = now()
        if self._full() or not queue.anything_due(queues=self._queues, at=at):
            return 0
        jobs = queue.claim(worker=self.name, count=BATCH, queues=self._queues, lease=self._lease, at=at)
        for job in jobs:
            self._held[job.pk] = job
            self._ready.put(job)
        return len(jobs)

    def _full(self) -> bool:
        return self._ready.qsize() > 0

    def _pause(self, seconds: float) -> None:
        """Rests, but no longer than until a worker runs dry, a stop, or (SQLite) a change in the database."""
        if self._wake.wait(0) or seconds == 0:
            self._wake.clear()
        elif connection.vendor == "sqlite":
            until = monotonic() + seconds
            while monotonic() < until and not self._wake.wait(GLANCE) and not self._changed():
                pass
        else:
            self._wake.wait(seconds)

    def _changed(self) -> bool:
        with connection.cursor() as cursor:
            version: int = cursor.execute("PRAGMA data_version").fetchone()[0]
        changed, self._version = version != self._version, version
        return changed

    def _work(self) -> None:
        while (job := self._ready.get()) is not None:
            try:
                close_old_connections()
                execute(job)
            except DatabaseError as error:
                log.error("a job's end could not be written", extra={"job": job.pk, "fault": outline(error)})
                connection.close()
            self._held.pop(job.pk, None)
            if not self._full():
                self._wake.set()
        connections.close_all()

    def _wind_down(self) -> bool:
        unbegun = []
        try:
            while (job := self._ready.get_nowait()) is not None:
                unbegun.append(job)
        except Empty:
            pass
        for job in unbegun:
            self._held.pop(job.pk, None)
        queue.give_back(unbegun, begun=False, at=now())
        for _ in self._threads:
            self._ready.put(None)
        until = monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        left = list(self._held.values())
        queue.give_back(left, begun=True, at=now())
        connections.close_all()
        return not left


def execute(job: Job) -> None:
    """Runs one attempt and writes down how it ended."""
    started = monotonic()
    task: JobTask | None = None
    try:
        task = import_string(job.name)
        if not isinstance(task, JobTask):
            raise TypeError(job.name)
        if job.attempts > task.max_attempts:
            queue.bury(job, error="WorkerLost\n  its worker died each time", at=now())
            return
        call(task, job)
    except BaseException as error:  # noqa: BLE001 (whatever a task raises, even SystemExit, is its failure)
        failed(job, error, most=task.max_attempts if task else ATTEMPTS, at=now())
    else:
        mine = queue.finish(job, at=now())
        told = "job done" if mine else "job done, but another worker has it too"
        log.info(told, extra={"job": job.pk, "task": job.name, "ms": round((monotonic() - started) * 1000, 1)})


def call(task: JobTask, job: Job) -> None:
    args, kwargs = job.args["args"], job.args["kwargs"]
    if task.takes_context:
        args = [TaskContext(task_result=result_of(job, task=task)), *args]
    task.call(*args, **kwargs)


def failed(job: Job, error: BaseException, *, most: int, at: datetime) -> None:
    """Tries again later, or gives up after the last attempt."""
    if not connection.in_atomic_block:
        close_old_connections()
    fault = outline(error)
    about = {"job": job.pk, "task": job.name, "attempt": job.attempts, "fault": fault}
    if job.attempts >= most:
        queue.bury(job, error=fault, at=at)
        log.error("job given up: helmdesk jobs list", extra=about)
    else:
        queue.try_again(job, run_at=at + wait_after(job.attempts), error=fault, at=at)
        log.warning("job failed and will be tried again", extra=about)
