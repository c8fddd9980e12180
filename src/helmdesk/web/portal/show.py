"""One matter, for who asked for it: who is on it, what was said to them, and what they can say to it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helmdesk.foundation.time import from_us
from helmdesk.ledger.models import Hat
from helmdesk.ledger.texts import LONGEST
from helmdesk.service_levels.reading import of_seen
from helmdesk.tickets import conversation, reading, resolution, taking_part
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.parties import Parties, all_parties
from helmdesk.tickets.reading import Said, is_theirs
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.resolution import REOPEN_WINDOW
from helmdesk.web.errors import status_of
from helmdesk.web.portal.helping import helper_from, helper_of, what_next
from helmdesk.web.portal.promising import by_when
from helmdesk.web.tickets import finding
from helmdesk.web.tickets.doors import stream_of
from helmdesk.web.tickets.files import taken_in
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.show import before_asked
from helmdesk.web.tickets.timeline import Message, Scene, clock_at, shown
from helmdesk.web.visitor import Request


@require_safe
def show(request: Request, ticket: int) -> HttpResponse:
    must_be_theirs(request, ticket)
    return again(request, ticket)


def must_be_theirs(request: Request, ticket: int) -> None:
    if not is_theirs(ticket, viewer=request.viewer):
        raise NotThere("ticket", ticket)


def again(
    request: Request, number: int, *, text: str = "", refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    """The page, with what was typed and why it was refused where that is so."""
    viewer, parties = request.viewer.as_requester(), all_parties()
    ticket = reading.opened(number, viewer=viewer)
    hung = reading.hangings_of(ticket, [], viewer=viewer)
    said, older = reading.said_on(
        ticket, hung.sources, viewer=viewer, before=before_asked(request.GET.get("before", ""))
    )
    scene = Scene(ticket, hung, Names.of(viewer, parties), ticket.requester_name, clock_at(request.at))
    ended = ticket.closed_at or ticket.resolved_at
    context = {
        "ticket": ticket,
        "said": [(with_house(shown(one, scene), one, parties), one.at) for one in said],
        "older": f"?before={older.at}-{older.pk}" if older else "",
        "helper": helper_of(ticket.team, ticket.assignee_name, parties),
        "promise": by_when(of_seen([number], viewer, at=request.at, terms=()).get(number, ()), at=request.at),
        "next": what_next(ticket.wait, from_us(ticket.wait_until) if ticket.wait_until else None),
        "participants": sorted(hung.participants.items(), key=lambda pair: pair[1]),
        "reopenable": ticket.phase != 1
        and ticket.merged_into is None
        and ended is not None
        and from_us(ended) + REOPEN_WINDOW >= request.at,
        "text": text,
        "refusal": refusal,
        "stream": stream_of(request, f"ticket:{number}", since=hung.seq),
    }
    return render(request, "portal/show.html", context, status=status)


def with_house(message: Message, one: Said, parties: Parties) -> Message:
    """A helper's house as a requester knows it."""
    if one.hat == Hat.REQUESTER or one.provider is None:
        return message
    return message._replace(org=helper_from(one.provider, message.who, parties).house)


def act(done: Callable[[Request, int, Words], None], told: Callable[[], str]) -> Callable[..., HttpResponse]:
    """The view of something that a requester does to their matter; a refusal keeps what was typed."""

    @require_POST
    def view(request: Request, ticket: int) -> HttpResponse:
        must_be_theirs(request, ticket)
        text = request.POST.get("text", "")
        try:
            if len(text) > LONGEST:
                raise Refused("too_long", _("That is too long."), field="text", cure=_("Send the rest as a file."))
            done(request, ticket, Words(text, files=taken_in(request)))
        except NotThere as nothing:
            if (nothing.field, nothing.value) == ("ticket", ticket):
                raise
            return again(request, ticket, text=text, refusal=nothing, status=422)
        except Refused as refusal:
            return again(request, ticket, text=text, refusal=refusal, status=status_of(refusal))
        messages.success(request, told())
        return redirect("portal:show", ticket)

    return view


def _answer(request: Request, ticket: int, words: Words) -> None:
    conversation.reply(ticket, words, by=request.viewer, at=request.at)


def _reopen(request: Request, ticket: int, words: Words) -> None:
    words.must_say_something()
    resolution.reopen(ticket, words=words, by=request.viewer, at=request.at, shown=shown_position(request))


def _confirm(request: Request, ticket: int, words: Words) -> None:
    resolution.close(ticket, by=request.viewer, at=request.at, shown=shown_position(request))


def _withdraw(request: Request, ticket: int, words: Words) -> None:
    resolution.withdraw(ticket, by=request.viewer, at=request.at, shown=shown_position(request))


def shown_position(request: Request) -> int | None:
    given = request.POST.get("shown", "")
    return int(given) if given.isdecimal() and len(given) < 16 else None


answer = act(_answer, lambda: _("Sent."))
reopen = act(_reopen, lambda: _("We look at it again."))
confirm = act(_confirm, lambda: _("Thank you. It is closed."))
withdraw = act(_withdraw, lambda: _("Withdrawn. Nobody works on it any more."))


@require_http_methods(["GET", "HEAD", "POST"])
def participants(request: Request, ticket: int) -> HttpResponse:
    """Who else reads and writes here: found by name or address, and let in."""
    must_be_theirs(request, ticket)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            person = person_asked(request)
            taking_part.add_participant(ticket, person=person, by=request.viewer, at=request.at)
            messages.success(request, _("They take part now."))
            return redirect("portal:show", ticket)
        except Refused as refused:
            refusal, status = refused, 422
    typed = request.GET.get("who", "")
    viewer = request.viewer.as_requester()
    context = {
        "ticket": reading.opened(ticket, viewer=viewer),
        "typed": typed,
        "found": finding.people(typed, viewer=viewer),
        "refusal": refusal,
    }
    return render(request, "portal/participants.html", context, status=status)


@require_POST
def leave_out(request: Request, ticket: int) -> HttpResponse:
    must_be_theirs(request, ticket)
    taking_part.remove_participant(ticket, person=person_asked(request), by=request.viewer, at=request.at)
    messages.success(request, _("They take part no longer."))
    if is_theirs(ticket, viewer=request.viewer):
        return redirect("portal:show", ticket)
    return redirect("portal:home")


def person_asked(request: Request) -> int:
    given = request.POST.get("person", "")
    if not given.isdecimal() or len(given) > 15:
        raise NotThere("person", given[:20])
    return int(given)
