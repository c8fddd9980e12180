"""Pages of setting up ask the database at most twelve questions, however much there is to show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.access import grants
from helmdesk.access.grants import Terms
from helmdesk.access.models import Grant
from helmdesk.ledger.checking import check
from tests.web.visiting import Visitor, visitor
from tests.world import World, join, person

MOST = 12
NAMES = [f"{first} Brand" for first in ("Olga", "Petra", "Quentin", "Rosa", "Sven", "Tilda", "Uta", "Vera")]


def pages(world: World) -> Iterator[tuple[str, str]]:
    yield "max", "/setup/"
    yield "ada", "/ledger/"
    yield "max", "/setup/grants/"
    for name in ("alice", "nora", "max"):
        yield "max", f"/setup/people/{world.people[name].pk}"


def asked(who: Visitor, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        who.get(address)
    return len(queries)


def much(world: World) -> None:
    """Tickets, people, grants that stand and grants that were ended."""
    for name in NAMES:
        join(world, person(world, name), "northwind", "network", roles=("agent", "lead"))
    for code in ("network", "email", "payroll"):
        for site in ("north", "south"):
            world.ticket("arno", service=code, site=site)
            terms = Terms(services=[world.services[code].pk], sites=[world.sites[site].pk])
            grants.give(world.providers["baltic"].pk, terms, by=world.who("max"), at=world.tick())
    for grant in Grant.objects.filter(provider=world.providers["baltic"])[:3]:
        grants.revoke(grant.pk, by=world.who("max"), at=world.tick())
    check(everything=True, at=world.tick())


@pytest.mark.parametrize("filled", [False, True])
def test_no_page_asks_more_than_its_budget(world: World, filled: bool) -> None:
    world.ticket()
    if filled:
        much(world)
    people = {name: visitor(world, name) for name in ("max", "ada")}

    questions = {f"{name} {address}": asked(people[name], address) for name, address in pages(world)}
    assert {page: count for page, count in questions.items() if count > MOST} == {}
