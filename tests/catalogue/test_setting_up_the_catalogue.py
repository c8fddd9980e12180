"""Services, categories, tags, own fields and the matrix as they are set up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmdesk.catalogue.definitions import FieldEntry, define_field, set_matrix
from helmdesk.catalogue.entries import (
    CategoryEntry,
    ServiceEntry,
    add_category,
    add_service,
    add_tag,
    change_category,
    change_service,
    checked_amount,
)
from helmdesk.catalogue.fields import current_fields
from helmdesk.catalogue.matrix import DEFAULT_CELLS, current_matrix
from helmdesk.catalogue.models import Category, OwnField, PriorityMatrix, Service
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Event, Stream

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DANA = Stamp(hat=2, person=77, hat_id=7, provider=1)

pytestmark = pytest.mark.django_db


def test_a_service_has_a_name_in_each_language_and_a_cost() -> None:
    entry = ServiceEntry(name={"en": "Payroll", "de": "Lohn"}, criticality=1, hour_cost="1200.50", currency="chf")

    service = add_service("payroll", entry, by=DANA, at=AT)
    for _ in range(2):
        change_service(service.pk, ServiceEntry(name="Payroll", criticality=1), by=DANA, at=AT)

    assert (service.name, service.hour_cost, service.currency) == (
        {"en": "Payroll", "de": "Lohn"}, Decimal("1200.50"), "CHF",
    )  # fmt: skip
    assert Service.objects.get().hour_cost is None
    assert [what for kind, what in told() if kind == "service.changed"] == [
        {"service": service.pk, "changed": ["currency", "hour_cost", "name"], "criticality": 1, "active": True}
    ]


@pytest.mark.parametrize(
    "entry, field",
    [
        (ServiceEntry(name={}), "name"),
        (ServiceEntry(name={"english": "Mail"}), "name.language"),
        (ServiceEntry(name="x" * 121), "name"),
        (ServiceEntry(name="Mail", criticality=0), "criticality"),
        (ServiceEntry(name="Mail", currency="EURO"), "currency"),
        (ServiceEntry(name="Mail", hour_cost="a lot"), "hour_cost"),
        (ServiceEntry(name="Mail", hour_cost="1.005"), "hour_cost"),
        (ServiceEntry(name="Mail", hour_cost="-1"), "hour_cost"),
        (ServiceEntry(name="Mail", hour_cost="1e30"), "hour_cost"),
        (ServiceEntry(name="Mail", hour_cost="NaN"), "hour_cost"),
        (ServiceEntry(name="Mail", owner_department=99), "owner_department"),
    ],
)
def test_a_bad_service_is_refused_by_field(entry: ServiceEntry, field: str) -> None:
    with pytest.raises(BadEntry) as refused:
        add_service("mail", entry, by=DANA, at=AT)

    assert refused.value.field == field
    assert (Service.objects.count(), told()) == (0, [])


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_every_amount_is_stored_exactly_or_refused(amount: Decimal) -> None:
    try:
        stored = checked_amount(amount)
    except BadEntry:
        return
    assert stored == amount


def test_categories_have_two_levels_and_no_circle() -> None:
    hardware = add_category("hardware", CategoryEntry(name="Hardware"), by=DANA, at=AT)
    printer = add_category("printer", CategoryEntry(name="Printer", parent=hardware.pk), by=DANA, at=AT)

    with pytest.raises(BadEntry, match="two levels"):
        add_category("toner", CategoryEntry(name="Toner", parent=printer.pk), by=DANA, at=AT)
    with pytest.raises(BadEntry, match="two levels"):
        change_category(hardware.pk, CategoryEntry(name="Hardware", parent=hardware.pk), by=DANA, at=AT)
    with pytest.raises(BadEntry, match="two levels"):
        change_category(hardware.pk, CategoryEntry(name="Hardware", parent=printer.pk), by=DANA, at=AT)
    change_category(printer.pk, CategoryEntry(name="Printer", active=False), by=DANA, at=AT)
    assert list(Category.objects.order_by("pk").values_list("code", "parent", "active")) == [
        ("hardware", None, True), ("printer", None, False),
    ]  # fmt: skip


def test_a_tag_is_made_once() -> None:
    tag = add_tag("vip", by=DANA, at=AT)

    with pytest.raises(BadEntry, match="one already"):
        add_tag("vip", by=DANA, at=AT)
    assert told() == [("tag.added", {"tag": tag.pk, "code": "vip"})]


def test_a_field_gets_a_new_version_when_it_changes_and_none_when_not() -> None:
    asset = FieldEntry(name="Asset", searchable=True)
    define_field("asset", asset, by=DANA, at=AT)
    define_field("asset", asset, by=DANA, at=AT)
    define_field("asset", FieldEntry(name={"en": "Asset tag"}, searchable=True), by=DANA, at=AT + timedelta(days=1))

    versions = OwnField.objects.order_by("version").values_list("version", "name", "valid_from")
    assert list(versions) == [(1, {"en": "Asset"}, AT), (2, {"en": "Asset tag"}, AT + timedelta(days=1))]
    assert current_fields()["asset"].version == 2
    define_field("asset", FieldEntry(name="Asset tag", active=False), by=DANA, at=AT + timedelta(days=2))
    assert current_fields() == {}


@pytest.mark.parametrize(
    "entry, field",
    [
        (FieldEntry(name="Colour", kind="colour"), "kind"),
        (FieldEntry(name="Colour", kind="choice"), "choices"),
        (FieldEntry(name="Colour", choices=["red"]), "choices"),
        (FieldEntry(name="Colour", kind="choice", choices=["red", "red"]), "choices"),
        (FieldEntry(name="Colour", kind="choice", choices=[" "]), "choices"),
        (FieldEntry(name="Staff number", kind="number", personal=True), "personal"),
    ],
)
def test_a_bad_field_is_refused_by_what_is_wrong(entry: FieldEntry, field: str) -> None:
    with pytest.raises(BadEntry) as refused:
        define_field("colour", entry, by=DANA, at=AT)

    assert refused.value.field == field
    assert OwnField.objects.count() == 0


def test_a_field_stays_of_its_kind() -> None:
    define_field("asset", FieldEntry(name="Asset"), by=DANA, at=AT)

    with pytest.raises(BadEntry, match="stays one"):
        define_field("asset", FieldEntry(name="Asset", kind="number"), by=DANA, at=AT)


def test_the_matrix_is_versioned_and_the_past_stays() -> None:
    harsh = [[1, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert set_matrix(DEFAULT_CELLS, by=DANA, at=AT) is None

    set_matrix(harsh, by=DANA, at=AT)
    assert set_matrix(harsh, by=DANA, at=AT) is None
    set_matrix(DEFAULT_CELLS, valid_from=AT + timedelta(days=7), by=DANA, at=AT)

    assert current_matrix(AT - timedelta(seconds=1)).version == 0
    assert current_matrix(AT + timedelta(days=6)).priority(impact=3, urgency=3) == 4
    assert current_matrix(AT + timedelta(days=7)).priority(impact=3, urgency=3) == 5
    with pytest.raises(BadEntry, match="the past stays"):
        set_matrix([[1, 1, 1]] * 3, valid_from=AT - timedelta(days=1), by=DANA, at=AT)


@pytest.mark.parametrize("cells", [[], [[1, 2, 3]], [[1, 2, 3]] * 4, [[1, 2, 6]] * 3, [[1, 2, "3"]] * 3, 5, [1, 2, 3]])
def test_a_matrix_that_is_none_is_refused(cells: list[list[int]]) -> None:
    with pytest.raises(BadEntry, match="Three rows"):
        set_matrix(cells, by=DANA, at=AT)
    assert PriorityMatrix.objects.count() == 0


def told() -> list[tuple[str, dict[str, object]]]:
    rows = Event.objects.filter(stream=Stream.CONFIG).order_by("seq").values_list("kind", "body")
    return [(kind, json.loads(body)["what"]) for kind, body in rows]
