"""The hours of a calendar as a form has them, and back: one line a weekday, one line a day of one's own."""

import re
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmdesk.calendars import ical, public_holidays
from helmdesk.calendars.models import CalendarVersion, WorkingCalendar
from helmdesk.calendars.public_holidays import span
from helmdesk.calendars.writing import YEARS_AHEAD, YEARS_BACK, Holidays, OwnDay, Writing
from helmdesk.foundation.errors import BadEntry
from helmdesk.web.setup.forms import LABELS, Form, Options, Values, Words
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request
from helmdesk.worktime import zones

WEEKDAYS: Final[dict[str, Words]] = {
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}
COUNTRIES: Final = (1, 2, 3)
ALIAS: Final = {
    **{f"week.{day}": day for day in WEEKDAYS},
    "holidays": "country_1",
    "subdivision": "part_1",
    "holidays.language": "language",
    "years": "first_year",
    "any_of": "parts",
    "all_of": "parts",
    "always": "kind",
}
_DAY_LINE = re.compile(r"(\d{4}-\d\d-\d\d)\b[ \t:;]*(.*)")
_HOURS = re.compile(r"((?:\d{1,2}:\d\d\s*[-–]\s*\d{1,2}:\d\d[ ,;]*)+)(.*)")
_CLOSED = re.compile(r"(closed|geschlossen|cerrado|-)\b[ ,;:]*(.*)", re.IGNORECASE)

LABELS.update(WEEKDAYS)
LABELS.update(
    {
        "kind": gettext_lazy("Kind"),
        "parts": gettext_lazy("Made of"),
        "country_1": gettext_lazy("Country"),
        "country_2": gettext_lazy("Second country"),
        "country_3": gettext_lazy("Third country"),
        "part_1": gettext_lazy("Part of it"),
        "part_2": gettext_lazy("Part of the second"),
        "part_3": gettext_lazy("Part of the third"),
        "first_year": gettext_lazy("From year"),
        "last_year": gettext_lazy("To year"),
        "anew": gettext_lazy("Read all holidays anew"),
        "days": gettext_lazy("Own days"),
        "imported": gettext_lazy("Days from a file"),
        "valid_from": gettext_lazy("Valid from"),
    }
)


def kinds() -> Options:
    return [
        ("week", _("Hours of the week")),
        ("always", _("Around the clock")),
        ("any", _("Open when one of others is")),
        ("all", _("Open when all of others are")),
    ]


def languages() -> Options:
    return [("", _("as in the country")), ("en", "English"), ("de", "Deutsch"), ("es", "Español")]


def choices(row: WorkingCalendar) -> dict[str, Options]:
    others = WorkingCalendar.objects.exclude(pk=row.pk).filter(active=True).order_by("code")
    parts: Options = [(other.code, local(other.name)) for other in others]
    return {"kind": kinds(), "language": languages(), "parts": parts}


def shown(version: CalendarVersion | None) -> Values:
    """The form of a version; without one, of an office on weekdays."""
    office = {day: ["08:00-17:00"] for day in list(WEEKDAYS)[:5]}
    written: dict[str, Any] = version.written if version else {"week": office}
    kind = next((one for one in ("always", "any", "all") if one in written), "week")
    sources = written.get("holidays", [])
    week = written.get("week", {})
    return {
        "kind": kind,
        "zone": written.get("zone", ""),
        **{day: ", ".join(week.get(day, ())) for day in WEEKDAYS},
        **{f"country_{n}": sources[n - 1]["country"] if n <= len(sources) else "" for n in COUNTRIES},
        **{f"part_{n}": sources[n - 1]["subdivision"] if n <= len(sources) else "" for n in COUNTRIES},
        "language": sources[0]["language"] if sources else "",
        "first_year": "",
        "last_year": "",
        "anew": False,
        "days": in_lines(written.get("days", {})),
        "imported": in_lines(written.get("imported", {})),
        "parts": [part["code"] for part in written.get(kind, [])] if kind in ("any", "all") else [],
        "valid_from": "",
        "reason": "",
    }


def writing(form: Form, request: Request) -> Writing:
    """What was typed. A file that came with it adds its days to those of earlier files, which the form then shows."""
    kind = form.text("kind")
    if kind == "always":
        return Writing(always=True)
    elif kind == "any":
        return Writing(any_of=made_of(form))
    elif kind == "all":
        return Writing(all_of=made_of(form))
    take_file(form, request)
    return Writing(
        zone=form.text("zone"),
        week={day: intervals(form.text(day)) for day in WEEKDAYS},
        holidays=countries(form),
        days=own_days(form, "days"),
        imported=own_days(form, "imported"),
        anew=form.ticked("anew"),
    )


def made_of(form: Form) -> list[str]:
    if codes := form.all_texts("parts"):
        return codes
    raise BadEntry("parts", "", _("Choose the calendars that it is made of."))


def intervals(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;]", text) if part.strip() and not _CLOSED.fullmatch(part.strip())]


def countries(form: Form) -> list[Holidays]:
    first, last = year(form, "first_year"), year(form, "last_year")
    return [
        Holidays(
            country=code, subdivision=form.text(f"part_{n}"), language=form.text("language"), first=first, last=last
        )
        for n in COUNTRIES
        if (code := form.text(f"country_{n}").partition(" ")[0].upper())
    ]


def year(form: Form, name: str) -> int | None:
    return form.whole(name) if form.text(name) else None


def own_days(form: Form, name: str) -> list[OwnDay]:
    """One a line: "2026-12-24 08:00-12:00 Christmas Eve", or "2026-12-31 Stocktaking" for closed."""
    return [own_day(line.strip(), name) for line in form.text(name).splitlines() if line.strip()]


def own_day(line: str, name: str) -> OwnDay:
    found = _DAY_LINE.fullmatch(line)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise BadEntry(name, line, _("Begin each line with a date that there is, such as 2026-12-24."))
    rest = found[2].strip()
    if hours := _HOURS.fullmatch(rest):
        return OwnDay(day=day, hours=intervals(hours[1]), name=hours[2].strip())
    closed = _CLOSED.fullmatch(rest)
    return OwnDay(day=day, name=closed[2].strip() if closed else rest)


def in_lines(days: dict[str, Any]) -> str:
    lines = (f"{day} {', '.join(told['hours'])} {told['name']}" for day, told in sorted(days.items()))
    return "\n".join(" ".join(line.split()) for line in lines)


def take_file(form: Form, request: Request) -> None:
    """Adds the days of a file that was sent to the field of imported days; what it left out is kept to be told."""
    file = request.FILES.get("file")
    if file is None:
        return
    if (file.size or 0) > ical.LARGEST:
        raise BadEntry("file", file.name, _("At most 1 MB. Keep the events of the years that you need."))
    first, last = year(form, "first_year"), year(form, "last_year")
    years = span(first or request.at.year - YEARS_BACK, last or request.at.year + YEARS_AHEAD)
    zone = form.text("zone")
    found = ical.read(file.read(), zone=zone if zone in zones.names() else "UTC", years=years)
    there = {own.day for own in own_days(form, "imported")}
    added = [f"{day.isoformat()} {name}" for day, name in sorted(found.days.items()) if day not in there]
    form.values["imported"] = "\n".join([*form.text("imported").splitlines(), *added])
    form.values["left_out"] = "\n".join(found.left_out[:50])


def begins(form: Form, zone: str) -> datetime | None:
    """The first instant of the day that was given, in the calendar's zone."""
    day = form.day("valid_from")
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), tzinfo=zones.zone(zone)).astimezone(UTC)
    except OverflowError as error:
        raise BadEntry("valid_from", day.isoformat(), _("Give a date as YYYY-MM-DD.")) from error


def country_names() -> list[tuple[str, str]]:
    return sorted(public_holidays.names().items(), key=lambda one: one[1])
