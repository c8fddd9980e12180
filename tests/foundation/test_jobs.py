"""Jobs are written with their cause, run once their time has come, tried again, and never forgotten."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.tasks import TaskResultStatus
from django.tasks.exceptions import InvalidTask

from helmdesk.foundation.jobs import queue, schedule, schedules, task
from helmdesk.foundation.jobs.models import Due, Job
from helmdesk.foundation.jobs.tasks import wait_after
from helmdesk.foundation.jobs.worker import LEASE, Worker, execute
from helmdesk.foundation.time import EPOCH, now

pytestmark = pytest.mark.django_db

done: list[Any] = []


@task
def note(*ids: int, **more: int) -> None:
    done.append((ids, more))


@task(max_attempts=3)
def stumble(secret: str) -> None:
    raise ValueError(f"could not deliver {secret} to eva@example.org")


@task(takes_context=True)
def count_attempts(context: Any) -> None:
    done.append(context.attempt)


@task
def leave() -> None:
    raise SystemExit(3)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(schedules, "_declared", {})
    done.clear()
    yield
    done.clear()


def take(at: datetime, *, worker: str = "w1", count: int = 20, lease: timedelta = LEASE) -> list[Job]:
    return queue.claim(worker=worker, count=count, queues=(), lease=lease, at=at)


def test_a_job_runs_with_its_arguments_and_is_then_done() -> None:
    note.enqueue(7, 8, team=3)

    assert Worker().drain() == 1
    assert done == [((7, 8), {"team": 3})]
    assert Job.objects.get().status == "done"
    assert Worker().drain() == 0


def test_a_job_is_forgotten_with_the_transaction_that_caused_it() -> None:
    with transaction.atomic():
        note.enqueue(7)
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_a_text_is_refused_as_an_argument_and_not_repeated() -> None:
    for text in ("my password is hunter2", "eva@example.org", "x" * 200, 1.5, {"body": "Hello, Eva"}):
        with pytest.raises(InvalidTask) as refused:
            note.enqueue(text)
        assert "hunter2" not in str(refused.value)
    assert not Job.objects.exists()


def test_a_failing_job_is_tried_again_ever_later_then_buried() -> None:
    stumble.enqueue("s3cr3t")
    at, waits = now(), []
    for _ in range(3):
        (job,) = take(at)
        execute(job)
        job.refresh_from_db()
        waits.append(job.run_at - now())
        at = job.run_at + timedelta(seconds=1)

    assert [round(wait.total_seconds()) for wait in waits[:2]] == [10, 20]
    assert job.status == "dead"
    assert take(at + timedelta(days=1)) == []


def test_what_is_kept_of_an_error_is_where_it_happened_not_what_it_said() -> None:
    stumble.enqueue("s3cr3t")
    execute(*take(now()))

    error = Job.objects.get().last_error
    assert error.splitlines()[0] == "ValueError"
    assert "test_jobs.py" in error
    assert "stumble" in error
    assert not any(word in error for word in ("s3cr3t", "eva", "deliver"))


def test_a_task_that_exits_is_a_failure_and_leaves_the_worker_alive() -> None:
    leave.enqueue()
    execute(*take(now()))

    assert Job.objects.get().last_error.startswith("SystemExit")


def test_a_task_that_is_not_in_the_code_any_more_waits_for_it() -> None:
    queue.enqueue(
        name="helmdesk.gone.task",
        args={"args": [], "kwargs": {}},
        queue="default",
        priority=0,
        run_at=now(),
        unique_key=None,
        at=now(),
    )
    execute(*take(now()))

    job = Job.objects.get()
    assert (job.status, job.last_error.splitlines()[0]) == ("waiting", "ModuleNotFoundError")


def test_the_wait_doubles_up_to_an_hour() -> None:
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 9, 10, 500)] == [10, 20, 40, 2560, 3600, 3600]


def test_a_job_is_claimed_once_until_its_lease_ends() -> None:
    note.enqueue(1)
    at = now()

    assert [job.attempts for job in take(at, worker="w1")] == [1]
    assert take(at + LEASE, worker="w2") == []
    assert [job.attempts for job in take(at + LEASE + timedelta(seconds=1), worker="w2")] == [2]


def test_a_renewed_lease_keeps_a_long_job_with_its_worker() -> None:
    note.enqueue(1)
    at = now()
    jobs = take(at, worker="w1")
    queue.renew(jobs, worker="w1", lease=LEASE, at=at + LEASE)

    assert take(at + LEASE + timedelta(seconds=1), worker="w2") == []


def test_a_worker_that_lost_its_lease_does_not_write_over_the_next_ones_result() -> None:
    note.enqueue(1)
    at = now()
    (mine,) = take(at, worker="w1")
    (theirs,) = take(at + 2 * LEASE, worker="w2")

    assert queue.finish(mine, at=at + 2 * LEASE) is False
    assert queue.finish(theirs, at=at + 2 * LEASE) is True


def test_a_job_whose_worker_dies_each_time_is_buried_rather_than_run_for_ever() -> None:
    stumble.enqueue("s1")
    at = now()
    for attempt in range(4):
        (job,) = take(at + attempt * 2 * LEASE)
    execute(job)

    assert Job.objects.get().status == "dead"
    assert Job.objects.get().last_error.startswith("WorkerLost")


def test_urgent_jobs_come_first_then_the_oldest() -> None:
    note.enqueue(1)
    note.using(priority=10).enqueue(2)
    note.using(priority=-10).enqueue(3)
    note.enqueue(4)
    Worker().drain()

    assert [ids for ids, _ in done] == [(2,), (1,), (4,), (3,)]


def test_a_job_for_later_waits_for_its_time() -> None:
    at = now()
    note.using(run_after=at + timedelta(hours=1)).enqueue(1)

    assert take(at + timedelta(minutes=59)) == []
    assert len(take(at + timedelta(minutes=61))) == 1


def test_a_worker_takes_only_from_its_queues() -> None:
    note.using(queue_name="mail").enqueue(1)
    note.enqueue(2)

    assert len(queue.claim(worker="w", count=9, queues=("mail",), lease=LEASE, at=now())) == 1
    assert queue.anything_due(queues=("mail",), at=now()) is False
    assert queue.anything_due(queues=(), at=now()) is True


def test_of_jobs_with_one_key_one_waits_and_the_earliest_time_holds() -> None:
    at = now()
    first = note.using(unique_key="index:7", run_after=at + timedelta(hours=2)).enqueue(7)
    second = note.using(unique_key="index:7", run_after=at + timedelta(hours=1)).enqueue(7)
    third = note.using(unique_key="index:7", run_after=at + timedelta(hours=3)).enqueue(7)

    assert first.id == second.id == third.id
    assert Job.objects.get().run_at == at + timedelta(hours=1)


def test_a_job_already_under_way_does_not_swallow_the_next_one_of_its_key() -> None:
    note.using(unique_key="index:7").enqueue(7)
    (running,) = take(now())
    note.using(unique_key="index:7").enqueue(7)
    queue.try_again(running, run_at=now(), error="X", at=now())

    assert sorted(job.status for job in Job.objects.all()) == ["done", "waiting"]


def test_unbegun_jobs_are_given_back_without_an_attempt_lost() -> None:
    note.enqueue(1)
    queue.give_back(take(now()), begun=False, at=now())

    job = Job.objects.get()
    assert (job.status, job.attempts) == ("waiting", 0)


def test_dead_letters_can_be_revived_or_dropped() -> None:
    for number in (1, 2):
        note.enqueue(number)
    first, second = take(now())
    for job in (first, second):
        queue.bury(job, error="X", at=now())

    assert queue.load(at=now()).dead == 2
    assert queue.revive([first], at=now()) == 1
    assert queue.drop([first, second]) == 1
    assert [job.status for job in Job.objects.all()] == ["waiting"]


def test_done_jobs_are_pruned_after_a_week_and_dead_ones_kept() -> None:
    note.enqueue(1)
    note.enqueue(2)
    note.enqueue(3)
    finished, dead = take(now(), count=2)
    queue.finish(finished, at=now())
    queue.bury(dead, error="X", at=now())

    assert queue.prune(at=now() + timedelta(days=6)) == 0
    assert queue.prune(at=now() + timedelta(days=8)) == 1
    assert sorted(job.status for job in Job.objects.all()) == ["dead", "waiting"]


def test_the_load_is_counted() -> None:
    at = now()
    note.enqueue(1)
    note.enqueue(2)
    take(now(), count=1)
    load = queue.load(at=at + timedelta(seconds=90))

    assert (load.waiting, load.running, load.dead) == (1, 1, 0)
    assert load.oldest_seconds == pytest.approx(90, abs=2)


def test_a_task_can_be_asked_how_it_went() -> None:
    result = count_attempts.enqueue()
    assert not result.is_finished
    Worker().drain()
    result.refresh()

    assert result.status == TaskResultStatus.SUCCESSFUL
    assert done == [1]


def test_a_schedule_is_served_once_a_due_instant_however_many_ask() -> None:
    schedule("test.note", every=timedelta(minutes=5), task=note)
    at = EPOCH + timedelta(days=20_000, minutes=2)

    assert [queue.tick(at=at), queue.tick(at=at)] == [1, 0]
    assert Due.objects.get().next_at == EPOCH + timedelta(days=20_000, minutes=5)
    Worker().drain()
    assert queue.tick(at=at + timedelta(minutes=3)) == 1
    assert queue.tick(at=at + timedelta(hours=7)) == 1
    assert Job.objects.filter(finished_at__isnull=True).count() == 1


def test_a_daily_schedule_runs_at_its_time() -> None:
    schedule("test.night", daily_at=time(3, 10), task=note)
    (plan,) = schedules.declared()
    day = EPOCH + timedelta(days=20_000)

    assert plan.next_after(day) == day + timedelta(hours=3, minutes=10)
    assert plan.next_after(day + timedelta(hours=3, minutes=10)) == day + timedelta(days=1, hours=3, minutes=10)


def test_two_schedules_cannot_share_a_name() -> None:
    schedule("test.note", every=timedelta(minutes=5), task=note)
    schedule("test.note", every=timedelta(minutes=7), task=note)
    with pytest.raises(ValueError, match=r"test\.note"):
        schedule("test.note", every=timedelta(minutes=5), task=leave)
    with pytest.raises(ValueError, match="either"):
        schedule("test.other", task=note)


def test_looking_for_work_walks_the_partial_index() -> None:
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("the planner of PostgreSQL chooses by size")
    with connection.cursor() as cursor:
        plan = cursor.execute("EXPLAIN QUERY PLAN " + queue.CLAIM.format(queues="", skip=""), [1, "w", 1, 1, 1])
        told = " ".join(str(row) for row in plan.fetchall())
    assert "job_next" in told
    assert "TEMP B-TREE" not in told
