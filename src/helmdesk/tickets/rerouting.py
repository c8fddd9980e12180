"""When a provider is suspended, its open tickets move to the team that its plan names, in one operation."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.models import Event, Stream
from helmdesk.providers import companies
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.ball import finish_wait
from helmdesk.tickets.guards import must_be, must_be_open, must_not_be_own
from helmdesk.tickets.hand_over import pass_on, target_team
from helmdesk.tickets.models import Holder, Share, Ticket, Wait
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.sight import let_see
from helmdesk.tickets.standing_in import takes_over, triage_team
from helmdesk.tickets.unseen import acting_unseen


def reroute(ticket: int, *, to: int, by: Viewer, at: datetime, cause: int | None = None) -> Ticket:
    """Moves the ball without asking either team: the way out of a team that can no longer work."""
    with acting(ticket, by=by, at=at, cause=cause) as act:
        must_be(by, "tickets.company_lead")
        must_not_be_own(by, act.ticket)
        must_be_open(act.ticket)
        team = target_team(to, act.ticket)
        let_see(act, act.ticket, team, why=Share.Why.HELD)
        pass_on(act, act.ticket, team, kind="team.rerouted")
    return act.ticket


def suspend_provider(provider: int, *, by: Viewer, at: datetime) -> list[int]:
    """Suspends a provider and moves every open ticket of its teams, seen by `by` or not; returns their numbers.

    They go to its fallback team, or to in-house triage where that is missing or may not see the ticket. A question
    that its teams were asked is withdrawn.
    """
    must_be(by, "tickets.company_lead")
    with transaction.atomic():
        row = Provider.objects.filter(pk=provider).first()
        if row is None:
            raise NotThere("provider", provider)
        triage = triage_team(besides=row)
        teams = set(row.teams.values_list("pk", flat=True))
        held = _locked(teams)
        _suspend(row, by=by, at=at)
        suspended = Event.objects.filter(stream=Stream.PROVIDER, stream_id=row.pk).order_by("-n").first()
        assert suspended is not None
        with acting_unseen(*held, by=by, at=at, cause=suspended.seq) as act:
            for ticket in act.tickets.values():
                _free(act, ticket, teams, takes_over(row) or triage, triage)
    return held


def _locked(teams: set[int]) -> list[int]:
    """Open tickets of these teams, or that ask them, locked in ascending order before the ledger is."""
    everything = Ticket.objects.unscoped(reason="whoever suspends a provider frees all its tickets, seen or not")
    asked = Q(holder=Holder.TEAM, holder_id__in=teams)
    ids = list(
        everything.filter(Q(team__in=teams) | asked, phase=1, closed_at__isnull=True).values_list("pk", flat=True)
    )
    parents = everything.filter(pk__in=ids, parent__isnull=False).values_list("parent_id", flat=True)
    rows = everything.filter(pk__in={*ids, *parents}).order_by("pk").select_for_update()
    return [row.pk for row in rows if row.open and (row.team_id in teams or row.holder_id in teams)]


def _suspend(provider: Provider, *, by: Viewer, at: datetime) -> None:
    try:
        companies.suspend(provider.pk, by=by.stamp, at=at)
    except BadEntry as bad:
        raise Refused("suspended", bad.cure, field=bad.field, value=bad.value) from bad


def _free(act: Act, ticket: Ticket, teams: set[int], fallback: Team, triage: Team) -> None:
    if ticket.team_id not in teams:
        if ticket.wait != Wait.CHILD:  # a wait for a child moves on with it
            finish_wait(act, ticket, "withdrawn")
        return
    team = fallback
    if not team.provider.internal:
        try:
            let_see(act, ticket, team, why=Share.Why.HELD)
        except Refused:
            team = triage
    pass_on(act, ticket, team, kind="team.rerouted")
