"""How a person stands: ended and taken back, under a legal hold, merged into another record of theirs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.foundation.errors import BadEntry
from helmdesk.people import persons
from helmdesk.people.merging import merge_persons, unmerge_person
from helmdesk.people.models import Person
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form, last_day
from helmdesk.web.setup.keyholders import never_locked_out
from helmdesk.web.setup.person import meant, show_person
from helmdesk.web.setup.rank import must_not_outrank
from helmdesk.web.visitor import Request

guarded = needs("people.manage")


@guarded
def end(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request)
    with form.saving(), never_locked_out():
        persons.deactivate(pk, by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed:
        return show_person(request, person, hold=form)
    messages.success(request, _("%(name)s is out: no session, link or stream is left.") % {"name": person.name})
    return redirect("setup:person", pk)


@guarded
def take_back(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request)
    with form.saving():
        persons.reactivate(pk, by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed:
        return show_person(request, person, hold=form)
    messages.success(request, _("%(name)s is back. To sign in, they need a new link.") % {"name": person.name})
    return redirect("setup:person", pk)


@guarded
def hold(request: Request, pk: int) -> HttpResponse:
    """Until the end of a day, in the reader's zone."""
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request)
    with form.saving():
        form.must_still_be(lambda: {"until": last_day(Person.objects.get(pk=pk).hold_until)})
        until = form.end_of_day("until")
        if until is None or until <= request.at:
            raise BadEntry("until", form.text("until"), _("Give a day from today on."))
        persons.hold(pk, until=until, by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed:
        return show_person(request, person, hold=form)
    messages.success(request, _("Until then, nothing of them can be forgotten."))
    return redirect("setup:person", pk)


@guarded
def lift_hold(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request)
    with form.saving():
        persons.hold(pk, until=None, by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed:
        return show_person(request, person, hold=form)
    messages.success(request, _("The hold is lifted."))
    return redirect("setup:person", pk)


@guarded
def merging(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    return show_merging(request, person, Form({"into": ""}))


@guarded
def merge(request: Request, pk: int) -> HttpResponse:
    """Into the person whose number or address was given; the first time it is shown whom that is."""
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    form, target = Form.typed(request), None
    with form.saving():
        must_not_outrank(request.viewer, pk)
        target = meant(form.text("into"), field="into")
        if form.text("sure") == str(target.pk):
            merge_persons(pk, into=target.pk, by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed or target is None or form.text("sure") != str(target.pk):
        return show_merging(request, person, form, None if form.failed else target)
    messages.success(request, _("%(name)s means that person from now on.") % {"name": person.name})
    return redirect("setup:person", target.pk)


@guarded
def unmerge(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request)
    with form.saving():
        must_not_outrank(request.viewer, pk)
        unmerge_person(pk, by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed:
        return show_person(request, person, hold=form)
    messages.success(request, _("The two are two again."))
    return redirect("setup:person", pk)


def show_merging(request: Request, person: Person, form: Form, target: Person | None = None) -> HttpResponse:
    return page(
        request, "setup/merging.html", here="people", status=form.status, form=form, row=person, target=target
    )  # fmt: skip
