"""Promises as tests make them: calendars, levels of the small company, and its clocks as short tuples."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, publish
from helmdesk.calendars.writing import Writing
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.time import from_us
from helmdesk.ledger.chain import Stamp
from helmdesk.providers.teams import TeamEntry, change_team
from helmdesk.service_levels.models import Clock, LevelVersion
from helmdesk.service_levels.publishing import publish_level
from helmdesk.tickets.models import Ticket
from tests.world import World

MAX = Stamp(hat=2, person=1, hat_id=1, provider=1)
WEEK = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
HOUR = 3_600_000_000
MINUTE = HOUR // 60


def calendars(at: datetime) -> None:
    """`always`, and `office`: 8 to 12 and 13 to 17 UTC, Monday to Friday. Worlds begin on a Monday at 9."""
    for code, writing in (("always", Writing(always=True)), ("office", Writing(week=WEEK))):
        row = add_calendar(code, CalendarEntry(name=code.title()), by=MAX, at=at)
        publish(row.pk, writing, by=MAX, at=at)


def solved(**changed: Any) -> dict[str, Any]:
    """Solved within 8 hours of the office, end to end; an answer of the requester's pauses it."""
    return {
        "code": "solved", "name": {"en": "Solved"}, "metric": "resolution", "binds": "requester", "calendar": "office",
        "targets": [{"priority": 1, "within": "2h"}, {"within": "8h"}], "pauses": [{"wait": "requester"}],
        "warn_at": [0.5, 0.75], **changed,
    }  # fmt: skip


def answered(**changed: Any) -> dict[str, Any]:
    return {
        "code": "answered", "name": {"en": "Answered"}, "metric": "first_response", "calendar": "office",
        "targets": [{"within": "1h"}], "warn_at": [], **changed,
    }  # fmt: skip


def owned(**changed: Any) -> dict[str, Any]:
    """The in-house desk takes what it has within 30 minutes."""
    return {
        "code": "owned", "name": {"en": "Taken"}, "metric": "own", "binds": {"team": "desk"}, "calendar": "office",
        "targets": [{"within": "30m"}], "warn_at": [], **changed,
    }  # fmt: skip


def backed(provider: str = "northwind", **changed: Any) -> dict[str, Any]:
    """A provider gives back what it gets within 4 hours, at any hour."""
    return {
        "code": f"{provider}-back", "name": {"en": "Back"}, "metric": "give_back", "binds": {"provider": provider},
        "calendar": "always", "targets": [{"within": "4h"}], "warn_at": [], **changed,
    }  # fmt: skip


def promise(world: World, *specs: dict[str, Any], valid_from: datetime | None = None) -> list[LevelVersion]:
    return [publish_level(spec, valid_from=valid_from, by=MAX, at=world.at) for spec in specs]


def clocks(ticket: Ticket | int, *, code: str | None = None) -> list[Clock]:
    rows = Clock.objects.filter(ticket=ticket).select_related("level").order_by("level__code", "n")
    return list(rows if code is None else rows.filter(level__code=code))


def told(ticket: Ticket | int) -> list[tuple[str, int, str, float]]:
    """Of each clock: its level, turn, verdict, and the minutes that count."""
    return [(one.level.code, one.n, Verdict(one.verdict).name, one.used / MINUTE) for one in clocks(ticket)]


def later(at: datetime, **passed: float) -> datetime:
    return at + timedelta(**passed)


def works_by(world: World, **calendars: str | None) -> None:
    """Gives teams calendars by code, or takes them away."""
    for name, code in calendars.items():
        team, row = world.teams[name], WorkingCalendar.objects.filter(code=code).first()
        entry = TeamEntry(name=team.name, triage=team.triage, calendar=row.pk if row else None)
        change_team(team.pk, entry, by=MAX, at=world.at)


def instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)
