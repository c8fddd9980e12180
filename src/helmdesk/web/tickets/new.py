"""A new ticket for somebody: who it is for, what they need, and which team gets it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from helmdesk.access.scopes import Combination
from helmdesk.catalogue.choices import teams
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.opening import Asked, open_ticket
from helmdesk.tickets.reading import related
from helmdesk.tickets.refusals import Refused
from helmdesk.web.errors import status_of
from helmdesk.web.tickets import finding
from helmdesk.web.tickets.acts import chosen, words
from helmdesk.web.tickets.doors import for_workers
from helmdesk.web.tickets.files import taken_in
from helmdesk.web.tickets.sorting import about_choices
from helmdesk.web.tickets.words import CHANNELS, IMPACTS, TYPES, URGENCIES
from helmdesk.web.visitor import Request

FROM = ("phone", "agent", "mail", "chat")


class NewTicket(forms.Form):
    """What was asked, in the agent's words; the person was found before."""

    subject = forms.CharField(label=_("In a few words"), max_length=250)
    text = words(_("What they said"), rows=6)
    type = forms.ChoiceField(label=_("What it is"), choices=list(TYPES.items()))
    channel = forms.ChoiceField(label=_("How they asked"), choices=[(code, CHANNELS[code]) for code in FROM])
    service = chosen(_("Service"), required=False)
    site = chosen(_("Site"), required=False)
    category = chosen(_("Kind of work"), required=False)
    impact = chosen(_("How much stops"), list(IMPACTS.items()))
    urgency = chosen(_("How soon it hurts"), list(URGENCIES.items()))
    team = chosen(_("Which team gets it"), required=False)

    def __init__(self, request: Request) -> None:
        super().__init__(request.POST or None, initial={"impact": 3, "urgency": 3, "channel": "phone"})
        self.refusal: Refused | None = None
        for name, choices in about_choices().items():
            self.choose_from(name, [("", _now("not known")), *choices])
        theirs = teams(None if request.viewer.internal else request.viewer.provider)
        self.choose_from("team", [("", _now("whoever sorts new ones")), *theirs])

    def choose_from(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def refuse(self, refusal: Refused) -> int:
        self.refusal = refusal
        if refusal.field in self.fields:
            self.add_error(refusal.field, f"{refusal.message} {refusal.cure}".strip())
        return status_of(refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def page(request: Request) -> HttpResponse:
    if not request.viewer.may("tickets.open_for"):
        raise Http404
    person = asked_for(request)
    typed = request.GET.get("who", "")
    if person is None:
        found = finding.people(typed, viewer=request.viewer)
        return render(
            request, "tickets/who.html", {"typed": typed, "found": found}, status=200 if not request.POST else 422
        )
    form = NewTicket(request)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return opened(request, _open(request, person.pk, form.cleaned_data))
            except Refused as refusal:
                status = form.refuse(refusal)
    return render(request, "tickets/new.html", {"form": form, "person": person}, status=status)


def asked_for(request: Request) -> finding.Found | None:
    """The person who was chosen, if somebody was."""
    given = (request.POST if request.method == "POST" else request.GET).get("person", "")
    if not given.isdecimal() or len(given) > 15:
        return None
    return finding.person(int(given), viewer=request.viewer)


def _open(request: Request, person: int, given: dict[str, Any]) -> Ticket:
    asked = Asked(
        given["subject"], Words(given["text"], files=taken_in(request)), person, type=given["type"],
        channel=given["channel"], team=given["team"], impact=given["impact"], said_urgency=given["urgency"],
        about=Combination(given["service"], given["site"], given["category"]),
    )  # fmt: skip
    return open_ticket(asked, by=request.viewer, at=request.at)


def opened(request: Request, ticket: Ticket) -> HttpResponse:
    """To the ticket, where the one who opened it may see it."""
    messages.success(request, _now("Ticket %(number)s is open.") % {"number": ticket.pk})
    seen = related([ticket.pk], viewer=request.viewer)
    return redirect("tickets:show", ticket.pk) if seen else redirect("tickets:queue")
