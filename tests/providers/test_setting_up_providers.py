"""Providers, teams and memberships as they are set up: nobody works for two, and nothing ends silently."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session

from helmdesk.calendars import uses
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, change_calendar
from helmdesk.calendars.uses import Use
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import now
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Event, Stream
from helmdesk.people.models import Account, Role
from helmdesk.providers import companies, memberships, teams
from helmdesk.providers.companies import ProviderEntry
from helmdesk.providers.models import Membership, Provider, Team, TeamMembership
from helmdesk.providers.teams import TeamEntry
from tests.people.sessions import session_of
from tests.world import World

DANA = Stamp(hat=2, person=77, hat_id=7, provider=1)


def test_any_number_of_providers_and_of_in_house_ones(world: World) -> None:
    at = world.tick()
    second = companies.add_provider("inhouse-asia", ProviderEntry(name="IT Asia", kind="internal"), by=DANA, at=at)
    south = companies.add_provider("southwind", ProviderEntry(name="Southwind", zone="Asia/Manila"), by=DANA, at=at)

    assert (second.internal, south.internal, Provider.objects.count()) == (True, False, 5)
    assert told("provider.added") == [
        {"provider": second.pk, "code": "inhouse-asia", "internal": True},
        {"provider": south.pk, "code": "southwind", "internal": False},
    ]
    assert Event.objects.filter(stream=Stream.PROVIDER, stream_id=south.pk).count() == 1


@pytest.mark.parametrize(
    "entry, field",
    [
        (ProviderEntry(name=""), "name"),
        (ProviderEntry(name="x" * 121), "name"),
        (ProviderEntry(name="X", kind="friend"), "kind"),
        (ProviderEntry(name="X", zone="Mars/Olympus"), "zone"),
        (ProviderEntry(name="X", hue=13), "hue"),
        (ProviderEntry(name="X", fallback_team=999), "fallback_team"),
    ],
)
def test_a_bad_provider_is_refused_by_field(world: World, entry: ProviderEntry, field: str) -> None:
    with pytest.raises(BadEntry) as refused:
        companies.add_provider("southwind", entry, by=DANA, at=world.tick())

    assert refused.value.field == field
    assert told("provider.added") == []


def test_a_provider_does_not_take_over_from_itself(world: World) -> None:
    entry = ProviderEntry(name="Northwind", fallback_team=world.teams["network"].pk)

    with pytest.raises(BadEntry, match="another provider"):
        companies.change_provider(world.providers["northwind"].pk, entry, by=DANA, at=world.tick())


def test_outside_people_never_become_in_house_by_a_change_of_their_provider(world: World) -> None:
    with pytest.raises(BadEntry, match="stays outside"):
        companies.change_provider(
            world.providers["northwind"].pk, ProviderEntry(name="Northwind", kind="internal"), by=DANA, at=world.tick()
        )


def test_a_provider_that_is_no_longer_active_loses_its_sessions(world: World) -> None:
    session_of(account(world, "nora"))
    kept = session_of(account(world, "ina"))

    companies.change_provider(
        world.providers["northwind"].pk, ProviderEntry(name="Northwind", active=False), by=DANA, at=world.tick()
    )

    assert list(Session.objects.values_list("pk", flat=True)) == [kept]
    assert not world.who("nora").working


def test_a_team_belongs_to_one_provider_and_changes_leave_one_event(world: World) -> None:
    at = world.tick()
    team = teams.add_team("wifi", TeamEntry(name="Wifi"), provider=world.providers["northwind"].pk, by=DANA, at=at)
    for _ in range(2):
        teams.change_team(team.pk, TeamEntry(name="WLAN", triage=True), by=DANA, at=at)

    assert Team.objects.get(code="wifi").name == "WLAN"
    assert told("team.changed") == [{"team": team.pk, "changed": ["name", "triage"], "triage": True, "active": True}]
    with pytest.raises(BadEntry, match="one already"):
        teams.add_team("wifi", TeamEntry(name="Wifi"), provider=world.providers["baltic"].pk, by=DANA, at=at)


def test_a_team_works_by_a_calendar_or_its_hours_are_not_known(world: World) -> None:
    at, northwind = world.tick(), world.providers["northwind"].pk
    office = add_calendar("office", CalendarEntry(name="Office"), by=DANA, at=at).pk
    team = teams.add_team("wifi", TeamEntry(name="Wifi", calendar=office), provider=northwind, by=DANA, at=at)
    assert Team.objects.get(code="wifi").calendar_id == office
    for calendar in (office, None, None):
        teams.change_team(team.pk, TeamEntry(name="Wifi", calendar=calendar), by=DANA, at=at)

    assert Team.objects.get(code="wifi").calendar is None
    assert told("team.added") == [{"team": team.pk, "code": "wifi", "provider": northwind, "triage": False}]
    assert told("team.changed") == [
        {"team": team.pk, "changed": ["calendar"], "triage": False, "active": True} for _ in range(2)
    ]


def test_a_team_is_given_no_calendar_that_is_not_there_or_no_longer_in_use(world: World) -> None:
    at, desk = world.tick(), world.teams["desk"]
    office = add_calendar("office", CalendarEntry(name="Office"), by=DANA, at=at).pk
    teams.change_team(desk.pk, TeamEntry(name="Desk", triage=True, calendar=office), by=DANA, at=at)
    change_calendar(office, CalendarEntry(name="Office", active=False), by=DANA, at=at)

    with pytest.raises(BadEntry, match="no longer in use"):
        teams.change_team(world.teams["night"].pk, TeamEntry(name="Night", calendar=office), by=DANA, at=at)
    with pytest.raises(BadEntry, match="no such calendar"):
        teams.change_team(desk.pk, TeamEntry(name="Desk", calendar=999), by=DANA, at=at)
    kept = teams.change_team(desk.pk, TeamEntry(name="Service", triage=True, calendar=office), by=DANA, at=at)
    assert (kept.name, kept.calendar_id) == ("Service", office)


def test_a_calendar_says_which_teams_work_by_it(world: World) -> None:
    at = world.tick()
    office, other = (add_calendar(code, CalendarEntry(name=code), by=DANA, at=at).pk for code in ("office", "other"))
    for name, active in (("desk", True), ("clients", True), ("night", False)):
        entry = TeamEntry(name=name.title(), calendar=office, active=active)
        teams.change_team(world.teams[name].pk, entry, by=DANA, at=at)

    assert uses.of(office, at) == [Use("teams work by it", 2, ("Clients", "Desk"))]
    assert uses.of(other, at) == []


def test_who_works_for_one_provider_cannot_join_another_unnoticed(world: World) -> None:
    with pytest.raises(BadEntry, match="work for northwind already"):
        memberships.join(world.people["nora"].pk, provider=world.providers["baltic"].pk, by=DANA, at=world.tick())

    assert world.who("nora").provider == world.providers["northwind"].pk


def test_who_leaves_is_out_of_every_team_and_session(world: World) -> None:
    nora = world.membership("nora")
    session_of(account(world, "nora"))

    memberships.leave(nora, by=DANA, at=world.tick())

    assert (TeamMembership.objects.filter(membership=nora).count(), Session.objects.count()) == (0, 0)
    assert not world.who("nora").working
    assert Membership.objects.get(pk=nora).ended_at == world.at
    with pytest.raises(BadEntry, match="ended"):
        memberships.leave(nora, by=DANA, at=world.tick())


def test_who_moves_is_never_at_both_and_starts_without_teams_and_roles(world: World) -> None:
    at = world.tick()

    fresh = memberships.move(world.membership("nora"), provider=world.providers["baltic"].pk, by=DANA, at=at)

    old = Membership.objects.get(person=world.people["nora"], provider=world.providers["northwind"])
    assert (old.ended_at, fresh.started_at, fresh.provider) == (at, at, world.providers["baltic"])
    viewer = world.who("nora")
    assert (viewer.teams, viewer.permissions) == (frozenset(), frozenset())


def test_a_member_joins_teams_of_their_provider_only(world: World) -> None:
    nora, at = world.membership("nora"), world.tick()

    with pytest.raises(BadEntry, match="another provider than northwind"):
        memberships.join_team(nora, team=world.teams["desk"].pk, by=DANA, at=at)
    memberships.join_team(nora, team=world.teams["network"].pk, lead=False, by=DANA, at=at)
    memberships.join_team(nora, team=world.teams["network"].pk, lead=False, by=DANA, at=at)

    assert world.who("nora").leads == frozenset()
    assert [what["lead"] for what in told("team.joined")] == [False]
    memberships.leave_team(nora, team=world.teams["network"].pk, by=DANA, at=at)
    with pytest.raises(BadEntry, match="not in this team"):
        memberships.leave_team(nora, team=world.teams["network"].pk, by=DANA, at=at)


def test_roles_are_exactly_what_was_set_last(world: World) -> None:
    ina, at = world.membership("ina"), world.tick()
    roles = list(Role.objects.filter(code__in=["agent", "auditor"]).order_by("pk").values_list("pk", flat=True))

    for _ in range(2):
        memberships.set_roles(ina, roles, by=DANA, at=at)

    assert {"tickets.work", "ledger.view"} <= world.who("ina").permissions
    assert told("roles.set") == [{"membership": ina, "person": world.people["ina"].pk, "roles": roles}]
    memberships.set_roles(ina, [], by=DANA, at=at)
    assert world.who("ina").permissions == frozenset()


def test_a_suspended_provider_is_out_at_once_and_can_return(world: World) -> None:
    northwind = world.providers["northwind"]
    session_of(account(world, "nora"))

    companies.suspend(northwind.pk, by=DANA, at=world.tick())

    assert (Session.objects.count(), world.who("nora").working) == (0, False)
    with pytest.raises(BadEntry, match="suspended already"):
        companies.suspend(northwind.pk, by=DANA, at=world.tick())
    companies.resume(northwind.pk, by=DANA, at=world.tick())
    assert world.who("nora").working
    with pytest.raises(BadEntry, match="not suspended"):
        companies.resume(northwind.pk, by=DANA, at=world.tick())


def test_changing_only_the_name_keeps_the_rest(world: World) -> None:
    entry = ProviderEntry(name="Northwind", hue=2)
    companies.change_provider(world.providers["northwind"].pk, entry, by=DANA, at=now())
    companies.change_provider(world.providers["northwind"].pk, replace(entry, name="Northwind plc"), by=DANA, at=now())

    assert [what["changed"] for what in told("provider.changed")] == [["name"]]


def account(world: World, name: str) -> Account:
    return Account.objects.get(person=world.people[name])


def told(kind: str) -> list[dict[str, object]]:
    bodies = Event.objects.filter(stream=Stream.CONFIG, kind=kind).order_by("seq").values_list("body", flat=True)
    return [json.loads(body)["what"] for body in bodies]
