"""One's own notices: those whose tickets one sees, a digest as one line, a bell with a count, gone when read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.access.models import Grant
from helmdesk.foundation.time import now
from helmdesk.service_levels.inbox import lines
from helmdesk.service_levels.models import Told
from helmdesk.service_levels.telling import tell
from helmdesk.service_levels.watching import watch
from helmdesk.tickets import assignment
from tests.service_levels.promising import backed, calendars, later, promise, solved
from tests.web.visiting import visitor
from tests.world import World


@pytest.fixture(autouse=True)
def _calendars(world: World) -> None:
    calendars(world.at)
    promise(world, solved(calendar="always", warn_at=[0.5]), backed())


def go(world: World, hours: int) -> None:
    at = later(world.at, hours=hours)
    watch(at=at)
    tell(at=at)
    assert at < now()


def test_what_comes_due_is_on_the_page_of_whoever_has_it_until_they_have_read_it(world: World) -> None:
    ticket = world.ticket(subject="Printer is silent")
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    ina = visitor(world, "ina")
    assert "Nothing is due" in ina.get("/notices/")
    go(world, 5)
    page = ina.get("/notices/")
    assert f"{ticket.pk} Printer is silent Solved: 50 % of the time is used" in page
    assert "Notices 1 unread" in page
    assert "1 unread" in ina.get("/tickets/")
    assert ina.post("/notices/reading").leads_to == "/notices/"
    assert "unread" not in ina.get("/notices/")
    for other in ("ivo", "nora"):
        assert "Nothing is due" in visitor(world, other).get("/notices/")
    visitor(world, "alice").get("/notices/", status=404)


def test_many_at_once_are_one_line_and_count_as_one(world: World) -> None:
    for _ in range(7):
        world.ticket()
    go(world, 30)
    page = visitor(world, "iris").get("/notices/")
    assert "7 promises missed" in page
    assert "Notices 1 unread" in page


def test_a_ticket_that_one_sees_no_longer_is_named_no_longer(world: World) -> None:
    ticket = world.ticket(service="network", team="network", subject="Line down")
    go(world, 5)
    nora = visitor(world, "nora")
    assert "Line down" in nora.get("/notices/")
    Grant.objects.filter(provider__code="northwind").update(revoked_at=world.at)
    assert "Line down" not in nora.get("/notices/")
    assert ticket.pk not in [line.items[0].ticket for line in lines(world.who("nora"), at=now())]
    assert Told.objects.filter(person=world.people["nora"]).exists()


@pytest.mark.parametrize("tickets", [1, 3, 12])
def test_the_page_asks_as_often_however_much_was_told(world: World, tickets: int) -> None:
    for _ in range(tickets):
        world.ticket()
    go(world, 30)
    iris = visitor(world, "iris")
    with CaptureQueriesContext(connection) as asked:
        iris.get("/notices/")
    assert len(asked) <= 12, "\n".join(query["sql"] for query in asked)
