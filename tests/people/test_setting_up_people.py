"""People as they are set up: every change has one door, leaves its event, and says what is wrong with a bad entry."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmdesk.foundation.entries import (
    checked_code,
    checked_email,
    checked_name,
    checked_phone,
    checked_zone,
    folded_email,
)
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Event, Stream
from helmdesk.people.addresses import add_address, person_with_email, remove_address, verify_address
from helmdesk.people.merging import current_person, merge_persons, records_of, unmerge_person
from helmdesk.people.models import Address, Person, Role, Site
from helmdesk.people.persons import PersonEntry, add_person, change_person, deactivate, entry_of, hold, reactivate
from helmdesk.people.places import (
    DepartmentEntry,
    SiteEntry,
    add_department,
    add_site,
    change_department,
    change_site,
)
from helmdesk.people.roles import RoleEntry, add_role, change_role

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DANA = Stamp(hat=2, person=77, hat_id=7, provider=1)

pytestmark = pytest.mark.django_db


def test_a_person_is_added_once_with_one_event_in_config_and_one_of_their_own() -> None:
    ana = somebody("Ana Ruiz", title="Buyer")

    assert (ana.name, ana.title, ana.language, ana.active) == ("Ana Ruiz", "Buyer", "en", True)
    what = {"person": ana.pk, "department": None, "site": None}
    assert events() == [(Stream.CONFIG, 1, "person.added", what), (Stream.PERSON, ana.pk, "person.added", what)]
    first = Event.objects.order_by("seq").first()
    assert first is not None
    assert (first.person, first.provider, first.hat_id, first.operation) == (77, 1, 7, first.seq)


def test_no_event_repeats_a_name_an_address_or_a_reference() -> None:
    ana = somebody("Ana Ruizsecret", title="Buyersecret", external_ref="refsecret")
    address = add_address(ana.pk, "ana.secret@company.example", by=DANA, at=AT)
    add_address(ana.pk, "+49 30 5551234", kind="phone", by=DANA, at=AT)
    verify_address(address.pk, by=DANA, at=AT)
    change_person(ana.pk, replace(entry_of(ana), name="Ana Newsecret"), by=DANA, at=AT)
    remove_address(address.pk, by=DANA, at=AT)

    told = "".join(Event.objects.values_list("body", flat=True))

    assert "secret" not in told
    assert "5551234" not in told
    assert Event.objects.filter(stream=Stream.CONFIG).count() == 6


def test_a_change_names_the_fields_and_an_empty_one_leaves_no_event() -> None:
    ana = somebody("Ana Ruiz")
    site = add_site("north", SiteEntry("North", "Europe/Vienna"), by=DANA, at=AT)

    change_person(ana.pk, entry_of(ana), by=DANA, at=AT)
    changed = change_person(ana.pk, replace(entry_of(ana), title="Head", site=site.pk), by=DANA, at=AT)

    assert (changed.title, changed.site) == ("Head", site)
    assert next(what for _, _, kind, what in events() if kind == "person.changed") == {
        "person": ana.pk, "changed": ["site_id", "title"], "department": None, "site": site.pk,
    }  # fmt: skip
    assert Event.objects.filter(kind="person.changed").count() == 2


def test_events_of_set_up_are_never_before_the_last_one() -> None:
    somebody("Ana")
    add_person(PersonEntry(name="Ben"), by=DANA, at=AT - timedelta(days=1))

    moments = list(Event.objects.filter(stream=Stream.CONFIG).order_by("n").values_list("at", flat=True))

    assert moments == sorted(moments)


@pytest.mark.parametrize(
    "entry, field",
    [
        (PersonEntry(name=" "), "name"),
        (PersonEntry(name="\u200b\u200d"), "name"),
        (PersonEntry(name="a\x00b"), "name"),
        (PersonEntry(name="x" * 201), "name"),
        (PersonEntry(name="Ana", zone="Europe/Nowhere"), "zone"),
        (PersonEntry(name="Ana", zone="../../etc/passwd"), "zone"),
        (PersonEntry(name="Ana", language="klingonish"), "language"),
        (PersonEntry(name="Ana", site=999), "site"),
        (PersonEntry(name="Ana", department=999), "department"),
        (PersonEntry(name="Ana", title="t" * 201), "title"),
        (PersonEntry(name="Ana", external_ref="r" * 121), "external_ref"),
    ],
)
def test_a_bad_entry_is_refused_by_field_and_nothing_is_half_done(entry: PersonEntry, field: str) -> None:
    with pytest.raises(BadEntry) as refused:
        add_person(entry, by=DANA, at=AT)

    assert refused.value.field == field
    assert refused.value.cure
    assert (Person.objects.count(), Event.objects.count()) == (0, 0)


def test_a_reference_is_given_to_one_person_only() -> None:
    somebody("Ana", external_ref="E-1")

    with pytest.raises(BadEntry, match="Another person has it"):
        somebody("Ben", external_ref="E-1")


def test_an_address_belongs_to_one_person_however_it_is_spelled() -> None:
    ana, ben = somebody("Ana"), somebody("Ben")
    address = add_address(ana.pk, " Ana.Ruiz@Company.Example ", by=DANA, at=AT)

    assert (address.value, address.folded) == ("Ana.Ruiz@Company.Example", "ana.ruiz@company.example")
    assert add_address(ana.pk, "ANA.RUIZ@company.example", by=DANA, at=AT) == address
    assert person_with_email("ana.ruiz@COMPANY.example") == ana
    with pytest.raises(BadEntry, match="Another person has this address"):
        add_address(ben.pk, "ana.ruiz@company.example", by=DANA, at=AT)
    assert Event.objects.filter(kind="address.added", stream=Stream.CONFIG).count() == 1


def test_a_telephone_may_be_shared_and_is_found_by_its_digits() -> None:
    ana, ben = somebody("Ana"), somebody("Ben")

    for person in (ana, ben):
        add_address(person.pk, "+49 (30) 555-12", kind="phone", by=DANA, at=AT)

    assert set(Address.objects.values_list("folded", flat=True)) == {"+493055512"}


def test_an_address_is_trusted_once_it_is_verified() -> None:
    address = add_address(somebody("Ana").pk, "ana@company.example", by=DANA, at=AT)
    assert address.verified_at is None

    for _ in range(2):
        verify_address(address.pk, by=DANA, at=AT)

    assert Address.objects.get().verified_at == AT
    assert Event.objects.filter(kind="address.verified", stream=Stream.CONFIG).count() == 1


@pytest.mark.parametrize(
    "value", ["", "ana", "ana@", "@b.example", "a b@c.example", "ana@company", "x" * 250 + "@a.example"]
)
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(BadEntry) as refused:
        checked_email(value)
    assert refused.value.field == "email"


@pytest.mark.parametrize("value", ["", "call me", "1", "+" * 10, "12345678901234567890123456789012345678901234567"])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(BadEntry):
        checked_phone(value)


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_a_clear_refusal(text: str) -> None:
    with suppress(BadEntry):
        name = checked_name(text, longest=200)
        assert name.strip() == name
        assert 0 < len(name) <= 200
        assert "\x00" not in name
        name.encode()


@given(st.text(max_size=60))
def test_any_text_is_a_zone_or_a_clear_refusal(text: str) -> None:
    with suppress(BadEntry):
        assert checked_zone(text) == text


@given(st.emails())
def test_folding_an_address_twice_changes_nothing(address: str) -> None:
    assert folded_email(folded_email(address)) == folded_email(address)


@pytest.mark.parametrize("code", ["", "A", "two words", "-a", "a-", "a--b", "ä", "a" * 41, "a/b"])
def test_a_code_is_short_plain_and_small(code: str) -> None:
    with pytest.raises(BadEntry):
        checked_code(code)


def test_sites_and_departments_are_added_changed_and_kept_apart_by_code() -> None:
    site = add_site("north", SiteEntry("North", "Europe/Vienna"), by=DANA, at=AT)
    department = add_department("it", DepartmentEntry("IT", "Company AG"), by=DANA, at=AT)
    change_site(site.pk, SiteEntry("North pole", "Europe/Vienna"), by=DANA, at=AT)
    change_site(site.pk, SiteEntry("North pole", "Europe/Vienna"), by=DANA, at=AT)
    change_department(department.pk, DepartmentEntry("IT", "Company SE"), by=DANA, at=AT)

    assert [kind for _, _, kind, _ in events()] == [
        "site.added", "department.added", "site.changed", "department.changed",
    ]  # fmt: skip
    with pytest.raises(BadEntry, match="There is one already"):
        add_site("north", SiteEntry("Another"), by=DANA, at=AT)
    assert Site.objects.get().name == "North pole"


def test_a_role_holds_known_permissions_only() -> None:
    role = add_role("night", RoleEntry("Night", ["tickets.work", "tickets.open_for"]), by=DANA, at=AT)
    change_role(role.pk, RoleEntry({"en": "Night"}, ["tickets.open_for", "tickets.work"]), by=DANA, at=AT)
    change_role(role.pk, RoleEntry({"en": "Night", "de": "Nacht"}, ["tickets.work"]), by=DANA, at=AT)

    role = Role.objects.get(code="night")
    assert (role.name, role.permissions) == ({"en": "Night", "de": "Nacht"}, ["tickets.work"])
    assert [kind for _, _, kind, _ in events()] == ["role.added", "role.changed"]
    with pytest.raises(BadEntry, match=r"tickets\.fly"):
        change_role(role.pk, RoleEntry("Night", ["tickets.fly"]), by=DANA, at=AT)


def test_who_is_ended_can_return_and_each_leaves_one_event() -> None:
    ana = somebody("Ana")
    for _ in range(2):
        deactivate(ana.pk, by=DANA, at=AT)
    assert not Person.objects.get().active
    for _ in range(2):
        reactivate(ana.pk, by=DANA, at=AT)
    hold(ana.pk, until=AT + timedelta(days=30), by=DANA, at=AT)

    assert Person.objects.get().active
    assert [kind for stream, _, kind, _ in events() if stream == Stream.PERSON][1:] == [
        "person.ended", "person.returned", "person.held",
    ]  # fmt: skip


def test_two_records_of_one_person_become_one_and_two_again() -> None:
    old, new, newest = somebody("A. Ruiz"), somebody("Ana Ruiz"), somebody("Ana Ruiz-Berg")
    merge_persons(old.pk, into=new.pk, by=DANA, at=AT)
    merge_persons(new.pk, into=newest.pk, by=DANA, at=AT)

    assert current_person(old.pk) == newest
    assert records_of(newest.pk) == [old.pk, new.pk, newest.pk]
    with pytest.raises(BadEntry, match="merged already"):
        merge_persons(old.pk, into=newest.pk, by=DANA, at=AT)

    unmerge_person(new.pk, by=DANA, at=AT)
    assert (current_person(old.pk), records_of(newest.pk)) == (new, [newest.pk])
    with pytest.raises(BadEntry, match="not merged"):
        unmerge_person(new.pk, by=DANA, at=AT)


def test_merging_never_goes_in_a_circle() -> None:
    one, two = somebody("One"), somebody("Two")
    merge_persons(one.pk, into=two.pk, by=DANA, at=AT)

    for into in (one.pk, two.pk):
        with pytest.raises(BadEntry, match="same person"):
            merge_persons(two.pk, into=into, by=DANA, at=AT)


def test_who_is_not_there_is_refused() -> None:
    for verb in (deactivate, reactivate, unmerge_person):
        with pytest.raises(BadEntry, match="no such person"):
            verb(999, by=DANA, at=AT)


def somebody(name: str, **known: str) -> Person:
    return add_person(PersonEntry(name=name, **known), by=DANA, at=AT)  # type: ignore[arg-type]


def events() -> list[tuple[int, int, str, object]]:
    rows = Event.objects.order_by("seq").values_list("stream", "stream_id", "kind", "body")
    return [(stream, of, kind, json.loads(body)["what"]) for stream, of, kind, body in rows]
