"""Who may do a verb, and when it makes sense. Each guard refuses with a reason, or lets pass."""

from datetime import datetime, timedelta

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import first
from helmdesk.ledger.models import Hat
from helmdesk.tickets.models import Holder, Phase, Ticket
from helmdesk.tickets.refusals import Refused

LONGEST_FOR_REQUESTER = timedelta(days=30)


TAKES_PART = "SELECT 1 FROM helmdesk_participant WHERE ticket_id = %s AND person_id = %s"


def is_own(by: Viewer, ticket: Ticket) -> bool:
    """Whether `by` is requester or participant, and so wears the requester's hat here and no other."""
    if by.person is None:
        return False
    return ticket.requester_id == by.person or first(TAKES_PART, [ticket.pk, by.person]) is not None


def must_work(by: Viewer, ticket: Ticket) -> None:
    """An agent of the responsible team, a lead over it, or the desk itself."""
    if by.hat == Hat.SYSTEM:
        return
    must_not_be_own(by, ticket)
    if not by.may("tickets.work") or not (ticket.team_id in by.teams or by.may("tickets.company_lead")):
        raise Refused(
            "not_yours", f"This is with {ticket.team.name}.", cure="Ask them, or have it passed to your team."
        )


def must_belong(by: Viewer, ticket: Ticket) -> None:
    """An agent of the responsible team itself: nobody from above does this in its name."""
    must_not_be_own(by, ticket)
    if not (by.may("tickets.work") and ticket.team_id in by.teams):
        raise Refused(
            "not_yours", f"This is with {ticket.team.name}, and only its own agents do this.",
            cure="Have it passed to your team first.",
        )  # fmt: skip


def must_hold(by: Viewer, ticket: Ticket) -> None:
    """An agent of the responsible team or of the team that was asked."""
    if ticket.holder == Holder.TEAM and ticket.holder_id in by.teams and by.may("tickets.work"):
        must_not_be_own(by, ticket)
        return
    must_work(by, ticket)


def must_lead(by: Viewer, ticket: Ticket, team: int | None = None) -> None:
    """A lead with the right over the team, or a company lead."""
    if by.hat == Hat.SYSTEM:
        return
    must_not_be_own(by, ticket)
    if not leads(by, team or ticket.team_id):
        raise Refused("leads_only", "A lead of the team does this.", cure="Ask the lead.")


def leads(by: Viewer, team: int) -> bool:
    """Whether somebody has the right over this team, or over all."""
    return by.may("tickets.company_lead") or (by.may("tickets.lead") and team in by.leads)


def must_not_be_own(by: Viewer, ticket: Ticket) -> None:
    """Requester and participants wear the requester's hat on it, whatever else they may."""
    if is_own(by, ticket):
        raise Refused(
            "own_ticket",
            "You asked for help here yourself, so you cannot work on it.",
            cure="Write as the one who asked; a colleague works on it.",
        )


def must_be_open(ticket: Ticket) -> None:
    if ticket.phase != Phase.OPEN:
        state = Phase(ticket.phase).label
        raise Refused("not_open", f"The ticket is {state}.", field="phase", value=state, cure="Reopen it first.")


def must_not_wait(ticket: Ticket) -> None:
    if ticket.wait is not None:
        raise Refused(
            "already_waiting", "The ticket waits already.", field="wait", value=ticket.wait, cure="End that wait first."
        )


def must_be(by: Viewer, permission: str) -> None:
    if not by.may(permission):
        raise Refused("not_allowed", "Your role does not allow this.", field="permission", value=permission)


def must_be_later(until: datetime | None, *, at: datetime) -> None:
    if until is not None and until <= at:
        raise Refused("past", "The date has passed.", field="until", value=until.isoformat(), cure="Give a later one.")


def capped(until: datetime | None, *, at: datetime) -> datetime:
    """Until when the requester is waited for: the date given, or the longest that there is. Nobody is forgotten."""
    must_be_later(until, at=at)
    longest = at + LONGEST_FOR_REQUESTER
    if until is not None and until > longest:
        raise Refused(
            "too_long", f"The requester is waited for at most {LONGEST_FOR_REQUESTER.days} days.", field="until",
            value=until.isoformat(), cure="Give an earlier date; ask them again when it has passed.",
        )  # fmt: skip
    return until or longest
