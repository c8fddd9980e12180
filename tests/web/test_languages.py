"""A page is in one language from its first word to its last date: in one that we have every word for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from helmdesk.config import environment
from helmdesk.people.models import Person
from tests.web.visiting import Seen, visitor
from tests.world import World

GERMAN = {"Ändern", "Speichern", "Suchen", "Schließen", "Alle", "Datum", "Zeit", "Ja", "Nein", "Uhr", "März"}
PAGES = (
    "/tickets/",
    "/setup/",
    "/setup/people/",
    "/setup/services/",
    "/ledger/",
    "/account/",
    "/account/password/set/",
)


def test_pages_are_offered_in_english_and_in_what_we_have_a_catalogue_for(tmp_path: Path, settings: Any) -> None:
    assert environment.languages_of_pages(tmp_path) == [("en", "English")]
    for code in ("es", "fr"):
        (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / code / "LC_MESSAGES" / "django.mo").touch()
    (tmp_path / "de").mkdir()

    assert environment.languages_of_pages(tmp_path) == [("en", "English"), ("es", "Español")]
    assert environment.languages_of_pages(settings.PACKAGE / "locale") == settings.LANGUAGES


@pytest.mark.parametrize("page", PAGES)
def test_who_speaks_a_language_that_no_page_has_reads_english_throughout(world: World, page: str) -> None:
    world.ticket()
    Person.objects.update(language="de")

    seen = visitor(world, "max").get(page)
    assert '<html lang="en">' in seen.html
    assert set(re.findall(r"\w+", seen.text)) & GERMAN == set()


def test_dates_and_numbers_are_of_the_same_language_as_the_words(world: World) -> None:
    world.ticket()
    Person.objects.update(language="de")

    page = visitor(world, "ada").get("/ledger/")
    assert "2 March" in page
    assert "Monday 2 March 2026, " in page.html


def test_a_browser_that_asks_for_german_gets_english_before_the_sign_in(db: None) -> None:
    page = Seen(Client(headers={"Accept-Language": "de-AT,de;q=0.9"}).get("/account/login/"))

    assert '<html lang="en">' in page.html


def test_a_profile_offers_what_pages_have_and_keeps_what_was_there(world: World) -> None:
    Person.objects.filter(pk=world.people["max"].pk).update(language="de")
    choice = re.compile(r'<option value="(\w\w)"( selected)?>')

    assert choice.findall(visitor(world, "alice").get("/account/").html) == [("en", " selected")]
    assert choice.findall(visitor(world, "max").get("/account/").html) == [("en", ""), ("de", " selected")]
    visitor(world, "max").post("/account/", name="Max Adler", language="de", zone="Europe/Vienna")
    visitor(world, "alice").post("/account/", status=422, name="Alice", language="de", zone="Europe/Vienna")
