"""Calendars as tests write them: an office in Vienna, its versions, and what the ledger was told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from helmdesk.calendars.models import CalendarVersion, WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, publish
from helmdesk.calendars.writing import Holidays, OwnDay, Writing
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Event, Stream

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DANA = Stamp(hat=2, person=77, hat_id=7, provider=1)
WEEK = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CHRISTMAS_EVE = OwnDay(day=date(2026, 12, 24), hours=["08:00-12:00"], name="Christmas Eve")
AUSTRIA = Holidays(country="AT", language="en", first=2026, last=2026)


def office(**changed: Any) -> Writing:
    said: dict[str, Any] = {"zone": "Europe/Vienna", "week": WEEK, "holidays": [AUSTRIA], "days": [CHRISTMAS_EVE]}
    return Writing(**{**said, **changed})


def calendar(code: str = "office", **changed: Any) -> WorkingCalendar:
    """A calendar with its first version, of the office's hours unless told otherwise."""
    row = add_calendar(code, CalendarEntry(name=code.title()), by=DANA, at=AT)
    publish(row.pk, changed.pop("writing", None) or office(**changed), by=DANA, at=AT)
    return row


def first(row: WorkingCalendar) -> CalendarVersion:
    return CalendarVersion.objects.get(calendar=row, n=1)


def told() -> list[tuple[str, dict[str, Any]]]:
    rows = Event.objects.filter(stream=Stream.CONFIG).order_by("seq").values_list("kind", "body")
    return [(kind, json.loads(body)["what"]) for kind, body in rows]
