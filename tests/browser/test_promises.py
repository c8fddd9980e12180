"""Promises in a browser: the queue by when, both clocks on the ticket, a figure explained; in both themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from helmdesk.tickets import conversation, hand_over, sorting
from helmdesk.tickets.conversation import Words
from tests.browser.accessibility import accessibility_faults
from tests.browser.serving import serving
from tests.databases import CommittedDatabase
from tests.service_levels.promising import backed, calendars, promise, solved
from tests.world import World, build


@dataclass
class Desk:
    """A small company at an address, with one ticket that is late for who asked, and not for the provider."""

    address: str
    world: World
    ticket: int

    def enter(self, page: Page, name: str, path: str) -> None:
        client = Client()
        client.force_login(self.world.people[name].account)
        page.context.clear_cookies()
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.address}])
        page.goto(self.address + path)


@pytest.fixture
def desk(committed_db: CommittedDatabase) -> Iterator[Desk]:
    world = build()
    calendars(world.at)
    promise(world, solved(calendar="always", targets=[{"priority": 1, "within": "2h"}, {"within": "8h"}]), backed())
    world.at = datetime.now(UTC) - timedelta(hours=4)
    ticket = world.ticket("alice", service="network", subject="Gateway is slow").pk
    sorting.prioritise(ticket, impact=1, urgency=1, by=world.who("ina"), at=world.tick())
    conversation.ask_requester(ticket, Words("Which room?"), by=world.who("ina"), at=world.tick(minutes=20))
    conversation.reply(ticket, Words("All."), by=world.who("alice"), at=world.tick(minutes=10))
    hand_over.hand_over(
        ticket, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick(minutes=60)
    )
    world.ticket("arno", service="email", subject="No mail comes")
    with serving() as address:
        yield Desk(address, world, ticket)


def test_from_the_queue_to_the_figure_and_back(page: Page, desk: Desk) -> None:
    desk.enter(page, "iris", "/tickets/?view=all")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Late")
    expect(page.get_by_role("row").nth(2)).to_contain_text("Gateway is slow")

    page.get_by_role("link", name="Show who had it, when").click()
    expect(page.get_by_role("img", name="Opened")).to_have_count(2)
    page.get_by_role("link", name="Narrow down").click()
    page.get_by_label("What was promised").select_option("late")
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("link", name="No mail comes")).to_have_count(0)
    page.get_by_role("link", name="Remove: late").click()
    expect(page.get_by_role("link", name="No mail comes")).to_be_visible()

    page.get_by_role("link", name="Gateway is slow").click()
    table = page.get_by_role("table", name="What was promised")
    expect(table).to_contain_text("promised to Alice Berg")
    expect(table).to_contain_text("late, by")
    expect(table).to_contain_text("owed by Northwind")
    expect(table).to_contain_text("left, by")
    page.get_by_role("link", name=re.compile("Explain.*promised to Alice Berg")).click()
    expect(page.get_by_role("heading", name="Solved, promised to Alice Berg")).to_be_visible()
    expect(page.get_by_text("Here the time is used up.")).to_be_visible()
    with page.expect_download() as evidence:
        page.get_by_role("link", name="Evidence as JSON").click()
    assert evidence.value.suggested_filename == f"{desk.ticket}-solved-1.json"
    page.get_by_role("link", name="Gateway is slow").click()
    expect(page.get_by_role("heading", name="Gateway is slow")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_runs_out_of_the_page(browser: Browser, desk: Desk, theme: str) -> None:
    context = browser.new_context(locale="en-GB", color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    paths = (
        ("iris", "/tickets/?view=all&ribbons=1"),
        ("iris", f"/tickets/{desk.ticket}"),
        ("iris", f"/tickets/{desk.ticket}/clocks/solved-1"),
        ("nora", f"/tickets/{desk.ticket}"),
        ("alice", f"/help/{desk.ticket}"),
    )
    for name, path in paths:
        desk.enter(page, name, path)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
        assert accessibility_faults(page) == [], (name, path, theme)
    context.close()
