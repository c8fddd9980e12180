"""The lead's board in a browser: usable in both themes and at every width, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from helmdesk.measures import keeping
from helmdesk.tickets import assignment, waiting
from tests.browser.accessibility import faults_in
from tests.browser.serving import serving
from tests.databases import CommittedDatabase
from tests.service_levels.promising import backed, calendars, owned, promise, solved
from tests.world import World, build


@pytest.fixture
def world(committed_db: CommittedDatabase) -> World:
    """A desk with something late, something next, something that waits, and hours of two parties."""
    made = build()
    calendars(made.at)
    promise(made, solved(calendar="always"), owned(), backed())
    made.at = datetime.now(UTC) - timedelta(hours=10)
    late = made.ticket(service="network", subject="Gateway is slow")
    made.at = datetime.now(UTC) - timedelta(hours=1)
    made.ticket(service="network", team="network", subject="Line is down")
    waits = made.ticket("arno", subject="Which of the two?")
    assignment.take(waits.pk, by=made.who("ina"), at=made.tick())
    waiting.wait_after_call(waits.pk, told="Rang.", by=made.who("ina"), at=made.tick())
    waiting.contest(waits.pk, by=made.who("iris"), at=made.tick())
    assert late.pk
    keeping.follow()
    return made


@pytest.fixture
def desk(world: World) -> Iterator[str]:
    with serving() as address:
        yield address


def enter(page: Page, desk: str, world: World, name: str) -> None:
    client = Client()
    client.force_login(world.people[name].account)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": desk}])


LOOKS = (("light", 1440), ("dark", 1024), ("light", 390), ("dark", 390))


def test_everybody_can_use_the_board_and_it_is_never_wider_than_the_screen(page: Page, desk: str, world: World) -> None:
    enter(page, desk, world, "iris")

    for address in ("/board/", "/board/?ribbons=1", "/board/open?party=1", "/board/today"):
        page.goto(desk + address)
        assert (address, faults_in(page, LOOKS)) == (address, [])
        if address == "/board/":
            page.locator("summary", has_text="Teams and their hours").click()
            expect(page.get_by_role("rowheader", name="Clients").first).to_be_visible()
            assert faults_in(page, LOOKS) == []


def test_a_lead_goes_from_a_number_to_its_list_to_the_verb(page: Page, desk: str, world: World) -> None:
    enter(page, desk, world, "iris")
    page.goto(f"{desk}/tickets/")

    page.get_by_role("link", name="Board").click()
    page.get_by_role("link", name="1 late.").click()
    expect(page.get_by_role("heading", name="Late 1")).to_be_visible()
    page.get_by_role("link", name="Take Gateway is slow").click()
    page.get_by_role("button", name="Take it").click()

    expect(page.get_by_text("It is yours.")).to_be_visible()


def test_the_board_says_the_same_without_scripts(browser: Browser, desk: str, world: World) -> None:
    plain = browser.new_page(java_script_enabled=False)
    enter(plain, desk, world, "max")
    plain.goto(f"{desk}/board/")

    expect(plain.get_by_role("heading", level=1)).to_contain_text("3 open. 1 late.")
    plain.get_by_role("link", name="Decide on the wait Which of the two?").click()
    expect(plain.get_by_role("heading", name="Was the wait true?")).to_be_visible()
    plain.close()
