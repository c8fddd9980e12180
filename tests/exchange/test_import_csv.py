"""Any table comes in by a mapping: names find who and what is here already, and are never guessed between two."""

import csv

import pytest
from django.core.management.base import CommandError

from helmdesk.catalogue.definitions import FieldEntry, define_field
from helmdesk.catalogue.models import Category, OwnField, Service
from helmdesk.exchange.models import Import
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Text
from helmdesk.ledger.verify import verify
from helmdesk.people.models import Address, Person, Site
from helmdesk.people.permissions import PERMISSIONS
from helmdesk.providers.models import Membership, Team
from helmdesk.tickets.models import Message
from helmdesk.tickets.replay import differences
from tests.exchange.importing import CORPUS, bring, events, everything_written, ticket, tickets, told, written
from tests.world import World

pytestmark = pytest.mark.django_db

MAP = """
name = "Old desk"
rows = "tickets"
dates = "iso"
zone = "Europe/Vienna"
group_held_throughout = true
[columns]
id = "Key"
opened = "Created"
resolved = "Solved"
status = "State"
requester = "Who"
group = "Group"
agent = "Owner"
subject = "Title"
description = "Text"
service = "Service"
site = "Site"
category = "Area"
[fields]
invoice = "Invoice"
[status]
"New" = "open"
"Waiting" = "wait:requester"
"Done" = "resolved"
"""
HEADER = "Key,Created,Solved,State,Who,Group,Owner,Title,Text,Service,Site,Area,Invoice\n"


@pytest.fixture
def bring_rows(world: World, tmp_path):
    """Brings rows of the old desk in, on a desk where there are people already."""

    def brought(*rows: str, more: tuple[object, ...] = ()) -> dict[str, int]:
        file = written(tmp_path, HEADER + "".join(f"{row}\n" for row in rows))
        return bring("csv", file, "--map", written(tmp_path, MAP, "map.toml"), *more)

    return brought


ROW = "{key},2025-03-01 09:00,,New,{who},{group},{owner},Mouse,It is dead,{service},{site},{area},{invoice}"


def row(key: str = "1", **named: str) -> str:
    empty = dict.fromkeys(("who", "group", "owner", "service", "site", "area", "invoice"), "")
    return ROW.format(key=key, **{**empty, **named})


@pytest.mark.parametrize("preset", ["jira", "zendesk", "freshservice", "zammad", "servicenow_table"])
def test_a_usual_export_comes_in_by_its_preset(preset: str) -> None:
    counts = bring("csv", CORPUS / f"{preset}.csv", "--preset", preset, "--zone", "Europe/Vienna")
    assert counts["tickets"] == tickets().count() > 0
    assert counts["rows"] == counts["tickets"] + counts["unchanged"] + counts["refused"]
    assert list(differences()) == []
    assert verify(everything=True, texts=True).ok


def test_a_ticket_keeps_its_words(bring_rows) -> None:
    bring_rows(row(who="Wilma"))
    one = ticket("1")
    (said,) = Message.objects.unscoped(reason="a test looks at the truth").filter(ticket=one)
    assert (one.subject.body, said.text.body, said.said_as) == ("Mouse", "It is dead", "original")
    assert (said.person_id, said.audience.requester) == (one.requester_id, True)
    assert one.requester.name == "Wilma"
    assert (one.impact, one.priority, one.priority_reason) == (3, 4, "unknown")
    opened = events(one.pk)[0][1]
    assert (opened["impact"], opened["urgency"], opened["priority"], opened["matrix"]) == (None, None, None, None)


def test_an_email_address_finds_the_person_who_has_it(world: World, bring_rows) -> None:
    alice = world.people["alice"]
    address = Address.objects.filter(person=alice).values_list("value", flat=True)[0]
    bring_rows(row("1", who=f"A. Berg <{address.upper()}>"), row("2", who="new@somewhere.example"))
    assert ticket("1").requester == alice
    new = ticket("2").requester
    assert (new.name, new.external_ref) == ("new@somewhere.example", "old-desk:new@somewhere.example")
    assert [(a.value, a.verified_at) for a in new.addresses.all()] == [("new@somewhere.example", None)]


def test_a_name_alone_never_means_somebody_who_is_here(world: World, bring_rows) -> None:
    bring_rows(row("1", who="Alice Berg"), row("2", who="ALICE  BERG"))
    asked = {ticket("1").requester_id, ticket("2").requester_id}
    assert len(asked) == 1
    assert world.people["alice"].pk not in asked


def test_a_file_gives_nobody_who_is_here_a_new_hat(world: World, bring_rows) -> None:
    """Nor any way to sign in: whoever came in by file has no account."""
    address = Address.objects.filter(person=world.people["alice"]).values_list("value", flat=True)[0]
    bring_rows(row(group="Desk", owner=address))
    (worked,) = Membership.objects.filter(person=world.people["alice"])
    assert worked.ended_at is not None
    assert not worked.teams.exists()
    assert world.who("alice").hat == 1
    assert not any(world.who("alice").may(permission) for permission in PERMISSIONS if permission.startswith("access"))
    assert ticket("1").assignee_id == worked.pk


def test_what_is_here_is_found_by_its_name_in_any_spelling(world: World, bring_rows) -> None:
    known = [Team.objects.count(), Service.objects.count(), Site.objects.count(), Category.objects.count()]
    bring_rows(row(group="NETWORK", service="payroll-dienst", site="north", area=" fault"))
    one = ticket("1")
    assert one.team_id == world.teams["network"].pk
    assert (one.scope.service, one.scope.site) == (world.services["payroll"], world.sites["north"])
    assert one.scope.category == world.categories["fault"]
    assert [Team.objects.count(), Service.objects.count(), Site.objects.count(), Category.objects.count()] == known


def test_between_two_of_one_name_nothing_is_guessed(world: World, bring_rows) -> None:
    Site.objects.create(code="north-2", name="North")
    world.sites["north"].code = "n"
    world.sites["north"].save()
    bring_rows(row("1", site="North"))
    new = ticket("1").scope.site
    assert new is not None
    assert new.code not in ("n", "north-2")
    bring_rows(row("1", site="North"), row("2", site="north"))
    assert ticket("2").scope.site == new


def test_what_a_name_meant_it_means_after_a_new_name(bring_rows) -> None:
    bring_rows(row("1", group="Printers"))
    Team.objects.filter(name="Printers").update(name="Print and scan", code="print-and-scan")
    bring_rows(row("2", group="Printers"))
    assert ticket("1").team_id == ticket("2").team_id


def test_own_fields_are_defined_and_hold_texts_that_can_be_forgotten(bring_rows) -> None:
    bring_rows(row(invoice="R-17"))
    assert OwnField.objects.get(code="invoice").kind == "text"
    one = ticket("1")
    assert Text.objects.get(pk=one.fields["invoice"]["t"]).body == "R-17"
    assert "R-17" not in str(events(one.pk))


def test_an_own_field_that_asks_for_a_number_gets_one_or_refuses_the_row(world: World, bring_rows, tmp_path) -> None:
    define_field("invoice", FieldEntry(name="Invoice", kind="number"), by=Stamp(), at=world.at)
    refused = tmp_path / "refused.csv"
    counts = bring_rows(row("1", invoice="17"), row("=2", invoice="seventeen"), more=("--refused", refused))
    assert (counts["tickets"], counts["refused"]) == (1, 1)
    assert ticket("1").fields["invoice"] == 17
    assert list(csv.reader(refused.open())) == [
        ["row", "ticket", "field", "value", "reason", "cure"],
        ["3", "'=2", "field.invoice", "seventeen", "cannot be used", "Give a whole number of at most 15 digits."],
    ]


def test_a_new_text_is_the_next_revision_of_the_one_before(bring_rows) -> None:
    bring_rows(row("1", invoice="R-17"))
    first = ticket("1").fields["invoice"]["t"]
    bring_rows(row("1", invoice="R-18"))
    last = Text.objects.get(pk=ticket("1").fields["invoice"]["t"])
    assert (last.body, last.root_id, last.rev) == ("R-18", first, 2)
    assert verify(everything=True, texts=True).ok
    assert list(differences()) == []


def test_a_wait_is_with_the_requester(bring_rows) -> None:
    bring_rows(row("1").replace(",New,", ",Waiting,"))
    assert (ticket("1").holder, ticket("1").wait) == ("requester", "requester")


@pytest.mark.parametrize(
    ("named", "value"),
    [("site", "x" * 121), ("group", "a\u0007b"), ("who", "\u200b"), ("area", "y" * 121), ("owner", "\u0085")],
)
def test_a_name_that_cannot_be_shown_refuses_its_row_alone(bring_rows, named: str, value: str) -> None:
    counts = bring_rows(row("1", **{named: value}), row("2"))
    assert (counts["tickets"], counts["refused"]) in ((1, 1), (2, 0))
    assert ticket("2")
    assert list(differences()) == []


def test_names_of_every_length_come_in(bring_rows) -> None:
    bring_rows(row("1", who="Ä" * 200, owner="ß" * 190, group="Ω" * 120, site="İ" * 120))
    bring_rows(row("2", who="ä" * 200, owner="ß" * 190, group="Ω" * 120, site="İ" * 120))
    one, two = ticket("1"), ticket("2")
    assert (one.requester_id, one.team_id, one.scope_id) == (two.requester_id, two.team_id, two.scope_id)
    assert Person.objects.filter(name="Ä" * 200).count() == 1


def test_one_number_twice_in_a_file_is_one_ticket(bring_rows) -> None:
    counts = bring_rows(row("1"), row("2"), row("1 ", invoice="R-1"))
    assert counts["tickets"] == 2
    assert list(differences()) == []


def test_the_list_tells_every_import(bring_rows) -> None:
    bring_rows(row("1"))
    bring_rows(row("1"), row("2"))
    text = told("list")
    assert text.count("done") == 2
    assert "old-desk" in text
    assert [(done.rows, done.tickets) for done in Import.objects.order_by("pk")] == [(1, 1), (2, 1)]


def test_a_map_that_contradicts_the_desk_is_refused_before_anything_is_written(
    world: World, bring_rows, tmp_path
) -> None:
    placed = written(tmp_path, """
        [providers]
        "Northwind" = { internal = true }
        [groups]
        "*" = { provider = "Northwind" }
    """, "providers.toml")  # fmt: skip
    before = everything_written()
    with pytest.raises(CommandError, match="'Northwind' is outside on this desk and in-house in the map"):
        bring_rows(row("1"), more=("--providers", placed))
    assert everything_written() == before
