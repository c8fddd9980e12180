"""Grants: given by who may, changed by versions, ended at once; the tickets that a guest sees follow them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from helmdesk.access import grants
from helmdesk.access.allowed import NotAllowed, signed
from helmdesk.access.grants import Terms, terms_of
from helmdesk.access.models import Grant
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.models import Event, Stream
from helmdesk.providers.companies import ProviderEntry, add_provider
from helmdesk.tickets.models import Ticket
from tests.world import World


def test_a_grant_opens_what_it_names_and_nothing_else(world: World) -> None:
    mail, network = world.ticket(service="email", site="south"), world.ticket(service="network", site="south")
    hidden = world.ticket(service="email", site="south", flags=1)
    assert seen_by(world, "bela") == set()

    grants.give(
        world.providers["baltic"].pk, Terms(services=[world.services["email"].pk]), by=world.who("max"), at=world.tick()
    )

    assert seen_by(world, "bela") == {mail.pk}
    assert {network.pk, hidden.pk} <= set(Ticket.objects.unscoped(reason="test").values_list("pk", flat=True))


def test_a_grant_is_given_by_those_who_may(world: World) -> None:
    for name in ("ina", "iris", "nora", "ada", "alice"):
        with pytest.raises(NotAllowed, match=r"access\.manage"):
            grants.give(world.providers["baltic"].pk, Terms(), by=world.who(name), at=world.tick())

    assert Grant.objects.count() == 3


def test_the_ledger_keeps_every_version_of_a_grant(world: World) -> None:
    max_, baltic, at = world.who("max"), world.providers["baltic"], world.tick()
    grant = grants.give(baltic.pk, Terms(services=[world.services["email"].pk]), by=max_, at=at)
    wider = replace(terms_of(grant), sites=[world.sites["south"].pk], personal_data=True)

    grants.change(grant.pk, wider, by=max_, at=at)
    changed = grants.change(grant.pk, wider, by=max_, at=at)
    grants.revoke(grant.pk, by=max_, at=at)

    assert changed.version == 2
    rows = Event.objects.filter(stream=Stream.PROVIDER, stream_id=baltic.pk).order_by("n").values_list("kind", "body")
    whats = [(kind, json.loads(body)["what"]) for kind, body in rows]
    assert [kind for kind, _ in whats] == ["grant.given", "grant.changed", "grant.revoked"]
    given, second = whats[0][1], whats[1][1]
    assert (given["version"], given["sites"], given["personal_data"]) == (1, [], False)
    assert (second["version"], second["sites"], second["personal_data"]) == (2, [world.sites["south"].pk], True)


def test_a_revoked_grant_shows_nothing(world: World) -> None:
    ticket = world.ticket(service="network")
    assert seen_by(world, "nora") == {ticket.pk}
    northwind = Grant.objects.get(provider=world.providers["northwind"])

    grants.revoke(northwind.pk, by=world.who("max"), at=world.tick())

    assert seen_by(world, "nora") == set()
    with pytest.raises(BadEntry, match="give another"):
        grants.change(northwind.pk, Terms(), by=world.who("max"), at=world.tick())


def test_a_narrowed_grant_hides_at_once_what_it_no_longer_names(world: World) -> None:
    north, south = world.ticket(service="network", site="north"), world.ticket(service="network", site="south")
    grant = Grant.objects.get(provider=world.providers["northwind"])

    terms = replace(terms_of(grant), sites=[world.sites["south"].pk])
    grants.change(grant.pk, terms, by=world.who("max"), at=world.tick())

    assert seen_by(world, "nora") == {south.pk}
    assert north.pk not in seen_by(world, "nora")


def test_a_grant_begins_and_ends_by_its_dates(world: World) -> None:
    ticket = world.ticket(service="email", site="south")
    day = world.at + timedelta(days=1)
    grants.give(
        world.providers["baltic"].pk, Terms(starts_at=day, ends_at=day + timedelta(days=1)), by=world.who("max"),
        at=world.tick(),
    )  # fmt: skip

    assert seen_by(world, "bela") == set()
    world.tick(days=1)
    assert seen_by(world, "bela") == {ticket.pk}
    world.tick(days=1)
    assert seen_by(world, "bela") == set()
    with pytest.raises(BadEntry, match="ends after it starts"):
        grants.give(world.providers["baltic"].pk, Terms(ends_at=day), by=world.who("max"), at=world.tick())


@pytest.mark.parametrize("what", ["services", "sites", "categories"])
def test_a_grant_names_what_there_is(world: World, what: str) -> None:
    with pytest.raises(BadEntry) as refused:
        grants.give(world.providers["baltic"].pk, Terms(**{what: [999]}), by=world.who("max"), at=world.tick())  # type: ignore[arg-type]

    assert refused.value.field == what
    assert Grant.objects.count() == 3


def test_new_in_house_people_get_everything_but_the_confidential(world: World) -> None:
    stamp = signed(world.who("max"), "providers.manage")
    asia = add_provider("asia", ProviderEntry(name="IT Asia", kind="internal"), by=stamp, at=world.tick())

    grant = grants.give_default(asia.pk, by=world.who("max"), at=world.tick())

    assert grant is not None
    assert (grant.confidential, grant.personal_data, list(grant.services.all())) == (False, True, [])
    assert grants.give_default(asia.pk, by=world.who("max"), at=world.tick()) is None
    assert grants.give_default(world.providers["northwind"].pk, by=world.who("max"), at=world.tick()) is None


def seen_by(world: World, name: str) -> set[int]:
    return set(Ticket.objects.visible_to(world.who(name)).values_list("pk", flat=True))
