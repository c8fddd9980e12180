"""Merging moves nothing: the source rests, its threads stay its own and are shown on the target; it can be undone."""

from datetime import datetime

from helmdesk.access.viewer import Viewer
from helmdesk.providers.models import Team
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.assignment import works_there
from helmdesk.tickets.ball import WITH_ANOTHER_TEAM, child_ended, clear_wait, finish_wait, to_rest, unassign
from helmdesk.tickets.guards import must_work
from helmdesk.tickets.hand_over import pass_on
from helmdesk.tickets.models import Phase, Share, Ticket, Wait
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.replay import folded, put
from helmdesk.tickets.standing_in import able_team, can_work


def merge(source: int, *, into: int, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """The source is the same matter of the same requester as the target, and rests from now on."""
    if source == into:
        raise Refused("itself", "A ticket is not merged into itself.", field="into", value=into)
    with acting(source, into, by=by, at=at, shown=shown) as act:
        target = act.tickets[into]
        for ticket in (act.ticket, target):
            must_work(by, ticket)
            if ticket.merged_into_id is not None:
                raise Refused("merged_already", f"{ticket.pk} is merged already.", field="into", value=ticket.pk)
        if target.phase == Phase.CLOSED:
            raise Refused("target_closed", "The other ticket is closed.", field="into", value=into)
        if act.ticket.requester_id != target.requester_id:
            raise Refused(
                "another_requester", "The two were asked by different people.", field="into", value=into,
                cure="Link them as duplicates, or make one a part of the other.",
            )  # fmt: skip
        child_ended(act, "merged")
        act.record(act.ticket, "ticket.merged", into=into)
        act.record(target, "merge.received", source=source)
        ticket = act.ticket
        ticket.merged_into_id, ticket.phase, ticket.closed_at = into, Phase.CLOSED, act.at
        clear_wait(ticket)
        to_rest(ticket)
        Share.objects.filter(ticket=ticket).update(closed_at=act.at)
    return act.ticket


def unmerge(source: int, *, by: Viewer, at: datetime) -> Ticket:
    """The source stands alone again, exactly as its own events left it before the merge.

    What cannot stand as it was by now follows as an event of its own: a team or person gone, a part that has ended.
    """
    seen = list(Ticket.objects.visible_to(by).filter(pk=source).values_list("merged_into_id", flat=True))
    if not seen:
        raise NotThere("ticket", source)
    pointer = seen[0]
    if pointer is None:
        raise Refused("not_merged", "This ticket is not merged.", field="source", value=source)
    with acting(source, pointer, by=by, at=at) as act:
        if act.ticket.merged_into_id != pointer:
            raise Refused("not_merged", "The merge was undone already.", field="source", value=source)
        must_work(by, act.ticket)
        must_work(by, act.tickets[pointer])
        act.record(act.ticket, "ticket.unmerged", into=pointer)
        act.record(act.tickets[pointer], "merge.released", source=source)
        _restore(act.ticket)
        Share.objects.filter(ticket=act.ticket).update(closed_at=act.ticket.closed_at)
        if act.ticket.open:
            _catch_up(act, act.ticket)
    return act.ticket


def _restore(ticket: Ticket) -> None:
    before = folded(ticket.pk)
    assert before is not None
    assert before.saved is not None
    put(before.saved, ticket)


def _catch_up(act: Act, ticket: Ticket) -> None:
    if ticket.wait in WITH_ANOTHER_TEAM:
        _catch_up_wait(act, ticket)
    team = able_team(act, ticket, ticket.team_id)
    if team.pk != ticket.team_id:
        pass_on(act, ticket, team, kind="team.rerouted")
    elif ticket.assignee_id is not None and not works_there(ticket.assignee_id, team.pk):
        unassign(act, ticket, how="release")


def _catch_up_wait(act: Act, ticket: Ticket) -> None:
    # A part locks its whole before it ends or moves, so it stays as it is while this runs.
    parts = Ticket.objects.unscoped(reason="a wait on a part that the agent may not see must not outlast it")
    part = parts.filter(pk=ticket.wait_on or 0).first() if ticket.wait == Wait.CHILD else None
    if ticket.wait != Wait.CHILD:
        asked = Team.objects.select_related("provider").filter(pk=ticket.holder_id or 0).first()
        if asked is None or not can_work(asked):
            finish_wait(act, ticket, "withdrawn")
    elif part is None or not part.open or part.parent_id != ticket.pk:
        finish_wait(act, ticket, "answered")
    elif part.team_id != ticket.holder_id:
        act.record(ticket, "wait.moved", team=part.team_id)
        ticket.holder_id = part.team_id
