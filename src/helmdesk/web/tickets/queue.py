"""The queue: what do I do next? Views, filters as words in the address, rows that say where each ticket is."""

from dataclasses import replace
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.time import to_us
from helmdesk.service_levels import versions
from helmdesk.service_levels.dues import dues
from helmdesk.service_levels.hours import hours
from helmdesk.service_levels.narrowing import Stands, standing
from helmdesk.service_levels.reading import of_seen
from helmdesk.service_levels.versions import Known
from helmdesk.tickets import filters
from helmdesk.tickets.filters import Filter, Filters
from helmdesk.tickets.lives import lives_of
from helmdesk.tickets.parties import all_parties
from helmdesk.tickets.queue import CAP, Counts, Key, Row, View, queue_of
from helmdesk.web.phrases import gettext as _
from helmdesk.web.templating import initials, local
from helmdesk.web.tickets import promises
from helmdesk.web.tickets.doors import for_workers, stream_of
from helmdesk.web.tickets.dueness import PARTS, Due, Part, due, midnight_after
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.ribbon import THIN, Ribbon, ribbon, weave
from helmdesk.web.tickets.whereabouts import Ball, where
from helmdesk.web.tickets.words import PRIORITIES, STANDING, TYPES
from helmdesk.web.visitor import Request

VIEWS: dict[View, str | Promise] = {
    View.MINE: gettext_lazy("My work"),
    View.TEAM: gettext_lazy("My team"),
    View.NOBODY: gettext_lazy("Nobody has it"),
    View.ALL: gettext_lazy("All I may see"),
}


STANDS: Final = "promise"
RIBBONS: Final = "ribbons"
"""Names in the address: the filter by promise, and whether ribbons are shown."""


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
    band: Ribbon | None


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
    asked = stood(filters.read(request.GET.dict(), viewer=request.viewer), request)
    page = queue.page(view, asked, after=key_asked(request.GET.get("after", "")), dense=counts.dense)
    names = Names.of(request.viewer, parties)
    kept = {one.name: one.value for one in asked.given}
    bands = banded(page.rows, names, request) if request.GET.get(RIBBONS) else {}
    if bands:
        kept[RIBBONS] = "1"
    lines = lined(page.rows, names, request, bands)
    return render(
        request,
        "tickets/queue.html",
        {
            "view": view,
            "views": [(one, label, counted(counts, one)) for one, label in VIEWS.items()],
            "lines": lines,
            "parts": PARTS if any(one.due.part != Part.NOTHING for one in lines) else {},
            "words": [word(one, view, kept) for one in asked.given],
            "bands": bands,
            "hues": sorted({hue for band in bands.values() for hue in band.hues}),
            "weave": weave,
            "ribbons": ribbons_offered(request.viewer, view, kept, shown=bool(bands)),
            "unknown": asked.unknown,
            "kept": urlencode(kept),
            "older": address(view, kept, after="-".join(map(str, page.more_after))) if page.more_after else "",
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
    numbers = given.split("-")
    if len(numbers) == len(Key._fields) and all(one.isdecimal() for one in numbers) and len(given) < 58:
        return Key(*(min(int(one), 2**62) for one in numbers))
    return None


def stood(asked: Filters, request: Request) -> Filters:
    """With the filter by how promises stand, where the address has one."""
    how = request.GET.get(STANDS, "")
    if not how:
        return asked
    elif how not in Stands:
        return replace(asked, unknown=(*asked.unknown, (STANDS, how[:60])))
    one = Filter(STANDS, how, how, standing(Stands(how), at=request.at))
    return replace(asked, given=(*asked.given, one))


def banded(rows: list[Row], names: Names, request: Request, known: Known | None = None) -> dict[int, Ribbon]:
    """The thin ribbon of each row, where it can be drawn."""
    pks, known = [row.pk for row in rows], versions.known() if known is None else known
    lives = lives_of(pks)
    clocks = of_seen(pks, names.viewer, at=request.at, terms=known.terms)
    off = hours(known, names.parties.teams.values())
    found = {}
    for row in rows:
        asker = names.person(row.requester, row.requester_name)
        scene = promises.Scene(names, asker, to_us(request.at), row.wait, known.terms)
        band = ribbon(
            lives[row.pk], names, asker=asker, present=scene.present, hours=off,
            marks=promises.marks(clocks.get(row.pk, ()), scene), pixels=THIN,
        )  # fmt: skip
        if band is not None:
            found[row.pk] = band
    return found


def ribbons_offered(viewer: Viewer, view: View, kept: dict[str, str], *, shown: bool) -> str:
    """Where the ribbons are shown, or no longer; nothing for who does not lead."""
    if not (viewer.may("tickets.lead") or viewer.may("tickets.company_lead")):
        return ""
    without = {name: value for name, value in kept.items() if name != RIBBONS}
    return address(view, without) if shown else address(view, without, **{RIBBONS: "1"})


def topics(view: View, viewer: Viewer) -> list[str]:
    teams = [f"team:{team}" for team in sorted(viewer.teams)]
    return teams if teams and view != View.ALL and len(teams) <= 50 else ["tickets"]


def counted(counts: Counts, view: View) -> str:
    number = counts.of[view]
    return f"{CAP:,}+" if number > CAP else f"{number:,}"


def address(view: View, kept: dict[str, str], **more: str) -> str:
    return "?" + urlencode({"view": view.value, **kept, **more})


def word(one: Filter, view: View, kept: dict[str, str]) -> Word:
    return Word(said(one), address(view, {name: value for name, value in kept.items() if name != one.name}))


def said(one: Filter) -> str:
    """A filter in a person's words."""
    if one.name == "priority":
        return str(PRIORITIES[int(one.value)])
    elif one.name == "type":
        return str(TYPES[one.value])
    elif one.name == "tag":
        return f"#{one.label}"
    elif one.name == STANDS:
        return str(STANDING[Stands(one.value)])
    else:
        return local(one.label)


def lined(rows: list[Row], names: Names, request: Request, bands: dict[int, Ribbon]) -> list[Line]:
    """The rows of a page, what is due to the viewer first."""
    present = to_us(request.at)
    midnight = midnight_after(present)
    nearest = dues([row.pk for row in rows], names.viewer)
    told = []
    for row in rows:
        by = due(nearest.get(row.pk), touched=row.updated_at, present=present, midnight=midnight)
        at = nearest[row.pk].at if row.pk in nearest else None
        told.append((by.part, at or 0, line(row, names, present, by, bands.get(row.pk))))
    told.sort(key=lambda one: one[:2])
    return [one for _part, _at, one in told]


def line(row: Row, names: Names, present: int, by: Due, band: Ribbon | None) -> Line:
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
        place.tail, by, why(row, names), band,
    )  # fmt: skip


def why(row: Row, names: Names) -> str:
    """Why it matters: a word where the priority is high, and that it is new to the team."""
    words = [str(PRIORITIES[row.priority])] if row.priority <= 2 else []
    if row.offered_from is not None and row.team in names.teams:
        words.append(_("handed over to you"))
    return " · ".join(words)
