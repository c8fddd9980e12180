"""Own fields: what a ticket is asked for besides. None is changed: each saving is the next version."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.catalogue.definitions import FieldEntry, define_field
from helmdesk.catalogue.models import OwnField
from helmdesk.foundation.errors import BadEntry
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form, Options, Values, names_shown
from helmdesk.web.visitor import Request

guarded = needs("catalogue.manage")


def kinds() -> Options:
    return [
        (OwnField.Kind.TEXT.value, _("a text")),
        (OwnField.Kind.NUMBER.value, _("a number")),
        (OwnField.Kind.DATE.value, _("a date")),
        (OwnField.Kind.CHOICE.value, _("one of several choices")),
        (OwnField.Kind.YES_NO.value, _("yes or no")),
    ]


@guarded
def fields(request: Request) -> HttpResponse:
    newest = {row.code: row for row in OwnField.objects.order_by("code", "version")}
    return page(request, "setup/fields.html", here="fields", rows=list(newest.values()), kinds=dict(kinds()))


@guarded
def new(request: Request) -> HttpResponse:
    blank = {"code": "", **names_shown({}), "kind": OwnField.Kind.TEXT.value, "choices": "", "active": True}
    return show_form(request, Form(blank, choices={"kind": kinds()}), [])


@guarded
def create(request: Request) -> HttpResponse:
    form = Form.typed(request, choices={"kind": kinds()})
    code = str(form.values.get("code", "")).strip()
    with form.saving():
        if OwnField.objects.filter(code=form.text("code")).exists():
            raise BadEntry("code", code, _("There is one already; change that, or take another short name."))
        define_field(code, entry(form, None), by=signed(request.viewer, "catalogue.manage"), at=request.at)
    if form.failed:
        return show_form(request, form, [])
    messages.success(request, _("It is asked for from now on."))
    return redirect("setup:fields")


@guarded
def show(request: Request, code: str) -> HttpResponse:
    versions = versions_of(code)
    return show_form(request, Form(shown(versions[0]), choices={"kind": kinds()}), versions)


@guarded
def change(request: Request, code: str) -> HttpResponse:
    versions = versions_of(code)
    form = Form.typed(request, choices={"kind": kinds()})
    with form.saving():
        form.must_still_be(lambda: shown(versions_of(code)[0]))
        by = signed(request.viewer, "catalogue.manage")
        define_field(code, entry(form, versions[0]), by=by, at=request.at)
    if form.failed:
        return show_form(request, form, versions)
    messages.success(request, _("Saved. What tickets hold already stays as it is."))
    return redirect("setup:field", code)


def versions_of(code: str) -> list[OwnField]:
    """Newest first."""
    rows = list(OwnField.objects.filter(code=code).order_by("-version")[:200])
    if not rows:
        raise Http404
    return rows


def shown(row: OwnField) -> Values:
    return {
        **names_shown(row.name),
        "choices": "\n".join(row.choices),
        "required_to_resolve": row.required_to_resolve,
        "personal": row.personal,
        "searchable": row.searchable,
        "active": row.active,
    }


def entry(form: Form, row: OwnField | None) -> FieldEntry:
    lines = [line.strip() for line in form.text("choices").splitlines()]
    return FieldEntry(
        name=form.names(row.name if row else None),
        kind=row.kind if row else form.text("kind"),
        choices=[line for line in lines if line],
        required_to_resolve=form.ticked("required_to_resolve"),
        personal=form.ticked("personal"),
        searchable=form.ticked("searchable"),
        active=form.ticked("active"),
    )


def show_form(request: Request, form: Form, versions: list[OwnField]) -> HttpResponse:
    row = versions[0] if versions else None
    action = reverse("setup:field", args=[row.code]) if row else reverse("setup:fields")
    return page(
        request, "setup/field.html", here="fields", status=form.status, form=form, row=row, versions=versions,
        kinds=dict(kinds()), action=action,
    )  # fmt: skip
