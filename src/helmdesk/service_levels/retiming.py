"""Open clocks judged anew after a level or a calendar changed: how many that would be, then batch by batch.

Each batch is a transaction that also says how far it has come, so that whatever is killed goes on where it was.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import ngettext

from helmdesk.calendars.facts import CalendarPublished
from helmdesk.calendars.uses import Use
from helmdesk.foundation.jobs import task
from helmdesk.foundation.time import from_us, now
from helmdesk.service_levels import versions
from helmdesk.service_levels.facts import LevelPublished
from helmdesk.service_levels.keeping import retime
from helmdesk.service_levels.models import Clock, LevelVersion, Retiming
from helmdesk.tickets.models import Ticket

BATCH: Final = 200


def of_level(level: int, since: datetime) -> int:
    """How many open clocks a version of this level from `since` on would time anew."""
    return Clock.objects.filter(level=level, stop__isnull=True, start__gte=since).count()


def of_calendar(calendar: int, since: datetime) -> int:
    """How many open clocks go by this calendar and began since then."""
    return Clock.objects.filter(stop__isnull=True, start__gte=since, calendar_version__calendar=calendar).count()


def uses_of_calendar(calendar: int, since: datetime) -> list[Use]:
    """As the page of a calendar tells it before an edit is saved."""
    levels = LevelVersion.objects.filter(calendar=calendar).values_list("level", flat=True).distinct().count()
    count = of_calendar(calendar, since) if levels else 0
    words = ngettext("open clock would be timed anew", "open clocks would be timed anew", count)
    return [Use(str(words), count)] if levels else []


def level_published(fact: LevelPublished) -> None:
    """Within the publishing: tickets opened since then may get clocks, and those that have some get others."""
    _queue(level=fact.level, valid_from=from_us(fact.valid_from))


def calendar_published(fact: CalendarPublished) -> None:
    if LevelVersion.objects.filter(calendar=fact.calendar).exists():
        _queue(calendar=fact.calendar, valid_from=from_us(fact.valid_from))


def _queue(*, valid_from: datetime, level: int | None = None, calendar: int | None = None) -> None:
    row = Retiming(level_id=level, calendar_id=calendar, valid_from=valid_from, begun_at=now())
    row.total = _tickets(row).count()
    if row.total:
        row.save()
        time_anew.using(unique_key=f"retiming:{row.pk}").enqueue(row.pk)


@task
def time_anew(retiming: int) -> None:
    """Batch by batch until nothing is left; what was killed goes on where it was."""
    while go_on(retiming, at=now()):
        pass


def go_on(retiming: int, *, at: datetime) -> bool:
    """Times the next batch anew; false when nothing is left."""
    with transaction.atomic():
        row = Retiming.objects.select_for_update().filter(pk=retiming, finished_at__isnull=True).first()
        if row is None:
            return False
        batch = list(_tickets(row).filter(pk__gt=row.after).order_by("pk")[:BATCH])
        _retimed(batch)
        row.done += len(batch)
        row.after = batch[-1] if batch else row.after
        row.finished_at = None if len(batch) == BATCH else at
        row.save()
    return row.finished_at is None


def _retimed(tickets: Sequence[int]) -> None:
    if tickets:
        rows = Ticket.objects.unscoped(reason="clocks are timed anew, whoever sees them").filter(pk__in=tickets)
        retime(list(rows.order_by("pk").select_for_update().values_list("pk", flat=True)), versions.current())


def _tickets(row: Retiming) -> Any:
    """Ids of the tickets that a change can concern: worked on here, where something happened since, closed or not."""
    there = Ticket.objects.unscoped(reason="clocks are timed anew, whoever sees them").filter(
        live=True, updated_at__gte=row.valid_from
    )
    if row.calendar_id is not None:
        clocks = Clock.objects.filter(start__gte=row.valid_from, calendar_version__calendar=row.calendar_id)
        there = there.filter(pk__in=clocks.values("ticket"))
    return there.values_list("pk", flat=True)


def under_way() -> list[Retiming]:
    """What is being timed anew just now, for the page of jobs."""
    rows = Retiming.objects.filter(finished_at__isnull=True).select_related("level", "calendar")
    return list(rows.order_by("pk"))
