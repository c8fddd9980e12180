"""`helmdesk jobs` tells what waits and what was given up, and acts on the latter only."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from helmdesk.foundation.jobs import queue
from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.jobs.worker import LEASE
from helmdesk.foundation.time import now
from tests.foundation.slow_tasks import slow

pytestmark = pytest.mark.django_db


def told(*arguments: Any) -> str:
    out = StringIO()
    call_command("jobs", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def dead_and_waiting() -> tuple[Job, Job]:
    slow.enqueue(1, 0)
    (dead,) = queue.claim(worker="w", count=1, queues=(), lease=LEASE, at=now())
    queue.bury(dead, error="ValueError\n  mail/out.py:12 send", at=now())
    slow.enqueue(2, 0)
    return dead, Job.objects.get(finished_at=None)


def test_it_lists_the_dead_with_their_error_and_the_waiting(dead_and_waiting: tuple[Job, Job]) -> None:
    text = told("list")

    assert text.splitlines()[0] == "1 waiting, 0 running, 1 given up"
    assert "mail/out.py:12 send" in text
    assert [job["status"] for job in json.loads(told("list", "--json"))["jobs"]] == ["dead", "waiting"]


def test_it_retries_and_drops_by_id_or_all(dead_and_waiting: tuple[Job, Job]) -> None:
    dead, _ = dead_and_waiting

    assert told("retry", str(dead.pk)) == "1 will run again\n"
    assert told("drop", "--all") == "0 dropped\n"
    assert Job.objects.filter(finished_at=None).count() == 2


def test_it_never_touches_a_job_that_still_waits(dead_and_waiting: tuple[Job, Job]) -> None:
    dead, waiting = dead_and_waiting

    with pytest.raises(CommandError, match=f"unknown: {waiting.pk}"):
        told("drop", str(dead.pk), str(waiting.pk))
    with pytest.raises(CommandError, match="--all"):
        told("retry")
    assert Job.objects.count() == 2
