"""The pages of time and figures as one table: every route, who finds something there, and nothing that falls over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from helmdesk.foundation.time import now
from helmdesk.ledger.models import Head
from helmdesk.measures import keeping
from helmdesk.measures.judging.models import Judging
from helmdesk.service_levels.models import LevelVersion
from helmdesk.tickets import hand_over, resolution
from helmdesk.tickets.models import Ticket
from tests.service_levels.promising import backed, calendars, owned, promise, solved
from tests.world import World

AREAS = ("measures", "notices", "judging", "board", "clocks")
HOUSE = {"ina", "ivo", "iris", "max", "ada"}
LEADS = {"iris", "max", "nora"}
WORKING = {*HOUSE, "nora", "nils", "bela"}
SHOWN: dict[str, set[str]] = {
    "measures/": LEADS, "measures/tickets": LEADS, "measures/comparison": {"iris", "max"}, "measures/people": set(),
    "notices/": WORKING,
    "judging/": {"max"}, "judging/new": {"max"}, "judging/<id:pk>": {"max"}, "judging/<id:pk>/tickets": {"max"},
    "board/": LEADS, "board/<slug:kind>": LEADS,
    "tickets/<number:ticket>/clocks/<slug:clock>": HOUSE,
    "tickets/<number:ticket>/clocks/<slug:clock>.json": HOUSE,
    "tickets/<number:ticket>/clocks/<slug:clock>.pdf": HOUSE,
}  # fmt: skip
"""Who finds each page: of a clock of the desk's own, on a ticket of Alice's that Northwind has.

Figures of persons are opened up by nobody until a company gives somebody the right to.
"""
SENT: dict[str, set[str]] = {
    "measures/exports": {"max"}, "measures/people": set(), "measures/people/removal": set(),
    "notices/reading": WORKING, "judging/": {"max"}, "judging/<id:pk>/resumption": {"max"},
    "judging/<id:pk>/exports": {"max"}, "judging/<id:pk>/removal": {"max"},
}  # fmt: skip
"""Who may send something where: the others are told what they would be told of a page that there is not."""
MORE = {"measures/tickets": {"figure": "opened"}, "judging/<id:pk>/tickets": {"verdict": "missed"}}
EVERYBODY = ("alice", "arno", "asha", *sorted(WORKING))

HOSTILE = (
    "-1", "9" * 40, str(2**63), "²", "a" * 900, "\x00", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00", "promise:\x00", "held:x", "month", "9-" + "9" * 30,
)  # fmt: skip
FIGURES = ("by", "from", "to", "as_of", "priority")
NAMES = {
    "measures/": FIGURES, "measures/tickets": ("by", "figure", "key", "first"), "measures/comparison": ("figure",),
    "judging/": ("version", "by"), "judging/new": ("version", "hours", "beside"),
    "judging/<id:pk>/tickets": ("rule", "verdict", "part", "first"),
    "board/<slug:kind>": ("team", "party", "after"), "setup/calendars/1": ("year", "version"),
}  # fmt: skip
"""What each page reads in its address."""


@pytest.fixture
def desk(world: World) -> World:
    """Some weeks ago: one ticket given to Northwind, one solved, each with clocks; and what its manager asked."""
    world.at = now() - timedelta(days=20)
    calendars(world.at)
    promise(world, solved(calendar="always"), owned(calendar="always"), backed())
    given = world.ticket("alice", service="network", site="north")
    hand_over.hand_over(
        given.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    done = world.ticket("arno", site="south")
    resolution.resolve(done.pk, by=world.who("ina"), at=world.tick(hours=9))
    keeping.follow()
    asked = {"version": LevelVersion.objects.values_list("pk", flat=True)[0], "by": "provider", "beside": "day"}
    browser(world, "max").post("/judging/", {**asked, "hours": "", "from": "", "to": ""})
    return world


def browser(world: World, name: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.people[name].account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def routes(patterns: list[URLPattern | URLResolver], area: str = "", before: str = "") -> Iterator[str]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, pattern.namespace or area, path)
        elif area in AREAS:
            yield path


def filled(path: str) -> str:
    parts = {
        "<number:ticket>": str(Ticket.objects.unscoped(reason="a test looks at the truth").earliest("pk").pk),
        "<slug:clock>": "owned-1", "<slug:kind>": "open", "<id:pk>": str(Judging.objects.get().pk),
    }  # fmt: skip
    return "/" + re.sub(r"<[^>]+>", lambda found: parts[found[0]], path)


def seq() -> int:
    return Head.objects.values_list("seq", flat=True).first() or 0


def test_every_route_of_these_pages_has_its_row() -> None:
    assert set(routes(get_resolver().url_patterns)) == {*SHOWN, *SENT}


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_is_there_for_those_of_the_table(desk: World, path: str) -> None:
    """Who asked for the ticket is led to their own page of it."""
    address, asked = filled(path), MORE.get(path, {})
    got = {name: browser(desk, name).get(address, asked).status_code for name in EVERYBODY}

    led = {"alice"} if "clocks" in path else set()
    assert got == {name: 200 if name in SHOWN[path] else 302 if name in led else 404 for name in EVERYBODY}


@pytest.mark.parametrize("path", SENT)
def test_nobody_else_gets_something_done_there(desk: World, path: str) -> None:
    address, before = filled(path), seq()
    got = {name: browser(desk, name).post(address).status_code for name in EVERYBODY if name not in SENT[path]}

    assert (set(got.values()), seq()) == ({404}, before)


def test_who_is_not_signed_in_is_led_to_the_sign_in(desk: World) -> None:
    led = {path: Client().get(filled(path)).headers.get("Location", "")[:15] for path in {*SHOWN, *SENT}}
    assert set(led.values()) == {"/account/login/"}


@pytest.mark.parametrize("path", NAMES)
def test_no_value_in_the_address_makes_a_page_fall_over(desk: World, path: str) -> None:
    client, page = browser(desk, "max"), filled(path)
    fallen = [
        (name, value[:30])
        for name in NAMES[path]
        for value in HOSTILE
        if client.get(page, {**MORE.get(path, {}), name: value}).status_code >= 500
    ]
    assert fallen == []
