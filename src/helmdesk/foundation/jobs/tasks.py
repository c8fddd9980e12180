"""What a room writes to declare work: a task of Django's Tasks API that also knows its retries and its key."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from django.tasks import Task

if TYPE_CHECKING:
    AnyTask = Task[..., Any]
else:
    AnyTask = Task  # generic in the stubs only

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(AnyTask):
    """A task that is tried `max_attempts` times; of those with one `unique_key`, one at a time waits."""

    max_attempts: int = ATTEMPTS
    unique_key: str | None = None

    def using(
        self,
        *,
        priority: int | None = None,
        queue_name: str | None = None,
        run_after: datetime | None = None,
        backend: str | None = None,
        unique_key: str | None = None,
    ) -> "JobTask":
        asked: dict[str, Any] = {
            "priority": priority,
            "queue_name": queue_name,
            "run_after": run_after,
            "backend": backend,
            "unique_key": unique_key,
        }
        return replace(self, **{name: value for name, value in asked.items() if value is not None})


@overload
def task(function: Callable[..., Any], /) -> JobTask: ...
@overload
def task(
    *, priority: int = 0, queue: str = "default", max_attempts: int = ATTEMPTS, takes_context: bool = False
) -> Callable[[Callable[..., Any]], JobTask]: ...
def task(
    function: Callable[..., Any] | None = None,
    *,
    priority: int = 0,
    queue: str = "default",
    max_attempts: int = ATTEMPTS,
    takes_context: bool = False,
) -> Any:
    """Declares a function of a module as a task; bare, or with its settings."""

    def declare(func: Callable[..., Any]) -> JobTask:
        return JobTask(
            func=func, priority=priority, queue_name=queue, max_attempts=max_attempts, takes_context=takes_context
        )

    return declare(function) if function else declare


def wait_after(attempt: int) -> timedelta:
    """How long a task rests after its n-th failed attempt: 10 s, 20 s, 40 s … at most an hour."""
    doublings: int = 2 ** min(attempt - 1, 20)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)
