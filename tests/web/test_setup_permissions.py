"""Setting up, the history and the jobs: every page opens for those whose roles allow it, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from helmdesk.access.models import Grant
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.catalogue.models import Category, Service
from helmdesk.ledger.models import Head
from helmdesk.people.models import Department, Person, Role, Site
from helmdesk.people.permissions import PERMISSIONS
from helmdesk.providers.models import Membership, Provider, Team
from helmdesk.service_levels.models import LevelVersion, ServiceLevel
from helmdesk.tickets.models import ThirdParty
from tests.web.visiting import visitor
from tests.world import World

AREAS = ("setup", "ledger", "jobs")
STRANGERS = ("alice", "ina", "iris", "nora", "bela")

NEEDS = {
    "setup:home": "people.manage people.erase providers.manage roles.manage access.manage catalogue.manage "
    "calendars.manage levels.manage jobs.manage",
    "setup:people GET": "people.manage people.erase",
    "setup:person GET": "people.manage people.erase",
    "setup:erasure": "people.erase",
    "setup:members GET": "providers.manage roles.manage",
    "setup:member": "providers.manage roles.manage",
    "setup:member_roles": "roles.manage",
    "setup:roles": "roles.manage", "setup:new_role": "roles.manage", "setup:role": "roles.manage",
    "setup:grants": "access.manage", "setup:new_grant": "access.manage", "setup:grant": "access.manage",
    "setup:grant_ending": "access.manage",
    "ledger:home": "ledger.view", "ledger:verifications": "ledger.view",
}  # fmt: skip
BY_PATH = {
    "people": "people.manage", "departments": "people.manage", "sites": "people.manage",
    "providers": "providers.manage", "teams": "providers.manage", "members": "providers.manage",
    "companies": "providers.manage", "services": "catalogue.manage", "categories": "catalogue.manage",
    "tags": "catalogue.manage", "fields": "catalogue.manage", "priority": "catalogue.manage",
    "calendars": "calendars.manage", "levels": "levels.manage",
    "given-up": "jobs.manage", "jobs": "jobs.manage",
}  # fmt: skip


@pytest.fixture
def world(world: World) -> World:
    office = WorkingCalendar.objects.create(code="office", name={"en": "Office"})
    level = ServiceLevel.objects.create(code="solved")
    spec = {"code": "solved", "name": {"en": "Solved"}, "metric": "resolution", "calendar": "office"}
    LevelVersion.objects.create(
        level=level, n=1, valid_from=world.at, recorded_at=world.at, calendar=office, digest="",
        spec={**spec, "targets": [{"within": "8h"}]},
    )  # fmt: skip
    return world


def routes(
    patterns: list[URLPattern | URLResolver], area: str = "", before: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Name, path and pattern of every route of these areas."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, pattern.namespace or area, path)
        elif area in AREAS:
            yield f"{area}:{pattern.name}", path, pattern


def views_of(pattern: URLPattern) -> dict[str, Any]:
    """What answers at a route, by method."""
    return pattern.callback.views  # type: ignore[attr-defined]


def needed(name: str, method: str, path: str) -> set[str]:
    """What the table says of a route."""
    for key in (f"{name} {method}", name):
        if key in NEEDS:
            return set(NEEDS[key].split())
    parts = [part for part in path.split("/") if part in BY_PATH]
    return {BY_PATH[parts[0]]}


ALL = [(name, path, pattern) for name, path, pattern in routes(get_resolver().url_patterns)]
PAGES = [(name, path) for name, path, pattern in ALL if "GET" in views_of(pattern)]


def test_every_route_asks_for_the_permission_of_the_table() -> None:
    asked = {
        (name, method): (set(view.needs), needed(name, method, path))
        for name, path, pattern in ALL
        for method, view in views_of(pattern).items()
        if method != "HEAD"
    }

    assert len(asked) > 90
    assert {place: pair for place, pair in asked.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize("name", STRANGERS)
def test_whoever_may_set_up_nothing_finds_nothing_there(world: World, name: str) -> None:
    client, before = browser(world, name), seq()
    answers = {
        (path, method): getattr(client, method.lower())(filled(path)).status_code
        for _, path, pattern in ALL
        for method in views_of(pattern)
    }

    assert set(answers.values()) == {404}
    assert seq() == before


def test_who_is_not_signed_in_is_led_to_the_sign_in(world: World) -> None:
    client = Client()

    assert {client.get(filled(path)).headers.get("Location", "")[:15] for _, path, _ in ALL} == {"/account/login/"}


def test_the_manager_opens_every_page(world: World) -> None:
    client = browser(world, "max")

    answers = {path: client.get(filled(path)).status_code for _, path in PAGES}

    assert {path: status for path, status in answers.items() if status not in (200, 404)} == {}
    assert {path for path, status in answers.items() if status == 404} == {"setup/fields/<slug:code>"}


def test_the_auditor_reads_the_history_and_sets_up_nothing(world: World) -> None:
    client = browser(world, "ada")
    open_to = {path for _, path in PAGES if client.get(filled(path)).status_code == 200}

    assert open_to == {"ledger/", "ledger/verifications"}
    assert "Set up" not in visitor(world, "ada").get("/ledger/")
    assert "History" in visitor(world, "ada").get("/ledger/")


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_each_permission_opens_its_pages_and_no_other(world: World, permission: str) -> None:
    """But for a field that there is not, and putting a provider out, which a company lead's right must join."""
    Role.objects.filter(code="agent").update(permissions=[permission])
    client = browser(world, "ina")
    opened = {name for name, path in PAGES if client.get(filled(path)).status_code == 200}
    meant = {name for name, path in PAGES if permission in needed(name, "GET", path)}

    assert opened == meant - {"setup:field", "setup:suspension"}


def test_a_guest_with_a_managers_role_sets_up_nothing(world: World) -> None:
    Role.objects.filter(code="lead").update(permissions=sorted(PERMISSIONS))
    client = browser(world, "nora")

    assert {client.get(filled(path)).status_code for _, path in PAGES} == {404}


def test_ways_lead_only_where_somebody_may_go(world: World) -> None:
    Role.objects.filter(code="agent").update(permissions=["catalogue.manage"])

    page = visitor(world, "ina").get("/setup/")

    assert "Services" in page
    assert not any(words in page for words in ("Providers and teams", "Who may see what", "Background jobs", "History"))


def browser(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name].account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def filled(path: str) -> str:
    """The address of a route, about one that there is of each kind (an id of a kind made anew by each test differs)."""
    kinds: dict[str, type[Model]] = {
        "people": Person, "departments": Department, "sites": Site, "services": Service, "categories": Category,
        "companies": ThirdParty, "levels": ServiceLevel, "teams": Team, "members": Membership, "grants": Grant,
        "calendars": WorkingCalendar, "roles": Role,
    }  # fmt: skip
    part = next((part for part in path.split("/") if part in kinds or part == "providers"), "")
    if part == "providers":
        pk = Provider.objects.get(code="northwind").pk
    else:
        pk = kinds[part].objects.order_by("pk")[0].pk if part in kinds else 1  # type: ignore[attr-defined]
    return "/" + path.replace("<id:pk>", str(pk)).replace("<id:address>", "1").replace("<slug:code>", "agent")


def seq() -> int:
    return Head.objects.values_list("seq", flat=True).first() or 0
