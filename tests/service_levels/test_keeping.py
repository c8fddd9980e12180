"""Clocks are rows kept in step by every verb: whose they are, what they count, and what is due next."""

from __future__ import annotations

import pytest

from helmdesk.tickets import assignment, conversation, resolution
from helmdesk.tickets.conversation import Words
from tests.service_levels.promising import answered, backed, calendars, clocks, later, owned, promise, solved, told
from tests.world import World


@pytest.fixture(autouse=True)
def _calendars(world: World) -> None:
    calendars(world.at)


def test_a_ticket_has_the_clocks_that_were_promised_and_is_due_when_the_first_is(world: World) -> None:
    promise(world, solved(), answered(), owned(), backed())
    ticket = world.ticket()
    assert told(ticket) == [
        ("answered", 1, "RUNNING", 0), ("owned", 1, "RUNNING", 0), ("solved", 1, "RUNNING", 0),
    ]  # fmt: skip
    opened = ticket.opened_at
    assert [clock.due_at for clock in clocks(ticket)] == [
        later(opened, hours=1), later(opened, minutes=30), later(opened, days=1),
    ]  # fmt: skip
    assert world.fresh(ticket).next_due_at == later(opened, hours=1)
    conversation.reply(ticket.pk, Words("It is the cable."), by=world.who("ina"), at=world.tick(minutes=20))
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick(minutes=20))
    assert told(ticket) == [
        ("answered", 1, "MET", 20), ("owned", 1, "MISSED", 40), ("solved", 1, "RUNNING", 40),
    ]  # fmt: skip
    assert world.fresh(ticket).next_due_at == later(opened, days=1)
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick(minutes=20))
    assert told(ticket)[2] == ("solved", 1, "MET", 60)
    assert world.fresh(ticket).next_due_at is None
