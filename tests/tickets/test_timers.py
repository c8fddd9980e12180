"""What time does: waits end at their date, resolved tickets close, and history stays as it was."""

from datetime import timedelta

import pytest

from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Event
from helmdesk.tickets import closing, conversation, resolution, timers, waiting
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
    due = world.at + closing.USUAL
    assert timers.pass_time(at=due - timedelta(seconds=1)) == 0
    assert timers.pass_time(at=due) == 1
    closed = world.fresh(ticket)
    assert (closed.phase, closed.closed_at) == (Phase.CLOSED, due)


def test_the_company_says_when_tickets_close_by_themselves_type_by_type_or_never(world: World) -> None:
    tickets = {kind: world.ticket() for kind in ("incident", "request")}
    Ticket.objects.unscoped(reason="a test makes it so").filter(pk=tickets["request"].pk).update(type="request")
    for ticket in tickets.values():
        resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    closing.set_closing("incident", 2, by=Stamp(), at=world.tick())
    closing.set_closing("request", None, by=Stamp(), at=world.tick())
    assert timers.pass_time(at=world.at + timedelta(days=1)) == 0
    assert timers.pass_time(at=world.at + timedelta(days=2)) == 1
    assert timers.pass_time(at=world.at + timedelta(days=300)) == 0
    assert [world.fresh(ticket).phase for ticket in tickets.values()] == [Phase.CLOSED, Phase.RESOLVED]
    closing.set_closing("incident", 2, by=Stamp(), at=world.tick())
    said = Event.objects.filter(kind="closing.set").order_by("seq").values_list("body", flat=True)
    assert [('"days":2' in body, '"days":null' in body) for body in said] == [(True, False), (False, True)]
    for kind, days in (("incident", 0), ("incident", 366), ("problem", 5), ("incident", True)):
        with pytest.raises(BadEntry):
            closing.set_closing(kind, days, by=Stamp(), at=world.tick())


def test_what_was_brought_in_is_left_as_its_source_left_it(world: World) -> None:
    ticket = world.ticket()
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    Ticket.objects.unscoped(reason="as an import leaves it").filter(pk=ticket.pk).update(live=False)
    assert timers.pass_time(at=world.at + timedelta(days=99)) == 0
