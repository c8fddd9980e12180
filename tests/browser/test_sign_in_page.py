"""Signing in as a browser does it: seen in both themes, by people who see and who do not, and with a passkey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import THEMES, faults_in
from tests.browser.serving import serving
from tests.databases import CommittedDatabase
from tests.web.signing_in import PASSWORD, newcomer

PAGES = ["/account/login/", "/account/password/reset/", "/account/inactive/", "/nowhere"]
OWN_PAGES = ["/account/", "/account/second-factor/", "/account/second-factor/app/", "/account/sessions/"]


@pytest.fixture
def desk(committed_db: CommittedDatabase) -> Iterator[str]:
    newcomer()
    with serving() as address:
        yield address


def test_everybody_can_use_the_pages_before_the_sign_in(page: Page, desk: str) -> None:
    for address in PAGES:
        page.goto(desk + address)
        assert (address, faults_in(page, THEMES)) == (address, [])


def test_everybody_can_use_the_pages_of_their_account(page: Page, desk: str) -> None:
    sign_in(page, desk)

    for address in OWN_PAGES:
        page.goto(desk + address)
        if "reauthenticate" in page.url:
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Go on").click()
        assert (address, faults_in(page, THEMES)) == (address, [])


def test_dana_signs_in_with_the_keyboard_alone(page: Page, desk: str) -> None:
    page.goto(f"{desk}/account/")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type("dana@company.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()


def test_dana_signs_in_without_scripts(page: Page, desk: str) -> None:
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_page(java_script_enabled=False)

    sign_in(plain, desk)

    expect(plain.get_by_role("heading", name="Your profile")).to_be_visible()
    plain.locator("summary").click()
    plain.get_by_role("button", name="Sign out").click()
    expect(plain.get_by_role("heading", name="Sign in")).to_be_visible()
    plain.close()


def test_dana_signs_in_with_a_passkey_alone(page: Page, desk: str) -> None:
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    abilities = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**abilities, "isUserVerified": True}})
    sign_in(page, desk)

    page.goto(f"{desk}/account/second-factor/passkeys/new/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.context.clear_cookies()

    page.goto(f"{desk}/account/login/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.locator(".menu .name")).to_have_text("Dana Hofer")


def test_a_passkey_that_fails_is_told_in_words(page: Page, desk: str) -> None:
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    abilities = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**abilities, "isUserVerified": False}})

    page.goto(f"{desk}/account/login/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_text("That did not work")).to_be_visible()


def sign_in(page: Page, desk: str) -> None:
    page.goto(f"{desk}/account/login/?next=/account/")
    page.get_by_label("E-mail address").fill("dana@company.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/account/")
