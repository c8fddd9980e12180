"""What time does: waits end at their date, resolved tickets close, and history stays as it was."""

from datetime import timedelta

from helmdesk.ledger.models import Event
from helmdesk.tickets import conversation, resolution, timers, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Phase, Ticket
from tests.world import World


def test_a_wait_ends_at_its_date_and_the_team_has_the_ball_again(world: World) -> None:
    ticket = world.ticket()
    until = world.at + timedelta(days=2)
    conversation.ask_requester(ticket.pk, Words("Which room?"), until=until, by=world.who("ina"), at=world.tick())
    assert timers.pass_time(at=until - timedelta(seconds=1)) == 0
    assert timers.pass_time(at=until) == 1
    now = world.fresh(ticket)
    assert (now.wait, now.holder, now.holder_id) == (None, Holder.TEAM, world.teams["desk"].pk)
    last = Event.objects.filter(stream=1, stream_id=ticket.pk).latest("n")
    assert (last.kind, last.hat, '"why":"expired"' in last.body) == ("wait.ended", 0, True)
    assert timers.pass_time(at=until + timedelta(days=9)) == 0


def test_parts_that_did_not_come_end_their_wait_too(world: World) -> None:
    ticket = world.ticket()
    until = world.at + timedelta(days=1)
    waiting.wait_for_date(ticket.pk, wait="parts", until=until, by=world.who("ina"), at=world.tick())
    assert timers.pass_time(at=until) == 1
    assert world.fresh(ticket).wait is None


def test_a_resolved_ticket_closes_after_its_days_and_not_before(world: World) -> None:
    ticket = world.ticket()
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    due = world.at + timers.CLOSES_AFTER
    assert timers.pass_time(at=due - timedelta(seconds=1)) == 0
    assert timers.pass_time(at=due) == 1
    closed = world.fresh(ticket)
    assert (closed.phase, closed.closed_at) == (Phase.CLOSED, due)


def test_what_was_brought_in_is_left_as_its_source_left_it(world: World) -> None:
    ticket = world.ticket()
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    Ticket.objects.unscoped(reason="as an import leaves it").filter(pk=ticket.pk).update(live=False)
    assert timers.pass_time(at=world.at + timedelta(days=99)) == 0
