"""How a calendar is put together: hours of the week, public holidays, days of one's own; or others, by their codes.

What comes out is a draft: the spec with every day written out as a date, and where each day came from. Holidays that a
version has written out stay as they are in the next one, whatever the library says by then; only years that are new
are read from it, unless `anew` asks for all.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from helmdesk.calendars import public_holidays, versions
from helmdesk.calendars.models import BEGINNING, CalendarVersion, WorkingCalendar, zone_of
from helmdesk.foundation.entries import checked_language, optional_name
from helmdesk.foundation.errors import BadEntry
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import BadCalendar, calendar_from

LONGEST_NAME: Final = 120
YEARS_BACK: Final = 1
YEARS_AHEAD: Final = 5
MOST_SOURCES: Final = 20
_INDEX = re.compile(r"\[\d+\]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """Public holidays of a country (AT) or of a part of it (AT, 9); of last year to in five years, if not said."""

    country: str
    subdivision: str = ""
    language: str = ""
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    """A day that is not as its weekday: closed, or open at other hours."""

    day: date
    hours: Sequence[str] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One of: weekly hours in a zone with their days; `any_of` or `all_of` other calendars; `always`.

    Where two sources name a day, own days come first, then imported ones, then public holidays.
    """

    zone: str = "UTC"
    week: Mapping[str, Sequence[str]] = field(default_factory=dict)
    holidays: Sequence[Holidays] = ()
    days: Sequence[OwnDay] = ()
    imported: Sequence[OwnDay] = ()
    any_of: Sequence[str] = ()
    all_of: Sequence[str] = ()
    always: bool = False
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published: the canonical spec, how it was put together, and the names of days."""

    spec: dict[str, Any]
    written: dict[str, Any]
    named: dict[str, str]
    calendar: Calendar

    @property
    def zone(self) -> str:
        return zone_of(self.spec)


@dataclass(frozen=True, slots=True)
class Since:
    """For which calendar (None: a new one), from when, and today: what a draft depends on besides the writing."""

    calendar: WorkingCalendar | None
    valid_from: datetime
    at: datetime


def drafted(writing: Writing, since: Since) -> Draft:
    """What this writing comes to. Raises BadEntry."""
    forms = [name for name in ("any_of", "all_of", "always") if getattr(writing, name)]
    if len(forms) > 1:
        raise BadEntry(forms[1], getattr(writing, forms[1]), f"A calendar with {forms[0]} has nothing else.")
    if writing.always:
        return _draft({"always": True}, {"always": True}, {})
    elif forms:
        return _composed(forms[0].removesuffix("_of"), getattr(writing, forms[0]), since)
    else:
        return _weekly(writing, since)


def _draft(spec: dict[str, Any], written: dict[str, Any], named: dict[str, str]) -> Draft:
    try:
        calendar = calendar_from(spec)
    except BadCalendar as bad:
        fault = bad.faults[0]
        raise BadEntry(_INDEX.sub("", fault.field), fault.value, fault.cure) from bad
    return Draft(calendar.spec, written, dict(sorted(named.items())), calendar)


def written_as(version: CalendarVersion) -> Writing:
    """The writing of a version of weekly hours, to change a part of it: its holidays as they were written out."""
    told = version.written
    return Writing(
        zone=told["zone"],
        week=told["week"],
        holidays=[
            Holidays(country=one["country"], subdivision=one["subdivision"], language=one["language"])
            for one in told["holidays"]
        ],
        days=_as_own(told["days"]),
        imported=_as_own(told["imported"]),
    )


def _as_own(days: dict[str, dict[str, Any]]) -> list[OwnDay]:
    return [OwnDay(day=date.fromisoformat(day), hours=told["hours"], name=told["name"]) for day, told in days.items()]


# --- hours of the week, and days ---


def _weekly(writing: Writing, since: Since) -> Draft:
    week = {name: list(hours) for name, hours in writing.week.items() if hours}
    own = _own(writing.days, "days")
    imported = _own(writing.imported, "imported")
    holidays = _holidays(writing, since)
    days: dict[str, list[str]] = {}
    named: dict[str, str] = {}
    for source in [*(source["days"] for source in holidays), imported, own]:
        for day, told in source.items():
            days[day] = [] if isinstance(told, str) else told["hours"]
            named[day] = (told if isinstance(told, str) else told["name"]) or named.get(day, "")
    spec = {"zone": writing.zone, "week": week, "days": days}
    written = {"zone": writing.zone, "week": week, "holidays": holidays, "days": own, "imported": imported}
    return _draft(spec, written, {day: name for day, name in named.items() if name})


def _own(days: Sequence[OwnDay], field: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in sorted(days, key=lambda own: own.day):
        if (day := one.day.isoformat()) in found:
            raise BadEntry(field, day, "It is there twice; say it once.")
        name = optional_name(one.name, longest=LONGEST_NAME, field=field)
        found[day] = {"hours": list(one.hours), "name": name}
    return found


# --- public holidays ---


def _holidays(writing: Writing, since: Since) -> list[dict[str, Any]]:
    if len(writing.holidays) > MOST_SOURCES:
        raise BadEntry("holidays", len(writing.holidays), f"At most {MOST_SOURCES} countries.")
    places = [(one.country, one.subdivision) for one in writing.holidays]
    if len(set(places)) != len(places):
        raise BadEntry("holidays", ", ".join(country for country, _ in places), "Each country or part of it once.")
    return [_written_out(one, {} if writing.anew else _before(one, since), since.at) for one in writing.holidays]


def _before(holidays: Holidays, since: Since) -> dict[str, Any]:
    """What the version before this one wrote out of the same country."""
    if since.calendar is None or (last := _newest(since.calendar)) is None:
        return {}
    same = (holidays.country, holidays.subdivision)
    told = last.written.get("holidays", [])
    return next((one for one in told if (one["country"], one["subdivision"]) == same), {})


def _newest(calendar: WorkingCalendar) -> CalendarVersion | None:
    return CalendarVersion.objects.filter(calendar=calendar.pk).order_by("-n").first()


def _written_out(holidays: Holidays, before: dict[str, Any], at: datetime) -> dict[str, Any]:
    language = checked_language(holidays.language, field="holidays.language") if holidays.language else ""
    first, last = holidays.first or at.year - YEARS_BACK, holidays.last or at.year + YEARS_AHEAD
    if before:
        first = first if holidays.first else min(first, before["from"])
        last = last if holidays.last else max(last, before["to"])
    years = public_holidays.span(first, last)
    kept = range(before["from"], before["to"] + 1) if before else range(0)
    days = {day: name for day, name in before.get("days", {}).items() if int(day[:4]) in years}
    fresh = _fresh(holidays, language, years)
    days |= {day: name for day, name in fresh.items() if int(day[:4]) not in kept}
    if before and before["language"] != language:
        days = {day: fresh.get(day, name) for day, name in days.items()}
    return {
        "country": holidays.country,
        "subdivision": holidays.subdivision,
        "language": language,
        "from": first,
        "to": last,
        "days": dict(sorted(days.items())),
    }


def _fresh(holidays: Holidays, language: str, years: range) -> dict[str, str]:
    found = public_holidays.days(holidays.country, holidays.subdivision, language=language, years=years)
    return {day.isoformat(): name for day, name in found.items() if day.year in years}


# --- composed of others ---


def _composed(form: str, codes: Sequence[str], since: Since) -> Draft:
    """The others' versions of that instant (of today, for all the past): what they become later is not this one's."""
    parts = [_part(code, form, since) for code in dict.fromkeys(codes)]
    named = {day: name for part in reversed(parts) for day, name in part.named.items()}
    written = {form: [{"code": part.calendar.code, "version": part.n} for part in parts]}
    return _draft({form: [part.spec for part in parts]}, written, named)


def _part(code: str, form: str, since: Since) -> CalendarVersion:
    found = WorkingCalendar.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(WorkingCalendar.objects.order_by("code").values_list("code", flat=True)[:20])
        raise BadEntry(f"{form}_of", code, f"There is: {known}." if known else "There is no calendar yet.")
    if since.calendar is not None and found.pk == since.calendar.pk:
        raise BadEntry(f"{form}_of", code, "A calendar is no part of itself.")
    day = since.at if since.valid_from == BEGINNING else since.valid_from
    version = versions.of(found, day, as_of=since.at)
    if version is None:
        raise BadEntry(f"{form}_of", code, "It has no hours yet on that day; give it some first.")
    version.calendar = found
    return version
