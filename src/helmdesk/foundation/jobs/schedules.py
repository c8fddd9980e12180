"""What runs by the clock, declared in code: every so often, or daily at a time (UTC)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from helmdesk.foundation.jobs.tasks import JobTask
from helmdesk.foundation.time import EPOCH

DAY = timedelta(days=1)
_declared: dict[str, "Schedule"] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A task that is due at every multiple of `every` since 1970, moved on by `offset`."""

    name: str
    every: timedelta
    offset: timedelta
    task: JobTask

    def next_after(self, at: datetime) -> datetime:
        """The first due instant later than `at`; what was missed in between is not made up for."""
        return EPOCH + self.offset + self.every * ((at - EPOCH - self.offset) // self.every + 1)


def schedule(name: str, *, task: JobTask, every: timedelta | None = None, daily_at: time | None = None) -> None:
    """Declares that `task` (without arguments) runs by the clock; once a due instant, whatever number of workers."""
    if (every is None) == (daily_at is None):
        raise ValueError(f"schedule {name!r}: give either every= or daily_at=.")
    if name in _declared and _declared[name].task.module_path != task.module_path:
        raise ValueError(f"schedule {name!r}: there is one of this name already. Give it another name.")
    offset = timedelta() if daily_at is None else timedelta(hours=daily_at.hour, minutes=daily_at.minute)
    _declared[name] = Schedule(name=name, every=every or DAY, offset=offset, task=task)


def declared() -> Iterator[Schedule]:
    return iter(tuple(_declared.values()))
