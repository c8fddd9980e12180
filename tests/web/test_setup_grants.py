"""Who may see what, by page: said in words, counted, given, changed, ended; two who change the same one are told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from helmdesk.access import grants
from helmdesk.access.models import Grant
from helmdesk.access.viewer import viewer_of
from helmdesk.foundation.time import now
from helmdesk.tickets.models import Ticket
from tests.web.visiting import Visitor, visitor
from tests.world import World


@pytest.fixture
def manager(world: World) -> Visitor:
    return visitor(world, "max")


def seen_by_nora(world: World) -> Any:
    """Tickets that Nora sees at this very moment."""
    return Ticket.objects.visible_to(viewer_of(world.people["nora"].pk, at=now()))


def test_each_grant_is_a_sentence_with_the_number_of_open_tickets_it_shows(world: World, manager: Visitor) -> None:
    for service, site in (("network", None), ("network", "north"), ("email", "north"), ("email", "south")):
        world.ticket(service=service, site=site)
    world.ticket(service="network", flags=1)

    page = manager.get("/setup/grants/")

    assert (
        "Northwind Tickets about Network from every site. No confidential ones. People’s names and addresses are "
        "masked. shows 2 open tickets now"
    ) in page
    assert (
        "Baltic Tickets about Email at North. No confidential ones. With people’s names and addresses. "
        "shows 1 open ticket now"
    ) in page
    assert "Inhouse Tickets about anything from every site." in page
    nora = Ticket.objects.visible_to(world.who("nora"))
    assert nora.count() == 2


def test_what_a_grant_would_open_is_shown_before_it_is_given(world: World, manager: Visitor) -> None:
    world.ticket(service="payroll", site="south")
    before = Grant.objects.count()
    chosen = f"provider={world.providers['northwind'].pk}&services={world.services['payroll'].pk}&ends_at=2099-12-31"

    page = manager.get(f"/setup/grants/new?look=1&{chosen}")

    assert "Northwind: Tickets about Payroll from every site." in page
    assert "Until 31 December 2099." in page
    assert "1 open ticket at this moment" in page
    assert Grant.objects.count() == before


def test_a_grant_is_given_changed_and_ended(world: World, manager: Visitor) -> None:
    payroll, email = world.services["payroll"].pk, world.services["email"].pk
    ticket = world.ticket(service="payroll")
    manager.post(
        "/setup/grants/",
        provider=world.providers["northwind"].pk,
        services=[payroll],
        personal_data="on",
        ends_at="2099-12-31",
    )
    grant = Grant.objects.latest("pk")
    assert (grant.given_by, grant.personal_data, grant.confidential) == (world.people["max"].pk, True, False)
    assert seen_by_nora(world).filter(pk=ticket.pk).exists()

    address, ends = f"/setup/grants/{grant.pk}", grant.ends_at
    page = manager.get(address)
    assert "given by Max Adler" in page
    manager.post(address, version="1", services=[email], ends_at="2099-12-31")
    grant.refresh_from_db()
    assert (grant.version, list(grant.services.values_list("pk", flat=True)), grant.ends_at) == (2, [email], ends)
    assert not seen_by_nora(world).filter(pk=ticket.pk).exists()

    manager.post(f"{address}/ending")
    grant.refresh_from_db()
    assert grant.revoked_at is not None
    assert "It was ended; give another." in manager.post(f"{address}/ending", status=422)
    assert "Give another where it is needed again." in manager.get(address)


def test_two_who_change_the_same_grant_are_told(world: World, manager: Visitor) -> None:
    grant = Grant.objects.get(provider=world.providers["northwind"])
    email = world.services["email"].pk
    grants.change(grant.pk, grants.Terms(services=[email]), by=world.who("system"), at=world.tick())

    told = manager.post(f"/setup/grants/{grant.pk}", status=409, version="1", sites=[world.sites["south"].pk])

    assert "Services: Email" in told
    assert "Sites: none" in told
    grant.refresh_from_db()
    assert grant.version == 2
    again = re.search(r'name="version" value="(\d+)"', told.html)
    assert again is not None
    manager.post(f"/setup/grants/{grant.pk}", version=again[1], sites=[world.sites["south"].pk])
    assert list(grant.sites.all()) == [world.sites["south"]]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"provider": ""}, "Choose who may see it."),
        ({"provider": "9" * 30}, "Choose one of the list, or give a whole number."),
        ({"services": ["999"]}, "There is no such services."),
        ({"ends_at": "2001-01-01"}, "A grant ends after it starts."),
        ({"ends_at": "soon"}, "Give a date as YYYY-MM-DD."),
        ({"ends_at": "9999-12-31"}, "Give a date as YYYY-MM-DD."),
    ],
)
def test_wrong_terms_keep_the_form(world: World, manager: Visitor, wrong: dict[str, object], said: str) -> None:
    sent = {"provider": world.providers["northwind"].pk, "confidential": "on", **wrong}

    page = manager.post("/setup/grants/", status=422, **sent)

    assert said in page
    assert re.search(r'name="confidential"[^>]* checked', page.html)
    assert Grant.objects.count() == 3


@pytest.mark.parametrize("many", [3, 30])
def test_the_list_asks_as_much_for_few_as_for_many(
    world: World, manager: Visitor, many: int, django_assert_max_num_queries: object
) -> None:
    for _ in range(many):
        world.ticket(service="network")
        terms = grants.Terms(services=[world.services["network"].pk], sites=[world.sites["north"].pk])
        grants.give(world.providers["baltic"].pk, terms, by=world.who("max"), at=world.tick())
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        manager.get("/setup/grants/")
