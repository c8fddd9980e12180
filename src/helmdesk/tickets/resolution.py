"""The end of a matter, and its return: resolve, reopen, close, withdraw."""

from datetime import datetime, timedelta

from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.fields import missing_before_resolution
from helmdesk.ledger.models import Hat
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.assignment import works_there
from helmdesk.tickets.ball import accept_if_offered, child_ended, finish_wait, to_rest, to_team
from helmdesk.tickets.conversation import Words, post
from helmdesk.tickets.guards import is_own, must_be_open, must_lead, must_work
from helmdesk.tickets.models import Phase, Share, Ticket
from helmdesk.tickets.refusals import Refused
from helmdesk.tickets.standing_in import able_team

REOPEN_WINDOW = timedelta(days=14)
WHY_REOPENED = ("not_solved", "came_back", "partly", "by_team", "rule")
HOW_RESOLVED = ("solved", "workaround", "explained", "not_reproducible", "cancelled")


def resolve(
    ticket: int, *, how: str = "solved", words: Words | None = None, by: Viewer, at: datetime, shown: int | None = None
) -> Ticket:
    """The team says it is done, with a last word to the requester if there is one. Open children refuse it."""
    if how not in HOW_RESOLVED:
        raise Refused(
            "how", "How it was solved is one of a list.", field="how", value=how, cure=", ".join(HOW_RESOLVED)
        )
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        must_work(by, act.ticket)
        _children_must_rest(act.ticket)
        _steps_must_be_done(act.ticket)
        accept_if_offered(act, act.ticket)
        if words is not None:
            words.must_say_something()
            post(act, act.ticket, words, requester=True)
        finish_wait(act, act.ticket, "resolved")
        act.record(act.ticket, "resolved", team=act.ticket.team_id, how=how)
        act.ticket.phase, act.ticket.resolved_at = Phase.RESOLVED, act.at
        to_rest(act.ticket)
        child_ended(act)
    return act.ticket


def reopen(
    ticket: int,
    *,
    why: str = "not_solved",
    words: Words | None = None,
    by: Viewer,
    at: datetime,
    shown: int | None = None,
) -> Ticket:
    """Back to the team that resolved it: by the requester, the team, or a rule, within the window.

    Where that team can no longer work or see it, to its provider's fallback team, else to in-house triage.
    """
    if why not in WHY_REOPENED:
        raise Refused(
            "why", "Why it is reopened is one of a list.", field="why", value=why, cure=", ".join(WHY_REOPENED)
        )
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _must_be_reopenable(act.ticket, act.at)
        if not is_own(by, act.ticket):
            must_work(by, act.ticket)
        if words is not None:
            words.must_say_something()
            post(act, act.ticket, words, requester=True)
        team = able_team(act, act.ticket, act.ticket.team_id).pk
        assignee = act.ticket.assignee_id if works_there(act.ticket.assignee_id, team) else None
        act.ticket.team_id, act.ticket.assignee_id = team, assignee
        act.record(act.ticket, "reopened", team=team, assignee=assignee, why=why)
        act.ticket.phase, act.ticket.resolved_at, act.ticket.closed_at = Phase.OPEN, None, None
        to_team(act.ticket)
        Share.objects.filter(ticket=act.ticket).update(closed_at=None)
    return act.ticket


def close(ticket: int, *, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """The requester confirms a resolved ticket, the timer closes it after its days, or a lead does."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        if act.ticket.phase == Phase.CLOSED:
            raise Refused("closed_already", "The ticket is closed already.")
        if is_own(by, act.ticket):
            _must_have_asked(by, act.ticket, cure="Write that it is solved; the one who asked says so.")
            if act.ticket.phase != Phase.RESOLVED:
                raise Refused("not_resolved", "It is not solved yet.", cure="Withdraw it if you need it no longer.")
            how = "confirmed"
        elif by.hat == Hat.SYSTEM:
            must_be_resolved(act.ticket)
            how = "timer"
        else:
            must_lead(by, act.ticket)
            how = "lead"
        _close(act, how)
    return act.ticket


def withdraw(ticket: int, *, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """The requester needs it no longer."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        _must_have_asked(by, act.ticket, cure="Resolve it instead.")
        _close(act, "withdrawn")
    return act.ticket


def _must_have_asked(by: Viewer, ticket: Ticket, *, cure: str) -> None:
    """Participants read and write; that it is over says only the one who asked."""
    if by.person is None or ticket.requester_id != by.person:
        raise Refused("not_yours", "Only the one who asked does this.", cure=cure)


def must_be_resolved(ticket: Ticket) -> None:
    if ticket.phase != Phase.RESOLVED:
        raise Refused("not_resolved", "The ticket is not resolved.", field="phase", value=Phase(ticket.phase).label)


def _close(act: Act, how: str) -> None:
    ticket = act.ticket
    finish_wait(act, ticket, "withdrawn" if how == "withdrawn" else "ended")
    act.record(ticket, "closed", how=how)
    ticket.phase, ticket.closed_at, ticket.offered_from_id = Phase.CLOSED, act.at, None
    to_rest(ticket)
    Share.objects.filter(ticket=ticket).update(closed_at=act.at)
    child_ended(act)


def _children_must_rest(ticket: Ticket) -> None:
    children = Ticket.objects.unscoped(reason="a part that the agent may not see still holds the whole open")
    if children.filter(parent=ticket, phase=Phase.OPEN).exists():
        raise Refused("open_children", "A part of it is still open.", cure="Resolve that first, or take it out.")


def _steps_must_be_done(ticket: Ticket) -> None:
    missing = missing_before_resolution(ticket.fields)
    if missing:
        raise Refused("steps", f"Still to fill in: {', '.join(missing)}.", field=missing[0], cure="Fill it in first.")


def _must_be_reopenable(ticket: Ticket, at: datetime) -> None:
    if ticket.phase == Phase.OPEN:
        raise Refused("open_already", "The ticket is open.")
    if ticket.merged_into_id is not None:
        raise Refused("merged", f"It was merged into {ticket.merged_into_id}.", cure="Undo the merge, or write there.")
    ended = ticket.closed_at or ticket.resolved_at
    if ended is not None and at - ended > REOPEN_WINDOW:
        raise Refused(
            "too_late", f"It ended more than {REOPEN_WINDOW.days} days ago.", field="reopen",
            cure="Open a new ticket; it will be linked to this one.",
        )  # fmt: skip
