"""Search: tickets that answer what was typed, each with the words that do."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.text import MAX_TYPED, fold
from helmdesk.foundation.time import from_us
from helmdesk.tickets.parties import all_parties
from helmdesk.tickets.search.asking import Hit, search
from helmdesk.tickets.search.showing import shown
from helmdesk.web.tickets.doors import for_workers
from helmdesk.web.tickets.naming import Names
from helmdesk.web.visitor import Request

PAGE = 25
BEFORE, AFTER = 60, 140


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket that answers: its subject, who asked, and a piece of what was said, cut around the words."""

    pk: int
    subject: str
    asker: str
    phase: int
    opened_at: object
    lead: str
    match: str
    tail: str


@require_safe
@for_workers
def show(request: Request) -> HttpResponse:
    typed = request.GET.get("q", "").replace("\x00", "")[:MAX_TYPED]
    relevant = request.GET.get("order") == "relevance"
    answer = search(typed, viewer=request.viewer, before=before_asked(request), by_relevance=relevant, limit=PAGE)
    return render(
        request,
        "tickets/search.html",
        {
            "searched": typed,
            "relevant": relevant,
            "found": told(answer.hits, typed, request.viewer),
            "more_before": answer.more_before,
        },
    )


def before_asked(request: Request) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 13 else None


def told(hits: list[Hit], typed: str, viewer: Viewer) -> list[Found]:
    """The hits with what they say, in their order, in the rendition that the viewer may read."""
    if not hits:
        return []
    names = Names.of(viewer, all_parties())
    found = []
    for row in shown(hits, viewer=viewer):
        piece = cut(row.said or "", typed)
        asker = names.person(row.requester, row.requester_name)
        found.append(Found(row.pk, row.subject or _("[removed]"), asker, row.phase, from_us(row.opened_at), *piece))
    return found


def cut(body: str, typed: str) -> tuple[str, str, str]:
    """A piece of the body around the first word that was typed: what leads to it, the word, what follows."""
    body = " ".join(body.split())
    words = [word[:6] for word in typed.replace('"', " ").split() if len(word) > 1]
    at = first_of([word.casefold() for word in words], body.casefold())
    if at is None:
        at = first_of([fold(word) for word in words], fold(body))
    if at is None or at >= len(body):
        return body[: BEFORE + AFTER], "", ""
    start = body.rfind(" ", 0, at + 1) + 1
    end = min(body.find(" ", at) if " " in body[at:] else len(body), start + AFTER)
    lead, tail = body[max(0, start - BEFORE) : start], body[end : end + AFTER]
    if start > BEFORE:
        lead = f"… {lead.partition(' ')[2]}"
    if end + AFTER < len(body):
        tail = f"{tail.rpartition(' ')[0]} …"
    return lead, body[start:end], tail


def first_of(words: list[str], body: str) -> int | None:
    places = [at for word in words if (at := body.find(word)) >= 0]
    return min(places, default=None)
