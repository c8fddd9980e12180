"""What happened, newest first: who, in which capacity, for whom, when. No texts: the ledger holds none."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.checking import last_check
from helmdesk.ledger.models import Event, Hat, Seal, Stream
from helmdesk.people.models import Person
from helmdesk.providers.models import Provider
from helmdesk.tickets.models import Ticket
from helmdesk.web.ledger.kinds import HATS, KINDS, STREAMS
from helmdesk.web.ledger.reading import Asked, part
from helmdesk.web.setup.doors import named, needs
from helmdesk.web.visitor import Request

KIND = re.compile(r"[a-z_.]{1,40}")
type Words = str | Promise


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the page shows it."""

    event: Event
    kind: Words
    about: Words
    ticket: int | None
    who: Words
    hat: Words
    provider: Provider | None


@needs("ledger.view")
def events(request: Request) -> HttpResponse:
    asked, before = read(request)
    found = part(asked, before=before)
    kept = kept_of(asked)
    older = "?" + urlencode({**kept, "before": found.before}) if found.before else ""
    return render(
        request, "ledger/events.html",
        {
            "lines": lines(found.events, request.viewer), "asked": asked, "kept": kept, "older": older,
            "looked_to": found.looked_to, "first": before is not None and "?" + urlencode(kept), "streams": STREAMS,
            "kinds": KINDS, "checked": last_check(), "sealed": Seal.objects.order_by("-last_seq").first(),
            "last": Event.objects.aggregate(last=Max("seq"))["last"] or 0,
        },
    )  # fmt: skip


def read(request: Request) -> tuple[Asked, int | None]:
    """What the address asks for; what it cannot mean is left out."""
    given = request.GET.get("stream", "")
    stream = next((one for one in Stream if one.label == given), None)
    stream_id = whole(request.GET.get("id", ""))
    kind = request.GET.get("kind", "").strip()
    asked = Asked(stream, stream_id if stream else None, kind if KIND.fullmatch(kind) else "")
    return asked, whole(request.GET.get("before", ""))


def whole(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= 18 else None


def kept_of(asked: Asked) -> dict[str, str]:
    kept = {
        "stream": asked.stream.label if asked.stream else "",
        "id": "" if asked.stream_id is None else str(asked.stream_id),
        "kind": asked.kind,
    }
    return {name: value for name, value in kept.items() if value}


def lines(events: list[Event], viewer: Viewer) -> list[Line]:
    people = Person.objects.in_bulk({event.person for event in events if event.person is not None})
    providers = Provider.objects.in_bulk({event.provider for event in events if event.provider is not None})
    asked = {event.stream_id for event in events if event.stream == Stream.TICKET}
    seen = set(Ticket.objects.visible_to(viewer).filter(pk__in=asked).values_list("pk", flat=True))
    return [
        Line(
            event=event,
            kind=KINDS.get(event.kind, event.kind),
            about=about(event),
            ticket=event.stream_id if event.stream == Stream.TICKET and event.stream_id in seen else None,
            who=who(event, people, viewer),
            hat=HATS[Hat(event.hat)],
            provider=providers.get(event.provider or 0),
        )
        for event in events
    ]


def about(event: Event) -> Words:
    """Which matter it is about: "ticket 12", "set-up"."""
    stream = Stream(event.stream)
    if stream in (Stream.CONFIG, Stream.ACCESS):
        return STREAMS[stream]
    words = {
        Stream.TICKET: _("ticket %(n)d"), Stream.PROVIDER: _("provider %(n)d"), Stream.PERSON: _("person %(n)d"),
    }  # fmt: skip
    return words[stream] % {"n": event.stream_id}


def who(event: Event, people: dict[int, Person], viewer: Viewer) -> Words:
    if event.person is None:
        return HATS[Hat(event.hat)]
    person = people.get(event.person)
    return named(person, viewer) if person else _("person %(n)d") % {"n": event.person}
