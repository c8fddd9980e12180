"""Who reads which clocks: in-house all, a provider its own and until when, another provider's nobody outside."""

from __future__ import annotations

import pytest

from helmdesk.clocks.turns import Verdict
from helmdesk.service_levels.reading import Reading, clocks_of, of_seen
from helmdesk.tickets import conversation, hand_over, taking_part
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from tests.service_levels.promising import HOUR, backed, calendars, later, owned, promise, solved
from tests.world import World


@pytest.fixture(autouse=True)
def _promises(world: World) -> None:
    calendars(world.at)
    promise(world, solved(calendar="always"), owned(), backed("northwind"), backed("baltic"))


@pytest.fixture
def passed(world: World) -> Ticket:
    """A ticket about the network that Northwind has, and that Baltic was shown."""
    ticket = world.ticket(service="network")
    to = world.teams["network"].pk
    hand_over.hand_over(ticket.pk, to=to, done="Looked", asked="The line", by=world.who("ina"), at=world.tick())
    taking_part.share(ticket.pk, provider=world.providers["baltic"].pk, by=world.who("max"), at=world.tick())
    return ticket


def read(world: World, ticket: Ticket, name: str) -> list[tuple[str, bool]]:
    """The clocks that somebody reads, and whether whole."""
    return [(one.code, one.whole) for one in clocks_of(ticket.pk, world.who(name), at=world.at)]


def test_a_provider_reads_its_own_clock_and_until_when_and_never_anothers(world: World, passed: Ticket) -> None:
    everything = [("solved", True), ("owned", True), ("northwind-back", True)]
    assert read(world, passed, "ina") == everything
    assert read(world, passed, "system") == everything
    assert read(world, passed, "nora") == [("solved", False), ("northwind-back", True)]
    assert read(world, passed, "bela") == [("solved", False)]
    assert read(world, passed, "alice") == [("solved", False)]
    assert read(world, passed, "arno") == []
    (due,) = clocks_of(passed.pk, world.who("bela"), at=world.at)
    assert (due.due_at, due.used, due.gross, due.target) == (later(passed.opened_at, hours=8), None, None, None)


def test_whoever_asked_reads_the_promise_to_them_even_at_work(world: World) -> None:
    ticket = world.ticket("iris")
    assert read(world, ticket, "iris") == [("solved", False)]
    assert read(world, ticket, "ina") == [("solved", True), ("owned", True)]


def test_a_clock_is_read_as_it_stands_at_the_instant(world: World) -> None:
    ticket = world.ticket()

    def at(hours: int) -> Reading:
        return next(
            one
            for one in of_seen([ticket.pk], world.who("ina"), at=later(ticket.opened_at, hours=hours))[ticket.pk]
            if one.code == "solved"
        )

    assert [(at(hours).verdict, at(hours).used) for hours in (0, 3, 8, 9)] == [
        (Verdict.RUNNING, 0), (Verdict.RUNNING, 3 * HOUR), (Verdict.LATE, 8 * HOUR), (Verdict.LATE, 9 * HOUR),
    ]  # fmt: skip
    conversation.ask_requester(ticket.pk, Words("Which one?"), by=world.who("ina"), at=later(ticket.opened_at, hours=2))
    waiting = at(5)
    assert (waiting.verdict, waiting.used, waiting.gross, waiting.due_at) == (Verdict.PAUSED, 2 * HOUR, 5 * HOUR, None)


def test_open_clocks_of_a_page_of_tickets_come_in_one_go(world: World) -> None:
    tickets = [world.ticket().pk for _ in range(3)]
    found = of_seen(tickets, world.who("ina"), at=world.at, open_only=True)
    assert {pk: [one.code for one in some] for pk, some in found.items()} == {pk: ["solved", "owned"] for pk in tickets}
    assert of_seen([], world.who("ina"), at=world.at) == {}
