"""Forgetting a person by page: shown what goes, asked for the name, refused on hold, and gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helmdesk.foundation.time import now
from helmdesk.ledger.models import Text
from helmdesk.people.models import Account, Address, Person, Role
from helmdesk.people.persons import hold
from helmdesk.tickets import conversation
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from tests.web.visiting import Visitor, visitor
from tests.world import World


@pytest.fixture
def manager(world: World) -> Visitor:
    return visitor(world, "max")


@pytest.fixture
def ticket(world: World) -> Ticket:
    """Alice asked, and others speak of her."""
    made = world.ticket("alice", subject="My own words", text="Nobody else may know.")
    conversation.note(made.pk, Words("Alice Berg called, she is in a hurry"), by=world.who("ina"), at=world.tick())
    return made


def address(world: World, name: str = "alice") -> str:
    return f"/setup/people/{world.people[name].pk}/erasure"


def test_the_page_says_what_will_go_and_where_others_speak_of_them(
    world: World, manager: Visitor, ticket: Ticket
) -> None:
    page = manager.get(address(world))

    assert "1 record with its name 1 address 1 account 2 texts of theirs 0 files 1 ticket stays, without them" in page
    assert "Alice Berg called, she is in a hurry" in page
    assert f"ticket {ticket.pk}" in page


def test_a_person_is_forgotten_with_the_mentions_that_were_ticked(
    world: World, manager: Visitor, ticket: Ticket
) -> None:
    alice = world.people["alice"]
    keys = [part.split('"')[0] for part in manager.get(address(world)).html.split('name="mentions" value="')[1:]]

    manager.post(address(world), reason="asked", typed_name="alice berg", mentions=keys)

    gone = Person.objects.get(pk=alice.pk)
    assert gone.name.startswith("Former person ")
    assert not Address.objects.filter(person=alice).exists()
    assert not Account.objects.filter(person=alice).exists()
    assert not Text.objects.filter(body__contains="Nobody else").exists()
    assert not Text.objects.filter(body__contains="Alice Berg").exists()
    page = manager.get(f"/setup/people/{alice.pk}")
    assert "What happened stays in the history" in page
    assert "Save changes" not in page
    manager.get(address(world), status=404)


def test_what_is_not_ticked_stays(world: World, manager: Visitor, ticket: Ticket) -> None:
    manager.post(address(world), reason="asked", typed_name="Alice Berg")

    assert Text.objects.filter(body__contains="Alice Berg called").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"typed_name": "Alice"}, "Type the name as it stands above."),
        ({"typed_name": ""}, "Type the name as it stands above."),
        ({"reason": "because"}, "Choose one of the list."),
    ],
)
def test_without_the_name_or_a_reason_nothing_is_forgotten(
    world: World, manager: Visitor, ticket: Ticket, typed: dict[str, str], said: str
) -> None:
    page = manager.post(address(world), status=422, **{"reason": "asked", "typed_name": "Alice Berg", **typed})

    assert said in page
    assert Person.objects.get(pk=world.people["alice"].pk).erased_at is None


def test_a_legal_hold_refuses_with_its_date(world: World, manager: Visitor, ticket: Ticket) -> None:
    alice = world.people["alice"]
    hold(alice.pk, until=now() + timedelta(days=30), by=world.who("system").stamp, at=world.tick())

    assert "A legal hold keeps everything of them." in manager.get(address(world))
    page = manager.post(address(world), status=422, reason="asked", typed_name="Alice Berg")

    assert f"A legal hold keeps everything of person {alice.pk} until" in page
    assert Person.objects.get(pk=alice.pk).erased_at is None


def test_the_last_who_may_change_roles_cannot_be_forgotten(world: World, manager: Visitor) -> None:
    page = manager.post(address(world, "max"), status=409, reason="asked", typed_name="Max Adler")

    assert "Then nobody who can sign in could change roles any more." in page


def test_who_only_forgets_people_finds_them_and_changes_nothing_else(world: World, ticket: Ticket) -> None:
    Role.objects.filter(code="agent").update(permissions=["people.erase"])
    ina, alice = visitor(world, "ina"), world.people["alice"]

    page = ina.get(f"/setup/people/{alice.pk}")
    assert "Forget for good" in page
    assert "Save changes" not in page
    assert "is not looked for" in ina.get(address(world))
    ina.post(f"/setup/people/{alice.pk}", status=404, name="Other")
    ina.post(address(world), reason="asked", typed_name="Alice Berg")
    assert Person.objects.get(pk=alice.pk).erased_at is not None
