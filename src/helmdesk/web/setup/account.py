"""How a person signs in: an account made, moved, asked for a second step; a link to choose a password, shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.foundation.errors import BadEntry
from helmdesk.people import accounts
from helmdesk.people.models import Account, Person
from helmdesk.web.account.mail import ask_for_reset_link, reset_link
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form
from helmdesk.web.setup.person import show_person
from helmdesk.web.setup.rank import must_not_outrank
from helmdesk.web.visitor import Request

guarded = needs("people.manage")


@guarded
def create(request: Request, pk: int) -> HttpResponse:
    person, account = get_object_or_404(Person, pk=pk), None
    form = Form.typed(request, alias={"email": "login"})
    with form.saving():
        must_not_outrank(request.viewer, pk)
        account = accounts.create_account(
            pk, email=form.text("login"), second_factor=form.ticked("second_factor"),
            by=signed(request.viewer, "people.manage"), at=request.at,
        )  # fmt: skip
    if form.failed or account is None:
        return show_person(request, person, account=form)
    return show_link(request, person, account)


@guarded
def move(request: Request, pk: int) -> HttpResponse:
    """To another address of the same person."""
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request, alias={"email": "sign_in"})
    with form.saving():
        must_not_outrank(request.viewer, pk)
        account, email = account_of(pk), form.text("sign_in")
        accounts.change_sign_in(account.pk, email=email, by=signed(request.viewer, "people.manage"), at=request.at)
    if form.failed:
        return show_person(request, person, sign_in=form)
    messages.success(request, _("They sign in with that address from now on."))
    return redirect("setup:person", pk)


@guarded
def require(request: Request, pk: int) -> HttpResponse:
    """Whether a second step is asked for."""
    person = get_object_or_404(Person, pk=pk)
    form = Form.typed(request)
    with form.saving():
        must_not_outrank(request.viewer, pk)
        by = signed(request.viewer, "people.manage")
        wanted = form.text("required") == "yes"
        accounts.require_second_factor(account_of(pk).pk, required=wanted, by=by, at=request.at)
    if form.failed:
        return show_person(request, person, sign_in=form)
    messages.success(request, _("Saved."))
    return redirect("setup:person", pk)


@guarded
def invite(request: Request, pk: int) -> HttpResponse:
    """A link to choose a password: shown here while there is none, else only mailed to its owner."""
    person, account = get_object_or_404(Person, pk=pk), None
    form = Form.typed(request)
    with form.saving():
        must_not_outrank(request.viewer, pk)
        account = account_of(pk)
        if not account.is_active:
            raise BadEntry("account", "", _("This account has ended. Take the person back first."))
    if form.failed or account is None:
        return show_person(request, person, sign_in=form)
    elif account.has_usable_password():
        ask_for_reset_link(account.email)
        messages.success(request, _("A link to choose a new password is on its way to their address."))
        return redirect("setup:person", pk)
    else:
        return show_link(request, person, account)


def account_of(person: int) -> Account:
    account = Account.objects.filter(person=person).first()
    if account is None:
        raise BadEntry("account", "", _("They have no account yet. Make one first."))
    return account


def show_link(request: Request, person: Person, account: Account) -> HttpResponse:
    link = reset_link(accounts.invitation(account))
    return page(request, "setup/invitation.html", here="people", row=person, account_made=account, link=link)
