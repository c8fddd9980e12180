"""One clock explained: a table of spans that adds up to its figure, and the same as JSON and PDF to take along."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from helmdesk.foundation.time import from_us
from helmdesk.service_levels.evidence import Evidence, canonical, document, evidence, fingerprint
from helmdesk.tickets.parties import all_parties
from helmdesk.tickets.reading import Opened
from helmdesk.tickets.refusals import NotThere
from helmdesk.web.clocks import paper, telling
from helmdesk.web.tickets import promises
from helmdesk.web.tickets.doors import on_an_opened_ticket
from helmdesk.web.tickets.naming import Names
from helmdesk.web.times import hours, span, to_the_second
from helmdesk.web.visitor import Request

FEW: Final = 5
"""So many back-dated events are told one by one, and more as a number."""


@require_safe
@on_an_opened_ticket
def page(request: Request, ticket: Opened, clock: str) -> HttpResponse:
    names, one = asked(request, ticket, clock)
    return render(request, "clocks/show.html", context(request, ticket, names, one))


@require_safe
@on_an_opened_ticket
def as_json(request: Request, ticket: Opened, clock: str) -> HttpResponse:
    """The evidence in one canonical text, so that two who took it down can compare fingerprints."""
    _names, one = asked(request, ticket, clock)
    return taken_along(canonical(document(one)), "application/json", f"{ticket.pk}-{clock}.json")


@require_safe
@on_an_opened_ticket
def as_pdf(request: Request, ticket: Opened, clock: str) -> HttpResponse:
    names, one = asked(request, ticket, clock)
    words = context(request, ticket, names, one)
    try:
        body = paper.pdf(render_to_string("clocks/paper.html", words, request=request))
    except paper.NoPaper as missing:
        return render(request, "clocks/no_paper.html", {**words, "missing": missing}, status=501)
    return taken_along(body, "application/pdf", f"{ticket.pk}-{clock}.pdf")


def taken_along(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def asked(request: Request, ticket: Opened, clock: str) -> tuple[Names, Evidence]:
    """The clock that an address names, `solved-p1-2` being the second turn of `solved-p1`; and how to name parties."""
    code, _dash, n = clock.rpartition("-")
    known = code and n.isdecimal() and len(n) < 6
    names = Names.of(request.viewer, all_parties())
    if known:
        one = evidence(ticket, code, int(n), viewer=request.viewer, at=request.at, parties=names.parties)
        if one is not None:
            return names, one
    raise NotThere("clock", clock)


def context(request: Request, ticket: Opened, names: Names, one: Evidence) -> dict[str, Any]:
    asker = names.person(ticket.requester, ticket.requester_name)
    voice = telling.Voice(names, asker, ZoneInfo(one.calendar.zone))
    scene = promises.Scene(names, asker, int(request.at.timestamp() * 1_000_000), None, ())
    told = document(one)
    return {
        "ticket": ticket,
        "one": one,
        "asker": asker,
        "clock": f"{one.reading.code}-{one.reading.n}",
        "promise": promises.told(one.reading, scene),
        "lines": telling.lines(one, voice),
        "bars": telling.picture(one, voice),
        "rule": telling.rule(one),
        "used": to_the_second(telling.whole(one.used)),
        "target": hours(one.turn.target),
        "gross": span(one.turn.gross / 1_000_000),
        "gross_exactly": to_the_second(telling.whole(one.turn.gross)),
        "zone": one.calendar.zone,
        "start": telling.stamp(from_us(one.turn.start)),
        "stop": telling.stamp(from_us(one.turn.stop)) if one.turn.stop is not None else "",
        "at": request.at,
        "stamp": telling.stamp,
        "moment": lambda us: telling.stamp(from_us(us)),
        "backdated": [event for event in one.events if event.backdated],
        "few": FEW,
        "fingerprint": fingerprint(told),
    }
