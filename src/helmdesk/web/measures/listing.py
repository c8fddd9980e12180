"""The tickets behind one number, largest first, as far as the viewer may see them (a report counts no others)."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from helmdesk.foundation.errors import BadEntry
from helmdesk.measures.figures import BY_CODE, Counted
from helmdesk.measures.names import spoken
from helmdesk.measures.reports import Key, behind, behind_held, behind_late, behind_promise
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.reading import rendition
from helmdesk.web.measures import words
from helmdesk.web.measures.addresses import query_of
from helmdesk.web.measures.asking import Page, page_of, refused
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request

PAGE: Final = 50
PROMISE: Final = "promise:"
HELD: Final = "held:"
LATE: Final = "late"


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket, and what it adds to the number."""

    ticket: int
    subject: str
    opened_at: object
    provider: int | None
    adds: str


@needs("measures.view")
def show(request: Request) -> HttpResponse:
    try:
        page = page_of(request)
    except BadEntry as bad:
        return refused(request, bad)
    code, given = request.GET.get("figure", ""), request.GET.get("key")
    key = _key(page, given)
    found = _found(page, code, key, split=given is not None)
    first = _first(request, len(found))
    title, about = _title(page, code)
    kept = query_of(page.question, figure=code, key=given)
    return page.show(
        "listing.html", lines=lines(page, code, found[first : first + PAGE]), count=len(found), title=title,
        about=about, part=_part(page, code, key) if given is not None else "", first=first,
        hues=page.names.hues, providers=page.names.all("provider"), back=page.to.home(),
        earlier=max(0, first - PAGE) if first else None, kept=kept,
        later=first + PAGE if first + PAGE < len(found) else None,
    )  # fmt: skip


def _found(page: Page, code: str, key: Key, *, split: bool) -> list[Counted]:
    asked: dict[str, Any] = {"question": page.question, "viewer": page.viewer}
    if code.startswith(PROMISE):
        return behind_promise(code.removeprefix(PROMISE), key, **asked, split=split)
    elif code == LATE:
        return behind_late(key, **asked, split=split)
    elif code.startswith(HELD):
        return behind_held(code.removeprefix(HELD), key if isinstance(key, int) else None, **asked)
    measure = BY_CODE.get(code)
    if measure is None:
        raise Http404
    return behind(measure, key, **asked, split=split)


def _key(page: Page, given: str | None) -> Key:
    if given is None or given == "none":
        return None
    elif page.question.by == "month":
        return given
    elif given.isascii() and given.isdecimal() and len(given) <= 18:
        return int(given)
    raise Http404


def _first(request: Request, count: int) -> int:
    given = request.GET.get("first", "")
    first = int(given) if given.isascii() and given.isdecimal() and len(given) <= 9 else 0
    return min(first, max(0, count - 1)) // PAGE * PAGE


def _title(page: Page, code: str) -> tuple[str | Promise, str | Promise]:
    if code.startswith(PROMISE):
        level = code.removeprefix(PROMISE)
        name = spoken(page.names.levels.get(level, level), page.language)
        return name, _("decided in these days, the most late first")
    elif code == LATE:
        return _("Late"), _("a promise was missed in these days")
    elif code.startswith(HELD):
        return _("Had the ball"), _("all hours of these days, the longest first")
    return words.FIGURES[code]


def _part(page: Page, code: str, key: Key) -> str:
    by = "provider" if code.startswith(HELD) else page.question.by
    named = _("Priority %(n)s") % {"n": key} if by == "priority" and key else page.names.of(by, key)
    return spoken(named, page.language) or _("not said")


def lines(page: Page, code: str, found: list[Counted]) -> list[Line]:
    seen = Ticket.objects.visible_to(page.viewer).filter(pk__in=[one.ticket for one in found])
    columns = ("pk", rendition("subject", page.viewer), "opened_at", "team__provider_id")
    rows = {row[0]: row for row in seen.values_list(*columns)}
    found_rows = [(rows[one.ticket], one.value) for one in found if one.ticket in rows]
    return [
        Line(ticket, subject or _("(removed)"), opened_at, provider, _adds(code, value))
        for (ticket, subject, opened_at, provider), value in found_rows
    ]


def _adds(code: str, value: int) -> str:
    if code.startswith(HELD):
        return words.lasted(value)
    elif code == LATE or code.startswith(PROMISE):
        return _("late by %(span)s") % {"span": words.lasted(value)} if value else _("kept")
    unit = BY_CODE[code].unit
    if unit == "share":
        return _("yes") if value else _("no")
    elif unit == "duration":
        return words.lasted(value)
    return "" if unit == "count" else str(value)
