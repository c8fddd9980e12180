"""The permissions table, tried: every route by every role on an own, a shared and a hidden ticket."""

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from helmdesk.tickets import conversation, taking_part
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from tests.web.permissions import EVERYBODY, NOT_BY_ROW, PEOPLE, ROWS, Row
from tests.world import World

SECRET = "Hidden Matter Of Asha"


class Desk:
    """The three tickets, and everybody at their own browser."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients = {name: self._browser(name) for name in EVERYBODY}

    def _browser(self, name: str) -> Client:
        client = Client(HTTP_HOST="127.0.0.1")
        if name != "nobody":
            client.force_login(self.world.people[name].account, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    def ticket(self, which: str) -> Ticket:
        world = self.world
        if which == "own":
            return world.ticket("alice", service="network", site="north", subject="Own matter")
        if which == "hidden":
            return world.ticket("asha", service="payroll", site="south", flags=1, subject=SECRET)
        shared = world.ticket("arno", service="payroll", site="south", subject="Shared matter")
        taking_part.share(shared.pk, provider=world.providers["baltic"].pk, by=world.who("system"), at=world.tick())
        return world.fresh(shared)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def people(roles: str, which: str) -> set[str]:
    return {name for role in roles.split("+") for name in PEOPLE[which][role]}


@pytest.mark.parametrize("route", ROWS)
def test_only_those_of_the_table_get_something_done(desk: Desk, route: str) -> None:
    row = ROWS[route]
    for which in row.on:
        with transaction.atomic():
            ticket = desk.ticket(which)
            if row.given is not None:
                row.given(desk.world, ticket)
            _try_all(desk, route, row, which, ticket)
            transaction.set_rollback(True)


def _try_all(desk: Desk, route: str, row: Row, which: str, ticket: Ticket) -> None:
    """First those who may not, on one and the same ticket; then each who may, undone again."""
    may, sees = people(row.may, which), people(row.seen, which)
    body = row.body(desk.world, ticket) if callable(row.body) else row.body or {}
    address = reverse(route, args=[ticket.pk])
    for name in sorted(set(EVERYBODY) - may):
        before = row.wrote()
        answer = desk.clients[name].post(address, body)
        assert row.wrote() == before, f"{name} got something done on {which}"
        if name == "nobody":
            assert "/account/login/" in answer.headers["Location"]
        elif name not in sees and not _given_since(row, name):
            page = desk.clients[name].get(address)
            assert (answer.status_code, page.status_code in (404, 405)) == (404, True), (name, which)
            assert SECRET not in page.content.decode() + answer.content.decode()
    for name in sorted(may):
        with transaction.atomic():
            before = row.wrote()
            answer = desk.clients[name].post(address, body)
            assert row.wrote() > before, f"{name} may on {which}, and was told {answer.status_code}"
            transaction.set_rollback(True)


def _given_since(row: Row, name: str) -> bool:
    """Whether what was brought about first lets somebody see the ticket."""
    return row.given is not None and row.given.__name__ in ("given_to_northwind", "taking") and name in (
        "nora", "nils", "ada",
    )  # fmt: skip


def test_every_route_on_a_ticket_has_its_row() -> None:
    named = {
        f"{resolver.namespace}:{pattern.name}"
        for resolver in _resolvers(get_resolver().url_patterns)
        if resolver.namespace in ("tickets", "portal")
        for pattern in resolver.url_patterns
        if isinstance(pattern, URLPattern)
    }
    assert named - set(ROWS) - set(NOT_BY_ROW) == set(), "write its row in tests/web/permissions.py"
    assert (set(ROWS) | set(NOT_BY_ROW)) - named == set(), "rows of routes that are gone"


def _resolvers(patterns: list[URLPattern | URLResolver]) -> list[URLResolver]:
    mine = [pattern for pattern in patterns if isinstance(pattern, URLResolver)]
    return mine + [deeper for one in mine for deeper in _resolvers(one.url_patterns)]


@pytest.mark.parametrize(
    ("route", "field", "more"),
    [
        ("tickets:merge", "into", {}),
        ("tickets:links", "to", {"kind": "related"}),
        ("tickets:parent", "parent", {}),
        ("tickets:waits-child", "child", {}),
    ],
)
def test_a_foreign_number_inside_a_form_is_as_if_it_did_not_exist(
    desk: Desk, route: str, field: str, more: dict[str, str]
) -> None:
    own, hidden = desk.ticket("own"), desk.ticket("hidden")
    for name in ("ina", "max", "nora"):
        tried = [
            desk.clients[name].post(reverse(route, args=[own.pk]), {field: number, **more})
            for number in (hidden.pk, 987654)
        ]
        pages = [answer.content.decode().replace("987654", str(hidden.pk)) for answer in tried]
        assert [answer.status_code for answer in tried] == [tried[0].status_code] * 2
        assert tried[0].status_code >= 400
        assert SECRET not in pages[0]
    assert desk.world.fresh(own).position == own.position


def test_what_lists_show_is_what_may_be_seen(desk: Desk) -> None:
    world = desk.world
    tickets = {which: desk.ticket(which) for which in ("own", "shared", "hidden")}
    for which, ticket in tickets.items():
        seen = PEOPLE[which]["sees"]
        for name in ("ina", "max", "ada", "nora", "bela"):
            client = desk.clients[name]
            for address in ("/tickets/?view=all", "/search?q=matter", f"/tickets/?view=all&q={ticket.pk}"):
                shown = f"/tickets/{ticket.pk}" in client.get(address).content.decode()
                indexed = address.startswith("/search")
                if indexed:
                    from helmdesk.tickets.search.keeping import catch_up

                    catch_up.func()
                    shown = f"/tickets/{ticket.pk}" in client.get(address).content.decode()
                if name not in seen:
                    assert not shown, (which, name, address)
                elif "q=" not in address or indexed:
                    assert shown, (which, name, address)
    assert world.who("nora").provider is not None


def test_a_guest_sees_no_side_thread_and_no_hint_of_one(desk: Desk) -> None:
    world, ticket = desk.world, desk.ticket("own")
    without = desk.clients["nora"].get(f"/tickets/{ticket.pk}").content.decode()
    conversation.note(ticket.pk, Words("between us"), by=world.who("ina"), at=world.tick())
    baltic = frozenset({world.providers["baltic"].pk})
    conversation.note(ticket.pk, Words("with baltic"), providers=baltic, by=world.who("ina"), at=world.tick())
    pages = {name: desk.clients[name].get(f"/tickets/{ticket.pk}").content.decode() for name in ("nora", "ina")}
    assert "between us" in pages["ina"]
    assert not any(words in pages["nora"] for words in ("between us", "with baltic", "Baltic"))
    assert pages["nora"].count("<li") == without.count("<li")


def test_deactivation_ends_a_session_at_the_next_request(desk: Desk) -> None:
    from helmdesk.people.persons import deactivate

    world, ticket = desk.world, desk.ticket("own")
    assert desk.clients["ina"].get(f"/tickets/{ticket.pk}").status_code == 200
    deactivate(world.people["ina"].pk, by=world.who("system").stamp, at=world.tick())
    answer = desk.clients["ina"].get(f"/tickets/{ticket.pk}")
    assert (answer.status_code, "/account/login/" in answer.headers.get("Location", "")) == (302, True)
