"""Where a person can go from any page: the places in the bar, according to what they may do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from helmdesk.access.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    name: Promise
    route: str
    open_to: Callable[[Viewer], bool]


@dataclass(frozen=True, slots=True)
class Way:
    """A place as one person sees it on one page."""

    name: Promise
    address: str
    here: bool


SETUP: Final = (
    "people.manage", "people.erase", "roles.manage", "providers.manage", "catalogue.manage", "calendars.manage",
    "levels.manage", "access.manage", "jobs.manage",
)  # fmt: skip


def leads(viewer: Viewer) -> bool:
    """Whether somebody leads a team, or may lead one."""
    return viewer.working and (bool(viewer.leads) or viewer.may("tickets.lead") or viewer.may("tickets.company_lead"))


PLACES: Final = (
    Place(_("Queue"), "tickets:queue", lambda viewer: viewer.working),
    Place(_("Board"), "board:home", leads),
    Place(_("Figures"), "measures:home", lambda viewer: viewer.may("measures.view")),
    Place(_("History"), "ledger:home", lambda viewer: viewer.may("ledger.view")),
    Place(_("Set up"), "setup:home", lambda viewer: any(viewer.may(permission) for permission in SETUP)),
)


def of(viewer: Viewer, path: str) -> list[Way]:
    """The places this viewer may go to; none for a requester, whose only place is the portal."""
    found = [(place.name, address(place.route)) for place in PLACES if place.open_to(viewer)]
    return [Way(name, at, path.startswith(at)) for name, at in found if at]


@cache
def address(route: str) -> str:
    """Where a route leads; nowhere while its area is not there."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def home(request: Any) -> HttpResponse:
    """The first page: the queue for who works in it, the portal for who asks."""
    first = "tickets:queue" if request.viewer.working else "portal:home"
    return redirect(address(first) or address("profile"))
