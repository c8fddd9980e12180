"""The list behind a number of the board: the same tickets, page by page, of all or of one party or team."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from helmdesk.measures.standing import NUMBERS, Kind, Standing, total
from helmdesk.web.board.desk import Desk, desk_of
from helmdesk.web.board.doors import for_leads
from helmdesk.web.board.rows import lines, rows_picked
from helmdesk.web.visitor import Request

PAGE: Final = 50
TITLES: Final[dict[Kind, str | Promise]] = {
    Kind.OPEN: _("Open"),
    Kind.LATE: _("Late"),
    Kind.TODAY: _("Will be late today"),
    Kind.NEXT: _("Will be late next"),
    Kind.NOBODY: _("Nobody has it"),
    Kind.STUCK: _("Stuck"),
    Kind.ASKED: _("Asked twice or more, and still waiting"),
    Kind.MOVED: _("Back and forth: passed on three times or more"),
    Kind.OLD: _("Open for more than a week"),
    Kind.WAITS: _("Waits to look into"),
    Kind.WAITING: _("Waiting"),
}
ABOUT: Final[dict[Kind, str | Promise]] = {
    Kind.OPEN: _("The oldest first."),
    Kind.LATE: _("What is over its time, the longest first."),
    Kind.TODAY: _("Not late yet, but their time ends before midnight."),
    Kind.NEXT: _("Not late yet, the nearest first."),
    Kind.NOBODY: _("The team has it, but nobody of it does. The oldest first."),
    Kind.WAITS: _("Contested, or longer than a clock may stand still for it. The clock goes on meanwhile."),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Of what a list is: all, or the teams of one party, or one team."""

    name: str
    teams: list[Standing]
    words: dict[str, str]
    whole: bool = False

    def address(self, kind: Kind, **more: str) -> str:
        words = urlencode({**self.words, **more})
        return reverse("board:list", args=[kind.value]) + (f"?{words}" if words else "")


def part_asked(request: Request, desk: Desk) -> Part:
    """The part that an address names; what is not in this lead's charge does not exist."""
    team, party = (_number(request.GET.get(name, "")) for name in ("team", "party"))
    if team is not None:
        return part_of_team(desk, team)
    elif party is not None:
        return part_of_party(desk, party)
    return Part("", desk.standings, {}, whole=True)


def part_of_team(desk: Desk, team: int) -> Part:
    place = desk.names.parties.teams.get(team)
    if place is None or not (desk.charge.viewer.internal or place.side.pk == desk.names.provider):
        raise Http404
    return Part(place.name, [one for one in desk.standings if one.team == team], {"team": str(team)})


def part_of_party(desk: Desk, party: int) -> Part:
    if party not in desk.names.parties.providers or not (desk.charge.viewer.internal or party == desk.names.provider):
        raise Http404
    return Part(desk.names.side(party).name, desk.of_provider(party), {"party": str(party)})


def _number(given: str) -> int | None:
    if not given:
        return None
    elif not given.isdecimal() or len(given) > 18:
        raise Http404
    return int(given)


@require_safe
@for_leads
def show(request: Request, kind: str) -> HttpResponse:
    if kind not in Kind:
        raise Http404
    listed, desk = Kind(kind), desk_of(request)
    part = part_asked(request, desk)
    teams = None if part.whole else [one.team for one in part.teams]
    after = key_asked(request.GET.get("after", ""))
    picks = [] if teams == [] else desk.charge.picks({listed: PAGE + 1}, teams=teams, after=after)
    shown, last = picks[:PAGE], picks[PAGE - 1] if len(picks) > PAGE else None
    return render(
        request,
        "board/list.html",
        {
            "kind": listed,
            "title": TITLES[listed],
            "about": ABOUT.get(listed, ""),
            "number": total(part.teams)[listed] if listed in NUMBERS else None,
            "part": part,
            "without": reverse("board:list", args=[kind]),
            "lines": lines(shown, rows_picked(shown, desk.names), desk.names, present=desk.present).get(listed, []),
            "first": part.address(listed) if after else "",
            "older": part.address(listed, after=f"{last.key}-{last.pk}") if last else "",
        },
    )


def key_asked(given: str) -> tuple[int, int] | None:
    """Where the page begins; from the top for an address that was cut or typed wrongly."""
    key, _dash, pk = given.partition("-")
    if key.isdecimal() and pk.isdecimal() and len(given) < 38:
        return min(int(key), 2**62), min(int(pk), 2**62)
    return None
