"""The requester's first page: what do you need? And what became of what they asked for."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helmdesk.access.scopes import Combination
from helmdesk.catalogue.models import Service
from helmdesk.ledger.texts import LONGEST
from helmdesk.service_levels.reading import of_seen
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.matters import Matter, last_asked, matters
from helmdesk.tickets.models import TicketType
from helmdesk.tickets.opening import Asked, open_ticket
from helmdesk.tickets.parties import Parties, all_parties
from helmdesk.tickets.refusals import Refused
from helmdesk.web.errors import status_of
from helmdesk.web.portal.helping import helper_from, helper_of, what_next
from helmdesk.web.portal.promising import by_when
from helmdesk.web.templating import local
from helmdesk.web.tickets.files import taken_in
from helmdesk.web.visitor import Request

SHORT = 80


@dataclass(frozen=True, slots=True)
class Need:
    """What the form held."""

    subject: str = ""
    text: str = ""
    type: str = TicketType.INCIDENT.value
    service: str = ""


@require_safe
def front(request: Request) -> HttpResponse:
    """Where everybody arrives: those who work at the queue, others where they ask for help."""
    return redirect("tickets:queue" if request.viewer.working else "portal:home")


@require_safe
def show(request: Request) -> HttpResponse:
    return again(request, Need(type=need_type(request.GET.get("type", ""))))


@require_POST
def ask(request: Request) -> HttpResponse:
    """Asks for help; a refusal shows the page again with everything that was typed."""
    must_be_somebody(request)
    given = request.POST
    need = Need(
        given.get("subject", ""), given.get("text", ""), need_type(given.get("type", "")), given.get("service", "")
    )
    try:
        ticket = open_ticket(asked(request, need), by=request.viewer, at=request.at)
    except Refused as refusal:
        return again(request, need, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("We have it. You will hear from us here."))
    return redirect("portal:show", ticket.pk)


def typed_in(request: Request) -> Need:
    given = request.POST
    kind = need_type(given.get("type", ""))
    return Need(given.get("subject", ""), given.get("text", ""), kind, given.get("service", ""))


def need_type(given: str) -> str:
    return given if given in TicketType.values else TicketType.INCIDENT.value


def must_be_somebody(request: Request) -> int:
    """The person who asks; an account without a person asks for nothing."""
    person = request.viewer.person
    if person is None:
        raise Http404
    return person


def asked(request: Request, need: Need) -> Asked:
    if len(need.text) > LONGEST:
        raise Refused(
            "too_long", _("That is too long."), field="text",
            cure=_("At most %(n)d characters; send the rest as a file.") % {"n": LONGEST},
        )  # fmt: skip
    subject = need.subject.strip() or beginning(need.text)
    text = need.text if need.text.strip() else need.subject
    service = int(need.service) if need.service.isdecimal() and len(need.service) < 16 else None
    return Asked(
        subject, Words(text, files=taken_in(request)), must_be_somebody(request), type=need.type,
        about=Combination(service=service),
    )  # fmt: skip


def beginning(text: str) -> str:
    """The first sentence or so, for who gave no subject."""
    line = " ".join(text.split())
    first = line.partition(". ")[0]
    return first if len(first) <= SHORT else f"{line[: SHORT - 1].rsplit(' ', 1)[0]}…"


def again(request: Request, need: Need, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    must_be_somebody(request)
    own = matters(request.viewer, at=request.at)
    parties = all_parties()
    waiting = [one for one in own if one.phase == 1 and one.wait == "requester"]
    going = [one for one in own if one.phase == 1 and one.wait != "requester"]
    asker = request.viewer.as_requester()
    clocks = of_seen([one.pk for one in going], asker, at=request.at, open_only=True, terms=())
    services = Service.objects.filter(active=True).values_list("pk", "name")
    context = {
        "need": need,
        "refusal": refusal,
        "services": sorted(((pk, local(name)) for pk, name in services), key=lambda pair: pair[1].casefold()),
        "waiting": with_questions(waiting, request, parties),
        "going": [
            {**described(one, parties), "promise": by_when(clocks.get(one.pk, ()), at=request.at)} for one in going
        ],
        "solved": [described(one, parties) for one in own if one.phase != 1],
    }
    return render(request, "portal/home.html", context, status=status)


def described(matter: Matter, parties: Parties) -> dict[str, Any]:
    return {
        "it": matter,
        "helper": helper_of(matter.team, matter.helper, parties),
        "next": what_next(matter.wait, matter.wait_until),
    }


def with_questions(waiting: list[Matter], request: Request, parties: Parties) -> list[dict[str, Any]]:
    questions = last_asked([one.pk for one in waiting], viewer=request.viewer)
    told = []
    for one in waiting:
        question = questions.get(one.pk)
        helper = helper_from(question.provider, question.who, parties) if question else None
        told.append({"it": one, "question": question, "helper": helper or helper_of(one.team, one.helper, parties)})
    return told
