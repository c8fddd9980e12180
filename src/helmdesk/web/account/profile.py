"""A person's own page: how they are called, in which language and zone, how and where they sign in."""

from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from helmdesk.foundation.errors import BadEntry
from helmdesk.people.persons import PersonEntry, change_person, entry_of
from helmdesk.web.languages import offered
from helmdesk.web.visitor import Request


def profile(request: Request) -> HttpResponse:
    person = request.user.person
    entry = None if person is None else entry_of(person)
    if request.method == "POST" and entry is not None:
        return save(request, entry)
    else:
        return show(request, entry)


def save(request: Request, entry: PersonEntry) -> HttpResponse:
    wanted = replace(
        entry,
        name=request.POST.get("name", ""),
        language=request.POST.get("language", ""),
        zone=request.POST.get("zone", "").strip(),
    )
    try:
        if wanted.language not in dict(offered(entry.language)):
            raise BadEntry("language", wanted.language, _("Choose one of the list."))
        assert request.user.person_id is not None
        change_person(request.user.person_id, wanted, by=request.viewer.stamp, at=request.at)
    except BadEntry as error:
        return show(
            request, wanted, {error.field: _("This cannot be used. %(cure)s") % {"cure": error.cure}}, status=422
        )
    messages.success(request, _("Saved."))
    return redirect("profile")


def show(
    request: Request, entry: PersonEntry | None, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    page: dict[str, Any] = {
        "entry": entry,
        "errors": errors or {},
        "languages": offered(request.user.person.language if request.user.person else ""),
        "zones": sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        "second_step": second_step(request.user.pk),
        "devices": len(UserSession.objects.purge_and_list(request.user)),
    }
    return render(request, "account/profile.html", page, status=status)


def second_step(account: int) -> str:
    """What is asked besides the password, in words."""
    kinds = list(Authenticator.objects.filter(user_id=account).values_list("type", flat=True))
    passkeys = kinds.count(Authenticator.Type.WEBAUTHN)
    said = [_("authenticator app")] if Authenticator.Type.TOTP in kinds else []
    if passkeys:
        said.append(ngettext("%(n)d passkey", "%(n)d passkeys", passkeys) % {"n": passkeys})
    return ", ".join(said) or _("none yet: a password alone opens this account")


@require_POST
def end_session(request: Request, session: int) -> HttpResponse:
    """Signs one other device out, at once."""
    get_object_or_404(UserSession, pk=session, user=request.user).end()
    messages.success(request, _("That device was signed out."))
    return redirect("usersessions_list")
