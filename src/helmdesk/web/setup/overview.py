"""The first page of setting up: what there is, and what is missing before the desk can start."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Value
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from helmdesk.access.models import Grant
from helmdesk.access.viewer import Viewer
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.catalogue.models import Category, OwnField, Service, Tag
from helmdesk.foundation.jobs import queue
from helmdesk.people.finding import State, in_state
from helmdesk.people.models import Department, Role, Site
from helmdesk.providers.models import Membership, Provider, Team, TeamMembership
from helmdesk.service_levels.models import ServiceLevel
from helmdesk.tickets.models import ThirdParty
from helmdesk.web.setup.doors import SECTIONS, needs, page
from helmdesk.web.visitor import Request


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the desk cannot start without, or that somebody surely forgot, and where to mend it."""

    said: str
    address: str
    act: str
    needs: str


@needs(*{permission for section in SECTIONS for permission in section.needs if permission != "ledger.view"})
def overview(request: Request) -> HttpResponse:
    viewer = request.viewer
    missing = [one for one in all_missing() if viewer.may(one.needs)]
    return page(request, "setup/overview.html", here="home", missing=missing, counts=counts(viewer, request.at))


def counts(viewer: Viewer, at: datetime) -> dict[str, str]:
    """What there is, section by section, as far as the viewer may open them; all asked in one question."""
    rows: dict[str, QuerySet[Any]] = {
        "people": in_state(State.ACTIVE, at=at),
        "departments": Department.objects.all(),
        "sites": Site.objects.all(),
        "providers": Provider.objects.filter(active=True),
        "members": Membership.objects.filter(ended_at__isnull=True),
        "calendars": WorkingCalendar.objects.filter(active=True),
        "levels": ServiceLevel.objects.filter(active=True),
        "companies": ThirdParty.objects.filter(active=True),
        "roles": Role.objects.all(),
        "grants": Grant.objects.filter(revoked_at__isnull=True),
        "services": Service.objects.filter(active=True),
        "categories": Category.objects.filter(active=True),
        "tags": Tag.objects.all(),
        "fields": OwnField.objects.filter(version=1),
        "jobs": queue.dead(),
    }
    opened = [section.code for section in SECTIONS if section.open_to(viewer) and section.code in rows]
    parts = [
        rows[code].order_by().annotate(what=Value(code)).values("what").annotate(n=Count("pk")).values_list("what", "n")
        for code in opened
    ]
    numbers = dict(parts[0].union(*parts[1:], all=True)) if parts else {}
    said = {code: f"{numbers.get(code, 0):,}" for code in opened}
    if "jobs" in said:
        said["jobs"] = _("%(n)d failed") % {"n": numbers["jobs"]} if numbers.get("jobs") else ""
    return said


def all_missing() -> list[Missing]:
    return [*_missing_inhouse(), *_missing_at_providers(), *_missing_in_the_catalogue()]


def _missing_inhouse() -> list[Missing]:
    inhouse = Provider.objects.filter(kind=Provider.Kind.INTERNAL, active=True)
    if not inhouse.exists():
        said = _("Your own people are not there as a provider: nobody could have a ticket.")
        return [
            Missing(
                said, reverse("setup:new_provider") + "?kind=internal", _("Add your own people"), "providers.manage"
            )
        ]
    triage = Team.objects.filter(provider__in=inhouse.filter(suspended_at=None), triage=True, active=True)
    if not triage.exists():
        said = _("No team takes new tickets: what people ask would have nowhere to go.")
        return [Missing(said, reverse("setup:providers"), _("Choose one"), "providers.manage")]
    if not TeamMembership.objects.filter(team__in=triage).exists():
        said = _("Nobody works in the team that gets new tickets.")
        return [Missing(said, reverse("setup:members"), _("Give somebody that team"), "providers.manage")]
    return []


def _missing_at_providers() -> list[Missing]:
    live = Grant.objects.filter(provider=OuterRef("pk"), revoked_at__isnull=True)
    teams = Team.objects.filter(provider=OuterRef("pk"), active=True)
    rows = Provider.objects.filter(active=True).order_by("name").annotate(sees=Exists(live), has_team=Exists(teams))
    found = []
    for row in rows:
        if not row.sees:
            said = _("%(name)s sees nothing: no ticket can be worked on there.") % {"name": row.name}
            address = f"{reverse('setup:new_grant')}?provider={row.pk}"
            found.append(Missing(said, address, _("Say what they may see"), "access.manage"))
        if not row.has_team:
            said = _("%(name)s has no team: nothing can be handed over.") % {"name": row.name}
            address = f"{reverse('setup:new_team')}?provider={row.pk}"
            found.append(Missing(said, address, _("Add a team"), "providers.manage"))
    return found


def _missing_in_the_catalogue() -> list[Missing]:
    found = []
    if not Service.objects.filter(active=True).exists():
        said = _("No service is named: everything looks equally important.")
        found.append(Missing(said, reverse("setup:new_service"), _("Add the first"), "catalogue.manage"))
    if not Role.objects.exists():
        said = _("There is no role: people who work here may do nothing.")
        found.append(Missing(said, reverse("setup:new_role"), _("Add one"), "roles.manage"))
    return found
