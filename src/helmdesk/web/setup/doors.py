"""Who comes in to set things up: each page has its permission, and for those without it does not exist."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helmdesk.access.viewer import Viewer
from helmdesk.people.models import Person
from helmdesk.web.visitor import Request

type View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Section:
    """One thing to set up: where it is, and which permissions open it (any of them)."""

    code: str
    name: Promise
    about: Promise
    icon: str
    needs: tuple[str, ...]
    area: str = "setup"

    @property
    def route(self) -> str:
        return f"setup:{self.code}" if self.area == "setup" else f"{self.area}:home"

    def open_to(self, viewer: Viewer) -> bool:
        return any(viewer.may(permission) for permission in self.needs)


PEOPLE: Final = ("people.manage", "people.erase")
PROVIDERS: Final = ("providers.manage",)
MEMBERS: Final = ("providers.manage", "roles.manage")
CATALOGUE: Final = ("catalogue.manage",)
SITES: Final = pgettext_lazy("of a company", "Sites")

GROUPS: Final[tuple[tuple[Promise, tuple[Section, ...]], ...]] = (
    (
        _("People"),
        (
            Section("people", _("People"), _("who can ask for help"), "users", PEOPLE),
            Section("departments", _("Departments"), _("where people belong"), "building", ("people.manage",)),
            Section(
                "sites", pgettext_lazy("of a company", "Sites"), _("where people are"), "map-pin", ("people.manage",)
            ),
        ),
    ),
    (
        _("Who helps them"),
        (
            Section("providers", _("Providers and teams"), _("in-house and outside"), "briefcase", PROVIDERS),
            Section("members", _("Who works where"), _("their teams and roles"), "headset", MEMBERS),
            Section("roles", _("Roles"), _("what people may do"), "shield", ("roles.manage",)),
            Section("grants", _("Who may see what"), _("provider by provider"), "eye", ("access.manage",)),
            Section("calendars", _("Working calendars"), _("hours and holidays"), "calendar", ("calendars.manage",)),
            Section("levels", _("Service levels"), _("what is promised, how fast"), "timer", ("levels.manage",)),
            Section("companies", _("Other companies"), _("whom a ticket can wait for"), "external-link", PROVIDERS),
        ),
    ),
    (
        _("What is supported"),
        (
            Section("services", _("Services"), _("what the business uses"), "layers", CATALOGUE),
            Section("categories", _("Categories"), _("what kind of work it is"), "folder", CATALOGUE),
            Section("tags", _("Tags"), _("words to find by"), "tag", CATALOGUE),
            Section("fields", _("Own fields"), _("what else you ask for"), "sliders-horizontal", CATALOGUE),
            Section("priority", _("Priority"), _("what goes first"), "flag", CATALOGUE),
        ),
    ),
    (
        _("Running"),
        (
            Section("jobs", _("Background jobs"), _("what waits, what failed"), "repeat", ("jobs.manage",), "jobs"),
            Section("ledger", _("History"), _("who did what"), "history", ("ledger.view",), "ledger"),
        ),
    ),
)
SECTIONS: Final = tuple(section for _name, sections in GROUPS for section in sections)


def needs[**P](*permissions: str) -> Callable[[Callable[Concatenate[Request, P], HttpResponse]], View]:
    """A page for those who may do one of these; for others there is nothing at its address."""

    def guard(view: Callable[Concatenate[Request, P], HttpResponse]) -> View:
        @wraps(view)
        def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not any(request.viewer.may(permission) for permission in permissions):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.needs = permissions  # type: ignore[attr-defined]
        return guarded

    return guard


def on(*, get: View | None = None, post: View | None = None) -> View:
    """One address: what it shows, and what sending a form to it does."""
    views = {method: view for method, view in (("GET", get), ("HEAD", get), ("POST", post)) if view is not None}

    def chosen(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        view = views.get(request.method or "")
        return HttpResponseNotAllowed(list(views)) if view is None else view(request, **kwargs)

    chosen.views = views  # type: ignore[attr-defined]
    return chosen


def page(request: Request, template: str, *, here: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page of setting up, with the ways to the others that this viewer may use."""
    return render(request, template, {"groups": groups(request.viewer), "here": here, **context}, status=status)


def groups(viewer: Viewer) -> list[tuple[Promise, list[Section]]]:
    """The sections that a viewer may open, group by group."""
    open_to = [(name, [one for one in sections if one.open_to(viewer)]) for name, sections in GROUPS]
    return [(name, sections) for name, sections in open_to if sections]


def named(person: Person, viewer: Viewer) -> str:
    """A name, or a number in its place where the viewer may not read names."""
    if viewer.unmasked or person.pk == viewer.person:
        return person.name
    return f"{_('Person')} {person.pk}"
