"""Who may see what: given to a provider, said in plain words, counted, changed and ended."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from helmdesk.access import grants
from helmdesk.access.models import Grant
from helmdesk.foundation.errors import BadEntry
from helmdesk.people.models import Person
from helmdesk.providers.models import Provider
from helmdesk.web.setup import words
from helmdesk.web.setup.doors import named, needs, page
from helmdesk.web.setup.forms import Form, Options, Values, last_day
from helmdesk.web.setup.opening import Names, counted, counts, in_words, sentences
from helmdesk.web.visitor import Request

guarded = needs("access.manage")
LISTS = ("services", "sites", "categories")
MOST = 200


@guarded
def all_grants(request: Request) -> HttpResponse:
    rows = Grant.objects.select_related("provider")
    live = list(rows.filter(revoked_at__isnull=True).order_by("provider__name", "pk")[:MOST])
    ended = list(rows.filter(revoked_at__isnull=False).order_by("-revoked_at")[:20])
    prefetch_related_objects([*live, *ended], *LISTS)
    without = Provider.objects.filter(active=True).exclude(pk__in=[row.provider_id for row in live]).order_by("name")
    return page(
        request, "setup/grants.html", here="grants", without=list(without[:MOST]),
        live=[(row, in_words(row), over(row, request.at)) for row in live], shown_now=counts(live),
        ended=[(row, in_words(row)) for row in ended],
    )  # fmt: skip


@guarded
def new(request: Request) -> HttpResponse:
    """With values in its address, also what such a grant would open."""
    values = {**blank(), **given(request.GET)}
    form = Form(values, choices=choices())
    previewed = None
    if "look" in request.GET:
        with form.checking():
            previewed = terms(form, None)
    return show_form(request, form, None, preview=previewed)


@guarded
def create(request: Request) -> HttpResponse:
    form, made = Form.typed(request, lists=LISTS, choices=choices()), None
    with form.saving():
        provider = form.chosen("provider")
        if provider is None:
            raise BadEntry("provider", "", _("Choose who may see it."))
        made = grants.give(provider, terms(form, None), by=request.viewer, at=request.at)
    if form.failed or made is None:
        return show_form(request, form, None)
    messages.success(request, _("They may see it from now on."))
    return redirect("setup:grants")


@guarded
def show(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Grant.objects.select_related("provider"), pk=pk)
    return show_form(request, Form(shown(row), choices=choices()), row)


@guarded
def change(request: Request, pk: int) -> HttpResponse:
    """The version that was shown comes with the form: another one since then is told, and nothing changed."""
    row = get_object_or_404(Grant.objects.select_related("provider"), pk=pk)
    form = Form.typed(request, lists=LISTS, choices=choices())
    with form.saving():
        seen = form.whole("version")
        if row.version != seen:
            overtaken(form, row)
        changed = grants.change(pk, terms(form, row), by=request.viewer, at=request.at)
        if changed.version > seen + 1:  # somebody came in between
            overtaken(form, row)
    if form.failed:
        return show_form(request, form, row)
    messages.success(request, _("Saved. It holds from now on; pages that are open follow."))
    return redirect("setup:grants")


@guarded
def revoke(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Grant.objects.select_related("provider"), pk=pk)
    form = Form.typed(request)
    with form.saving():
        grants.revoke(pk, by=request.viewer, at=request.at)
    if form.failed:
        again = Form(shown(row), choices=choices())
        again.status, again.trouble, again.cure = form.status, form.trouble, form.cure
        return show_form(request, again, row)
    messages.success(request, _("Ended, and every page that lived by it."))
    return redirect("setup:grants")


def overtaken(form: Form, row: Grant) -> None:
    now = shown(row)
    form.values["version"] = now["version"]
    form.overtaken({name: value for name, value in now.items() if name != "version"})


def blank() -> Values:
    return {"provider": "", **{name: [] for name in LISTS}, "confidential": "", "personal_data": "", "ends_at": ""}


def given(query: QueryDict) -> dict[str, Any]:
    plain = {name: query[name] for name in blank() if name in query and name not in LISTS}
    return {**plain, **{name: query.getlist(name) for name in LISTS if name in query}}


def shown(row: Grant) -> Values:
    terms = grants.terms_of(row)
    return {
        "version": row.version,
        "services": list(terms.services),
        "sites": list(terms.sites),
        "categories": list(terms.categories),
        "confidential": terms.confidential,
        "personal_data": terms.personal_data,
        "ends_at": last_day(terms.ends_at),
    }


def terms(form: Form, row: Grant | None) -> grants.Terms:
    """What was chosen. A day that was not touched keeps its time."""
    same = row is not None and form.text("ends_at") == last_day(row.ends_at)
    return grants.Terms(
        services=form.all_chosen("services"), sites=form.all_chosen("sites"), categories=form.all_chosen("categories"),
        confidential=form.ticked("confidential"), personal_data=form.ticked("personal_data"),
        ends_at=row.ends_at if same and row is not None else form.end_of_day("ends_at"),
    )  # fmt: skip


def choices() -> dict[str, Options]:
    providers = Provider.objects.filter(active=True).order_by("name").values_list("pk", "name")
    return {
        "provider": list(providers[:1000]), "services": words.services(), "sites": words.sites(),
        "categories": words.categories(),
    }  # fmt: skip


def over(row: Grant, at: datetime) -> bool:
    return row.ends_at is not None and row.ends_at <= at


def show_form(request: Request, form: Form, row: Grant | None, *, preview: grants.Terms | None = None) -> HttpResponse:
    opened = preview or (grants.terms_of(row) if row else None)
    names = Names.of(form.choices)
    giver = Person.objects.filter(pk=row.given_by).first() if row and row.given_by else None
    provider = row.provider.name if row else names.provider(form.values.get("provider"))
    return page(
        request, "setup/grant.html", here="grants", status=form.status, form=form, row=row, name=provider,
        said=sentences(opened, names) if opened else "", opens=counted(opened) if opened else None,
        giver=named(giver, request.viewer) if giver else "", over=row is not None and over(row, request.at),
    )  # fmt: skip
