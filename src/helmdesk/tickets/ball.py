"""Who has the ball: the few ways in which holder and wait change together (RECORDS: the ball)."""

from typing import Any

from helmdesk.foundation.time import to_us
from helmdesk.tickets.acting import Act
from helmdesk.tickets.models import Holder, Phase, Ticket, Wait

WITH_REQUESTER = frozenset({Wait.REQUESTER, Wait.AGREED})
WITH_TEAM = frozenset({Wait.PARTS, Wait.CHANGE})
WITH_ANOTHER_TEAM = frozenset({Wait.QUESTION, Wait.CHILD, Wait.PROBLEM})


def to_team(ticket: Ticket) -> None:
    """The ball is with the responsible team."""
    ticket.holder, ticket.holder_id = Holder.TEAM, ticket.team_id


def to_rest(ticket: Ticket) -> None:
    """Nobody has to act."""
    ticket.holder, ticket.holder_id = Holder.REST, None


def begin_wait(
    act: Act, ticket: Ticket, wait: Wait, *, on: int | None = None, team: int | None = None,
    message: int | None = None, call: bool = False, until: Any = None,
) -> None:  # fmt: skip
    """Starts the one wait a ticket may have, and moves the ball to whom it waits for."""
    n = act.record(
        ticket, "wait.started", wait=wait.value, on=on, team=team, message=message, call=call,
        until=None if until is None else to_us(until),
    )  # fmt: skip
    ticket.wait, ticket.wait_on, ticket.wait_since, ticket.wait_until = wait, on, act.at, until
    ticket.wait_position = n
    if wait in WITH_REQUESTER:
        ticket.holder, ticket.holder_id = Holder.REQUESTER, None
    elif wait == Wait.THIRD:
        ticket.holder, ticket.holder_id = Holder.THIRD, on
    elif wait in WITH_ANOTHER_TEAM:
        ticket.holder, ticket.holder_id = Holder.TEAM, team
    else:
        to_team(ticket)


def finish_wait(act: Act, ticket: Ticket, why: str) -> None:
    """Ends the wait, if there is one; the ball goes back to the responsible team."""
    if ticket.wait is None:
        return
    act.record(ticket, "wait.ended", why=why)
    clear_wait(ticket)
    if ticket.phase == Phase.OPEN:
        to_team(ticket)


def clear_wait(ticket: Ticket) -> None:
    ticket.wait = ticket.wait_on = ticket.wait_since = ticket.wait_until = ticket.wait_position = None


def give_to(ticket: Ticket, team: int) -> None:
    """Another team is responsible from now on, nobody assigned."""
    ticket.team_id, ticket.assignee_id = team, None
    to_team(ticket)


def unassign(act: Act, ticket: Ticket, *, how: str) -> None:
    """Nobody of the team has it any more."""
    if ticket.assignee_id is not None:
        act.record(ticket, "assigned", assignee=None, was=ticket.assignee_id, how=how)
        ticket.assignee_id = None


def accept_if_offered(act: Act, ticket: Ticket) -> None:
    """Taking, replying and noting accept a hand-over: whoever starts work has said yes."""
    if ticket.offered_from_id is None or ticket.team_id not in act.by.teams:
        return
    act.record(ticket, "hand_over.accepted", **{"from": ticket.offered_from_id, "to": ticket.team_id})
    ticket.offered_from_id = None


def child_ended(act: Act, why: str = "answered") -> None:
    """A parent that waits for the ticket just ended goes on."""
    parent = waiting_parent(act, act.ticket)
    if parent is not None:
        finish_wait(act, parent, why)


def child_moved(act: Act, child: Ticket) -> None:
    """A parent that waits for this ticket now waits for its new team."""
    parent = waiting_parent(act, child)
    if parent is not None:
        act.record(parent, "wait.moved", team=child.team_id)
        parent.holder_id = child.team_id


def waiting_parent(act: Act, child: Ticket) -> Ticket | None:
    parent = {**act.family, **act.tickets}.get(child.parent_id or 0)
    return parent if parent is not None and parent.wait == Wait.CHILD and parent.wait_on == child.pk else None
