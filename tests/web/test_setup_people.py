"""People as a manager sets them up by pages: found, added, changed, let in, ended, merged; nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from helmdesk.people.addresses import add_address
from helmdesk.people.merging import merge_persons
from helmdesk.people.models import Account, Address, Department, Person, Role, Site
from helmdesk.people.persons import PersonEntry, add_person, change_person, entry_of
from helmdesk.providers.models import Membership
from tests.web.visiting import Seen, Visitor, visitor
from tests.world import World

QUERIES = 10


@pytest.fixture
def manager(world: World) -> Visitor:
    return visitor(world, "max")


def shown_in(page: Seen, action: str) -> str:
    """What the form at this address was made from."""
    form = page.html[page.html.index(f'action="{action}"') :]
    found = re.search(r'name="shown" value="([0-9a-f]+)"', form)
    assert found is not None
    return found[1]


def details(page: Seen, person: Person, **typed: Any) -> dict[str, Any]:
    """The form of who somebody is, as a browser sends it."""
    whole = {
        "name": person.name, "title": person.title, "language": person.language, "zone": person.zone,
        "department": person.department_id or "", "site": person.site_id or "", "external_ref": person.external_ref,
    }  # fmt: skip
    return {**whole, "shown": shown_in(page, f"/setup/people/{person.pk}"), **typed}


def test_people_are_found_by_parts_of_a_name_an_address_or_a_number(world: World, manager: Visitor) -> None:
    by, at = world.who("system").stamp, world.tick()
    amra = add_person(PersonEntry(name="Amra Hodžić", external_ref="E-4711"), by=by, at=at)
    add_address(amra.pk, "buero@elsewhere.example", by=by, at=at)

    typed = ("hodzic", "HODŽ amra", "e-4711", "buero@", "hodzin")
    found = [one for one in typed if "Amra Hodžić" in manager.get(f"/setup/people/?q={one}")]

    assert found == ["hodzic", "HODŽ amra", "e-4711", "buero@"]


def test_the_list_turns_its_pages_without_missing_or_repeating_anybody(world: World, manager: Visitor) -> None:
    by, at = world.who("system").stamp, world.tick()
    for n in range(120):
        add_person(PersonEntry(name=f"Clone {n % 7}"), by=by, at=at)
    for start in ("/setup/people/", "/setup/people/?q=clone"):
        seen, address = [], start
        while address:
            page = manager.get(address)
            seen += re.findall(r'href="/setup/people/(\d+)"', page.html)
            more = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', page.html)
            address = "/setup/people/" + more[1].replace("&amp;", "&") if more else ""
        everybody = Person.objects.filter(name__startswith="Clone") if "q=" in start else Person.objects.all()
        assert sorted(map(int, seen)) == sorted(everybody.values_list("pk", flat=True))


@pytest.mark.parametrize("many", [3, 30])
def test_the_list_asks_as_much_for_few_as_for_many(
    world: World, manager: Visitor, many: int, django_assert_max_num_queries: object
) -> None:
    by, at = world.who("system").stamp, world.tick()
    for n in range(many):
        person = add_person(PersonEntry(name=f"Clone {n}", department=Department.objects.get().pk), by=by, at=at)
        add_address(person.pk, f"clone{n}@company.example", by=by, at=at)
    with django_assert_max_num_queries(QUERIES):  # type: ignore[operator]
        manager.get("/setup/people/")


def test_a_person_is_added_with_an_address_and_changed(world: World, manager: Visitor) -> None:
    finance, north = Department.objects.get(code="finance"), Site.objects.get(code="north")

    led = manager.post(
        "/setup/people/", name="Dana Hofer", title="Buyer", language="de", zone="Europe/Vienna",
        department=finance.pk, site=north.pk, external_ref="7", email="dana@company.example",
    )  # fmt: skip
    dana = Person.objects.get(name="Dana Hofer")

    assert led.leads_to == f"/setup/people/{dana.pk}"
    assert (dana.department, dana.site, dana.language, dana.external_ref) == (finance, north, "de", "7")
    page = manager.get(led.leads_to)
    assert "dana@company.example" in page
    manager.post(led.leads_to, **details(page, dana, title="Head of buying"))
    dana.refresh_from_db()
    assert dana.title == "Head of buying"


def test_a_wrong_value_keeps_the_form_and_says_what_is_wrong_at_its_field(world: World, manager: Visitor) -> None:
    before = Person.objects.count()

    page = manager.post(
        "/setup/people/", status=422, name="Dana Hofer", title="Buyer of <b>pumps</b>", language="de", zone="Vienna",
        email="dana@company.example",
    )  # fmt: skip

    assert "“Vienna” cannot be used. Give a time zone by its name, such as Europe/Berlin." in page
    assert 'value="Buyer of &lt;b&gt;pumps&lt;/b&gt;"' in page.html
    assert 'value="dana@company.example"' in page.html
    assert Person.objects.count() == before


def test_an_address_that_another_person_has_undoes_the_whole_form(world: World, manager: Visitor) -> None:
    page = manager.post("/setup/people/", status=422, name="Dana Hofer", language="de", email="ALICE@company.example")

    assert "Another person has this address; merge the two, or give another." in page
    assert not Person.objects.filter(name="Dana Hofer").exists()


def test_two_managers_who_change_the_same_person_are_told(world: World, manager: Visitor) -> None:
    alice, address = world.people["alice"], f"/setup/people/{world.people['alice'].pk}"
    opened = manager.get(address)
    by = world.who("system").stamp
    change_person(alice.pk, entry_of(alice).__class__(name="Alice Berg-Lang"), by=by, at=world.tick())

    told = manager.post(address, status=409, **details(opened, alice, title="Controller"))

    assert "Somebody changed this meanwhile. Nothing of yours was saved." in told
    assert "Name: Alice Berg-Lang" in told
    assert 'value="Controller"' in told.html
    alice.refresh_from_db()
    assert (alice.name, alice.title) == ("Alice Berg-Lang", "")
    manager.post(address, **{**details(opened, alice, title="Controller"), "shown": shown_in(told, address)})
    alice.refresh_from_db()
    assert alice.title == "Controller"


def test_addresses_are_added_confirmed_and_taken_away(world: World, manager: Visitor) -> None:
    alice = world.people["alice"]
    manager.post(f"/setup/people/{alice.pk}/addresses", kind="phone", address="+43 1 234567")
    manager.post(f"/setup/people/{alice.pk}/addresses", kind="email", address="alice@home.example")
    home = Address.objects.get(folded="alice@home.example")
    assert home.verified_at is None

    manager.post(f"/setup/people/{alice.pk}/addresses/{home.pk}/verification")
    home.refresh_from_db()
    manager.post(f"/setup/people/{alice.pk}/addresses/{home.pk}/removal")

    assert home.verified_at is not None
    assert sorted(Address.objects.filter(person=alice).values_list("kind", flat=True)) == ["email", "phone"]


def test_an_address_that_is_no_address_is_said_at_its_field(world: World, manager: Visitor) -> None:
    alice = world.people["alice"]

    page = manager.post(f"/setup/people/{alice.pk}/addresses", status=422, kind="email", address="not an address")

    assert "“not an address” cannot be used. Give an e-mail address such as ana@company.example." in page
    assert 'id="f-address-err"' in page.html


def test_an_address_of_another_person_is_not_there_under_this_one(world: World, manager: Visitor) -> None:
    address = Address.objects.get(person=world.people["arno"])

    manager.post(f"/setup/people/{world.people['alice'].pk}/addresses/{address.pk}/removal", status=404)

    assert Address.objects.filter(pk=address.pk).exists()


def test_a_link_to_choose_a_password_is_shown_once_and_lets_its_owner_in(world: World, manager: Visitor) -> None:
    dana = add_person(PersonEntry(name="Dana Hofer"), by=world.who("system").stamp, at=world.tick())

    page = manager.post(
        f"/setup/people/{dana.pk}/account", status=200, login="dana@company.example", second_factor="on"
    )
    link = re.search(r'value="http://127\.0\.0\.1:8000(/account/password/reset/key/[^"]+)"', page.html)

    account = Account.objects.get(person=dana)
    assert (account.email, account.must_use_second_factor) == ("dana@company.example", True)
    assert not account.has_usable_password()
    assert link is not None
    assert link[1] not in manager.get(f"/setup/people/{dana.pk}").html
    assert visitor(world, "alice").client.get(link[1], follow=True).status_code == 200


def test_who_has_a_password_gets_the_link_by_mail_only(world: World, manager: Visitor) -> None:
    account = world.people["alice"].account
    account.set_password("correct horse battery")
    account.save()

    answer = manager.post(f"/setup/people/{world.people['alice'].pk}/account/invitation")

    assert "reset/key" not in answer.html


def test_nobody_lets_themselves_in_as_somebody_who_may_do_more(world: World) -> None:
    Role.objects.filter(code="agent").update(permissions=["people.manage"])
    ina, max_ = visitor(world, "ina"), world.people["max"]
    before = Account.objects.get(person=max_).email

    tried = [
        ina.post(f"/setup/people/{max_.pk}/account/invitation", status=409),
        ina.post(f"/setup/people/{max_.pk}/account/address", status=409, sign_in="mine@company.example"),
        ina.post(f"/setup/people/{max_.pk}/addresses", status=409, kind="email", address="mine@company.example"),
    ]

    assert all("This person may do more than you." in page for page in tried)
    assert (Account.objects.get(person=max_).email, Address.objects.filter(person=max_).count()) == (before, 1)


def test_an_ended_person_is_out_at_once_and_can_be_taken_back(world: World, manager: Visitor) -> None:
    alice, page = visitor(world, "alice"), f"/setup/people/{world.people['alice'].pk}"
    alice.get("/account/")

    manager.post(f"{page}/ending")
    alice.get("/account/", status=302)

    assert "Ended: they cannot sign in" in manager.get(page)
    manager.post(f"{page}/return")
    assert Person.objects.get(pk=world.people["alice"].pk).active


def test_the_last_who_may_change_roles_cannot_be_ended(world: World, manager: Visitor) -> None:
    max_ = world.people["max"]

    page = manager.post(f"/setup/people/{max_.pk}/ending", status=409)

    assert "Then nobody who can sign in could change roles any more." in page
    assert Person.objects.get(pk=max_.pk).active


def test_a_legal_hold_is_set_from_today_on_and_lifted(world: World, manager: Visitor) -> None:
    alice, address = world.people["alice"], f"/setup/people/{world.people['alice'].pk}"
    shown = shown_in(manager.get(address), f"{address}/hold")

    refused = manager.post(f"{address}/hold", status=422, until="2020-01-01", shown=shown)
    assert "Give a day from today on." in refused
    manager.post(f"{address}/hold", until="2099-12-31", shown=shown)
    alice.refresh_from_db()
    assert alice.hold_until is not None
    assert (alice.hold_until.year, alice.hold_until.month) == (2100, 1)
    assert "On legal hold until 2099-12-31" in manager.get(address)
    manager.post(f"{address}/hold/removal")
    alice.refresh_from_db()
    assert alice.hold_until is None


def test_two_records_become_one_person_after_a_look_and_two_again(world: World, manager: Visitor) -> None:
    twin = add_person(PersonEntry(name="Alice B."), by=world.who("system").stamp, at=world.tick())
    alice, address = world.people["alice"], f"/setup/people/{twin.pk}/merging"

    look = manager.post(address, status=200, into="alice@company.example")
    twin.refresh_from_db()
    assert "Yes: Alice B. is Alice Berg" in look
    assert twin.merged_into is None

    assert (
        manager.post(address, into="alice@company.example", sure=str(alice.pk)).leads_to == f"/setup/people/{alice.pk}"
    )
    assert "Alice B." in manager.get(f"/setup/people/{alice.pk}")
    manager.post(f"{address}/removal")
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_a_merge_that_makes_no_sense_says_why(world: World, manager: Visitor) -> None:
    alice = world.people["alice"]
    address = f"/setup/people/{alice.pk}/merging"

    assert "Nobody has this number or address." in manager.post(address, status=422, into="99999")
    signs_in = manager.post(address, status=422, into=str(world.people["arno"].pk), sure=str(world.people["arno"].pk))
    assert "They sign in as this person; merge the other into this one." in signs_in


def test_a_merged_record_says_whom_it_means(world: World, manager: Visitor) -> None:
    by = world.who("system").stamp
    twin = add_person(PersonEntry(name="Alice B."), by=by, at=world.tick())
    merge_persons(twin.pk, into=world.people["alice"].pk, by=by, at=world.tick())

    assert "This record means Alice Berg" in manager.get(f"/setup/people/{twin.pk}")
    assert "Alice B." in manager.get("/setup/people/?state=merged")
    assert "Alice B." not in manager.get("/setup/people/")


def test_people_pages_of_nobody_are_not_there(manager: Visitor) -> None:
    for path in ("", "/merging", "/erasure"):
        manager.get(f"/setup/people/999999{path}", status=404)
    manager.get("/setup/people/" + "9" * 18, status=404)
    assert Membership.objects.filter(person_id=999999).count() == 0
