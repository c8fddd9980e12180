"""The tests' own databases: what rolls back is gone, what is committed is real, and neither reaches the next test."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections

from tests.databases import CommittedDatabase

COUNT_IN_ANOTHER_PROCESS = """
import django; django.setup()
from django.contrib.contenttypes.models import ContentType
print(ContentType.objects.filter(app_label="trace").count())
"""


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_wrote_is_gone_in_the_next(db: None, time: str) -> None:
    assert traces() == 0
    leave_a_trace(time)
    assert traces() == 1


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_committed_is_gone_in_the_next(committed_db: CommittedDatabase, time: str) -> None:
    assert traces() == 0
    leave_a_trace(time)
    assert traces() == 1


def test_what_is_committed_is_seen_by_threads_and_processes(committed_db: CommittedDatabase) -> None:
    leave_a_trace("here")
    in_thread(lambda: leave_a_trace("thread"))

    counted = subprocess.run(
        [sys.executable, "-c", COUNT_IN_ANOTHER_PROCESS],
        env=committed_db.environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (traces(), int(counted.stdout)) == (2, 2)


def test_nothing_committed_reaches_those_who_roll_back(db: None) -> None:
    assert traces() == 0


def test_the_migrations_say_what_the_models_say(db: None) -> None:
    call_command("makemigrations", "helmdesk", check=True, dry_run=True, verbosity=0)


def traces() -> int:
    return ContentType.objects.filter(app_label="trace").count()


def leave_a_trace(name: str) -> None:
    ContentType.objects.create(app_label="trace", model=f"{name}-{connection.vendor}")


def in_thread(work: Callable[[], None]) -> None:
    def run() -> None:
        work()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
