"""Teams: where work is queued. Each belongs to one provider for good."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.foundation.errors import BadEntry
from helmdesk.providers.models import Provider, Team, TeamMembership
from helmdesk.providers.teams import TeamEntry, add_team, change_team
from helmdesk.web.setup.doors import named
from helmdesk.web.setup.forms import Form, Options
from helmdesk.web.setup.lists import Row
from helmdesk.web.setup.noun import Acting, Noun, Said
from helmdesk.web.setup.words import MOST
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request


def rows() -> QuerySet[Team]:
    return Team.objects.select_related("provider")


def line(row: Team) -> Row:
    about = [row.provider.name, gettext("gets new tickets") if row.triage else ""]
    return Row(
        reverse("setup:team", args=[row.pk]), row.name, about, off=not row.active, hue=row.provider.hue, code=row.code
    )


def entry(form: Form) -> TeamEntry:
    return TeamEntry(
        name=form.text("name"), triage=form.ticked("triage"), calendar=form.chosen("calendar"),
        active=form.ticked("active"),
    )  # fmt: skip


def add(form: Form, act: Acting) -> Team:
    provider = form.chosen("provider")
    if provider is None:
        raise BadEntry("provider", "", gettext("Choose whose team it is."))
    return add_team(form.text("code"), entry(form), provider=provider, by=act.stamp, at=act.at)


def choices(row: Team | None) -> dict[str, Options]:
    """Calendars in use, and the one that it has; for a new one, whose it may be."""
    found = WorkingCalendar.objects.filter(Q(active=True) | Q(pk=row.calendar_id if row else None)).order_by("code")
    calendars: Options = [(one.pk, local(one.name)) for one in found[:MOST]]
    if row is not None:
        return {"calendar": calendars}
    providers = Provider.objects.filter(active=True).order_by("name").values_list("pk", "name")
    return {"calendar": calendars, "provider": list(providers[:MOST])}


def beside(request: Request, row: Team | None) -> dict[str, Any]:
    """Who is in it."""
    if row is None:
        return {"people": []}
    inside = TeamMembership.objects.filter(team=row).select_related("membership__person").order_by("membership_id")
    return {"people": [(one.membership_id, named(one.membership.person, request.viewer), one.lead) for one in inside]}


TEAMS = Noun(
    one="team",
    many="teams",
    here="providers",
    permission="providers.manage",
    model=Team,
    said=Said(
        title=_("Teams"),
        about=_("Where work is queued."),
        add=_("Add a team"),
        empty=_("No team yet"),
        lesson=_("A team belongs to a provider. Begin with the one that gets new tickets."),
    ),
    rows=rows,
    line=line,
    blank={"code": "", "name": "", "provider": "", "calendar": "", "triage": False, "active": True},
    shown=lambda row: {
        "name": row.name,
        "calendar": row.calendar_id or "",
        "triage": row.triage,
        "active": row.active,
    },
    choices=choices,
    add=add,
    change=lambda row, form, act: change_team(row.pk, entry(form), by=act.stamp, at=act.at),
    beside=beside,
    after=lambda row: reverse("setup:provider", args=[row.provider_id]),
)
