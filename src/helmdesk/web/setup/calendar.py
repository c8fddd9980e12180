"""Working calendars: what they are called, how they look, and their next version, looked at before it is saved."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmdesk.access.allowed import signed
from helmdesk.calendars import days, uses, versions
from helmdesk.calendars.loading import compiled
from helmdesk.calendars.models import CalendarVersion, WorkingCalendar
from helmdesk.calendars.publishing import (
    CalendarEntry,
    add_calendar,
    begins,
    change_calendar,
    dated_back,
    publish,
    says_the_same,
)
from helmdesk.calendars.writing import Draft, Since, drafted
from helmdesk.people.models import Person
from helmdesk.web.setup import calendar_form, calendar_picture
from helmdesk.web.setup.doors import named as name_of
from helmdesk.web.setup.doors import needs, on, page
from helmdesk.web.setup.forms import Form, names_shown
from helmdesk.web.setup.lists import Row, spoken
from helmdesk.web.setup.noun import Noun, Said
from helmdesk.web.setup.words import zones
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request

PERMISSION: Final = "calendars.manage"
MOST_SHOWN: Final = 120
AHEAD: Final = timedelta(days=396)
BACK: Final = timedelta(days=3660)
guarded = needs(PERMISSION)


def rows() -> QuerySet[WorkingCalendar]:
    newest = CalendarVersion.objects.order_by("calendar", "-n").defer("named")
    return WorkingCalendar.objects.prefetch_related(Prefetch("versions", queryset=newest))


def line(row: WorkingCalendar) -> Row:
    newest = next(iter(row.versions.all()), None)
    about = summary(newest) if newest else [_("no hours yet")]
    return Row(reverse("setup:calendar", args=[row.pk]), local(row.name), about, off=not row.active, code=row.code)


def summary(version: CalendarVersion) -> list[str]:
    """What a list says of a version: its hours, its zone, its holidays and how far they are written out."""
    written = version.written
    if "always" in written:
        return [_("Around the clock")]
    if form := next((one for one in ("any", "all") if one in written), ""):
        codes = ", ".join(part["code"] for part in written[form])
        said = (
            _("open when one of these is: %(codes)s") if form == "any" else _("open when all of these are: %(codes)s")
        )
        return [said % {"codes": codes}]
    countries = [" ".join(filter(None, (one["country"], one["subdivision"]))) for one in written["holidays"]]
    until = max((one["to"] for one in written["holidays"]), default=None)
    return [
        version.zone,
        *([_("holidays of %(countries)s until %(year)d") % {"countries": ", ".join(countries), "year": until}]
          if until else [_("no public holidays")]),
    ]  # fmt: skip


def entry(form: Form, row: WorkingCalendar | None) -> CalendarEntry:
    return CalendarEntry(name=form.names(row.name if row else None), active=form.ticked("active"))


# --- one calendar ---


def beside(request: Request, row: WorkingCalendar | None) -> dict[str, Any]:
    if row is None:
        return {}
    found = versions.in_turn(row.pk)
    now = versions.of(row, request.at)
    chosen = next((one for one in found if str(one.n) == request.GET.get("version")), now or next(iter(found), None))
    number = year_asked(request)
    people = Person.objects.in_bulk({one.person for one in found if one.person})
    who = {pk: name_of(person, request.viewer) for pk, person in people.items()}
    picture: dict[str, Any] = {}
    if chosen is not None:
        week = calendar_picture.week(chosen, timezone.localdate(request.at))
        picture = {
            "week": week, "words": calendar_picture.in_words(week), "months": calendar_picture.year(chosen, number),
            "special": sorted(day for day in chosen.named.items() if day[0].startswith(str(number))),
            "about": summary(chosen), "runs_out": runs_out(chosen, request.at.year),
        }  # fmt: skip
    years = [
        one for one in (number - 1, number + 1) if calendar_picture.FIRST_YEAR <= one <= calendar_picture.LAST_YEAR
    ]
    return {"versions": found, "now": now, "chosen": chosen, "who": who, "year": number, "years": years, **picture,
            "uses": [use for use in uses.of(row.pk, request.at) if use.names]}  # fmt: skip


def year_asked(request: Request) -> int:
    asked = request.GET.get("year", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else 0
    first, last = calendar_picture.FIRST_YEAR, calendar_picture.LAST_YEAR
    return number if first <= number <= last else timezone.localdate(request.at).year


def runs_out(version: CalendarVersion, this_year: int) -> int | None:
    """The last year whose holidays are written out, when that is soon over."""
    until = max((one["to"] for one in version.written.get("holidays", [])), default=None)
    return until if until is not None and until <= this_year else None


# --- its next version ---


@guarded
def new_version(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(WorkingCalendar, pk=pk)
    now = versions.of(row, request.at)
    return show_form(request, row, Form(calendar_form.shown(now), choices=calendar_form.choices(row)))


@guarded
def edit_again(request: Request, pk: int) -> HttpResponse:
    """From the look ahead back to the form, with all that was typed."""
    row = get_object_or_404(WorkingCalendar, pk=pk)
    return show_form(request, row, typed(request, row))


@guarded
def draft(request: Request, pk: int) -> HttpResponse:
    """What an edit would change, before anything is written."""
    row, coming = get_object_or_404(WorkingCalendar, pk=pk), None
    form = typed(request, row)
    with form.checking():
        writing = calendar_form.writing(form, request)
        since = Since(row, request.at, request.at)
        coming = drafted(writing, since)
        starts = begins(row, calendar_form.begins(form, coming.zone), at=request.at)
        coming = drafted(writing, Since(row, starts, request.at))
    if form.failed or coming is None:
        return show_form(request, row, form)
    return page(
        request, "setup/calendar_draft.html", here="calendars", form=form, row=row, starts=starts,
        first=not row.versions.exists(), back=dated_back(row, starts, at=request.at),
        day_words=day_words, **ahead(row, coming, starts, request.at),
    )  # fmt: skip


@guarded
def create_version(request: Request, pk: int) -> HttpResponse:
    row, made = get_object_or_404(WorkingCalendar, pk=pk), None
    form = typed(request, row)
    with form.saving():
        form.must_still_be(lambda: calendar_form.shown(versions.of(row, request.at)))
        writing = calendar_form.writing(form, request)
        zone = drafted(writing, Since(row, request.at, request.at)).zone
        made = publish(
            row.pk, writing, valid_from=calendar_form.begins(form, zone), reason=form.text("reason"),
            by=signed(request.viewer, PERMISSION), at=request.at,
        )  # fmt: skip
    if form.failed:
        return show_form(request, row, form)
    messages.success(request, _("Saved as version %(n)d.") % {"n": made.n} if made else _("It was so already."))
    return redirect("setup:calendar", row.pk)


def typed(request: Request, row: WorkingCalendar) -> Form:
    blank = calendar_form.shown(None)
    return Form.typed(
        request, lists=("parts",), choices=calendar_form.choices(row), alias=calendar_form.ALIAS,
        fields=[*blank, "file"],
    )  # fmt: skip


def show_form(request: Request, row: WorkingCalendar, form: Form) -> HttpResponse:
    return page(
        request, "setup/calendar_hours.html", here="calendars", status=form.status, form=form, row=row, zones=zones(),
        countries=calendar_form.country_names(), weekdays=calendar_form.WEEKDAYS,
    )  # fmt: skip


def ahead(row: WorkingCalendar, coming: Draft, starts: datetime, at: datetime) -> dict[str, Any]:
    """What would change: days, from when to when, and what goes by it."""
    before, following = versions.of(row, starts), versions.next_begins(row.pk, starts)
    today = timezone.localdate(at)
    first = max(starts.date(), today - BACK) if before else max(starts.date(), today)
    last = max(first, today) + AHEAD
    if following is not None:
        last = min(last, max(first, following.valid_from.date()))
    last = min(last, date(calendar_picture.LAST_YEAR, 12, 31))
    found = days.differences(compiled(before) if before else None, coming.calendar, coming.zone, first, last)
    return {
        "changes": found[:MOST_SHOWN], "more": max(0, len(found) - MOST_SHOWN), "span": (first, last),
        "total": sum(one.count for one in found), "same": before is not None and says_the_same(before, coming),
        "before": before, "following": following, "named": coming.named, "uses": uses.of(row.pk, starts),
    }  # fmt: skip


def day_words(one: days.Difference) -> str:
    """The days of one change: a date, or a weekday's dates counted."""
    if one.count == 1:
        return f"{date_format(one.first, 'D')} {one.first.isoformat()}"
    first, last = one.first.isoformat(), one.last.isoformat()
    said = {"count": one.count, "weekday": date_format(one.first, "l"), "first": first, "last": last}
    return _("%(count)d × %(weekday)s, %(first)s to %(last)s") % said


def routes() -> list[URLPattern]:
    return [
        *CALENDARS.routes(),
        path(
            "calendars/<id:pk>/versions/new", on(get=new_version, post=edit_again), name="new_calendar_version"
        ),
        path("calendars/<id:pk>/draft", on(post=draft), name="calendar_draft"),
        path("calendars/<id:pk>/versions", on(post=create_version), name="calendar_versions"),
    ]  # fmt: skip


def after(row: WorkingCalendar) -> str:
    name = "setup:calendar" if row.versions.exists() else "setup:new_calendar_version"
    return reverse(name, args=[row.pk])


CALENDARS: Final = Noun(
    one="calendar",
    many="calendars",
    permission=PERMISSION,
    model=WorkingCalendar,
    said=Said(
        title=gettext_lazy("Working calendars"),
        about=gettext_lazy("When somebody works. Promises count time by them; holidays are written out, day by day."),
        add=gettext_lazy("Add a calendar"),
        empty=gettext_lazy("No calendar yet"),
        lesson=gettext_lazy("Start with the hours of your own people, then those that each provider has promised."),
    ),
    rows=rows,
    line=line,
    named=spoken(),
    blank={"code": "", **names_shown({}), "active": True},
    shown=lambda row: {**names_shown(row.name), "active": row.active},
    add=lambda form, act: add_calendar(form.text("code"), entry(form, None), by=act.stamp, at=act.at),
    change=lambda row, form, act: change_calendar(row.pk, entry(form, row), by=act.stamp, at=act.at),
    beside=beside,
    after=after,
)
