"""Service levels: what is promised to whom, how fast, by which hours. Each saving is the next version."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.db.models import Count, Value
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.catalogue.models import Category, Service
from helmdesk.clocks.reading import BadLevel
from helmdesk.foundation.errors import BadEntry
from helmdesk.people.models import Department, Site
from helmdesk.providers.models import Provider, Team
from helmdesk.service_levels import publishing, retiming
from helmdesk.service_levels.models import Clock, LevelVersion, ServiceLevel
from helmdesk.tickets.closing import closes_after, set_closing
from helmdesk.tickets.models import TicketType
from helmdesk.web.setup import level_form, level_words
from helmdesk.web.setup.doors import needs, on, page
from helmdesk.web.setup.forms import Form, Options, Values
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request

guarded = needs("levels.manage")
MOST_VERSIONS = 50

type Names = dict[str, dict[str, str]]


def routes() -> list[URLPattern]:
    return [
        path("levels/", on(get=levels, post=create), name="levels"),
        path("levels/new", on(get=new), name="new_level"),
        path("levels/closing", on(post=close_by_itself), name="closing"),
        path("levels/<id:pk>", on(get=show, post=change), name="level"),
        path("levels/<id:pk>/ending", on(post=end), name="level_ending"),
    ]


@guarded
def levels(request: Request) -> HttpResponse:
    return show_levels(request, Form(closing_shown()))


@guarded
def close_by_itself(request: Request) -> HttpResponse:
    """After how many days solved tickets are closed: a policy beside the levels."""
    form = Form.typed(request)
    with form.saving():
        form.must_still_be(closing_shown)
        for kind in TicketType.values:
            days = form.whole(kind) if form.text(kind) else None
            set_closing(kind, days, by=signed(request.viewer, "levels.manage"), at=request.at)
    if form.failed:
        return show_levels(request, form)
    messages.success(request, _("Saved."))
    return redirect("setup:levels")


def closing_shown() -> Values:
    return {kind: "" if after is None else after.days for kind, after in closes_after().items()}


def show_levels(request: Request, form: Form) -> HttpResponse:
    rows = latest()
    running = Clock.objects.filter(stop__isnull=True, level__in=[row.level_id for row in rows])
    counts = dict(running.values("level").annotate(n=Count("pk")).values_list("level", "n"))
    names = names_of()
    return page(
        request, "setup/levels.html", here="levels", counts=counts, form=form, status=form.status,
        rows=[(row, level_words.told(row.spec, names) if row.spec else []) for row in rows],
        calendars=bool(names["calendar"]),
    )  # fmt: skip


@guarded
def new(request: Request) -> HttpResponse:
    names = names_of()
    blank = {"code": "", "valid_from": "", **level_form.values_of(level_form.NEW)}
    return show_form(request, Form(blank, choices=choices(names)), None, names)


@guarded
def create(request: Request) -> HttpResponse:
    names = names_of()
    form = typed(request, names)
    if "look" in request.POST:
        return look(request, form, None, names)
    code, made = "", None
    with form.saving():
        code = form.text("code")
        if ServiceLevel.objects.filter(code=code).exists():
            raise BadEntry("code", code, _("There is one already; change that, or take another short name."))
        made = published(request, form, code, {})
    if form.failed or made is None:
        return show_form(request, form, None, names)
    messages.success(request, _("It is promised now."))
    return redirect("setup:level", made.level_id)


@guarded
def show(request: Request, pk: int) -> HttpResponse:
    row, names = newest(pk), names_of()
    return show_form(request, Form(shown(row), choices=choices(names)), row, names)


@guarded
def change(request: Request, pk: int) -> HttpResponse:
    row, names = newest(pk), names_of()
    form, made = typed(request, names), None
    if "look" in request.POST:
        return look(request, form, row, names)
    with form.saving():
        form.must_still_be(lambda: shown(newest(pk)))
        made = published(request, form, row.level.code, row.spec)
    if form.failed or made is None:
        return show_form(request, form, row, names)
    messages.success(request, _("Saved as the next version.") if made.pk != row.pk else _("It was so already."))
    return redirect("setup:level", pk)


@guarded
def end(request: Request, pk: int) -> HttpResponse:
    form = Form({})
    with form.saving():
        publishing.end_level(pk, by=signed(request.viewer, "levels.manage"), at=request.at)
    if form.failed:
        return show(request, pk)
    messages.success(request, _("Ended. What began before goes on by it."))
    return redirect("setup:levels")


# --- what a form comes to ---


def typed(request: Request, names: Names) -> Form:
    rows = level_form.rows_of(request.POST.get("rows", ""))
    return Form.typed(request, lists=level_form.lists_of(rows), choices=choices(names))


def published(request: Request, form: Form, code: str, kept: Mapping[str, Any]) -> LevelVersion | None:
    """The next version, or None where the form now says what is wrong."""
    try:
        spec = level_form.spec_of(form, code=code, kept=kept)
        by = signed(request.viewer, "levels.manage")
        return publishing.publish_level(spec, valid_from=since(form), by=by, at=request.at)
    except BadLevel as bad:
        refuse(form, bad)
        return None


def refuse(form: Form, bad: BadLevel) -> None:
    for fault in bad.faults:
        form.refuse(level_form.field_of(fault, form), fault.value, fault.cure)


def since(form: Form) -> datetime | None:
    """From when it holds: the beginning of the day that was given, in the reader's zone; None: from now on."""
    day = form.day("valid_from")
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), timezone.get_current_timezone()).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise BadEntry("valid_from", day.isoformat(), _("Give a date as YYYY-MM-DD.")) from error


def look(request: Request, form: Form, row: LevelVersion | None, names: Names) -> HttpResponse:
    """What would be promised and what it would touch, before anything is saved."""
    preview: dict[str, Any] = {}
    with form.checking():
        try:
            code = row.level.code if row else form.text("code")
            spec = level_form.spec_of(form, code=code, kept=row.spec if row else {})
            publishing.checked(spec)
            begins = since(form) or request.at
            count = retiming.of_level(row.level_id, begins) if row else 0
            preview = {
                "said": level_words.told(spec, names_of()),
                "retimed": level_words.retimed(count),
                "since": begins,
            }
        except BadLevel as bad:
            refuse(form, bad)
    if not form.failed:
        rows = len(list(level_form.filled_rows(form))) + level_form.BLANK_ROWS
        form.values["rows"] = max(rows, level_form.rows_of(str(form.values["rows"])))
    return show_form(request, form, row, names, preview=preview)


# --- what is shown ---


def latest() -> list[LevelVersion]:
    """The version of each level that was written last, those in use first."""
    rows = LevelVersion.objects.select_related("level").order_by("level__code", "-n")
    last: dict[int, LevelVersion] = {}
    for row in rows:
        last.setdefault(row.level_id, row)
    return sorted(last.values(), key=lambda row: (not row.level.active, row.level.code))


def newest(pk: int) -> LevelVersion:
    """The last version that promises something."""
    rows = LevelVersion.objects.select_related("level").filter(level=pk).exclude(spec={}).order_by("-n")
    row = rows.first()
    if row is None:
        raise Http404
    return row


def shown(row: LevelVersion) -> Values:
    return {"valid_from": "", **level_form.values_of(row.spec)}


def show_form(
    request: Request, form: Form, row: LevelVersion | None, names: Names, *, preview: dict[str, Any] | None = None
) -> HttpResponse:
    versions = [] if row is None else list(row.level.versions.order_by("-n")[:MOST_VERSIONS])
    return page(
        request, "setup/level.html", here="levels", status=form.status, form=form, row=row, versions=versions,
        said=level_words.told(row.spec, names) if row else [], preview=preview or {}, words=level_words,
        rows=range(level_form.rows_of(str(form.values.get("rows", "")))),
        promised={version.pk: level_words.told(version.spec, names) for version in versions if version.spec},
        running=Clock.objects.filter(level=row.level_id, stop__isnull=True).count() if row else 0,
    )  # fmt: skip


def names_of() -> Names:
    """What codes are called, by the key under which a spec names them; two statements."""
    spoken = _called({"service": Service, "category": Category, "calendar": WorkingCalendar})
    plain = _called({"site": Site, "provider": Provider, "team": Team, "group": Department})
    return {
        **spoken, **plain,
        "type": {str(code): str(words) for code, words in level_words.types()},
    }  # fmt: skip


def _called(models: Mapping[str, Any]) -> Names:
    parts = [
        model.objects.order_by().annotate(what=Value(key)).values_list("what", "code", "name")
        for key, model in models.items()
    ]
    found: Names = {key: {} for key in models}
    for key, code, name in sorted(parts[0].union(*parts[1:], all=True), key=lambda row: row[:2]):
        found[key][code] = local(name)
    return found


def choices(names: Names) -> dict[str, Options]:
    named: dict[str, Options] = {key: list(values.items()) for key, values in names.items()}
    parties: Any = [
        ("requester", _("to whoever asks, end to end")),
        (_("by a team"), [(f"team:{code}", name) for code, name in named["team"]]),
        (_("by a provider"), [(f"provider:{code}", name) for code, name in named["provider"]]),
    ]
    until: Options = [("resolved", _("solved")), ("closed", _("closed"))]
    return {
        **named, "metric": list(level_words.METRICS.items()), "binds": parties, "until": until,
        "type": level_words.types(), "form_kind": list(level_words.FORMS.items()),
        **{name: level_words.thens() for name in level_form.OPTIONS},
    }  # fmt: skip
