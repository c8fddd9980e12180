"""Who leaves a team, a provider or the desk has no ticket any more: the team has it back."""

from __future__ import annotations

import json

import pytest

from helmdesk.foundation.jobs.worker import Worker
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Event, Hat
from helmdesk.people import persons
from helmdesk.providers import memberships
from helmdesk.tickets import assignment, resolution
from helmdesk.tickets.leaving import release_what_was_left
from helmdesk.tickets.models import Holder, Ticket
from helmdesk.tickets.replay import differences
from tests.world import World

DANA = Stamp(hat=2, person=77, hat_id=7, provider=1)


@pytest.fixture
def tickets(world: World) -> list[Ticket]:
    """Two of Nils, one of Nora, one that Nils has solved."""
    made = [world.ticket(service="network", team="network") for _ in range(4)]
    for ticket, name in zip(made, ("nils", "nils", "nora", "nils"), strict=True):
        assignment.take(ticket.pk, by=world.who(name), at=world.tick())
    resolution.resolve(made[3].pk, by=world.who("nils"), at=world.tick())
    return made


def leave(world: World, how: str) -> None:
    nils = world.membership("nils")
    if how == "the team":
        memberships.leave_team(nils, team=world.teams["network"].pk, by=DANA, at=world.tick())
    elif how == "the provider":
        memberships.leave(nils, by=DANA, at=world.tick())
    elif how == "for another":
        memberships.move(nils, provider=world.providers["baltic"].pk, by=DANA, at=world.tick())
    else:
        persons.deactivate(world.people["nils"].pk, by=DANA, at=world.tick())
    Worker().drain()


@pytest.mark.parametrize("how", ["the team", "the provider", "for another", "the desk"])
def test_who_leaves_gives_open_tickets_back_to_their_team(world: World, tickets: list[Ticket], how: str) -> None:
    nils, nora = world.membership("nils"), world.membership("nora")
    leave(world, how)

    fresh = [world.fresh(ticket) for ticket in tickets]
    assert [ticket.assignee_id for ticket in fresh] == [None, None, nora, nils]
    assert {(ticket.holder, ticket.holder_id) for ticket in fresh[:3]} == {(Holder.TEAM, world.teams["network"].pk)}
    for ticket in fresh[:2]:
        last = Event.objects.filter(stream=1, stream_id=ticket.pk).order_by("-n")[0]
        told = (last.kind, last.hat, json.loads(last.body)["what"])
        assert told == ("assigned", Hat.SYSTEM, {"assignee": None, "was": nils, "how": "left"})
    assert list(differences()) == []


def test_somebody_of_the_team_takes_what_was_left(world: World, tickets: list[Ticket]) -> None:
    leave(world, "the provider")

    assert assignment.take(tickets[0].pk, by=world.who("nora"), at=world.tick()).assignee_id == world.membership("nora")


def test_who_came_back_meanwhile_or_left_another_team_keeps_them(world: World, tickets: list[Ticket]) -> None:
    nils = world.people["nils"].pk
    persons.deactivate(nils, by=DANA, at=world.tick())
    persons.reactivate(nils, by=DANA, at=world.tick())

    assert release_what_was_left([nils], at=world.tick()) == []
    assert world.fresh(tickets[0]).assignee_id == world.membership("nils")


def test_asked_twice_it_releases_once(world: World, tickets: list[Ticket]) -> None:
    memberships.leave(world.membership("nils"), by=DANA, at=world.tick())
    nils = world.people["nils"].pk

    assert release_what_was_left([nils], at=world.tick()) == [tickets[0].pk, tickets[1].pk]
    assert release_what_was_left([nils], at=world.tick()) == []
