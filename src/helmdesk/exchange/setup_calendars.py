"""Working calendars of a setup file: what an entry states replaces what the calendar says; the rest stays."""

import dataclasses
from datetime import date, datetime, time
from typing import Any, Final

from helmdesk.access.allowed import signed
from helmdesk.access.viewer import Viewer
from helmdesk.calendars import versions
from helmdesk.calendars.models import CalendarVersion, WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, change_calendar, publish
from helmdesk.calendars.writing import Holidays, OwnDay, Writing, written_as
from helmdesk.foundation.errors import BadEntry
from helmdesk.worktime import zones

HOURS: Final = ("zone", "week", "holidays", "days", "any", "all", "always")
OF_A_DAY: Final = frozenset({"day", "hours", "name"})


def set_calendar(says: dict[str, Any], *, by: Viewer, at: datetime) -> None:
    """Adds or renames a calendar, and gives it its next version where its hours differ. Raises BadEntry."""
    row = WorkingCalendar.objects.filter(code=says["code"]).first()
    stamp = signed(by, "calendars.manage")
    named = {key: says[key] for key in ("name", "active") if key in says}
    if row is None:
        row = add_calendar(says["code"], CalendarEntry(**{"name": "", **named}), by=stamp, at=at)
    elif named:
        change_calendar(
            row.pk, CalendarEntry(**{"name": row.name, "active": row.active, **named}), by=stamp, at=at
        )  # fmt: skip
    if any(key in says for key in HOURS):
        told = writing(says, versions.of(row, at))
        since = begins(says, told.zone)
        publish(row.pk, told, valid_from=since, reason=says.get("reason", ""), by=stamp, at=at)


def writing(says: dict[str, Any], before: CalendarVersion | None) -> Writing:
    """The hours that an entry states, over those that there are."""
    if says.get("always"):
        return Writing(always=True)
    if form := next((name for name in ("any", "all") if name in says), None):
        return Writing(any_of=says[form]) if form == "any" else Writing(all_of=says[form])
    told = written_as(before) if before and "week" in before.written else Writing()
    stated: dict[str, Any] = {key: says[key] for key in ("zone", "week") if key in says}
    if "holidays" in says:
        stated["holidays"] = [holidays(place, says) for place in says["holidays"]]
    if "days" in says:
        stated["days"] = [own_day(one) for one in says["days"]]
    return dataclasses.replace(told, **stated)


def holidays(place: str, says: dict[str, Any]) -> Holidays:
    """Of "AT", or of a part: "DE-BY"."""
    country, _dash, part = place.partition("-")
    years = says.get("years", [None, None])
    if len(years) != 2:
        raise BadEntry("years", years, "Give the first and the last: [2026, 2031].")
    return Holidays(
        country=country, subdivision=part, language=says.get("language", ""), first=years[0], last=years[1]
    )  # fmt: skip


def own_day(told: Any) -> OwnDay:
    known = told if isinstance(told, dict) and not told.keys() - OF_A_DAY else {}
    day, hours, name = known.get("day"), known.get("hours", []), known.get("name", "")
    if type(day) is not date or not isinstance(hours, list) or not isinstance(name, str):
        cure = 'Write {day = 2026-12-24, hours = ["08:00-12:00"], name = "Christmas Eve"}; without hours it is closed.'
        raise BadEntry("days", told, cure)
    return OwnDay(day=day, hours=hours, name=name)


def begins(says: dict[str, Any], zone: str) -> datetime | None:
    if "valid_from" not in says:
        return None
    known = zone if zone in zones.names() else "UTC"
    return datetime.combine(says["valid_from"], time(), tzinfo=zones.zone(known))
