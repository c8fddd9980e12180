"""A calendar to look at: a week as bars of hours, a year as months whose days say by colour and shape how open."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmdesk.calendars.days import Day, days
from helmdesk.calendars.loading import compiled
from helmdesk.calendars.models import CalendarVersion
from helmdesk.web.setup.calendar_form import WEEKDAYS
from helmdesk.worktime.calendar import Calendar

# Whole years in every zone of the time that `worktime` knows, 1990 to 2100 in UTC.
FIRST_YEAR: Final = 1991
LAST_YEAR: Final = 2099
WEEKS_TO_TRY: Final = 9


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of open hours in a day's bar, in minutes after midnight."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Weekday:
    """A weekday as it usually is."""

    name: str
    hours: str
    minutes: int
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Cell:
    """A date in a month: its number, how open it is, and what it is called."""

    number: int
    kind: str
    name: str
    hours: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month: where in the week it begins (1 Monday), its dates, and the same in words."""

    name: str
    begins: int
    cells: list[Cell]
    said: str


def week(version: CalendarVersion, on: date) -> list[Weekday]:
    """The usual week about a day: one without named days, if there is one nearby."""
    found = usual_week(compiled(version), version, on)
    return [
        Weekday(str(name), ", ".join(day.hours), day.minutes, [bar(hours) for hours in day.hours])
        for name, day in zip(WEEKDAYS.values(), found, strict=True)
    ]


def usual_week(calendar: Calendar, version: CalendarVersion, on: date) -> list[Day]:
    monday = on - timedelta(days=on.weekday())
    for number in range(WEEKS_TO_TRY):
        begin = monday + timedelta(weeks=number)
        if not any((begin + timedelta(days=day)).isoformat() in version.spec.get("days", {}) for day in range(7)):
            break
    return days(calendar, version.zone, begin, begin + timedelta(days=6))


def in_words(found: list[Weekday]) -> list[tuple[str, str]]:
    """Weekdays that follow each other with the same hours are said together: "Monday to Friday", "08:00-17:00"."""
    together: list[list[Weekday]] = []
    for day in found:
        if together and together[-1][0].hours == day.hours:
            together[-1].append(day)
        else:
            together.append([day])
    return [
        (
            run[0].name if len(run) == 1 else _("%(first)s to %(last)s") % {"first": run[0].name, "last": run[-1].name},
            run[0].hours or _("closed"),
        )
        for run in together
    ]


def year(version: CalendarVersion, number: int) -> list[Month]:
    calendar = compiled(version)
    usual = [day.hours for day in usual_week(calendar, version, date(number, 3, 1))]
    found = days(calendar, version.zone, date(number, 1, 1), date(number, 12, 31))
    return [month([day for day in found if day.day.month == one], usual, version.named) for one in range(1, 13)]


def month(found: list[Day], usual: list[tuple[str, ...]], named: dict[str, str]) -> Month:
    cells = [
        Cell(day.day.day, kind(day, usual), named.get(day.day.isoformat(), ""), ", ".join(day.hours)) for day in found
    ]
    first = found[0].day
    name = date_format(first, "F")
    return Month(name, first.weekday() + 1, cells, said(name, found, cells))


def kind(day: Day, usual: list[tuple[str, ...]]) -> str:
    """As always on that weekday: open or closed; else off-day (closed), other (hours), extra (open all the same)."""
    as_always = usual[day.day.weekday()]
    if day.hours == as_always:
        return "open" if day.hours else "closed"
    elif not day.hours:
        return "off-day"
    else:
        return "other" if as_always else "extra"


def said(name: str, found: list[Day], cells: list[Cell]) -> str:
    """The month for who does not see it."""
    count = sum(bool(day.hours) for day in found)
    hours = sum(day.minutes for day in found) / 60
    parts = [ngettext("%(n)d day open", "%(n)d days open", count) % {"n": count}, _("%(n)g hours") % {"n": hours}]
    special = [
        " ".join(filter(None, [str(cell.number), cell.hours or _("closed"), cell.name]))
        for cell in cells
        if cell.kind not in ("open", "closed")
    ]
    return f"{name}: {', '.join(parts)}." + (f" {'; '.join(special)}." if special else "")


def bar(hours: str) -> Bar:
    begin, _dash, end = hours.partition("-")
    return Bar(minutes(begin), minutes(end) - minutes(begin))


def minutes(clock: str) -> int:
    hour, _colon, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)
