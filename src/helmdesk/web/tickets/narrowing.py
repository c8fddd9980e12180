"""A form that narrows the queue down: it only writes the words into the queue's address."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmdesk.access.models import Scope
from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.models import Service, Tag
from helmdesk.people.models import Department, Site
from helmdesk.providers.models import Team
from helmdesk.tickets.filters import NAMES
from helmdesk.web.templating import local
from helmdesk.web.tickets.doors import for_workers
from helmdesk.web.tickets.queue import STANDS, view_asked
from helmdesk.web.tickets.words import PRIORITIES, STANDING, TYPES
from helmdesk.web.visitor import Request

MOST = 500

type Options = list[tuple[str, str]]


@require_safe
@for_workers
def show(request: Request) -> HttpResponse:
    choices = options(request.viewer)
    return render(
        request,
        "tickets/narrowing.html",
        {
            "view": view_asked(request.GET.get("view", ""), request.viewer),
            "fields": [(name, label, choices[name]) for name, label in labels() if choices[name]],
            "given": {name: request.GET.get(name, "") for name in (*NAMES, STANDS)},
        },
    )


def labels() -> list[tuple[str, str]]:
    return [
        ("team", _("Team")),
        ("service", _("Service")),
        ("site", _("Site")),
        ("department", _("Department of the one who asked")),
        ("tag", _("Tag")),
        ("priority", _("Priority")),
        ("type", _("Kind")),
        (STANDS, _("What was promised")),
    ]


def options(viewer: Viewer) -> dict[str, Options]:
    """What there is to choose from; for a guest, only what they see anyway."""
    teams = Team.objects.filter(active=True).order_by("name")
    services, sites = Service.objects.filter(active=True).order_by("code"), Site.objects.order_by("name")
    if not viewer.internal:
        scopes = Scope.objects.filter(pk__in=viewer.scopes.rows().values("scope"))
        teams = teams.filter(provider=viewer.provider)
        services = services.filter(pk__in=scopes.values("service"))
        sites = sites.filter(pk__in=scopes.values("site"))
    departments = Department.objects.order_by("name") if viewer.internal else Department.objects.none()
    tags = Tag.objects.order_by("code") if viewer.internal else Tag.objects.none()
    return {
        "team": list(teams.values_list("code", "name")[:MOST]),
        "service": [(code, local(name)) for code, name in services.values_list("code", "name")[:MOST]],
        "site": list(sites.values_list("code", "name")[:MOST]),
        "department": list(departments.values_list("code", "name")[:MOST]),
        "tag": list(tags.values_list("code", "code")[:MOST]),
        "priority": [(str(number), str(words)) for number, words in PRIORITIES.items()],
        "type": [(code, str(words)) for code, words in TYPES.items()],
        STANDS: [(code, str(words)) for code, words in STANDING.items()],
    }
