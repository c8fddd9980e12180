"""From team to team: with words, only to who may see it, answered by yes, no, or taken back."""

from __future__ import annotations

from typing import Any

import pytest

from helmdesk.access.models import Grant
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets import (
    assignment,
    conversation,
    hand_over,
    relations,
    rerouting,
    resolution,
    sorting,
    taking_part,
    waiting,
)
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Message, Share, Ticket, Wait
from helmdesk.tickets.replay import differences
from tests.tickets.outcomes import events, heard, kinds, last, refused, signature, widen
from tests.world import World


def pass_on(world: World, ticket: Ticket, to: str, by: str, **said: Any) -> Ticket:
    words = {"done": "Looked at the cable", "asked": "Look at the switch", **said}
    return hand_over.hand_over(ticket.pk, to=world.teams[to].pk, by=world.who(by), at=world.tick(), **words)


def accept(world: World, ticket: Ticket, by: str) -> Ticket:
    return hand_over.accept(ticket.pk, by=world.who(by), at=world.tick())


def decline(world: World, ticket: Ticket, by: str, reason: str = "not_ours") -> Ticket:
    return hand_over.decline(ticket.pk, reason=reason, by=world.who(by), at=world.tick())


def recall(world: World, ticket: Ticket, by: str) -> Ticket:
    return hand_over.recall(ticket.pk, by=world.who(by), at=world.tick())


def test_the_next_team_has_the_ball_the_words_and_nobody_assigned(world: World) -> None:
    ticket = world.ticket(service="network")
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    with heard() as facts:
        pass_on(world, ticket, "network", "ina", known="Only room 12")

    now, desk, network = world.fresh(ticket), world.teams["desk"].pk, world.teams["network"].pk
    assert (now.team_id, now.holder, now.holder_id, now.assignee_id) == (network, Holder.TEAM, network, None)
    assert now.offered_from_id == desk
    assert last(ticket, "handed_over") == {"from": desk, "to": network, "why": "hand_over"}
    assert [fact.kinds for fact in facts] == [("thread.opened", "message.added", "handed_over")]
    told = world.messages(ticket)[-1]
    assert told.text.body == "Done: Looked at the cable\n\nAsked: Look at the switch\n\nKnown: Only room 12"
    readers = {name: Message.objects.visible_to(world.who(name)).filter(pk=told.pk).exists()
               for name in ("ina", "nora", "nils", "bela", "alice")}  # fmt: skip
    assert readers == {"ina": True, "nora": True, "nils": True, "bela": False, "alice": False}
    assert list(differences()) == []


def test_without_words_nothing_is_passed_on(world: World) -> None:
    ticket = world.ticket(service="network")
    for missing in ("done", "asked"):
        with refused("say_what", "what was done and what is asked", cure="A sentence each", field=missing):
            pass_on(world, ticket, "network", "ina", **{missing: " \n"})


def test_who_may_not_see_it_does_not_get_it_until_it_is_shared(world: World) -> None:

    ticket = world.ticket(service="payroll")
    network = world.teams["network"].pk
    with refused("cannot_see", "Northwind may not see this ticket.", cure="Share this one ticket", value=network):
        pass_on(world, ticket, "network", "ina")
    taking_part.share(ticket.pk, provider=world.providers["northwind"].pk, by=world.who("max"), at=world.tick())
    pass_on(world, ticket, "network", "ina")
    assert world.fresh(ticket).team_id == network


def test_without_any_grant_that_holds_a_share_does_not_help(world: World) -> None:
    ticket = world.ticket(service="network")
    pass_on(world, ticket, "network", "ina")
    decline(world, ticket, "nora")
    Grant.objects.filter(provider=world.providers["northwind"]).update(revoked_at=world.at)
    with refused("cannot_see"):
        pass_on(world, ticket, "network", "ina")


def test_what_a_provider_held_it_goes_on_seeing_and_may_get_again(world: World) -> None:
    ticket = world.ticket(service="network")
    pass_on(world, ticket, "network", "ina")
    pass_on(world, ticket, "desk", "nora")

    sorting.classify(ticket.pk, about=world.about("payroll"), by=world.who("ina"), at=world.tick())
    assert Share.objects.get(ticket=ticket).why == "held"
    assert Ticket.objects.visible_to(world.who("nils")).filter(pk=ticket.pk).exists()
    pass_on(world, ticket, "network", "ina")
    assert world.fresh(ticket).team_id == world.teams["network"].pk


def test_a_team_that_is_closed_out_or_has_it_already_gets_nothing(world: World) -> None:
    ticket = world.ticket(service="network")
    with refused("same_team", "Desk has it already.", field="team", value=world.teams["desk"].pk):
        pass_on(world, ticket, "desk", "ina")
    Team.objects.filter(code="clients").update(active=False)
    with refused("not_there", field="team", value=world.teams["clients"].pk):
        pass_on(world, ticket, "clients", "ina")
    Provider.objects.filter(code="northwind").update(suspended_at=world.at)
    with refused("suspended", "Northwind is suspended.", field="team"):
        pass_on(world, ticket, "network", "ina")
    Provider.objects.filter(code="northwind").update(suspended_at=None, active=False)
    with refused("not_there", field="team"):
        pass_on(world, ticket, "network", "ina")
    with refused("not_there", field="team", value=999):
        hand_over.hand_over(ticket.pk, to=999, done="a", asked="b", by=world.who("ina"), at=world.tick())


def test_the_responsible_team_passes_on_a_company_lead_may_and_nobody_else(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    for name in ("ina", "iris"):
        with refused("not_yours", "This is with Network.", cure="Ask them"):
            pass_on(world, ticket, "clients", name)
    with refused("own_ticket"):
        pass_on(world, ticket, "desk", "alice")
    with refused("not_there"):
        pass_on(world, ticket, "desk", "bela")
    pass_on(world, ticket, "desk", "max")
    pass_on(world, ticket, "clients", "ina")
    own = world.ticket("max", team="clients")
    with refused("own_ticket"):
        pass_on(world, own, "desk", "max")


def test_the_desk_itself_passes_on_by_rule(world: World) -> None:
    ticket = world.ticket(service="network")
    pass_on(world, ticket, "network", "system")
    assert last(ticket, "handed_over")["why"] == "automatic"
    assert signature(ticket, "handed_over") == (0, None, None)


def test_a_provider_passes_on_to_the_company_and_not_to_another_provider(world: World) -> None:
    widen(world, "baltic")
    ticket = world.ticket(service="network", team="network", by="ina")
    with refused("two_providers", "not to another provider", cure="a team of the company", field="team"):
        pass_on(world, ticket, "night", "nora")
    pass_on(world, ticket, "night", "max")  # the company may
    assert world.fresh(ticket).team_id == world.teams["night"].pk


def test_passing_on_ends_a_wait_and_its_evidence_stays(world: World) -> None:
    ticket = world.ticket(service="network")
    waiting.ask_team(ticket.pk, team=world.teams["clients"].pk, question="Yours?", by=world.who("ina"), at=world.tick())
    before = len(events(ticket))
    pass_on(world, ticket, "network", "ina")
    assert kinds(ticket, since=before) == ["thread.opened", "message.added", "wait.ended", "handed_over"]
    assert last(ticket, "wait.ended") == {"why": "handed_over"}
    now = world.fresh(ticket)
    assert (now.wait, now.holder_id, now.wait_position) == (None, world.teams["network"].pk, None)


def test_a_team_accepts_once_and_by_its_own_people(world: World) -> None:
    ticket = world.ticket(service="network")
    with refused("not_offered", "There is no hand-over to answer"):
        accept(world, ticket, "ina")
    pass_on(world, ticket, "network", "ina")
    for name in ("ina", "max", "system"):
        with refused("not_yours", "only its own agents do this"):
            accept(world, ticket, name)
    with heard() as facts:
        accept(world, ticket, "nils")
    assert [fact.kinds for fact in facts] == [("hand_over.accepted",)]
    assert last(ticket, "hand_over.accepted") == {"from": world.teams["desk"].pk, "to": world.teams["network"].pk}
    with refused("not_offered"):
        accept(world, ticket, "nora")
    with refused("not_offered"):
        decline(world, ticket, "nora")
    with refused("not_offered"):
        recall(world, ticket, "iris")


@pytest.mark.parametrize("act", ["take", "reply", "note", "ask", "wait"])
def test_whoever_starts_work_has_said_yes(world: World, act: str) -> None:
    ticket = world.ticket(service="network")
    pass_on(world, ticket, "network", "ina")
    nora: dict[str, Any] = {"by": world.who("nora"), "at": world.tick()}
    conversation.note(ticket.pk, Words("Hurry"), by=world.who("ina"), at=world.at)  # the first team accepts nothing
    assert world.fresh(ticket).offered_from_id == world.teams["desk"].pk
    if act == "take":
        assignment.take(ticket.pk, **nora)
    elif act == "reply":
        conversation.reply(ticket.pk, Words("Looking"), **nora)
    elif act == "note":
        conversation.note(ticket.pk, Words("Looking"), **nora)
    elif act == "ask":
        conversation.ask_requester(ticket.pk, Words("Where?"), **nora)
    else:
        waiting.wait_until_agreed(ticket.pk, until=world.at.replace(day=9), message=first(world, ticket), **nora)
    assert world.fresh(ticket).offered_from_id is None
    assert kinds(ticket).count("hand_over.accepted") == 1


def test_declining_needs_a_reason_and_gives_it_back(world: World) -> None:
    ticket = world.ticket(service="network")
    pass_on(world, ticket, "network", "ina")
    with refused("reason", "declined with a reason", cure="missing_information", field="reason", value="lazy"):
        decline(world, ticket, "nora", reason="lazy")
    for name in ("ina", "max"):
        with refused("not_yours"):
            decline(world, ticket, name)
    decline(world, ticket, "nora", reason="no_capacity")
    now, desk, network = world.fresh(ticket), world.teams["desk"].pk, world.teams["network"].pk
    assert (now.team_id, now.holder_id, now.offered_from_id) == (desk, desk, None)
    assert last(ticket, "hand_over.declined") == {"from": network, "to": desk, "reason": "no_capacity"}
    assert list(differences()) == []


def test_a_lead_of_the_first_team_takes_it_back_before_it_is_accepted(world: World) -> None:
    ticket = world.ticket(service="network")
    pass_on(world, ticket, "network", "ina")
    for name in ("ina", "nora"):  # no lead; lead of the other team
        with refused("leads_only"):
            recall(world, ticket, name)
    recall(world, ticket, "iris")
    assert world.fresh(ticket).team_id == world.teams["desk"].pk
    assert last(ticket, "hand_over.recalled") == {"from": world.teams["network"].pk, "to": world.teams["desk"].pk}
    pass_on(world, ticket, "network", "ina")
    recall(world, ticket, "max")
    assert world.fresh(ticket).team_id == world.teams["desk"].pk


def test_what_is_declined_goes_to_triage_when_the_first_team_is_gone(world: World) -> None:
    ticket = world.ticket("alice", service="network", team="clients")
    pass_on(world, ticket, "network", "max")
    Team.objects.filter(code="clients").update(active=False)
    decline(world, ticket, "nora")
    assert world.fresh(ticket).team_id == world.teams["desk"].pk
    assert last(ticket, "hand_over.declined")["to"] == world.teams["desk"].pk
    assert list(differences()) == []


def test_what_is_done_is_passed_to_nobody(world: World) -> None:
    ticket = world.ticket(service="network")
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    with refused("not_open", "The ticket is resolved."):
        pass_on(world, ticket, "network", "ina")


def test_a_whole_that_waits_for_its_part_waits_for_the_parts_new_team(world: World) -> None:
    whole = world.ticket(service="network")
    part = relations.split(
        whole.pk, messages=[first(world, whole)], subject="Part", by=world.who("ina"), at=world.tick()
    )
    waiting.wait_on_child(whole.pk, child=part.pk, by=world.who("ina"), at=world.tick())
    pass_on(world, part, "network", "ina")
    network = world.teams["network"].pk
    assert (last(whole, "wait.moved"), world.fresh(whole).holder_id) == ({"team": network}, network)
    decline(world, part, "nora")
    assert (world.fresh(whole).wait, world.fresh(whole).holder_id) == (Wait.CHILD, world.teams["desk"].pk)
    assert list(differences()) == []


def test_only_a_company_lead_moves_it_without_asking(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    for name in ("nora", "iris"):
        with refused("not_allowed", field="permission", value="tickets.company_lead"):
            rerouting.reroute(ticket.pk, to=world.teams["desk"].pk, by=world.who(name), at=world.tick())
    own = world.ticket("max")
    with refused("own_ticket"):
        rerouting.reroute(own.pk, to=world.teams["clients"].pk, by=world.who("max"), at=world.tick())
    rerouting.reroute(ticket.pk, to=world.teams["desk"].pk, by=world.who("max"), at=world.tick())
    assert last(ticket, "team.rerouted") == {"from": world.teams["network"].pk, "to": world.teams["desk"].pk}
    assert world.fresh(ticket).offered_from_id is None


def first(world: World, ticket: Ticket) -> int:
    return world.messages(ticket)[0].pk
