"""Providers, teams, members and roles by page: added, changed, suspended, moved; nobody is locked out of the desk."""

from __future__ import annotations

import re
from typing import Any

import pytest

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, change_calendar
from helmdesk.people.models import Person, Role
from helmdesk.people.persons import PersonEntry, add_person
from helmdesk.providers import memberships
from helmdesk.providers.models import Membership, Provider, Team, TeamMembership
from tests.service_levels.promising import calendars, works_by
from tests.web.visiting import Seen, Visitor, visitor
from tests.world import World

NORTHWIND = {"name": "Northwind", "kind": "external", "zone": "UTC", "hue": "2", "fallback_team": "", "active": "on"}


@pytest.fixture
def manager(world: World) -> Visitor:
    return visitor(world, "max")


def shown_in(page: Seen, action: str) -> str:
    """What the form at this address was made from."""
    found = re.search(r'name="shown" value="([0-9a-f]+)"', page.html[page.html.index(f'action="{action}"') :])
    assert found is not None
    return found[1]


def test_a_provider_is_added_with_its_colour_and_gets_a_team(world: World, manager: Visitor) -> None:
    told = manager.post(
        "/setup/providers/", code="arctic", name="Arctic", kind="external", zone="Europe/Oslo", hue="7",
        fallback_team=world.teams["desk"].pk, active="on",
    )  # fmt: skip
    arctic = Provider.objects.get(code="arctic")
    assert told.leads_to == f"/setup/providers/{arctic.pk}"
    assert (arctic.hue, arctic.zone, arctic.fallback_team) == (7, "Europe/Oslo", world.teams["desk"])
    assert "No team yet: nothing can be handed to Arctic." in manager.get(told.leads_to)

    manager.post("/setup/teams/", code="arctic-desk", name="Arctic desk", provider=arctic.pk, active="on")

    assert Team.objects.get(code="arctic-desk").provider == arctic
    assert "Arctic desk" in manager.get(told.leads_to)


def test_a_wrong_colour_zone_or_code_is_said_at_its_field(world: World, manager: Visitor) -> None:
    for wrong, said in (
        ({"hue": "13"}, "“13” cannot be used. A number from 1 to 12."),
        ({"hue": ""}, "Choose one of the list, or give a whole number."),
        ({"zone": "Mars"}, "Give a time zone by its name"),
        ({"code": "North Wind"}, "Small letters a to z, digits, and single - or _ between them."),
        ({"code": "northwind"}, "There is one already; change that, or take another code."),
        ({"kind": "friend"}, "“friend” cannot be used."),
        ({"fallback_team": "999"}, "There is no such fallback team."),
    ):
        page = manager.post("/setup/providers/", status=422, **{**NORTHWIND, "code": "other", **wrong})
        assert said in page, wrong
        assert 'value="Northwind"' in page.html
    assert Provider.objects.count() == 3


def test_a_team_works_by_a_calendar_in_use_or_its_hours_are_not_known(world: World, manager: Visitor) -> None:
    calendars(world.at)
    office, always = (WorkingCalendar.objects.get(code=code) for code in ("office", "always"))
    change_calendar(always.pk, CalendarEntry(name="Always", active=False), by=world.who("max").stamp, at=world.at)
    night = world.teams["night"]
    address = f"/setup/teams/{night.pk}"
    page = manager.get(address)
    assert re.findall(r'<option value="(\d*)"[^>]*>([^<]+)<', page.html) == [
        ("", "hours not known"), (str(office.pk), "Office"),
    ]  # fmt: skip

    manager.post(address, name="Night", calendar=office.pk, active="on", shown=shown_in(page, address))

    night.refresh_from_db()
    assert night.calendar == office
    page = manager.get(address)
    assert f'<option value="{office.pk}" selected>' in page.html
    refused = manager.post(
        address, status=422, name="Night", calendar=always.pk, active="on", shown=shown_in(page, address)
    )
    assert "no longer in use" in refused
    manager.post(address, name="Night", calendar="", active="on", shown=shown_in(page, address))
    night.refresh_from_db()
    assert night.calendar is None


def test_a_calendar_that_is_put_out_of_use_says_which_teams_work_by_it(world: World, manager: Visitor) -> None:
    calendars(world.at)
    works_by(world, desk="office", night="office")
    address = f"/setup/calendars/{WorkingCalendar.objects.get(code='office').pk}"
    page = manager.get(address)
    assert "teams work by it: 2 (Desk, Night)" in page
    assert "no longer in use" not in page

    manager.post(address, name_en="Office", shown=shown_in(page, address))

    assert "It is no longer in use, and yet: teams work by it: 2 (Desk, Night)" in manager.get(address)


def test_the_page_of_a_provider_says_which_colours_are_taken(world: World, manager: Visitor) -> None:
    page = manager.get(f"/setup/providers/{world.providers['northwind'].pk}")

    assert len(re.findall(r'type="radio" name="hue"', page.html)) == 12
    assert re.search(r'value="3"[^>]*>.*?Baltic', page.html, re.DOTALL)


def test_suspending_says_how_much_moves_and_moves_it(world: World, manager: Visitor) -> None:
    northwind = world.providers["northwind"]
    tickets = [world.ticket(service="network", team="network") for _ in range(3)]

    page = manager.get(f"/setup/providers/{northwind.pk}/suspension")
    assert "Suspend Northwind and move 3 tickets" in page
    assert re.search(r"3\s+open tickets move ?: to Desk\s+Inhouse", page.text)
    told = manager.post(f"/setup/providers/{northwind.pk}/suspension")

    assert {world.fresh(ticket).team for ticket in tickets} == {world.teams["desk"]}
    assert "Northwind is out. 3 tickets have moved." in manager.get(told.leads_to)
    manager.post(f"/setup/providers/{northwind.pk}/suspension/removal")
    northwind.refresh_from_db()
    assert northwind.suspended_at is None


def test_the_only_in_house_provider_cannot_be_suspended_or_taken_out_of_use(world: World, manager: Visitor) -> None:
    inhouse = world.providers["inhouse"]
    page = manager.get(f"/setup/providers/{inhouse.pk}")
    values = {"name": "Inhouse", "kind": "internal", "zone": "UTC", "hue": "1", "fallback_team": ""}

    suspended = manager.post(f"/setup/providers/{inhouse.pk}/suspension", status=422)
    off = manager.post(
        f"/setup/providers/{inhouse.pk}", status=409, shown=shown_in(page, f"/setup/providers/{inhouse.pk}"), **values
    )

    assert "No in-house team could take its tickets." in suspended
    assert "Then nobody who can sign in could change roles any more." in off
    inhouse.refresh_from_db()
    assert (inhouse.active, inhouse.suspended_at) == (True, None)


def test_who_may_not_lead_the_company_may_not_suspend(world: World) -> None:
    Role.objects.filter(code="agent").update(permissions=["providers.manage"])
    ina, northwind = visitor(world, "ina"), world.providers["northwind"].pk

    assert "Suspend" not in ina.get(f"/setup/providers/{northwind}")
    ina.get(f"/setup/providers/{northwind}/suspension", status=404)
    ina.post(f"/setup/providers/{northwind}/suspension", status=404)
    ina.post(f"/setup/providers/{northwind}/suspension/removal", status=404)


def test_somebody_joins_gets_teams_and_roles_moves_and_leaves(world: World, manager: Visitor) -> None:
    desk, clients = world.teams["desk"], world.teams["clients"]
    told = manager.post("/setup/members/", person="arno@company.example", provider=world.providers["inhouse"].pk)
    member = Membership.objects.get(person=world.people["arno"])
    page = manager.get(told.leads_to)

    teams: dict[str, Any] = {
        f"team_{desk.pk}": "in",
        f"team_{clients.pk}": "leads",
        "shown": shown_in(page, f"{told.leads_to}/teams"),
    }
    manager.post(f"{told.leads_to}/teams", **teams)
    agent = Role.objects.get(code="agent")
    manager.post(f"{told.leads_to}/roles", roles=[agent.pk], shown=shown_in(page, f"{told.leads_to}/roles"))
    inside = dict(TeamMembership.objects.filter(membership=member).values_list("team__code", "lead"))
    assert (inside, list(member.roles.all())) == ({"desk": False, "clients": True}, [agent])

    moved = manager.post(f"{told.leads_to}/provider", provider=world.providers["baltic"].pk)
    now = Membership.objects.get(person=world.people["arno"], ended_at__isnull=True)
    assert (moved.leads_to, now.provider) == (f"/setup/members/{now.pk}", world.providers["baltic"])
    assert "What they did then stays theirs." in manager.get(told.leads_to)
    manager.post(f"{moved.leads_to}/ending")
    assert not Membership.objects.filter(person=world.people["arno"], ended_at__isnull=True).exists()


def test_two_who_set_the_same_teams_are_told(world: World, manager: Visitor) -> None:
    ina, desk, clients = world.membership("ina"), world.teams["desk"].pk, world.teams["clients"].pk
    address = f"/setup/members/{ina}"
    shown = shown_in(manager.get(address), f"{address}/teams")
    memberships.join_team(ina, team=clients, by=world.who("system").stamp, at=world.tick())

    sent: dict[str, Any] = {f"team_{desk}": "leads", f"team_{clients}": "", "shown": shown}
    page = manager.post(f"{address}/teams", status=409, **sent)

    assert "Somebody changed this meanwhile. Nothing of yours was saved." in page
    assert TeamMembership.objects.filter(membership=ina, team=clients).exists()
    assert not TeamMembership.objects.filter(membership=ina, lead=True).exists()


def test_joining_that_makes_no_sense_says_why_at_its_field(world: World, manager: Visitor) -> None:
    northwind = world.providers["northwind"].pk
    for person, provider, said in (
        ("ina@company.example", northwind, "They work for inhouse already; end that, or move them."),
        ("nobody@company.example", northwind, "Nobody has this number or address."),
        ("arno@company.example", "", "Choose whom they work for."),
        ("arno@company.example", "77", "There is no such provider."),
        ("", northwind, "Give an e-mail address such as ana@company.example."),
    ):
        assert said in manager.post("/setup/members/", status=422, person=person, provider=provider)


def test_a_hostile_team_or_role_is_refused(world: World, manager: Visitor) -> None:
    address, desk = f"/setup/members/{world.membership('ina')}", world.teams["desk"].pk
    page = manager.get(address)
    teams, roles = shown_in(page, f"{address}/teams"), shown_in(page, f"{address}/roles")

    assert "Choose one of the list." in manager.post(
        f"{address}/teams", status=422, **{f"team_{desk}": "owns", "shown": teams}
    )
    assert "There is no such role." in manager.post(f"{address}/roles", status=422, roles=["999"], shown=roles)


def test_the_last_who_may_change_roles_keeps_that_role(world: World, manager: Visitor) -> None:
    address = f"/setup/members/{world.membership('max')}"
    page = manager.get(address)

    taken = manager.post(f"{address}/roles", status=409, shown=shown_in(page, f"{address}/roles"))
    left = manager.post(f"{address}/ending", status=409)
    moved = manager.post(f"{address}/provider", status=409, provider=world.providers["baltic"].pk)

    assert all("Then nobody who can sign in could change roles" in told for told in (taken, left, moved))
    assert world.who("max").may("roles.manage")


def test_a_role_is_added_and_changed_and_the_matrix_shows_it(world: World, manager: Visitor) -> None:
    manager.post(
        "/setup/roles/", code="buyer", name_en="Buyer", name_de="Einkauf", permissions=["people.view", "tickets.work"]
    )
    buyer = Role.objects.get(code="buyer")
    assert (buyer.name, buyer.permissions) == ({"en": "Buyer", "de": "Einkauf"}, ["people.view", "tickets.work"])

    page = manager.get(f"/setup/roles/{buyer.pk}")
    manager.post(
        f"/setup/roles/{buyer.pk}",
        name_en="Buyer",
        permissions=["tickets.work"],
        shown=shown_in(page, f"/setup/roles/{buyer.pk}"),
    )

    buyer.refresh_from_db()
    assert (buyer.name, buyer.permissions) == ({"en": "Buyer"}, ["tickets.work"])
    matrix = manager.get("/setup/roles/")
    assert "Erase a person for good never for guests" in matrix
    assert "Buyer 0 have it" in matrix
    assert "Agent 4 have it" in matrix


def test_a_permission_that_does_not_exist_and_a_role_without_a_name_are_refused(world: World, manager: Visitor) -> None:
    assert "“root” cannot be used." in manager.post(
        "/setup/roles/", status=422, code="x", name_en="X", permissions=["root"]
    )
    assert "Give a name" in manager.post("/setup/roles/", status=422, code="x", permissions=["tickets.work"])


def test_a_role_cannot_lose_the_last_key(world: World, manager: Visitor) -> None:
    role = Role.objects.get(code="manager")
    shown = shown_in(manager.get(f"/setup/roles/{role.pk}"), f"/setup/roles/{role.pk}")

    page = manager.post(
        f"/setup/roles/{role.pk}", status=409, name_en="IT manager", permissions=["tickets.work"], shown=shown
    )

    assert "Then nobody who can sign in could change roles any more." in page
    role.refresh_from_db()
    assert "roles.manage" in role.permissions


def test_names_of_members_are_masked_for_who_may_not_read_them(world: World) -> None:
    Role.objects.filter(code="agent").update(permissions=["roles.manage"])
    from helmdesk.access.models import Grant

    Grant.objects.update(personal_data=False)
    page = visitor(world, "ina").get("/setup/members/")

    assert "Nora West" not in page
    assert f"Person {world.people['nora'].pk}" in page


@pytest.mark.parametrize("many", [3, 30])
def test_lists_ask_as_much_for_few_as_for_many(
    world: World, manager: Visitor, many: int, django_assert_max_num_queries: object
) -> None:
    by, at = world.who("system").stamp, world.tick()
    for n in range(many):
        person: Person = add_person(PersonEntry(name=f"Clone {n}"), by=by, at=at)
        member = memberships.join(person.pk, provider=world.providers["baltic"].pk, by=by, at=at)
        memberships.join_team(member.pk, team=world.teams["night"].pk, by=by, at=at)
        Team.objects.create(code=f"t{n}", name=f"T {n}", provider=world.providers["baltic"])
        Provider.objects.create(code=f"p{n}", name=f"P {n}")
    for address in ("/setup/members/", "/setup/providers/", "/setup/teams/", "/setup/roles/"):
        with django_assert_max_num_queries(11):  # type: ignore[operator]
            manager.get(address)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        manager.get(f"/setup/providers/{world.providers['baltic'].pk}")
