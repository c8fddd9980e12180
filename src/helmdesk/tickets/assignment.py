"""Who of the team works on it: take, assign, release."""

from datetime import datetime

from helmdesk.access.viewer import Viewer
from helmdesk.providers.models import Membership
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.ball import accept_if_offered, unassign
from helmdesk.tickets.guards import is_own, leads, must_be_open, must_belong, must_lead, must_work
from helmdesk.tickets.models import Participant, Ticket
from helmdesk.tickets.refusals import NotThere, Refused


def take(ticket: int, *, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """The agent takes it. A second taker is refused and told who has it."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        if by.membership is None and not is_own(by, act.ticket):
            raise Refused("agents_only", "Only an agent takes a ticket.")
        must_belong(by, act.ticket)
        assert by.membership is not None
        _refuse_if_taken(act.ticket, by)
        accept_if_offered(act, act.ticket)
        _assign(act, act.ticket, by.membership, how="take")
    return act.ticket


def assign(ticket: int, *, to: int, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """A lead gives it to an agent (a membership) of the responsible team. To give it to oneself is to take it."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        if to == by.membership and not leads(by, act.ticket.team_id):
            must_work(by, act.ticket)
            _refuse_if_taken(act.ticket, by)
        else:
            must_lead(by, act.ticket)
        _refuse_outsider(act.ticket, to)
        accept_if_offered(act, act.ticket)
        _assign(act, act.ticket, to, how="assign")
    return act.ticket


def release(ticket: int, *, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """Back to the team, nobody assigned."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        if act.ticket.assignee_id is None:
            raise Refused("nobody_has_it", "Nobody has taken it.")
        if act.ticket.assignee_id == by.membership:
            must_work(by, act.ticket)
        else:
            must_lead(by, act.ticket)
        unassign(act, act.ticket, how="release")
    return act.ticket


def _assign(act: Act, ticket: Ticket, to: int, *, how: str) -> None:
    was = ticket.assignee_id
    if was == to:
        return
    act.record(ticket, "assigned", assignee=to, was=was, how=how)
    ticket.assignee_id = to


def works_there(membership: int | None, team: int) -> bool:
    """Whether a membership is live, of an active person, and in this team."""
    members = Membership.objects.filter(pk=membership or 0, ended_at__isnull=True, person__active=True, teams=team)
    return members.exists()


def _refuse_if_taken(ticket: Ticket, by: Viewer) -> None:
    if ticket.assignee is None or not works_there(ticket.assignee_id, ticket.team_id):
        return
    if ticket.assignee_id == by.membership:
        raise Refused("yours_already", "You have it already.")
    raise Refused(
        "taken", f"{ticket.assignee.person.name} has it.", field="assignee", value=ticket.assignee_id,
        cure="Talk to them, or ask a lead to give it to you.",
    )  # fmt: skip


def _refuse_outsider(ticket: Ticket, to: int) -> None:
    if not works_there(to, ticket.team_id):
        raise NotThere("agent", to)
    person = Membership.objects.get(pk=to).person_id
    if person == ticket.requester_id or Participant.objects.filter(ticket=ticket, person=person).exists():
        raise Refused("own_ticket", "The one who asked cannot be the one who works on it.", field="assignee", value=to)
