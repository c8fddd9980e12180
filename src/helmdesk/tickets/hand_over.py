"""Passing on to another team, and what that team may answer: accept, decline; or the first team takes it back."""

from datetime import datetime

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.models import Hat
from helmdesk.providers.models import Team
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.ball import accept_if_offered, child_moved, finish_wait, give_to
from helmdesk.tickets.conversation import Words, post
from helmdesk.tickets.guards import must_be_open, must_belong, must_lead, must_work
from helmdesk.tickets.models import Share, Ticket
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.sight import let_see
from helmdesk.tickets.standing_in import able_team

DECLINE_REASONS = ("not_ours", "missing_information", "no_capacity", "out_of_contract", "duplicate")


def hand_over(
    ticket: int, *, to: int, done: str, asked: str, known: str = "", by: Viewer, at: datetime, shown: int | None = None
) -> Ticket:
    """Team A gives it to team B with what was done, what is asked and what is known.

    The words go into a thread that A and B read. Refused when B could not see the ticket. A guest passes on within
    their own house or to the company; only the company passes from one provider to another.
    """
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        must_work(by, act.ticket)
        team = target_team(to, act.ticket)
        _must_stay_in_circle(by, team)
        _must_say(done, asked)
        let_see(act, act.ticket, team, why=Share.Why.HELD)
        accept_if_offered(act, act.ticket)
        external = {t.provider_id for t in (team, act.ticket.team) if not t.provider.internal}
        post(act, act.ticket, Words(_told(done, asked, known), said_as="note"), providers=frozenset(external))
        before = act.ticket.team_id
        pass_on(act, act.ticket, team)
        act.ticket.offered_from_id = before
    return act.ticket


def accept(ticket: int, *, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """Team B says yes."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _must_be_offered(act.ticket)
        must_belong(by, act.ticket)
        accept_if_offered(act, act.ticket)
    return act.ticket


def decline(ticket: int, *, reason: str, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """Team B says no, with a reason, before it has accepted; the ball goes back to team A."""
    if reason not in DECLINE_REASONS:
        raise Refused(
            "reason", "A hand-over is declined with a reason.", field="reason", value=reason,
            cure=f"One of: {', '.join(DECLINE_REASONS)}.",
        )  # fmt: skip
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _must_be_offered(act.ticket)
        must_belong(by, act.ticket)
        _give_back(act, act.ticket, "hand_over.declined", reason=reason)
    return act.ticket


def recall(ticket: int, *, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """A lead of team A takes it back while team B has not accepted."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _must_be_offered(act.ticket)
        must_lead(by, act.ticket, team=act.ticket.offered_from_id)
        _give_back(act, act.ticket, "hand_over.recalled")
    return act.ticket


def pass_on(act: Act, ticket: Ticket, team: Team, *, kind: str = "handed_over") -> None:
    """The ball moves to another team: the wait ends first, then responsibility changes."""
    finish_wait(act, ticket, "handed_over")
    before = ticket.team_id
    give_to(ticket, team.pk)
    ticket.offered_from_id = None
    what = {"from": before, "to": team.pk}
    if kind == "handed_over":
        what["why"] = "automatic" if act.by.hat == Hat.SYSTEM else "hand_over"  # type: ignore[assignment]
    act.record(ticket, kind, **what)
    child_moved(act, ticket)


def target_team(pk: int, ticket: Ticket) -> Team:
    """The team to pass to, or a refusal that names the cure."""
    team = Team.objects.select_related("provider").filter(pk=pk, active=True, provider__active=True).first()
    if team is None:
        raise NotThere("team", pk)
    if team.provider.suspended_at is not None:
        raise Refused("suspended", f"{team.provider.name} is suspended.", field="team", value=pk)
    if team.pk == ticket.team_id:
        raise Refused("same_team", f"{team.name} has it already.", field="team", value=pk)
    return team


def _give_back(act: Act, ticket: Ticket, kind: str, **what: str) -> None:
    assert ticket.offered_from_id is not None
    finish_wait(act, ticket, "handed_over")
    before, back = ticket.team_id, able_team(act, ticket, ticket.offered_from_id).pk
    give_to(ticket, back)
    ticket.offered_from_id = None
    act.record(ticket, kind, **{"from": before, "to": back}, **what)
    child_moved(act, ticket)


def _must_be_offered(ticket: Ticket) -> None:
    must_be_open(ticket)
    if ticket.offered_from_id is None:
        raise Refused("not_offered", "There is no hand-over to answer: it was accepted or taken back.")


def _must_stay_in_circle(by: Viewer, team: Team) -> None:
    if by.hat == Hat.MEMBER and not by.internal and team.provider_id != by.provider and not team.provider.internal:
        raise Refused(
            "two_providers", "A provider passes on to the company, not to another provider.", field="team",
            value=team.pk, cure="Pass it to a team of the company; they pass it on.",
        )  # fmt: skip


def _must_say(done: str, asked: str) -> None:
    for name, value in (("done", done), ("asked", asked)):
        if not value.strip():
            raise Refused(
                "say_what", "The next team needs to know what was done and what is asked of it.", field=name,
                cure="A sentence each is enough.",
            )  # fmt: skip


def _told(done: str, asked: str, known: str) -> str:
    parts = [f"Done: {done.strip()}", f"Asked: {asked.strip()}"]
    if known.strip():
        parts.append(f"Known: {known.strip()}")
    return "\n\n".join(parts)
