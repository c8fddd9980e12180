"""The tickets behind one number of an answer, the most late first, as far as one may see them now."""

from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from helmdesk.tickets.models import Ticket
from helmdesk.tickets.reading import rendition
from helmdesk.web.judging.doors import for_managers, mine
from helmdesk.web.judging.telling import VERDICTS, Telling, behind, period
from helmdesk.web.measures import words
from helmdesk.web.visitor import Request

PAGE: Final = 50
WORDS: Final = {
    "met": gettext_lazy("Met"),
    "missed": gettext_lazy("Missed"),
    "open": gettext_lazy("Still open"),
    "late": gettext_lazy("Still open, and late already"),
    "unjudged": gettext_lazy("Not judged"),
}


@dataclass(frozen=True, slots=True)
class Line:
    ticket: int
    subject: str
    opened_at: object
    provider: int | None
    late: str


@for_managers
def show(request: Request, pk: int) -> HttpResponse:
    row = mine(request, pk)
    rule, verdict = _number(request, "rule"), request.GET.get("verdict", "")
    part, first = request.GET.get("part"), _number(request, "first") // PAGE * PAGE
    telling = Telling(row, request.viewer, (get_language() or "en").partition("-")[0])
    known = part is None or (part in telling.parts and part not in telling.hidden)
    if verdict not in VERDICTS or rule >= len(row.rules) or not known:
        raise Http404
    found = list(islice(behind(row, rule, verdict, part), first, first + PAGE + 1))
    kept = {"rule": rule, "verdict": verdict, **({} if part is None else {"part": part})}
    context = {
        "row": row, "period": period(row), "title": WORDS[verdict], "rule": telling.titles()[rule],
        "telling": telling, "kept": kept,
        "part": "" if part is None else telling.title(part), "lines": lines(request, found[:PAGE]),
        "earlier": max(0, first - PAGE) if first else None, "later": first + PAGE if len(found) > PAGE else None,
        "providers": telling.names.all("provider"), "hues": telling.names.hues,
    }  # fmt: skip
    return render(request, "judging/tickets.html", context)


def _number(request: Request, name: str) -> int:
    given = request.GET.get(name, "0")
    if not (given.isascii() and given.isdecimal() and len(given) <= 9):
        raise Http404
    return int(given)


def lines(request: Request, found: list[tuple[int, int]]) -> list[Line]:
    seen = Ticket.objects.visible_to(request.viewer).filter(pk__in=[ticket for ticket, _late in found])
    columns: Any = ("pk", rendition("subject", request.viewer), "opened_at", "team__provider_id")
    rows = {row[0]: row for row in seen.values_list(*columns)}
    told = [(rows[ticket], late) for ticket, late in found if ticket in rows]
    return [
        Line(pk, subject or _("(removed)"), opened_at, provider, words.lasted(late) if late else "–")
        for (pk, subject, opened_at, provider), late in told
    ]
