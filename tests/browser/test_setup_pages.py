"""The pages of setting up, the history and the jobs in a browser: usable in both themes and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from helmdesk.people.models import Account
from tests.browser.accessibility import accessibility_faults, faults_in
from tests.browser.serving import serving
from tests.calendars.written import calendar
from tests.databases import CommittedDatabase
from tests.web.signing_in import PASSWORD
from tests.world import World, build

PAGES = """/setup/ /setup/people/ /setup/people/new /setup/people/1 /setup/people/1/erasure
/setup/people/1/merging /setup/people/import /setup/departments/ /setup/sites/1 /setup/roles/ /setup/roles/1
/setup/providers/ /setup/providers/2 /setup/providers/new /setup/providers/2/suspension /setup/teams/1
/setup/members/ /setup/members/1 /setup/members/new /setup/grants/ /setup/grants/2 /setup/grants/new
/setup/services/ /setup/services/1 /setup/categories/1 /setup/tags/ /setup/fields/new /setup/priority/
/setup/companies/ /setup/calendars/ /setup/calendars/new /setup/calendars/1 /setup/calendars/1/versions/new
/ledger/ /ledger/verifications /jobs/""".split()


@pytest.fixture
def world(committed_db: CommittedDatabase) -> World:
    made = build()
    account = Account.objects.get(person=made.people["max"])
    account.set_password(PASSWORD)
    account.save()
    made.ticket(service="network")
    calendar("office")
    return made


@pytest.fixture
def desk(world: World) -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.mark.parametrize("pages", [PAGES[::2], PAGES[1::2]], ids=["even", "odd"])
def test_everybody_can_use_every_page_and_none_is_wider_than_the_screen(
    page: Page, desk: str, world: World, pages: list[str]
) -> None:
    sign_in(page, desk)

    for address in pages:
        answer = page.goto(desk + address)
        assert answer is not None
        assert (address, answer.status, faults_in(page)) == (address, 200, [])


def test_a_form_that_comes_back_says_so_first_and_keeps_what_was_typed(page: Page, desk: str, world: World) -> None:
    sign_in(page, desk)
    page.goto(f"{desk}/setup/sites/new")
    page.get_by_label("Short name").fill("west")
    page.get_by_label("Name", exact=True).fill("West")
    page.get_by_label("Time zone").fill("Mars")
    page.get_by_role("button", name="Add it").click()

    expect(page.locator("#errors")).to_be_focused()
    page.get_by_role("link", name="Time zone: “Mars” cannot be used.").click()
    expect(page.get_by_label("Time zone")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("West")
    assert accessibility_faults(page) == []


def sign_in(page: Page, desk: str) -> None:
    page.goto(f"{desk}/account/login/")
    page.locator("[name=login]").fill("max@company.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda address: "login" not in address)
