"""Which provider may see one ticket: by a grant, or because it holds it, was asked, or was given just this one."""

from datetime import datetime

from helmdesk.access.models import CONFIDENTIAL
from helmdesk.access.viewer import opened_to
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.acting import Act
from helmdesk.tickets.models import Holder, Share, Ticket
from helmdesk.tickets.refusals import Refused


def can_see(team: Team, ticket: Ticket, *, at: datetime) -> bool:
    """What a provider held, was asked or was given it may go on seeing while any grant of it lasts."""
    opened = opened_to(team.provider_id, at=at)
    if not opened.grants:
        return False
    shared = Share.objects.filter(ticket=ticket, provider=team.provider_id, ended_at__isnull=True)
    return ticket.scope_id in opened or shared.exists()


def let_see(act: Act, ticket: Ticket, team: Team, *, why: str) -> None:
    """Makes sure that the team's provider may see the ticket, now and after, or refuses."""
    if not can_see(team, ticket, at=act.at):
        raise Refused(
            "cannot_see", f"{team.provider.name} may not see this ticket.", field="team", value=team.pk,
            cure="Share this one ticket with them, or widen their grant, first.",
        )  # fmt: skip
    if not team.provider.internal:
        keep_sight(ticket, team, why=why)


def keep_sight(ticket: Ticket, team: Team, *, why: str) -> None:
    """The team's provider sees the ticket from now on, whatever it is about; a confidential one by its grant alone."""
    if ticket.scope.flags & CONFIDENTIAL:
        return
    live = Share.objects.filter(ticket=ticket, provider=team.provider_id, ended_at__isnull=True)
    if not live.exists():
        Share.objects.update_or_create(
            ticket=ticket, provider_id=team.provider_id, defaults={"why": why, "ended_at": None, "closed_at": None}
        )


def guests_with(ticket: Ticket) -> list[Team]:
    """Teams of outside providers that have the ball now: the responsible one, and the one that was asked."""
    if not ticket.open:
        return []
    held = ticket.holder_id if ticket.holder == Holder.TEAM else None
    with_ball = {ticket.team_id, held or ticket.team_id}
    teams = Team.objects.select_related("provider").filter(pk__in=with_ball, provider__kind=Provider.Kind.EXTERNAL)
    return list(teams.order_by("pk"))


def must_go_on_seeing(act: Act, ticket: Ticket) -> None:
    """Refuses a change after which the ball would be with somebody who does not see the ticket."""
    for team in guests_with(ticket):
        if not can_see(team, ticket, at=act.at):
            raise Refused(
                "blinded", f"{team.provider.name} has this ticket and could see it no longer.", field="team",
                value=team.pk, cure="Pass it to another team first, or end the question to them.",
            )  # fmt: skip
