"""People: found among many, added, changed. What else there is to one of them is shown on the same page."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmdesk.access.allowed import signed
from helmdesk.foundation.entries import checked_email
from helmdesk.foundation.errors import BadEntry
from helmdesk.people.addresses import add_address, person_with_email
from helmdesk.people.finding import State, find
from helmdesk.people.models import Account, Address, Person
from helmdesk.people.persons import PersonEntry, add_person, change_person
from helmdesk.providers.models import Membership
from helmdesk.web.setup import words
from helmdesk.web.setup.doors import MEMBERS, PEOPLE, needs, page
from helmdesk.web.setup.forms import Form, Options, Values, last_day
from helmdesk.web.setup.lists import clean
from helmdesk.web.setup.rank import may_do_more
from helmdesk.web.visitor import Request

STATES: dict[State, str | Promise] = {
    State.ACTIVE: gettext_lazy("Active"),
    State.ENDED: gettext_lazy("Ended"),
    State.HELD: gettext_lazy("On legal hold"),
    State.MERGED: gettext_lazy("Merged into others"),
    State.ERASED: gettext_lazy("Forgotten"),
}
ADDRESS_FIELDS = {"email": "address", "phone": "address"}


@needs(*PEOPLE)
def people(request: Request) -> HttpResponse:
    given = request.GET.get("state", "")
    state = State(given) if given in State else State.ACTIVE
    typed = clean(request.GET.get("q", ""))
    after = request.GET.get("after", "")
    last = int(after) if after.isascii() and after.isdecimal() and len(after) <= 18 else None
    found = find(state, typed, after=last, at=request.at)
    kept = {name: value for name, value in (("state", given and state.value), ("q", typed)) if value}
    return page(
        request, "setup/people.html", here="people", people=found.people, state=state, states=STATES, typed=typed,
        kept=kept, emails=emails_of(found.people), works=workplaces(found.people), first=last and "?" + urlencode(kept),
        more="?" + urlencode({**kept, "after": found.more_after}) if found.more_after else "",
    )  # fmt: skip


@needs("people.manage")
def new(request: Request) -> HttpResponse:
    return show_new(request, Form({**blank(), "email": ""}, choices=choices()))


@needs("people.manage")
def create(request: Request) -> HttpResponse:
    form, person = Form.typed(request, choices=choices()), None
    with form.saving():
        by = signed(request.viewer, "people.manage")
        person = add_person(entry(form), by=by, at=request.at)
        if form.text("email"):
            add_address(person.pk, form.text("email"), by=by, at=request.at)
    if form.failed or person is None:
        return show_new(request, form)
    messages.success(request, _("%(name)s is there now.") % {"name": person.name})
    return redirect("setup:person", person.pk)


@needs(*PEOPLE)
def show(request: Request, pk: int) -> HttpResponse:
    rows = Person.objects.select_related("department", "site", "merged_into", "account")
    return show_person(request, get_object_or_404(rows, pk=pk))


@needs("people.manage")
def change(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request, choices=choices())
    with form.saving():
        form.must_still_be(lambda: shown(Person.objects.get(pk=pk)))
        change_person(pk, entry(form), by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed:
        return show_person(request, person, entry=form)
    messages.success(request, _("Saved."))
    return redirect("setup:person", pk)


def show_person(request: Request, person: Person, **forms: Form) -> HttpResponse:
    """The page of one person; `forms` are those that came back: entry, address, account, sign_in, hold."""
    working = Membership.objects.filter(person=person, ended_at=None).select_related("provider")
    membership = working.prefetch_related("teams", "roles").first()
    account: Account | None = getattr(person, "account", None)
    addresses = list(Address.objects.filter(person=person).order_by("kind", "pk"))
    kept: dict[str, Any] = {
        "entry": Form(shown(person), choices=choices()),
        "address": Form({"kind": "email", "address": ""}),
        "account": Form({"login": next((one.value for one in addresses if one.kind == "email"), "")}),
        "sign_in": Form({"sign_in": account.email if account else ""}),
        "hold": Form({"until": last_day(person.hold_until)}),
    }
    status = next((form.status for form in forms.values() if form.failed), 200)
    return page(
        request, "setup/person.html", here="people", status=status, row=person, forms={**kept, **forms},
        addresses=addresses, sign_in=account, membership=membership,
        merged=list(Person.objects.filter(merged_into=person).order_by("pk")[:20]),
        into=person.merged_into, held=person.hold_until is not None and person.hold_until > request.at,
        below=membership is None or not may_do_more(membership, than=request.viewer), zones=words.zones(),
        may={
            "manage": request.viewer.may("people.manage"),
            "erase": request.viewer.may("people.erase"),
            "members": any(request.viewer.may(permission) for permission in MEMBERS),
            "join": request.viewer.may("providers.manage"),
        },
    )  # fmt: skip


def show_new(request: Request, form: Form) -> HttpResponse:
    return page(
        request, "setup/new_person.html", here="people", status=form.status, form=form, zones=words.zones()
    )  # fmt: skip


def choices() -> dict[str, Options]:
    return {"language": list(settings.HELMDESK_LANGUAGES), "department": words.departments(), "site": words.sites()}


def blank() -> Values:
    return {"name": "", "title": "", "language": "en", "zone": "", "department": "", "site": "", "external_ref": ""}


def shown(person: Person) -> Values:
    return {
        "name": person.name,
        "title": person.title,
        "language": person.language,
        "zone": person.zone,
        "department": person.department_id or "",
        "site": person.site_id or "",
        "external_ref": person.external_ref,
    }


def entry(form: Form) -> PersonEntry:
    return PersonEntry(
        name=form.text("name"), title=form.text("title"), language=form.text("language"), zone=form.text("zone"),
        department=form.chosen("department"), site=form.chosen("site"), external_ref=form.text("external_ref"),
    )  # fmt: skip


def meant(given: str, *, field: str) -> Person:
    """Who is meant by a number of ours or an address of theirs."""
    if given.isascii() and given.isdecimal() and len(given) <= 18:
        found = Person.objects.filter(pk=int(given)).first()
    else:
        found = person_with_email(checked_email(given, field=field))
    if found is None or found.erased_at is not None:
        raise BadEntry(field, given, _("Nobody has this number or address."))
    return found


def emails_of(people: list[Person]) -> dict[int, str]:
    """The first e-mail address of each."""
    rows = Address.objects.filter(person__in=people, kind=Address.Kind.EMAIL).order_by("-pk")
    return dict(rows.values_list("person_id", "value"))


def workplaces(people: list[Person]) -> dict[int, Membership]:
    rows = Membership.objects.filter(person__in=people, ended_at__isnull=True).select_related("provider")
    return {row.person_id: row for row in rows}
