"""A provider is suspended: its people are out, and every open ticket it held is with somebody who works."""

from __future__ import annotations

import json

import pytest

from helmdesk.access.grants import Terms, give
from helmdesk.ledger.models import Event, Stream
from helmdesk.providers.models import Provider
from helmdesk.tickets import assignment, relations, resolution, waiting
from helmdesk.tickets.models import Holder, Ticket, Wait
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.replay import differences
from helmdesk.tickets.rerouting import suspend_provider
from tests.world import World


def test_its_tickets_move_to_the_fallback_team_in_one_operation(world: World) -> None:
    held = [world.ticket(service="network", team="network", by="ina") for _ in range(3)]
    other = world.ticket(service="network")
    assignment.take(held[0].pk, by=world.who("nora"), at=world.tick())
    resolution.resolve(held[2].pk, by=world.who("nora"), at=world.tick())
    name_fallback(world, "clients")

    moved = suspend(world)

    assert moved == [held[0].pk, held[1].pk]
    clients = world.teams["clients"].pk
    for ticket in held[:2]:
        now = world.fresh(ticket)
        assert (now.team_id, now.assignee_id, now.holder, now.holder_id) == (clients, None, Holder.TEAM, clients)
    assert world.fresh(other).team_id == world.teams["desk"].pk
    events = Event.objects.filter(kind="team.rerouted")
    assert events.count() == 2
    assert len(set(events.values_list("operation", "cause", "person"))) == 1
    cause = Event.objects.get(seq=events[0].cause or 0)
    assert (cause.kind, cause.stream) == ("provider.suspended", Stream.PROVIDER)
    assert json.loads(events[0].body)["what"] == {"from": world.teams["network"].pk, "to": clients}
    assert list(differences()) == []


def test_without_a_plan_they_go_to_in_house_triage(world: World) -> None:
    held = world.ticket(service="network", team="network", by="ina")

    suspend(world)

    assert world.fresh(held).team_id == world.teams["desk"].pk
    assert not world.who("nora").working


def test_a_question_to_its_team_is_withdrawn_and_a_wait_for_its_part_goes_on_with_the_part(world: World) -> None:
    asking, parent = world.ticket(service="network"), world.ticket(service="network")
    waiting.ask_team(
        asking.pk, team=world.teams["network"].pk, question="Which port?", by=world.who("ina"), at=world.tick()
    )
    messages = [message.pk for message in world.messages(parent)]
    child = relations.split(parent.pk, messages=messages, subject="Part", by=world.who("ina"), at=world.tick())
    waiting.wait_on_child(parent.pk, child=child.pk, by=world.who("ina"), at=world.tick())
    pass_to_network(world, child)
    assert world.fresh(parent).holder_id == world.teams["network"].pk

    suspend(world)

    now = world.fresh(asking)
    assert (now.wait, now.holder_id) == (None, world.teams["desk"].pk)
    now = world.fresh(parent)
    assert (now.wait, now.wait_on, now.holder_id) == (Wait.CHILD, child.pk, world.teams["desk"].pk)
    assert list(differences()) == []


def test_confidential_tickets_move_too_though_the_lead_does_not_see_them(world: World) -> None:
    give(
        world.providers["northwind"].pk, Terms(services=[world.services["network"].pk], confidential=True),
        by=world.who("system"), at=world.tick(),
    )  # fmt: skip
    hidden = world.ticket(service="network", team="network", flags=1)
    assert not Ticket.objects.visible_to(world.who("max")).filter(pk=hidden.pk).exists()

    assert suspend(world) == [hidden.pk]

    assert world.fresh(hidden).team_id == world.teams["desk"].pk


def test_what_an_outside_fallback_may_not_see_goes_to_triage_instead(world: World) -> None:
    name_fallback(world, "night")
    network = world.ticket(service="network", team="network", by="ina")

    suspend(world)

    assert world.fresh(network).team_id == world.teams["desk"].pk


def test_only_a_company_lead_suspends_and_only_once(world: World) -> None:
    northwind = world.providers["northwind"].pk
    for name in ("iris", "nora", "alice"):
        with pytest.raises(Refused, match="does not allow"):
            suspend_provider(northwind, by=world.who(name), at=world.tick())
    with pytest.raises(NotThere):
        suspend_provider(999, by=world.who("max"), at=world.tick())
    suspend(world)
    with pytest.raises(Refused, match="suspended already"):
        suspend(world)


def test_the_last_in_house_team_cannot_vanish_under_its_tickets(world: World) -> None:
    with pytest.raises(Refused, match="in-house team"):
        suspend_provider(world.providers["inhouse"].pk, by=world.who("max"), at=world.tick())

    assert Provider.objects.get(code="inhouse").suspended_at is None


def suspend(world: World) -> list[int]:
    return suspend_provider(world.providers["northwind"].pk, by=world.who("max"), at=world.tick())


def name_fallback(world: World, team: str) -> None:
    Provider.objects.filter(code="northwind").update(fallback_team=world.teams[team])


def pass_to_network(world: World, ticket: Ticket) -> None:
    from helmdesk.tickets.hand_over import hand_over

    hand_over(
        ticket.pk, to=world.teams["network"].pk, done="Looked", asked="Repair", by=world.who("ina"), at=world.tick()
    )
