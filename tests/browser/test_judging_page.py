"""Judging by other rules in a browser: the form, how far it is, the answer, in both themes and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from helmdesk.foundation.jobs.worker import Worker
from helmdesk.measures.judging import walking
from helmdesk.people.models import Account
from helmdesk.tickets import resolution
from tests.browser.accessibility import accessibility_faults
from tests.browser.serving import serving
from tests.browser.test_setup_pages import sign_in
from tests.databases import CommittedDatabase
from tests.service_levels.promising import calendars, promise, solved
from tests.web.signing_in import PASSWORD
from tests.world import World, build


@pytest.fixture
def world(committed_db: CommittedDatabase) -> World:
    made = build()
    account = Account.objects.get(person=made.people["max"])
    account.set_password(PASSWORD)
    account.save()
    calendars(made.at)
    promise(made, solved(calendar="always"))
    for _ in range(2):
        ticket = made.ticket(service="network")
        resolution.resolve(ticket.pk, by=made.who("ina"), at=made.tick(hours=1))
    return made


@pytest.fixture
def desk(world: World) -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_a_manager_changes_a_level_and_watches_history_being_judged_by_it(
    page: Page, desk: str, monkeypatch: pytest.MonkeyPatch, theme: str, width: int
) -> None:
    monkeypatch.setattr(walking, "AT_ONCE", 0)
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, desk)

    page.goto(f"{desk}/judging/")
    fits(page)
    page.get_by_role("button", name="Change the level first").click()
    fits(page)
    page.get_by_label("Row 2, within").fill("30m")
    page.get_by_label("From", exact=True).fill("2026-03-01")
    page.get_by_role("button", name="Judge", exact=True).click()
    expect(page.get_by_text("0 of 2 tickets")).to_be_visible()
    fits(page)

    Worker().drain()
    expect(page.get_by_role("heading", name="How many would have been in time?")).to_be_visible()
    expect(page.get_by_role("row", name="All")).to_contain_text("0 of 2")
    fits(page)
    page.get_by_role("row", name="All").get_by_role("link", name="2").first.click()
    expect(page.get_by_role("heading", name="Missed")).to_be_visible()
    fits(page)


def fits(page: Page) -> None:
    sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert (page.url, sideways, accessibility_faults(page)) == (page.url, 0, [])
