"""The writing box: to whom, in which words, with which files; sent, sent and solved, or asked and waited for."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from helmdesk.ledger.texts import LONGEST
from helmdesk.tickets import conversation, resolution
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.reading import Hangings, Opened, Said
from helmdesk.tickets.refusals import Refused
from helmdesk.web.tickets.acts import BIGGEST
from helmdesk.web.tickets.files import taken_in
from helmdesk.web.tickets.naming import Names
from helmdesk.web.visitor import Request

HOW = ("send", "solve", "ask")


class Reader(NamedTuple):
    """A choice of who reads it. `kind` is person, side or us; `css` its colour, `heading` says what will happen."""

    value: str
    kind: str
    css: str
    name: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form of the box held. `how` is send, solve or ask."""

    text: str = ""
    to: str = ""
    how: str = "send"
    shown: int | None = None


def readers(
    ticket: Opened, hung: Hangings, said: list[Said], names: Names, *, asker: str, offered: frozenset[str]
) -> list[Reader]:
    """To whom this viewer may write on this ticket."""
    found = [Reader("requester", "person", "aud-person", asker)] if "reply" in offered else []
    if "note" not in offered:
        return found
    if not names.viewer.internal:
        circle = names.circle(frozenset({names.provider or 0}))
        return [*found, Reader("us", "side", f"p{circle.hue}", circle.words)]
    for pk in sorted(circle_of(ticket, hung, said, names)):
        circle = names.circle(frozenset({pk}))
        found.append(Reader(f"p{pk}", "side", f"p{circle.hue}", names.side(pk).name))
    house = names.circle(frozenset())
    return [*found, Reader("us", "us", f"p{house.hue}", house.words)]


def chosen_of(to: list[Reader], typed: Typed) -> str:
    """The reader that the box begins with: as typed; else who asked; else the fewest."""
    values = [one.value for one in to]
    if typed.to in values:
        return typed.to
    return "requester" if "requester" in values else next(reversed(values), "")


def circle_of(ticket: Opened, hung: Hangings, said: list[Said], names: Names) -> set[int]:
    """External providers who may see the ticket through a share, by having it, or by a thread of theirs."""
    teams = {ticket.team, ticket.offered_from or 0, ticket.holder_id if ticket.holder == "team" else 0}
    having = {names.provider_of(team or 0) for team in teams}
    talking = {pk for one in said for pk in one.providers}
    there = {pk for pk, side in names.parties.providers.items() if not side.internal}
    return there & ({pk for pk in having if pk is not None} | talking | set(hung.shares))


def typed_in(request: Request) -> Typed:
    shown = request.POST.get("shown", "")
    return Typed(
        request.POST.get("text", ""),
        request.POST.get("to", "")[:20],
        request.POST.get("how", "send") if request.POST.get("how") in HOW else "send",
        min(int(shown), BIGGEST) if shown.isdecimal() and len(shown) < 16 else None,
    )


def send(request: Request, ticket: int, typed: Typed) -> None:
    """Says what was typed, to whom it was addressed."""
    if len(typed.text) > LONGEST:
        raise Refused(
            "too_long", _("The message has %(n)d characters.") % {"n": len(typed.text)}, field="text",
            cure=_("At most %(n)d; send the rest as a file.") % {"n": LONGEST},
        )  # fmt: skip
    if typed.to == "requester":
        _to_requester(request, ticket, typed)
    elif typed.how != "send":
        raise Refused(
            "to",
            _("Only what they read can solve it or ask them."),
            field="to",
            value=typed.to,
            cure=_("Choose them as the reader, or just send it."),
        )
    else:
        words = Words(typed.text, "note", taken_in(request))
        conversation.note(ticket, words, providers=_providers(typed.to), by=request.viewer, at=request.at)


def _to_requester(request: Request, ticket: int, typed: Typed) -> None:
    verb: dict[str, Any] = {"by": request.viewer, "at": request.at, "shown": typed.shown}
    files = taken_in(request)
    if typed.how == "solve":
        resolution.resolve(ticket, words=Words(typed.text, files=files), **verb)
    elif typed.how == "ask":
        conversation.ask_requester(ticket, Words(typed.text, "question", files), **verb)
    else:
        conversation.reply(ticket, Words(typed.text, files=files), **verb)


def _providers(to: str) -> frozenset[int]:
    if to == "us":
        return frozenset()
    number = to.removeprefix("p")
    if to.startswith("p") and number.isdecimal() and len(number) < 16:
        return frozenset({int(number)})
    raise Refused("to", _("Nobody was chosen to read it."), field="to", value=to, cure=_("Choose who reads it."))
