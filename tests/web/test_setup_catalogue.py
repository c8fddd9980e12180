"""What is supported, by page: services, categories, tags, own fields, the priority matrix, places, other companies."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from helmdesk.catalogue.definitions import set_matrix
from helmdesk.catalogue.matrix import current_matrix
from helmdesk.catalogue.models import Category, OwnField, PriorityMatrix, Service, Tag
from helmdesk.foundation.time import now
from helmdesk.people.models import Department, Site
from helmdesk.tickets.models import ThirdParty
from tests.web.visiting import Seen, Visitor, visitor
from tests.world import World


@pytest.fixture
def manager(world: World) -> Visitor:
    return visitor(world, "max")


def shown_in(page: Seen) -> str:
    """What the page's form was made from."""
    found = re.search(r'name="shown" value="([0-9a-f]+)"', page.html)
    assert found is not None
    return found[1]


def saved(manager: Visitor, address: str, **typed: Any) -> None:
    manager.post(address, shown=shown_in(manager.get(address)), **typed)


def test_a_service_is_added_in_three_languages_and_changed(world: World, manager: Visitor) -> None:
    finance = Department.objects.get(code="finance").pk
    manager.post(
        "/setup/services/", code="crm", name_en="Customers", name_de="Kunden", name_es="Clientes", criticality="2",
        hour_cost="120,50", currency="eur", owner_department=finance, active="on",
    )  # fmt: skip
    crm = Service.objects.get(code="crm")
    assert crm.name == {"en": "Customers", "de": "Kunden", "es": "Clientes"}
    assert (crm.hour_cost, crm.currency, crm.owner_department_id) == (Decimal("120.50"), "EUR", finance)

    Service.objects.filter(pk=crm.pk).update(name={**crm.name, "fr": "Clients"})
    saved(
        manager,
        f"/setup/services/{crm.pk}",
        name_en="Customers",
        criticality="1",
        hour_cost="",
        currency="EUR",
        owner_department="",
    )

    crm.refresh_from_db()
    assert (crm.name, crm.criticality, crm.hour_cost, crm.active) == (
        {"en": "Customers", "fr": "Clients"},
        1,
        None,
        False,
    )
    assert "Customers crm no longer in use" in manager.get("/setup/services/?q=custom")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"criticality": "7"}, "1 (stops the company), 2, 3 or 4."),
        ({"criticality": "\x00"}, "It holds signs that cannot be shown"),
        ({"hour_cost": "much"}, "Give an amount with at most two places"),
        ({"hour_cost": "NaN"}, "Give an amount with at most two places"),
        ({"hour_cost": "1e400"}, "Give an amount with at most two places"),
        ({"currency": "Euro"}, "Three letters, such as EUR."),
        ({"owner_department": "77"}, "There is no such owner department."),
        ({"code": "Payroll"}, "Small letters a to z"),
        ({"code": "payroll"}, "There is one already"),
    ],
)
def test_a_wrong_value_of_a_service_keeps_the_form(
    world: World, manager: Visitor, wrong: dict[str, str], said: str
) -> None:
    sent = {
        "code": "crm",
        "name_en": "Customers",
        "name_es": "Clientes",
        "criticality": "2",
        "hour_cost": "1",
        "currency": "EUR",
    }

    page = manager.post("/setup/services/", status=422, **{**sent, **wrong})

    assert said in page
    assert 'value="Clientes"' in page.html
    assert not Service.objects.filter(name__en="Customers").exists()


def test_categories_have_two_levels(world: World, manager: Visitor) -> None:
    manager.post("/setup/categories/", code="device", name_en="Device", active="on")
    device = Category.objects.get(code="device")
    manager.post("/setup/categories/", code="printer", name_en="Printer", parent=device.pk, active="on")
    printer = Category.objects.get(code="printer")

    third = manager.post("/setup/categories/", status=422, code="tray", name_en="Tray", parent=printer.pk, active="on")

    assert "Categories have two levels: this one is a part already." in third
    assert "Printer printer part of Device" in manager.get("/setup/categories/")
    saved(manager, f"/setup/categories/{printer.pk}", name_en="Printers", parent="", active="on")
    printer.refresh_from_db()
    assert (printer.name, printer.parent) == ({"en": "Printers"}, None)


def test_tags_are_added_once(world: World, manager: Visitor) -> None:
    manager.post("/setup/tags/", code="#month-end")

    assert Tag.objects.filter(code="month-end").exists()
    assert "#month-end" in manager.get("/setup/tags/")
    assert "There is one already" in manager.post("/setup/tags/", status=422, code="month-end")
    assert "Small letters" in manager.post("/setup/tags/", status=422, code="<b>")


def test_an_own_field_gets_a_version_each_time_it_changes(world: World, manager: Visitor) -> None:
    manager.post(
        "/setup/fields/", code="floor", name_en="Floor", kind="choice", choices="Ground\nFirst\n\n", active="on"
    )
    address = "/setup/fields/floor"
    saved(manager, address, name_en="Floor", choices="Ground\nFirst\nSecond", required_to_resolve="on", active="on")
    saved(manager, address, name_en="Floor", choices="Ground\nFirst\nSecond", required_to_resolve="on", active="on")

    versions = list(OwnField.objects.filter(code="floor").order_by("version").values_list("version", "choices"))
    assert versions == [(1, ["Ground", "First"]), (2, ["Ground", "First", "Second"])]
    assert "Ground, First, Second" in manager.get(address)
    manager.get("/setup/fields/nothing", status=404)


def test_an_own_field_that_cannot_be_is_refused(world: World, manager: Visitor) -> None:
    sent: dict[str, Any] = {"code": "floor", "name_en": "Floor", "active": "on"}

    assert "A choice has choices" in manager.post("/setup/fields/", status=422, kind="choice", choices="", **sent)
    assert "only texts can be forgotten" in manager.post(
        "/setup/fields/", status=422, kind="number", personal="on", **sent
    )
    assert "One of: text" in manager.post("/setup/fields/", status=422, kind="colour", **sent)
    manager.post("/setup/fields/", kind="text", **sent)
    assert "There is one already; change that" in manager.post("/setup/fields/", status=422, kind="text", **sent)


def cells(numbers: str) -> dict[str, Any]:
    """Nine priorities, row by row."""
    return {f"cell_{n // 3 + 1}_{n % 3 + 1}": number for n, number in enumerate(numbers)}


def test_the_priority_matrix_gets_a_version_and_two_who_set_it_are_told(world: World, manager: Visitor) -> None:
    opened = shown_in(manager.get("/setup/priority/"))
    manager.post("/setup/priority/", shown=opened, **cells("112233445"))
    assert current_matrix(now()).cells == ((1, 1, 2), (2, 3, 3), (4, 4, 5))

    page = manager.post("/setup/priority/", status=409, shown=opened, **cells("111111111"))

    assert "Somebody changed this meanwhile." in page
    assert PriorityMatrix.objects.count() == 1


def test_a_priority_that_is_none_is_refused(world: World, manager: Visitor) -> None:
    set_matrix([[1, 1, 1]] * 3, by=world.who("system").stamp, at=now())
    opened = shown_in(manager.get("/setup/priority/"))

    for numbers in ("912233445", "x12233445"):
        manager.post("/setup/priority/", status=422, shown=opened, **cells(numbers))

    assert PriorityMatrix.objects.count() == 1


def test_places_and_companies_are_added_and_changed(world: World, manager: Visitor) -> None:
    manager.post("/setup/departments/", code="sales", name="Sales", legal_entity="Alpenwerk GmbH")
    manager.post("/setup/sites/", code="west", name="West", zone="America/Chicago")
    manager.post("/setup/companies/", name="Kestrel Printers")
    sales, west, kestrel = (
        Department.objects.get(code="sales"),
        Site.objects.get(code="west"),
        ThirdParty.objects.get(name="Kestrel Printers"),
    )

    saved(manager, f"/setup/departments/{sales.pk}", name="Sales and service", legal_entity="")
    saved(manager, f"/setup/sites/{west.pk}", name="Far west", zone="America/Denver")
    saved(manager, f"/setup/companies/{kestrel.pk}", name="Kestrel")

    sales.refresh_from_db()
    west.refresh_from_db()
    kestrel.refresh_from_db()
    assert (sales.name, west.zone, kestrel.name, kestrel.active) == (
        "Sales and service",
        "America/Denver",
        "Kestrel",
        False,
    )
    assert "There is one already." in manager.post("/setup/companies/", status=422, name="Kestrel")
    assert "Finance finance 11 people" in manager.get("/setup/departments/")


def test_lists_are_narrowed_by_a_word_and_turn_their_pages(world: World, manager: Visitor) -> None:
    Service.objects.bulk_create([Service(code=f"s{n:03}", name={"en": f"Thing {n}"}) for n in range(120)])

    first = manager.get("/setup/services/")
    more = re.search(r'href="(\?after=[^"]+)" rel="next"', first.html)
    assert more is not None
    rest = manager.get("/setup/services/" + more[1])

    assert ("Thing 0 " in first, "Thing 119" in first, "Thing 119" in rest) == (True, False, True)
    assert "Nothing is called so" in manager.get("/setup/services/?q=absent")
    assert "Payroll payroll" in manager.get("/setup/services/?q=dienst")


@pytest.mark.parametrize("many", [3, 30])
def test_lists_ask_as_much_for_few_as_for_many(
    world: World, manager: Visitor, many: int, django_assert_max_num_queries: object
) -> None:
    whole = Category.objects.create(code="whole", name={"en": "Whole"})
    for n in range(many):
        Service.objects.create(code=f"s{n}", name={"en": "S"}, owner_department=Department.objects.get(code="finance"))
        Category.objects.create(code=f"c{n}", name={"en": "C"}, parent=whole)
        Tag.objects.create(code=f"t{n}")
        OwnField.objects.create(code=f"f{n}", name={"en": "F"})
        Site.objects.create(code=f"x{n}", name="X")
        Department.objects.create(code=f"d{n}", name="D") if n else None
    for noun in ("services", "categories", "tags", "fields", "priority", "sites", "departments", "companies"):
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            manager.get(f"/setup/{noun}/")


def test_the_overview_says_what_there_is_and_what_is_missing(world: World, manager: Visitor) -> None:
    assert "missing" not in manager.get("/setup/")

    world.teams["desk"].triage = False
    world.teams["desk"].save()
    Service.objects.update(active=False)
    page = manager.get("/setup/")

    assert "2 things are missing" in page
    assert "No team takes new tickets: what people ask would have nowhere to go." in page
    assert "No service is named: everything looks equally important." in page
