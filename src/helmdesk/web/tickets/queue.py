"""The queue: what do I do next? Views, filters as words in the address, rows that say where each ticket is."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.time import to_us
from helmdesk.tickets import filters
from helmdesk.tickets.filters import Filter, Filters
from helmdesk.tickets.parties import all_parties
from helmdesk.tickets.queue import CAP, Counts, Key, Row, View, queue_of
from helmdesk.web.phrases import gettext as _
from helmdesk.web.templating import initials, local
from helmdesk.web.tickets.doors import for_workers, stream_of
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.whereabouts import Ball, Where, where
from helmdesk.web.tickets.words import PRIORITIES, TYPES
from helmdesk.web.times import machine, span
from helmdesk.web.visitor import Request

VIEWS: dict[View, str | Promise] = {
    View.MINE: gettext_lazy("My work"),
    View.TEAM: gettext_lazy("My team"),
    View.NOBODY: gettext_lazy("Nobody has it"),
    View.ALL: gettext_lazy("All I may see"),
}
SOON = 3600 * 1_000_000


class Due(NamedTuple):
    """By when: its look, its mark and its words, and the instant for machines."""

    css: str
    mark: str
    words: str
    exact: str


class Line(NamedTuple):
    """A row as the page shows it: who asked, then where it is: words, perhaps a party's chip, and words again.

    `asker` is empty where the words name them anyway.
    """

    pk: int
    subject: str
    initials: str
    asker: str
    words: str
    hue: int | None
    party: str
    tail: str
    due: Due
    why: str


class Word(NamedTuple):
    """A filter as a word that can be taken away."""

    words: str
    without: str


@require_safe
@for_workers
def show(request: Request) -> HttpResponse:
    if request.GET.get("q"):
        return redirect(f"/search?{urlencode({'q': request.GET['q']})}")
    queue, parties = queue_of(request.viewer), all_parties()
    counts = queue.counts()
    view = view_asked(request.GET.get("view", ""), request.viewer)
    asked = filters.read(request.GET.dict(), viewer=request.viewer)
    page = queue.page(view, asked, after=key_asked(request.GET.get("after", "")), dense=counts.dense)
    names, present = Names.of(request.viewer, parties), to_us(request.at)
    kept = {one.name: one.value for one in asked.given}
    return render(
        request,
        "tickets/queue.html",
        {
            "view": view,
            "views": [(one, label, counted(counts, one)) for one, label in VIEWS.items()],
            "lines": [line(row, names, present) for row in page.rows],
            "words": [word(one, view, asked) for one in asked.given],
            "unknown": asked.unknown,
            "kept": urlencode(kept),
            "older": address(view, kept, after="{}-{}".format(*page.more_after)) if page.more_after else "",
            "first": "" if "after" not in request.GET else address(view, kept),
            "stream": stream_of(request, *topics(view, request.viewer), since=counts.seq),
        },
    )


def view_asked(given: str, viewer: Viewer) -> View:
    """The view of an address; without one, the team's for those who have a team."""
    if given in View:
        return View(given)
    return View.TEAM if viewer.teams else View.ALL


def key_asked(given: str) -> Key | None:
    """Where the page begins; from the top for an address that was cut or typed wrongly."""
    updated_at, _, pk = given.partition("-")
    if updated_at.isdecimal() and pk.isdecimal() and len(given) < 38:
        return Key(min(int(updated_at), 2**62), min(int(pk), 2**62))
    return None


def topics(view: View, viewer: Viewer) -> list[str]:
    teams = [f"team:{team}" for team in sorted(viewer.teams)]
    return teams if teams and view != View.ALL and len(teams) <= 50 else ["tickets"]


def counted(counts: Counts, view: View) -> str:
    number = counts.of[view]
    return f"{CAP:,}+" if number > CAP else f"{number:,}"


def address(view: View, kept: dict[str, str], **more: str) -> str:
    return "?" + urlencode({"view": view.value, **kept, **more})


def word(one: Filter, view: View, asked: Filters) -> Word:
    return Word(said(one), address(view, {other.name: other.value for other in asked.given if other is not one}))


def said(one: Filter) -> str:
    """A filter in a person's words."""
    if one.name == "priority":
        return str(PRIORITIES[int(one.value)])
    elif one.name == "type":
        return str(TYPES[one.value])
    elif one.name == "tag":
        return f"#{one.label}"
    else:
        return local(one.label)


def line(row: Row, names: Names, present: int) -> Line:
    asker = names.person(row.requester, row.requester_name)
    who = names.person(row.assignee, row.assignee_name, names.provider_of(row.team)) if row.assignee else None
    ball = Ball(
        team=row.team, holder=row.holder, holder_id=row.holder_id, wait=row.wait, wait_on=row.wait_on,
        wait_since=row.wait_since, wait_until=row.wait_until, since=row.since, who=who, asker=asker, present=present,
    )  # fmt: skip
    place = where(ball, names)
    party, hue = (place.party.name, place.party.hue) if place.party else ("", None)
    told = row.wait in ("requester", "agreed")
    return Line(
        row.pk, row.subject or _("[removed]"), initials(asker), "" if told else asker, place.words, hue, party,
        place.tail,
        due(row, place, present), why(row, names),
    )  # fmt: skip


def why(row: Row, names: Names) -> str:
    """Why it matters: a word where the priority is high, and that it is new to the team."""
    words = [str(PRIORITIES[row.priority])] if row.priority <= 2 else []
    if row.offered_from is not None and row.team in names.teams:
        words.append(_("handed over to you"))
    return " · ".join(words)


def due(row: Row, place: Where, present: int) -> Due:
    if row.due is None:
        passed = _("%(span)s ago") % {"span": span((present - row.updated_at) / 1_000_000)}
        return Due("paused", "", passed, machine(row.updated_at))
    elif place.paused:
        return Due("paused", "paused", _("paused"), machine(row.due))
    left = row.due - present
    if left < 0:
        return Due("late", "late", _("%(span)s late") % {"span": span(-left / 1_000_000)}, machine(row.due))
    near = left < SOON
    return Due("soon" if near else "", "soon" if near else "open", span(left / 1_000_000), machine(row.due))
