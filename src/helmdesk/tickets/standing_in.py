"""Who works in a team's place when it no longer can: its provider's fallback team, else in-house triage."""

from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.acting import Act
from helmdesk.tickets.models import Share, Ticket
from helmdesk.tickets.refusals import Refused
from helmdesk.tickets.sight import can_see, keep_sight


def can_work(team: Team) -> bool:
    """Whether a team is there at all, and its provider neither ended nor suspended."""
    return team.active and team.provider.active and team.provider.suspended_at is None


def able_team(act: Act, ticket: Ticket, team_id: int) -> Team:
    """The team a ticket comes back to: this one if it can work and see it, else the fallback team, else triage."""
    team = Team.objects.select_related("provider__fallback_team__provider").get(pk=team_id)
    if can_work(team) and (team.provider.internal or can_see(team, ticket, at=act.at)):
        return team
    stand_in = takes_over(team.provider)
    if stand_in is not None and stand_in.pk != team.pk and can_see(stand_in, ticket, at=act.at):
        if not stand_in.provider.internal:
            keep_sight(ticket, stand_in, why=Share.Why.HELD)
        return stand_in
    return triage_team()


def takes_over(provider: Provider) -> Team | None:
    """The team that a provider's plan names, while it can work."""
    team = provider.fallback_team
    return team if team is not None and can_work(team) else None


def triage_team(*, besides: Provider | None = None) -> Team:
    """The company's own triage team, or any in-house team where none is marked."""
    teams = Team.objects.filter(active=True, provider__active=True, provider__suspended_at__isnull=True)
    inhouse = teams.filter(provider__kind=Provider.Kind.INTERNAL).exclude(provider=besides and besides.pk)
    team = inhouse.order_by("-triage", "pk").select_related("provider").first()
    if team is None:
        raise Refused(
            "nobody_left", "No in-house team could take its tickets.", field="provider",
            value=besides.code if besides else "", cure="Make an in-house team first.",
        )  # fmt: skip
    return team
