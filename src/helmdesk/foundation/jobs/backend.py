"""Django's Tasks API over the job table: a task enqueued in a transaction is a job when it commits, else nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.tasks import TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import TaskError
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist
from django.utils.module_loading import import_string

from helmdesk.foundation.jobs.tasks import AnyTask, JobTask
from helmdesk.foundation.time import now

if TYPE_CHECKING:
    AnyResult = TaskResult[..., Any]
else:
    AnyResult = TaskResult  # generic in the stubs only

CODE = re.compile(r"[A-Za-z0-9_.:/+-]{0,120}")


class JobBackend(BaseTaskBackend):
    """Keeps jobs in the desk's own database."""

    task_class = JobTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: AnyTask, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        from helmdesk.foundation.jobs import queue

        self.validate_task(task)
        at = now()
        job = queue.enqueue(
            name=task.module_path,
            args=checked({"args": list(args), "kwargs": dict(kwargs)}, of=task),
            queue=task.queue_name,
            priority=task.priority,
            run_at=task.run_after or at,
            unique_key=getattr(task, "unique_key", None),
            at=at,
        )
        return result_of(job, task=task)

    def get_result(self, result_id: str) -> AnyResult:
        from helmdesk.foundation.jobs.models import Job

        try:
            job = Job.objects.get(pk=result_id)
        except (Job.DoesNotExist, ValueError, ValidationError) as error:
            raise TaskResultDoesNotExist(result_id) from error
        return result_of(job, task=import_string(job.name))


def checked(payload: dict[str, Any], *, of: AnyTask) -> dict[str, Any]:
    """Refuses arguments that could be a text or a secret: a job carries ids, codes and numbers."""
    for value in leaves(payload):
        if not (value is None or isinstance(value, int) or (isinstance(value, str) and CODE.fullmatch(value))):
            raise InvalidTask(
                f"{of.module_path}: an argument of type {type(value).__name__} is no id, code or whole number. "
                "Store the text in its own table and pass its id."
            )
    return payload


def leaves(value: Any) -> list[Any]:
    """Every plain value inside nested lists and dictionaries, keys included."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in (key, *leaves(inner))]
    if isinstance(value, list | tuple):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value]


def result_of(job: Any, *, task: AnyTask) -> AnyResult:
    """What Django's API tells of a job. What a task returns is not kept."""
    statuses = {
        "waiting": TaskResultStatus.READY,
        "running": TaskResultStatus.RUNNING,
        "done": TaskResultStatus.SUCCESSFUL,
        "dead": TaskResultStatus.FAILED,
    }
    kind, _, trace = job.last_error.partition("\n")
    return TaskResult(
        task=task,
        id=str(job.pk),
        status=statuses[job.status],
        enqueued_at=job.created_at,
        started_at=None,
        finished_at=job.finished_at,
        last_attempted_at=None,
        args=job.args["args"],
        kwargs=job.args["kwargs"],
        backend=task.backend,
        errors=[TaskError(exception_class_path=kind, traceback=trace)] if kind else [],
        worker_ids=[job.worker] * job.attempts,
    )
