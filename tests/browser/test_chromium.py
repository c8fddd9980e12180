"""The browser the journeys ride in works, and sees what is wrong with a page."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.accessibility import accessibility_faults


def test_a_picture_without_words_is_found(page: Page) -> None:
    page.set_content("<html lang=en><title>Desk</title><main><h1>Desk</h1><img src='data:,'></main>")

    assert accessibility_faults(page) == ["image-alt: ['img']"]
