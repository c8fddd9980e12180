"""Scopes and audiences: interned once, opened by what grants name, whoever was there first; against a plain twin."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.access.models import Audience, Grant, GrantScope, Scope
from helmdesk.access.scopes import (
    EVERYTHING,
    FEW,
    NOTHING,
    Combination,
    ScopeSet,
    combination_of,
    intern,
    intern_all,
    intern_audience,
    opened_by,
    resolve,
)
from helmdesk.access.viewer import live_grants, opened_to, permissions_of, system
from helmdesk.people.models import Role
from helmdesk.people.permissions import GUEST_MAY, PERMISSIONS, ROLES
from helmdesk.providers.models import Membership
from helmdesk.tickets.models import Ticket
from tests.world import World

PART = st.one_of(st.none(), st.integers(1, 10**9))
COMBINATIONS = st.builds(Combination, PART, PART, PART, st.integers(0, 1))

SERVICE = st.sampled_from([None, "network", "email"])
SITE = st.sampled_from([None, "north", "south"])
ABOUT = st.tuples(SERVICE, SITE, st.integers(0, 1))
GIVEN = st.tuples(
    st.frozensets(SERVICE.filter(bool), max_size=2), st.frozensets(SITE.filter(bool), max_size=1), st.booleans()
)


@given(one=COMBINATIONS, other=COMBINATIONS)
def test_two_combinations_share_a_key_only_when_they_are_the_same(one: Combination, other: Combination) -> None:
    assert (one.key == other.key) == (one == other)
    assert Combination(**one.as_dict()) == one  # type: ignore[arg-type]
    assert one.confidential == (one.flags == 1)


def test_a_combination_is_met_for_the_first_time_once(world: World) -> None:
    about = world.about("network", "north")
    first = intern(about)
    assert intern(about) == first == intern_all([about, about])[about.key]
    assert combination_of(first) == about
    fresh = world.about("email", "south", flags=1)
    found = intern_all([about, fresh])
    assert {scope.pk for scope in found.values()} == {first.pk, Scope.objects.get(key=fresh.key).pk}
    assert intern_all([]) == {}


@given(abouts=st.lists(ABOUT, min_size=1, max_size=6), grant=GIVEN, before=st.booleans(), one_by_one=st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_scope_opens_to_what_names_it_whichever_was_there_first(
    world: World, abouts: list[Any], grant: Any, before: bool, one_by_one: bool
) -> None:
    from django.db import transaction

    with transaction.atomic():
        wanted = [world.about(service, site, flags=flags) for service, site, flags in abouts]
        row = _grant(world, grant) if before else None
        scopes = {what.key: intern(what) for what in wanted} if one_by_one else intern_all(wanted)
        row = row or _grant(world, grant)
        opened = set(GrantScope.objects.filter(grant=row).values_list("scope_id", flat=True))
        assert opened == {scopes[what.key].pk for what in wanted if twin_opens(world, grant, what)}
        for cleared in (True, False):
            expected = {pk for pk in opened if cleared or not Scope.objects.get(pk=pk).flags}
            for few in (True, False):
                scope_set = opened_by([row.pk], confidential=cleared, list_few=few)
                assert {scope.pk for scope in scopes.values() if scope.pk in scope_set} == expected
                assert set(Scope.objects.filter(scope_set.as_q("pk")).values_list("pk", flat=True)) == expected
        transaction.set_rollback(True)


def _grant(world: World, given_: Any) -> Grant:
    services, sites, confidential = given_
    grant = Grant.objects.create(provider=world.providers["baltic"], confidential=confidential, starts_at=world.at)
    grant.services.set([world.services[code] for code in services])
    grant.sites.set([world.sites[code] for code in sites])
    resolve(grant)
    return grant


def twin_opens(world: World, given_: Any, what: Combination) -> bool:
    """An empty list means all; a list that names some never opens what has none."""
    services, sites, confidential = given_
    named = {world.services[code].pk for code in services}, {world.sites[code].pk for code in sites}
    fits = (not named[0] or what.service in named[0]) and (not named[1] or what.site in named[1])
    return fits and (confidential or what.flags == 0)


def test_a_revoked_grant_opens_nothing_and_a_later_scope_neither(world: World) -> None:
    grant = Grant.objects.get(provider=world.providers["northwind"])
    intern(world.about("network"))
    assert GrantScope.objects.filter(grant=grant).exists()
    Grant.objects.filter(pk=grant.pk).update(revoked_at=world.at)
    resolve(Grant.objects.get(pk=grant.pk))
    intern(world.about("network", "south"))
    assert not GrantScope.objects.filter(grant=grant).exists()


def test_nothing_is_in_nothing_and_everything_in_everything(world: World) -> None:
    scope = intern(world.about("network"))
    assert (scope.pk in NOTHING, scope.pk in EVERYTHING) == (False, True)
    assert EVERYTHING.as_q() is None
    assert opened_by([], confidential=True, list_few=True) is NOTHING
    assert not Scope.objects.filter(NOTHING.as_q("pk")).exists()


def test_many_scopes_are_asked_row_by_row_and_few_are_listed(world: World) -> None:
    grant = Grant.objects.get(provider=world.providers["inhouse"])
    intern(world.about())
    ticket = world.ticket()
    few = opened_by([grant.pk], confidential=False, list_few=True)
    assert few.few is not None
    assert ticket.scope_id in few.few
    Scope.objects.bulk_create([Scope(key=f"test.{n}") for n in range(FEW + 1)])
    rows = [GrantScope(grant=grant, scope=scope) for scope in Scope.objects.filter(key__startswith="test.")]
    GrantScope.objects.bulk_create(rows)
    many = opened_by([grant.pk], confidential=False, list_few=True)
    assert (many.few, many.grants) == (None, (grant.pk,))
    for scopes in (few, many, ScopeSet(all=True)):
        condition = scopes.as_q()
        tickets = Ticket.objects.unscoped(reason="test")
        assert [row.pk for row in (tickets if condition is None else tickets.filter(condition))] == [ticket.pk]


def test_an_audience_is_the_same_whoever_asks_and_in_whatever_order(world: World) -> None:
    north, baltic = world.providers["northwind"].pk, world.providers["baltic"].pk
    one = intern_audience(providers=frozenset({north, baltic}))
    assert intern_audience(providers=frozenset([baltic, north])) == one
    others = [
        intern_audience(), intern_audience(requester=True), intern_audience(requester=True, in_house=False),
        intern_audience(providers=frozenset({north})), intern_audience(in_house=False, providers=frozenset({north})),
    ]  # fmt: skip
    assert len({audience.pk for audience in (one, *others)}) == 6 == Audience.objects.count()
    assert set(one.providers.values_list("pk", flat=True)) == {north, baltic}


def test_grants_hold_from_their_first_instant_to_before_their_last(world: World) -> None:
    grant = Grant.objects.get(provider=world.providers["northwind"])
    start, end = world.tick(), world.tick()
    Grant.objects.filter(pk=grant.pk).update(starts_at=start, ends_at=end)
    held = [bool(live_grants(grant.provider_id, at=at)) for at in (start.replace(second=0), start, end)]
    assert held == [True, True, False]
    assert not live_grants(grant.provider_id, at=start.replace(year=2025))
    assert opened_to(grant.provider_id, at=end).grants == ()


def test_a_guest_may_never_more_than_a_guest_may(world: World) -> None:
    Role.objects.create(code="all", name={"en": "All"}, permissions=[*PERMISSIONS, "made.up"])
    for name in ("nora", "ina"):
        member = Membership.objects.get(person=world.people[name])
        member.roles.set([Role.objects.get(code="all")])
        assert permissions_of(member.pk) == PERMISSIONS.keys()
    assert world.who("nora").permissions == GUEST_MAY
    assert world.who("ina").permissions == PERMISSIONS.keys()
    assert all(system().may(code) for code in PERMISSIONS)


def test_the_roles_that_are_shipped_allow_what_exists_and_guests_nothing_of_the_companys(world: World) -> None:
    of_the_company = {
        "tickets.company_lead", "people.view", "people.manage", "people.erase", "roles.manage", "providers.manage",
        "catalogue.manage", "calendars.manage", "levels.manage", "access.manage", "ledger.view", "imports.run",
        "jobs.manage", "measures.open",
    }  # fmt: skip
    for spec in ROLES.values():
        assert set(spec["permissions"]) <= PERMISSIONS.keys()  # type: ignore[call-overload]
    assert PERMISSIONS.keys() - of_the_company == GUEST_MAY
    assert "tickets.confidential" not in {code for spec in ROLES.values() for code in spec["permissions"]}  # type: ignore[attr-defined]
