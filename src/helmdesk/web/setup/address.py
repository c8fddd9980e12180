"""Addresses of a person: added, shown to be theirs, taken away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.people.addresses import add_address, remove_address, verify_address
from helmdesk.people.models import Address, Person
from helmdesk.web.setup.doors import needs
from helmdesk.web.setup.forms import Form
from helmdesk.web.setup.person import ADDRESS_FIELDS, show_person
from helmdesk.web.setup.rank import must_not_outrank
from helmdesk.web.visitor import Request

guarded = needs("people.manage")


@guarded
def create(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request, alias=ADDRESS_FIELDS)
    with form.saving():
        must_not_outrank(request.viewer, pk)
        by, kind = signed(request.viewer, "people.manage"), form.text("kind")
        add_address(pk, form.text("address"), kind=kind, by=by, at=request.at)
    return answer(request, person, form, _("The address is there now."))


@guarded
def verify(request: Request, pk: int, address: int) -> HttpResponse:
    person = owner(pk, address)
    form = Form.typed(request)
    with form.saving():
        must_not_outrank(request.viewer, pk)
        verify_address(address, by=signed(request.viewer, "people.manage"), at=request.at)
    return answer(request, person, form, _("The address counts as theirs from now on."))


@guarded
def remove(request: Request, pk: int, address: int) -> HttpResponse:
    person = owner(pk, address)
    form = Form.typed(request)
    with form.saving():
        must_not_outrank(request.viewer, pk)
        remove_address(address, by=signed(request.viewer, "people.manage"), at=request.at)
    return answer(request, person, form, _("The address is gone."))


def owner(pk: int, address: int) -> Person:
    """The person, when the address is theirs."""
    return get_object_or_404(Address.objects.select_related("person"), pk=address, person=pk).person


def answer(request: Request, person: Person, form: Form, said: str) -> HttpResponse:
    if form.failed:
        form.values = {"kind": "email", "address": "", **form.values}
        return show_person(request, person, address=form)
    messages.success(request, said)
    return redirect("setup:person", person.pk)
