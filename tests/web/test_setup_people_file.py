"""People from a CSV file: tried out first, refused rows with their reason, brought in once somebody says so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from helmdesk.ledger.models import Head
from helmdesk.people.models import Department, Person
from tests.web.visiting import Seen, Visitor, visitor
from tests.world import World

IMPORT = "/setup/people/import"
TABLE = """name;email;department;site
Ana Ruiz;ana@company.example;Finance;North
Ben Öz;ben@company.example;Logistics;North
Cem;not an address;Finance;North
"""


@pytest.fixture
def manager(world: World) -> Visitor:
    return visitor(world, "max")


def send(manager: Visitor, table: str | bytes, *, status: int = 200, **more: Any) -> Seen:
    content = table.encode() if isinstance(table, str) else table
    return manager.post(IMPORT, status=status, file=SimpleUploadedFile("people.csv", content), **more)


def confirmed(page: Seen) -> dict[str, str]:
    """The hidden form under what would happen."""
    form = page.html[page.html.index('<input type="hidden" name="sure"') :]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert sorted(fields) == ["content", "create", "encoding", "sure", "zone"]
    return fields


def seq() -> int:
    return Head.objects.values_list("seq", flat=True).first() or 0


def test_a_file_is_looked_at_before_anything_is_written(world: World, manager: Visitor) -> None:
    before = (seq(), Person.objects.count())

    page = send(manager, TABLE)

    assert "This would happen 1 added 0 changed 0 as they were 2 refused" in page
    assert "There is no such department." in page
    assert "not an address" in page
    assert (seq(), Person.objects.count()) == before


def test_what_was_looked_at_comes_in_when_somebody_says_so(world: World, manager: Visitor) -> None:
    page = send(manager, TABLE, create="on", zone="Europe/Vienna")
    assert "2 added 0 changed 0 as they were 1 refused" in page
    assert "New: department Logistics" in page

    done = manager.post(IMPORT, status=200, **confirmed(page))

    assert "This is done 2 added" in done
    assert Person.objects.get(name="Ben Öz").department == Department.objects.get(name="Logistics")
    assert "This would happen 0 added 0 changed 2 as they were" in send(manager, TABLE)


def test_an_old_encoding_is_not_guessed_but_can_be_named(world: World, manager: Visitor) -> None:
    table = TABLE.encode("cp1252")

    refused = send(manager, table, status=422)
    page = send(manager, table, encoding="cp1252", create="on")

    assert "This was not saved." in refused
    manager.post(IMPORT, status=200, **confirmed(page))
    assert Person.objects.filter(name="Ben Öz").exists()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "people.csv"),
        ("shoe;size\n1;2\n", "It needs a column email or external_ref"),
        (b"\x00\x01\x02\xff" * 50, "people.csv"),
        ("email\n" + "a@b.example\n" * 2001, "At most 2000 rows this way."),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_the_cure(
    world: World, manager: Visitor, table: str | bytes, said: str
) -> None:
    assert said in send(manager, table, status=422)


def test_without_a_file_or_with_a_lost_one_the_form_says_so(world: World, manager: Visitor) -> None:
    assert "Choose a file first." in manager.post(IMPORT, status=422)
    assert "Send it once more." in manager.post(IMPORT, status=422, sure="yes", content="%%%", encoding="")
    assert "Choose one of the list." in send(manager, TABLE, status=422, encoding="rot13")
    assert "Give a time zone" in send(manager, TABLE, status=422, zone="Nowhere")
