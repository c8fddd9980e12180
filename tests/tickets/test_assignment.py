"""Who of the team has it: taken once, given by leads to people who are there, given back."""

from __future__ import annotations

import pytest

from helmdesk.people.models import Person
from helmdesk.providers.models import Membership, TeamMembership
from helmdesk.tickets import assignment, hand_over, resolution, taking_part
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.refusals import NotThere, Overtaken
from tests.tickets.outcomes import events, heard, kinds, last, refused, signature
from tests.world import World


def take(world: World, ticket: Ticket, who: str) -> Ticket:
    return assignment.take(ticket.pk, by=world.who(who), at=world.tick())


def assign(world: World, ticket: Ticket, to: str, by: str) -> Ticket:
    return assignment.assign(ticket.pk, to=world.membership(to), by=world.who(by), at=world.tick())


def release(world: World, ticket: Ticket, who: str) -> Ticket:
    return assignment.release(ticket.pk, by=world.who(who), at=world.tick())


def test_taking_says_who_and_leaves_the_ball_where_it_is(world: World) -> None:
    ticket = world.ticket()
    with heard() as facts:
        take(world, ticket, "ina")

    now, ina = world.fresh(ticket), world.membership("ina")
    assert (now.assignee_id, now.holder_id, now.team_id) == (ina, world.teams["desk"].pk, world.teams["desk"].pk)
    assert last(ticket, "assigned") == {"assignee": ina, "was": None, "how": "take"}
    assert signature(ticket, "assigned") == (2, world.people["ina"].pk, world.providers["inhouse"].pk)
    assert [fact.kinds for fact in facts] == [("assigned",)]


def test_a_second_taker_is_refused_by_name_and_told_what_to_do(world: World) -> None:
    ticket = world.ticket()
    take(world, ticket, "ina")
    ina = world.membership("ina")
    with refused("taken", "Ina Huber has it.", cure="Talk to them", field="assignee", value=ina):
        take(world, ticket, "ivo")
    with refused("taken", "Ina Huber has it."):
        assign(world, ticket, "ivo", "ivo")  # giving it to oneself is no way round
    with refused("yours_already", "You have it already."):
        take(world, ticket, "ina")


def test_what_somebody_has_who_is_gone_can_be_taken(world: World) -> None:
    ticket = world.ticket()
    take(world, ticket, "ina")
    left = world.membership("ina")
    Membership.objects.filter(pk=left).update(ended_at=world.at)

    take(world, ticket, "ivo")

    assert last(ticket, "assigned") == {"assignee": world.membership("ivo"), "was": left, "how": "take"}


def test_only_agents_of_the_team_take_it(world: World) -> None:
    ticket = world.ticket(service="network")
    for name in ("nora", "max"):  # who sees it and is of another team, even a lead over all
        with refused("not_yours", "This is with Desk", cure="passed to your team"):
            take(world, ticket, name)
    with refused("own_ticket", "You asked for help here yourself"):
        take(world, ticket, "alice")
    with refused("agents_only", "Only an agent takes a ticket."):
        take(world, ticket, "system")
    for name in ("bela", "arno"):
        with refused("not_there", f"There is no ticket {ticket.pk} here."):
            take(world, ticket, name)


def test_a_lead_gives_it_to_somebody_of_the_team_and_to_nobody_else(world: World) -> None:
    ticket = world.ticket()
    assign(world, ticket, "ivo", "iris")
    assert last(ticket, "assigned") == {"assignee": world.membership("ivo"), "was": None, "how": "assign"}
    assign(world, ticket, "ina", "max")  # a company lead, over every team
    assign(world, ticket, "ina", "max")
    assert [what["assignee"] for _, what in events(ticket, "assigned")] == [
        world.membership("ivo"), world.membership("ina"),
    ]  # fmt: skip
    with refused("leads_only", "A lead of the team does this.", cure="Ask the lead."):
        assign(world, ticket, "ivo", "ina")
    for stranger in ("nora", "max"):
        with refused("not_there", field="agent", value=world.membership(stranger)):
            assign(world, ticket, stranger, "iris")


def test_a_lead_leads_their_own_teams_only(world: World) -> None:
    ticket = world.ticket(service="network")
    with refused("leads_only"):
        assign(world, ticket, "ina", "nora")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    with refused("leads_only"):
        assign(world, ticket, "nils", "iris")
    assign(world, ticket, "nils", "nora")
    assert world.fresh(ticket).assignee_id == world.membership("nils")


def test_nobody_is_given_it_who_has_left_or_asked_for_it(world: World) -> None:
    ticket = world.ticket("ivo")
    taking_part.add_participant(ticket.pk, person=world.people["ina"].pk, by=world.who("iris"), at=world.tick())
    for name in ("ivo", "ina"):
        with refused("own_ticket", "The one who asked cannot be the one who works on it."):
            assign(world, ticket, name, "iris")
    other = world.ticket("alice")
    left = world.membership("ina")
    Membership.objects.filter(pk=left).update(ended_at=world.at)
    with pytest.raises(NotThere):
        assignment.assign(other.pk, to=left, by=world.who("iris"), at=world.tick())
    Person.objects.filter(pk=world.people["ivo"].pk).update(active=False)
    with refused("not_there", field="agent"):
        assign(world, other, "ivo", "iris")
    TeamMembership.objects.filter(membership=world.membership("max")).update(team=world.teams["desk"])
    assign(world, other, "max", "iris")


def test_a_manager_who_asked_is_no_lead_on_their_own_ticket(world: World) -> None:
    ticket = world.ticket("max")
    with refused("own_ticket", "You asked for help here yourself", cure="a colleague works on it"):
        assign(world, ticket, "ina", "max")
    take(world, ticket, "ina")
    with refused("own_ticket"):
        release(world, ticket, "max")


def test_who_has_it_gives_it_back_or_a_lead_does(world: World) -> None:
    ticket = world.ticket()
    with refused("nobody_has_it", "Nobody has taken it."):
        release(world, ticket, "ina")
    take(world, ticket, "ina")
    with refused("leads_only"):
        release(world, ticket, "ivo")
    release(world, ticket, "ina")
    assert last(ticket, "assigned") == {"assignee": None, "was": world.membership("ina"), "how": "release"}
    assign(world, ticket, "ivo", "iris")
    release(world, ticket, "iris")
    assert world.fresh(ticket).assignee_id is None
    assert kinds(ticket).count("assigned") == 4


def test_what_is_done_is_taken_by_nobody(world: World) -> None:
    ticket = world.ticket()
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    with refused("not_open", "The ticket is resolved.", cure="Reopen it first.", field="phase", value="resolved"):
        take(world, ticket, "ina")
    with refused("not_open"):
        assign(world, ticket, "ina", "iris")


def test_taking_accepts_what_was_handed_over(world: World) -> None:
    ticket = world.ticket(service="network")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    with heard() as facts:
        take(world, ticket, "nils")
    assert [fact.kinds for fact in facts] == [("hand_over.accepted", "assigned")]
    assert world.fresh(ticket).offered_from_id is None


def test_who_was_shown_an_older_ball_is_told_where_it_is_now(world: World) -> None:
    ticket = world.ticket(service="network")
    shown = world.fresh(ticket).position
    hand_over.hand_over(
        ticket.pk, to=world.teams["clients"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    with pytest.raises(Overtaken, match="Meanwhile it was passed on: it is with Clients") as raised:
        assignment.take(ticket.pk, by=world.who("ivo"), at=world.tick(), shown=shown)
    assert raised.value.cure.startswith("Nothing was changed by you")
    assignment.take(ticket.pk, by=world.who("max"), at=world.tick(), shown=world.fresh(ticket).position)
    with pytest.raises(Overtaken, match="it is with Clients, Max Adler"):
        assignment.take(ticket.pk, by=world.who("ina"), at=world.tick(), shown=shown)
    with pytest.raises(Overtaken, match=r"it is with Clients\."):
        assignment.take(ticket.pk, by=world.who("nora"), at=world.tick(), shown=shown)  # names are masked for guests
