"""Participants, who stand beside the requester, and single tickets shown to a provider."""

from __future__ import annotations

from helmdesk.access.models import Grant
from helmdesk.people.models import Person
from helmdesk.providers.models import Provider
from helmdesk.tickets import assignment, conversation, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Message, Participant, Share, Ticket
from tests.tickets.outcomes import events, heard, last, refused, signature
from tests.world import World


def add(world: World, ticket: Ticket, person: str, by: str = "alice") -> Ticket:
    return taking_part.add_participant(ticket.pk, person=world.people[person].pk, by=world.who(by), at=world.tick())


def remove(world: World, ticket: Ticket, person: str, by: str = "alice") -> Ticket:
    return taking_part.remove_participant(ticket.pk, person=world.people[person].pk, by=world.who(by), at=world.tick())


def share(world: World, ticket: Ticket, provider: str = "northwind", by: str = "max") -> Ticket:
    return taking_part.share(ticket.pk, provider=world.providers[provider].pk, by=world.who(by), at=world.tick())


def unshare(world: World, ticket: Ticket, provider: str = "northwind", by: str = "max") -> Ticket:
    return taking_part.unshare(ticket.pk, provider=world.providers[provider].pk, by=world.who(by), at=world.tick())


def sees(world: World, name: str, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(world.who(name)).filter(pk=ticket.pk).exists()


def test_a_colleague_reads_and_writes_with_the_requester_until_taken_out(world: World) -> None:
    ticket = world.ticket()
    conversation.note(ticket.pk, Words("Between us"), by=world.who("ina"), at=world.tick())
    with heard() as facts:
        for _ in range(2):
            add(world, ticket, "arno")
    arno = world.people["arno"].pk
    assert ([fact.kinds for fact in facts], last(ticket, "participant.added")) == (
        [("participant.added",)], {"person": arno},
    )  # fmt: skip
    read = Message.objects.visible_to(world.who("arno")).filter(ticket=ticket)
    assert [message.text.body for message in read] == ["It does not print."]
    assert conversation.reply(ticket.pk, Words("Mine too"), by=world.who("arno"), at=world.tick()).hat == 1
    for _ in range(2):
        remove(world, ticket, "arno", "ina")
    assert [what for _, what in events(ticket, "participant.removed")] == [{"person": arno}]
    with refused("not_there"):
        conversation.reply(ticket.pk, Words("And?"), by=world.who("arno"), at=world.tick())


def test_who_takes_part_wears_the_requesters_hat_and_no_other(world: World) -> None:
    ticket = world.ticket()
    add(world, ticket, "ivo")
    ivo = world.who("ivo")
    with refused("own_ticket"):
        assignment.take(ticket.pk, by=ivo, at=world.tick())
    with refused("not_at_work"):
        conversation.note(ticket.pk, Words("Hm"), by=ivo, at=world.tick())
    conversation.reply(ticket.pk, Words("Mine too"), by=ivo, at=world.tick())
    assert signature(ticket, "message.added") == (1, world.people["ivo"].pk, None)
    remove(world, ticket, "ivo", "ivo")
    assert signature(ticket, "participant.removed")[0] == 1
    assignment.take(ticket.pk, by=world.who("ivo"), at=world.tick())


def test_who_works_on_it_and_people_of_providers_do_not_take_part(world: World) -> None:
    ticket = world.ticket()
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    with refused("works_on_it", "The one who works on it", cure="somebody else take it", field="person"):
        add(world, ticket, "ina")
    with refused("outsider", "take part as helpers", field="person", value=world.people["nora"].pk):
        add(world, ticket, "nora")
    Provider.objects.filter(code="northwind").update(suspended_at=world.at)
    with refused("outsider"):
        add(world, ticket, "nora")
    add(world, ticket, "alice")
    assert not Participant.objects.exists()  # she asked


def test_nobody_takes_part_who_is_not_there(world: World) -> None:
    ticket = world.ticket()
    Person.objects.filter(pk=world.people["arno"].pk).update(active=False)
    Person.objects.filter(pk=world.people["asha"].pk).update(merged_into=world.people["ina"].pk)
    for name in ("arno", "asha"):
        with refused("not_there", field="person", value=world.people[name].pk):
            add(world, ticket, name)
    with refused("not_there", field="person", value=999):
        taking_part.add_participant(ticket.pk, person=999, by=world.who("alice"), at=world.tick())


def test_the_requester_and_the_team_say_who_takes_part(world: World) -> None:
    ticket = world.ticket(service="network")
    with refused("not_yours"):
        add(world, ticket, "arno", "nora")
    with refused("not_there"):
        add(world, ticket, "arno", "asha")
    add(world, ticket, "arno", "ina")
    with refused("not_yours"):
        remove(world, ticket, "arno", "nora")


def test_one_ticket_is_shown_to_a_provider_and_hidden_again(world: World) -> None:
    ticket, other = world.ticket(service="payroll"), world.ticket(service="payroll")
    with heard() as facts:
        for _ in range(2):
            share(world, ticket)
    northwind = world.providers["northwind"].pk
    assert ([fact.kinds for fact in facts], last(ticket, "shared")) == (
        [("shared",)], {"provider": northwind, "on": True},
    )  # fmt: skip
    assert {name: sees(world, name, ticket) for name in ("nora", "bela")} == {"nora": True, "bela": False}
    assert not sees(world, "nora", other)
    for _ in range(2):
        unshare(world, ticket)
    assert (sees(world, "nora", ticket), len(events(ticket, "shared"))) == (False, 2)
    assert last(ticket, "shared") == {"provider": northwind, "on": False}
    share(world, ticket)
    assert (sees(world, "nora", ticket), Share.objects.get(ticket=ticket).ended_at) == (True, None)


def test_only_who_gives_grants_shares_and_not_their_own(world: World) -> None:
    ticket, own = world.ticket(), world.ticket("max")
    for act in (share, unshare):
        for name in ("ina", "iris"):
            with refused("not_allowed", field="permission", value="access.manage"):
                act(world, ticket, by=name)
        with refused("own_ticket"):
            act(world, own)
    with refused("not_there"):
        share(world, ticket, by="nora")


def test_a_share_is_with_an_outside_provider_that_has_a_grant(world: World) -> None:
    ticket = world.ticket()
    with refused("not_there", field="provider"):
        share(world, ticket, "inhouse")
    Grant.objects.filter(provider=world.providers["northwind"]).update(revoked_at=world.at)
    with refused("no_grant", "could not see this", cure="Give it a grant first", field="provider"):
        share(world, ticket)
    Provider.objects.filter(code="baltic").update(active=False)
    with refused("not_there", field="provider"):
        share(world, ticket, "baltic")


def test_who_has_the_ball_keeps_sight_of_it(world: World) -> None:
    ticket = world.ticket(service="payroll")
    share(world, ticket)
    waiting.ask_team(ticket.pk, team=world.teams["network"].pk, question="Yours?", by=world.who("ina"), at=world.tick())
    with refused("blinded", "Northwind has this ticket", cure="end the question"):
        unshare(world, ticket)
    waiting.end_wait(ticket.pk, by=world.who("ina"), at=world.tick())
    unshare(world, ticket)
    assert not sees(world, "nora", ticket)
