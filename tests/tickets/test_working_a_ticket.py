"""From first word to last, as the ball table says."""

import pytest

from helmdesk.ledger.models import Event
from helmdesk.tickets import assignment, conversation, hand_over, resolution, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Phase, Wait
from helmdesk.tickets.refusals import NotThere, Overtaken, Refused
from helmdesk.tickets.replay import differences
from tests.world import World


def kinds(ticket: int) -> list[str]:
    return list(Event.objects.filter(stream=1, stream_id=ticket).order_by("n").values_list("kind", flat=True))


def test_a_ticket_goes_from_first_word_to_last(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    pk = ticket.pk
    assignment.take(pk, by=world.who("ina"), at=world.tick())
    conversation.reply(pk, Words("I have a look."), by=world.who("ina"), at=world.tick())
    hand_over.hand_over(
        pk, to=world.teams["network"].pk, done="Checked the cable", asked="Look at the switch", by=world.who("ina"),
        at=world.tick(),
    )  # fmt: skip
    conversation.ask_requester(pk, Words("Which room?"), by=world.who("nora"), at=world.tick())
    assert world.fresh(ticket).holder == Holder.REQUESTER
    conversation.reply(pk, Words("Room 12"), by=world.who("alice"), at=world.tick())
    now = world.fresh(ticket)
    assert (now.holder, now.holder_id, now.wait) == (Holder.TEAM, world.teams["network"].pk, None)
    resolution.resolve(pk, words=Words("The switch is back."), by=world.who("nora"), at=world.tick())
    resolution.reopen(pk, words=Words("Not here."), by=world.who("alice"), at=world.tick())
    resolution.resolve(pk, by=world.who("nils"), at=world.tick())
    resolution.close(pk, by=world.who("alice"), at=world.tick())
    done = world.fresh(ticket)
    assert (done.phase, done.holder) == (Phase.CLOSED, Holder.REST)
    assert [kind for kind in kinds(pk) if not kind.startswith(("message", "thread"))] == [
        "ticket.opened", "assigned", "handed_over", "hand_over.accepted", "wait.started", "wait.ended", "resolved",
        "reopened", "resolved", "closed",
    ]  # fmt: skip
    assert list(differences()) == []


def test_a_second_taker_is_refused_by_name(world: World) -> None:
    ticket = world.ticket()
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    with pytest.raises(Refused, match="Ina Huber has it"):
        assignment.take(ticket.pk, by=world.who("ivo"), at=world.tick())


def test_a_verb_that_was_shown_an_older_state_is_refused_and_told_what_happened(world: World) -> None:
    ticket = world.ticket()
    shown = world.fresh(ticket).position
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    with pytest.raises(Overtaken, match="somebody took"):
        resolution.resolve(ticket.pk, by=world.who("ivo"), at=world.tick(), shown=shown)


def test_a_team_that_may_not_see_a_ticket_is_not_handed_it(world: World) -> None:
    ticket = world.ticket(service="payroll")
    with pytest.raises(Refused, match="Northwind may not see") as refused:
        hand_over.hand_over(
            ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
        )
    assert "grant" in refused.value.cure
    assert world.fresh(ticket).team_id == world.teams["desk"].pk


def test_a_declined_hand_over_goes_back_with_its_reason(world: World) -> None:
    ticket = world.ticket(service="network")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    hand_over.decline(ticket.pk, reason="not_ours", by=world.who("nora"), at=world.tick())
    assert world.fresh(ticket).team_id == world.teams["desk"].pk
    with pytest.raises(Refused):
        hand_over.decline(ticket.pk, reason="not_ours", by=world.who("ina"), at=world.tick())


def test_nobody_works_on_what_they_asked_for_themselves(world: World) -> None:
    ticket = world.ticket("ina")
    with pytest.raises(Refused, match="You asked for help here yourself"):
        assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())


def test_a_question_to_another_team_leaves_responsibility_where_it_is(world: World) -> None:
    ticket = world.ticket(service="network")
    waiting.ask_team(
        ticket.pk, team=world.teams["network"].pk, question="Is the line up?", by=world.who("ina"), at=world.tick()
    )
    now = world.fresh(ticket)
    assert (now.team_id, now.holder_id, now.wait) == (
        world.teams["desk"].pk, world.teams["network"].pk, Wait.QUESTION,
    )  # fmt: skip
    conversation.note(ticket.pk, Words("It is up."), by=world.who("nils"), at=world.tick())
    now = world.fresh(ticket)
    assert (now.holder_id, now.wait) == (world.teams["desk"].pk, None)


def test_a_stranger_finds_no_ticket(world: World) -> None:
    ticket = world.ticket("alice", service="payroll")
    for stranger in ("arno", "nora", "bela"):
        with pytest.raises(NotThere):
            conversation.reply(ticket.pk, Words("Hello"), by=world.who(stranger), at=world.tick())
