"""Teams: where work is queued. Each belongs to one provider for good."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helmdesk.foundation.errors import BadEntry
from helmdesk.providers.models import Provider, Team, TeamMembership
from helmdesk.providers.teams import TeamEntry, add_team, change_team
from helmdesk.web.setup.doors import named
from helmdesk.web.setup.forms import Form, Options
from helmdesk.web.setup.lists import Row
from helmdesk.web.setup.noun import Acting, Noun, Said
from helmdesk.web.setup.words import MOST
from helmdesk.web.visitor import Request


def rows() -> QuerySet[Team]:
    return Team.objects.select_related("provider")


def line(row: Team) -> Row:
    about = [row.provider.name, gettext("gets new tickets") if row.triage else ""]
    return Row(
        reverse("setup:team", args=[row.pk]), row.name, about, off=not row.active, hue=row.provider.hue, code=row.code
    )


def entry(form: Form) -> TeamEntry:
    return TeamEntry(name=form.text("name"), triage=form.ticked("triage"), active=form.ticked("active"))


def add(form: Form, act: Acting) -> Team:
    provider = form.chosen("provider")
    if provider is None:
        raise BadEntry("provider", "", gettext("Choose whose team it is."))
    return add_team(form.text("code"), entry(form), provider=provider, by=act.stamp, at=act.at)


def choices(row: Team | None) -> dict[str, Options]:
    if row is not None:
        return {}
    return {"provider": list(Provider.objects.filter(active=True).order_by("name").values_list("pk", "name")[:MOST])}


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
    blank={"code": "", "name": "", "provider": "", "triage": False, "active": True},
    shown=lambda row: {"name": row.name, "triage": row.triage, "active": row.active},
    choices=choices,
    add=add,
    change=lambda row, form, act: change_team(row.pk, entry(form), by=act.stamp, at=act.at),
    beside=beside,
    after=lambda row: reverse("setup:provider", args=[row.provider_id]),
)
