"""The first journey, in a browser: asked, taken, passed on, asked back, answered, solved; with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import THEMES, faults_in
from tests.browser.serving import serving
from tests.databases import CommittedDatabase
from tests.world import World, build


@dataclass
class Desk:
    """A small company at an address."""

    address: str
    world: World

    def enter(self, page: Page, name: str) -> None:
        """Goes on as another person."""
        client = Client()
        client.force_login(self.world.people[name].account)
        page.context.clear_cookies()
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.address}])
        page.goto(self.address)


@pytest.fixture
def desk(committed_db: CommittedDatabase) -> Iterator[Desk]:
    world = build()
    with serving() as address:
        yield Desk(address, world)


def ask(page: Page, desk: Desk) -> int:
    """Alice asks for help; the number of her ticket."""
    desk.enter(page, "alice")
    page.get_by_label("In a few words").fill("Gateway is slow")
    page.get_by_label("What happened, or what it is for").fill("Since this morning, in the whole house.")
    page.get_by_label("What it is about").select_option("Network")
    page.get_by_role("button", name="Ask for help").click()
    expect(page.get_by_role("heading", name="Gateway is slow")).to_be_visible()
    return int(page.url.rpartition("/")[2])


def ride(page: Page, desk: Desk) -> None:
    """From first word to last."""
    ask(page, desk)
    desk.enter(page, "ina")
    page.get_by_role("link", name="Nobody has it").click()
    page.get_by_role("link", name="Gateway is slow").click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Your words").fill("I have a look.")
    page.get_by_role("button", name="Send to Alice Berg").click()
    page.get_by_role("link", name="Pass to …").click()
    page.get_by_label("To which team").select_option("Network")
    page.get_by_label("What was done").fill("Looked at the cable")
    page.get_by_label("What is asked of them").fill("Look at the switch")
    page.get_by_role("button", name="Pass it on").click()
    expect(page.locator(".thead .where")).to_contain_text("Northwind")

    desk.enter(page, "nora")
    page.get_by_role("link", name="Gateway is slow").click()
    page.get_by_role("button", name="Accept it").click()
    page.get_by_label("Your words").fill("Which room is it?")
    page.get_by_role("button", name="Ask and wait").click()

    desk.enter(page, "alice")
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible()
    page.get_by_role("link", name="Answer").click()
    page.get_by_label("Your words").fill("All of them.")
    page.get_by_role("button", name="Answer").click()

    desk.enter(page, "nora")
    page.get_by_role("link", name="Gateway is slow").click()
    page.get_by_label("Your words").fill("The switch is back.")
    page.get_by_role("button", name="Send and solve").click()

    desk.enter(page, "alice")
    page.get_by_role("link", name="Gateway is slow", exact=True).click()
    page.get_by_label("Your words").fill("Not in room 12.")
    page.get_by_role("button", name="It is not solved").click()

    desk.enter(page, "nora")
    page.get_by_role("link", name="Gateway is slow").click()
    page.get_by_role("link", name="Solve …").click()
    page.get_by_role("button", name="Solve it").click()

    desk.enter(page, "alice")
    page.get_by_role("link", name="Gateway is slow", exact=True).click()
    page.get_by_role("button", name="Yes, it is solved").click()
    expect(page.get_by_text("Thank you. It is closed.")).to_be_visible()


def test_the_first_journey(page: Page, desk: Desk) -> None:
    ride(page, desk)


def test_the_first_journey_without_scripts(browser: Browser, desk: Desk) -> None:
    plain = browser.new_page(java_script_enabled=False)
    ride(plain, desk)
    plain.close()


def test_everybody_can_use_the_pages_of_a_ticket(page: Page, desk: Desk) -> None:
    number = ask(page, desk)
    for who, places in (
        ("alice", ["/help/", f"/help/{number}", f"/help/{number}/participants?who=kraus"]),
        (
            "iris",
            [
                "/tickets/?view=all", "/tickets/?view=mine", "/tickets/narrowing", "/tickets/new?who=berg",
                f"/tickets/new?person={desk.world.people['alice'].pk}", f"/tickets/{number}",
                f"/tickets/{number}/hand-over", f"/tickets/{number}/priority", f"/tickets/{number}/split",
                f"/tickets/{number}/tags", f"/tickets/{number}/participants?who=kraus", "/search?q=gateway",
            ],
        ),
    ):  # fmt: skip
        desk.enter(page, who)
        for place in places:
            page.goto(desk.address + place)
            assert (place, faults_in(page, THEMES)) == (place, [])


def test_no_page_is_wider_than_a_phone(page: Page, desk: Desk) -> None:
    number = ask(page, desk)
    page.set_viewport_size({"width": 390, "height": 844})
    for who, places in (
        ("alice", ["/help/", f"/help/{number}"]),
        (
            "iris",
            ["/tickets/", f"/tickets/{number}", f"/tickets/{number}/hand-over", "/tickets/new?who=berg", "/search"],
        ),
    ):
        desk.enter(page, who)
        for place in places:
            page.goto(desk.address + place)
            assert (place, page.evaluate("document.documentElement.scrollWidth")) == (place, 390)


def test_the_writing_box_takes_the_colour_and_the_words_of_its_reader(page: Page, desk: Desk) -> None:
    number = ask(page, desk)
    desk.enter(page, "ina")
    page.goto(f"{desk.address}/tickets/{number}")
    box = page.locator(".composer")
    before = box.evaluate("box => getComputedStyle(box).borderTopColor")
    expect(box.get_by_text("To Alice Berg: they will read this")).to_be_visible()

    box.get_by_text("only us").click()

    expect(box.get_by_text("For us: nobody outside will see this")).to_be_visible()
    expect(box.get_by_role("button", name="Keep for us")).to_be_visible()
    expect(box.get_by_role("button", name="Send to Alice Berg")).to_be_hidden()
    assert box.evaluate("box => getComputedStyle(box).borderTopColor") != before
    assert box.evaluate("box => getComputedStyle(box).borderTopStyle") == "dashed"


def test_words_survive_a_refusal(page: Page, desk: Desk) -> None:
    number = ask(page, desk)
    desk.enter(page, "ina")
    page.goto(f"{desk.address}/tickets/{number}")
    other = page.context.new_page()
    other.goto(f"{desk.address}/tickets/{number}")
    other.get_by_role("button", name="Take it").click()

    page.get_by_label("Your words").fill("It is done already.")
    page.get_by_role("button", name="Send and solve").click()

    expect(page.get_by_role("alert")).to_contain_text("Meanwhile somebody took or was given it")
    expect(page.get_by_label("Your words")).to_have_value("It is done already.")
