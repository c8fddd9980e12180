"""The board itself: a sentence of figures, then the few tickets that need a lead, who is on duty, where the work is."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from helmdesk.measures.coverage import arrivals, past
from helmdesk.measures.standing import LATENESS, Kind, Standing, total
from helmdesk.service_levels import versions
from helmdesk.service_levels.duty import duty
from helmdesk.service_levels.versions import Known
from helmdesk.tickets.parties import Place
from helmdesk.tickets.queue import Row
from helmdesk.web.board.desk import Desk, desk_of
from helmdesk.web.board.doors import for_leads
from helmdesk.web.board.duty import Picture, picture
from helmdesk.web.board.lists import Part, part_of_party, part_of_team
from helmdesk.web.board.rows import lines, rows_picked
from helmdesk.web.tickets.naming import Party
from helmdesk.web.tickets.queue import RIBBONS, banded
from helmdesk.web.tickets.ribbon import Ribbon, weave
from helmdesk.web.visitor import Request

SHOWN: Final = {
    Kind.LATE: 4, Kind.NEXT: 6, Kind.NOBODY: 5, Kind.ASKED: 2, Kind.MOVED: 2, Kind.OLD: 2, Kind.WAITS: 4,
}  # fmt: skip


class Number(NamedTuple):
    """A figure, and the list it opens."""

    value: int
    address: str


class Share(NamedTuple):
    """What one party or team has: its figures, the oldest (µs), and how long its bar is beside the longest."""

    name: str
    party: Party
    open: Number
    late: Number
    oldest: int
    bar: float


@require_safe
@for_leads
def show(request: Request) -> HttpResponse:
    desk = desk_of(request)
    whole = Part("", desk.standings, {}, whole=True)
    numbers = {kind: Number(value, whole.address(kind)) for kind, value in total(desk.standings).items()}
    picks = desk.charge.picks(SHOWN) if desk.standings else []
    rows = rows_picked(picks, desk.names)
    known = versions.known()
    bands = bands_of(
        request, desk, known, [rows[pick.pk] for pick in picks if pick.kind in LATENESS and pick.pk in rows]
    )
    return render(
        request,
        "board/home.html",
        {
            "numbers": numbers,
            "next_address": reverse("board:list", args=[Kind.NEXT.value]),
            "lists": lines(picks, rows, desk.names, present=desk.present, bands=bands),
            "bands": bands,
            "hues": sorted({hue for band in bands.values() for hue in band.hues}),
            "weave": weave,
            "duty": duty_of(request, desk, known),
            "shares": list(shares(desk)),
        },
    )


def bands_of(request: Request, desk: Desk, known: Known, rows: list[Row]) -> dict[int, Ribbon]:
    """Who had what goes late, when: drawn for who asks for it."""
    return banded(rows, desk.names, request, known) if rows and request.GET.get(RIBBONS) else {}


def duty_of(request: Request, desk: Desk, known: Known) -> Picture:
    since, until = past(request.at, desk.zone)
    came = arrivals(request.viewer, since=since, until=until)
    teams = teams_of(desk)
    return picture(teams, duty(teams, at=desk.present, known=known), came, desk.names, at=request.at, zone=desk.zone)


def teams_of(desk: Desk) -> list[Place]:
    """The teams that work, as far as they are this lead's matter: for a guest's, those of their own provider."""
    teams = sorted(desk.names.parties.teams.values(), key=lambda team: team.name)
    whole = desk.charge.viewer.internal
    return [team for team in teams if team.active and (whole or team.side.pk == desk.names.provider)]


def shares(desk: Desk) -> Iterator[tuple[Share, list[Share]]]:
    """Each party that has open tickets, the one with most first, and its teams where there are several."""
    providers = {desk.names.provider_of(one.team) or 0 for one in desk.standings}
    parts = [part_of_party(desk, provider) for provider in providers]
    parts.sort(key=lambda part: (-total(part.teams)[Kind.OPEN], part.name))
    most = max((total(part.teams)[Kind.OPEN] for part in parts), default=1)
    for part in parts:
        teams = sorted(part.teams, key=lambda one: -one.open)
        party = desk.names.side(desk.names.provider_of(teams[0].team))
        below = [_share(part_of_team(desk, one.team), party, most) for one in teams] if len(teams) > 1 else []
        yield _share(part, party, most), below


def _share(part: Part, party: Party, most: int) -> Share:
    found = total(part.teams)
    opened, late = (Number(found[kind], part.address(kind)) for kind in (Kind.OPEN, Kind.LATE))
    return Share(part.name, party, opened, late, _oldest(part.teams), round(100 * opened.value / most, 1))


def _oldest(teams: list[Standing]) -> int:
    return min(one.oldest for one in teams)
