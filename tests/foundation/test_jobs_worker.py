"""Real workers in real processes: killed, stopped, side by side, on whichever database the tests run."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from helmdesk.foundation.jobs import queue
from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.jobs.worker import Worker
from helmdesk.foundation.time import now
from tests.databases import CommittedDatabase
from tests.foundation.slow_tasks import slow

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import signal, sys, datetime
import django
django.setup()
from helmdesk.foundation.jobs.worker import Worker
worker = Worker(threads=2, lease=datetime.timedelta(seconds=float(sys.argv[1])))
signal.signal(signal.SIGTERM, worker.stop)
sys.exit(0 if worker.run() else 1)
"""


class Shop:
    """Starts workers on the test's database, and counts the marks that their jobs leave."""

    def __init__(self, environment: dict[str, str], marks: Path) -> None:
        self.environment = {**environment, "HELMDESK_TEST_MARKS": str(marks), "PYTHONPATH": str(ROOT)}
        self.marks = marks
        self.processes: list[subprocess.Popen[bytes]] = []

    def worker(self, *, lease: float) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(lease)], env=self.environment, start_new_session=True
        )
        self.processes.append(process)
        return process

    def count(self, what: str) -> int:
        return len(list(self.marks.glob(f"{what}-*")))


@pytest.fixture
def shop(committed_db: CommittedDatabase, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(committed_db.environment, tmp_path)
    yield made
    for process in made.processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(true: Callable[[], Any], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_job_whose_worker_was_killed_runs_again_after_the_lease(shop: Shop) -> None:
    slow.enqueue(1, 1000)
    first = shop.worker(lease=1)
    until(lambda: shop.count("begun-1") == 1)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    shop.worker(lease=1)

    until(lambda: shop.count("ended-1") == 1)
    until(lambda: Job.objects.get().status == "done")
    assert shop.count("begun-1") == 2
    assert Job.objects.get().attempts == 2


def test_a_job_longer_than_its_lease_stays_with_its_worker(shop: Shop) -> None:
    slow.enqueue(1, 6000)
    shop.worker(lease=4)
    shop.worker(lease=4)

    until(lambda: shop.count("ended-1") == 1)
    until(lambda: Job.objects.get().status == "done")
    assert shop.count("begun-1") == 1


def test_three_workers_run_each_of_many_jobs_once(shop: Shop) -> None:
    for number in range(150):
        slow.enqueue(number, 1)
    for _ in range(3):
        shop.worker(lease=30)

    until(lambda: not Job.objects.filter(finished_at=None).exists(), seconds=40)
    assert shop.count("ended") == shop.count("begun") == 150


def test_a_stopped_worker_ends_what_it_began_and_gives_back_the_rest(shop: Shop) -> None:
    for number in range(12):
        slow.enqueue(number, 700)
    worker = shop.worker(lease=60)
    until(lambda: shop.count("begun") == 2)
    worker.terminate()

    assert worker.wait(timeout=10) == 0
    assert shop.count("begun") == shop.count("ended")
    load = queue.load(at=now())
    assert load.running == 0
    assert load.waiting == 12 - shop.count("ended")


def test_an_idle_worker_notices_new_work_soon(committed_db: CommittedDatabase, tmp_path: Path) -> None:
    os.environ["HELMDESK_TEST_MARKS"] = str(tmp_path)
    worker = Worker(threads=1, lease=timedelta(seconds=30))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        time.sleep(1.5)  # it rests longest by then
        begun = time.monotonic()
        slow.enqueue(1, 0)
        until(lambda: list(tmp_path.glob("ended-1-*")), seconds=4)
        assert time.monotonic() - begun < 2.5
    finally:
        worker.stop()
        thread.join()
        del os.environ["HELMDESK_TEST_MARKS"]
