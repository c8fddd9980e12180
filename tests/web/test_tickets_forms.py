"""Every verb as a form: it does what it says, and keeps what was typed when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helmdesk.catalogue.models import OwnField
from helmdesk.foundation.time import to_us
from helmdesk.tickets import assignment, conversation, hand_over, relations, resolution, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Follow, Holder, Link, Participant, Phase, Share, Snooze, Ticket, TimeEntry, Wait
from helmdesk.tickets.offers import offers
from helmdesk.tickets.reading import opened
from helmdesk.web.tickets.urls import FORMS
from tests.web.visiting import visitor
from tests.world import World

SOON = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")


def to_network(world: World, ticket: Ticket) -> None:
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )


def test_take_give_and_give_back(world: World) -> None:
    ticket = world.ticket()
    visitor(world, "ina").post(f"/tickets/{ticket.pk}/taking")
    assert world.fresh(ticket).assignee_id == world.membership("ina")

    iris = visitor(world, "iris")
    assert "Ivo Maier" in iris.get(f"/tickets/{ticket.pk}/assignment")
    iris.post(f"/tickets/{ticket.pk}/assignment", to=world.membership("ivo"))
    assert world.fresh(ticket).assignee_id == world.membership("ivo")

    visitor(world, "ivo").post(f"/tickets/{ticket.pk}/release")
    assert world.fresh(ticket).assignee_id is None


def test_a_second_taker_is_told_who_has_it(world: World) -> None:
    ticket = world.ticket()
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    page = visitor(world, "ivo").post(f"/tickets/{ticket.pk}/taking", status=422)
    assert "Ina Huber has it." in page
    assert "Talk to them, or ask a lead to give it to you." in page


def test_a_hand_over_is_declined_with_a_reason_or_taken_back(world: World) -> None:
    ticket = world.ticket(service="network")
    to_network(world, ticket)
    visitor(world, "nora").post(f"/tickets/{ticket.pk}/refusal", reason="not_ours")
    assert world.fresh(ticket).team_id == world.teams["desk"].pk

    to_network(world, ticket)
    visitor(world, "iris").post(f"/tickets/{ticket.pk}/recall")
    assert world.fresh(ticket).team_id == world.teams["desk"].pk


def test_a_hand_over_to_who_may_not_see_it_keeps_every_word(world: World) -> None:
    ticket = world.ticket(service="payroll")
    page = visitor(world, "ina").post(
        f"/tickets/{ticket.pk}/hand-over", to=world.teams["network"].pk, what_was_done="Rang the bank",
        what_is_asked="Ring them again", known="They open at nine", status=422,
    )  # fmt: skip

    assert "Northwind may not see this ticket." in page
    assert "Share this one ticket with them, or widen their grant, first." in page
    for words in ("Rang the bank", "Ring them again", "They open at nine"):
        assert words in page
    assert f'<option value="{world.teams["network"].pk}" selected>' in page.html


def test_waits_begin_and_end(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    ina = visitor(world, "ina")
    assert world.company is not None
    for noun, fields, wait in (
        ("call", {"said": "Rang at nine."}, Wait.REQUESTER),
        ("company", {"company": world.company.pk, "said": "Sent a mail.", "until": SOON}, Wait.THIRD),
        ("date", {"wait": "parts", "until": SOON}, Wait.PARTS),
        ("question", {"team": world.teams["network"].pk, "question": "Is it up?"}, Wait.QUESTION),
    ):
        ina.get(f"/tickets/{ticket.pk}/waits/{noun}")
        ina.post(f"/tickets/{ticket.pk}/waits/{noun}", **fields)
        assert world.fresh(ticket).wait == wait
        ina.post(f"/tickets/{ticket.pk}/waits/end")
        assert world.fresh(ticket).wait is None


def test_a_wait_until_an_agreed_day_names_the_message_that_agrees(world: World) -> None:
    ticket = world.ticket("alice", text="After the holidays is fine.")
    ina = visitor(world, "ina")
    assert "After the holidays is fine." in ina.get(f"/tickets/{ticket.pk}/waits/agreement")

    ina.post(f"/tickets/{ticket.pk}/waits/agreement", message=world.messages(ticket)[0].pk, until=SOON)

    assert world.fresh(ticket).holder == Holder.REQUESTER
    assert "We wait until" in visitor(world, "alice").get(f"/help/{ticket.pk}")


def test_a_ticket_waits_for_its_part(world: World) -> None:
    ticket, part = world.ticket(), world.ticket(subject="Pull the cable")
    relations.set_parent(part.pk, parent=ticket.pk, by=world.who("ina"), at=world.tick())
    ina = visitor(world, "ina")
    assert "Pull the cable" in ina.get(f"/tickets/{ticket.pk}/waits/child")

    ina.post(f"/tickets/{ticket.pk}/waits/child", child=part.pk)

    assert world.fresh(ticket).wait == Wait.CHILD


def test_a_wait_is_contested_and_judged_by_somebody_else(world: World) -> None:
    ticket = world.ticket()
    waiting.wait_after_call(ticket.pk, told="Rang.", by=world.who("ina"), at=world.tick())
    visitor(world, "iris").post(f"/tickets/{ticket.pk}/waits/objection")
    max_ = visitor(world, "max")
    assert "Was the wait true?" in max_.get(f"/tickets/{ticket.pk}")

    max_.post(f"/tickets/{ticket.pk}/waits/judgement", wait=world.fresh(ticket).wait_position, upheld="no")

    assert "Max Adler judged the wait to be ours" in max_.get(f"/tickets/{ticket.pk}")


def test_the_end_and_the_return(world: World) -> None:
    ticket = world.ticket("alice")
    ina, iris = visitor(world, "ina"), visitor(world, "iris")
    ina.post(f"/tickets/{ticket.pk}/resolution", how="workaround", last_word="Use the other one.")
    assert "Use the other one." in visitor(world, "alice").get(f"/help/{ticket.pk}")
    ina.post(f"/tickets/{ticket.pk}/reopening", text="Not so fast.")
    assert world.fresh(ticket).phase == Phase.OPEN
    iris.post(f"/tickets/{ticket.pk}/closing")
    assert world.fresh(ticket).phase == Phase.CLOSED


def test_merge_and_its_undoing(world: World) -> None:
    target, source = world.ticket("alice", subject="The same thing"), world.ticket("alice")
    ina = visitor(world, "ina")
    assert "The same thing" in ina.get(f"/tickets/{source.pk}/merge")

    merged = ina.post(f"/tickets/{source.pk}/merge", into=target.pk)
    assert merged.leads_to == f"/tickets/{target.pk}"
    assert world.fresh(source).merged_into_id == target.pk

    ina.post(f"/tickets/{source.pk}/merge/removal")
    assert world.fresh(source).merged_into_id is None


def test_a_merge_of_two_peoples_tickets_is_refused_beside_the_number(world: World) -> None:
    target, source = world.ticket("alice"), world.ticket("arno")
    page = visitor(world, "ina").post(f"/tickets/{source.pk}/merge", into=target.pk, status=422)
    assert "The two were asked by different people. Link them as duplicates" in page
    assert f'value="{target.pk}"' in page.html


def test_sorting(world: World) -> None:
    ticket = world.ticket()
    ina = visitor(world, "ina")
    ina.post(
        f"/tickets/{ticket.pk}/classification", service=world.services["email"].pk, site=world.sites["south"].pk,
        category=world.categories["fault"].pk,
    )  # fmt: skip
    ina.post(f"/tickets/{ticket.pk}/priority", impact=1, urgency=2, reason="matrix")
    ina.post(f"/tickets/{ticket.pk}/type", type="request")
    ina.post(f"/tickets/{ticket.pk}/tags", tags=[world.tags["urgent"].pk])

    now = world.fresh(ticket)
    assert (now.scope.service_id, now.scope.site_id) == (world.services["email"].pk, world.sites["south"].pk)
    assert (now.impact, now.urgency, now.type) == (1, 2, "request")
    page = ina.get(f"/tickets/{ticket.pk}")
    for words in ("Email", "South", "Fault", "#urgent", "something is needed"):
        assert words in page
    ina.post(f"/tickets/{ticket.pk}/tags")
    assert "#urgent" not in ina.get(f"/tickets/{ticket.pk}/tags").html
    assert list(now.tags.all()) == []


def test_a_priority_of_ones_own_needs_a_reason(world: World) -> None:
    ticket = world.ticket()
    page = visitor(world, "ina").post(
        f"/tickets/{ticket.pk}/priority", impact=3, urgency=3, priority=1, reason="matrix", status=422
    )
    assert "Say why it is another priority." in page
    assert '<option value="1" selected>Urgent</option>' in page.html


def test_own_fields_are_filled_in_and_shown(world: World) -> None:
    OwnField.objects.create(code="asset", name={"en": "Asset"}, kind="text")
    OwnField.objects.create(code="floor", name={"en": "Floor"}, kind="number")
    OwnField.objects.create(code="key", name={"en": "Key number"}, kind="text", personal=True)
    ticket = world.ticket(service="network")
    ina = visitor(world, "ina")

    ina.post(f"/tickets/{ticket.pk}/fields", asset="PC-4711", floor="3", key="K-9")
    refused = ina.post(f"/tickets/{ticket.pk}/fields", asset="PC-4711", floor="three", key="K-9", status=422)

    assert "Give a whole number" in refused
    assert 'value="three"' in refused.html
    for words in ("PC-4711", "Floor 3", "K-9"):
        assert words in ina.get(f"/tickets/{ticket.pk}")
    guest = visitor(world, "nora").get(f"/tickets/{ticket.pk}")
    assert "PC-4711" in guest
    assert "K-9" not in guest.html


def test_relations(world: World) -> None:
    ticket, other = world.ticket(), world.ticket()
    ina = visitor(world, "ina")
    ina.post(f"/tickets/{ticket.pk}/links", kind="duplicate", to=other.pk)
    assert Link.objects.filter(source=ticket, target=other, kind="duplicate").exists()
    ina.post(f"/tickets/{ticket.pk}/links/removal", kind="duplicate", to=other.pk)
    assert not Link.objects.exists()
    ina.post(f"/tickets/{ticket.pk}/parent", parent=other.pk)
    assert world.fresh(ticket).parent_id == other.pk
    ina.post(f"/tickets/{ticket.pk}/parent", parent="")
    assert world.fresh(ticket).parent_id is None


def test_a_part_is_split_off_with_its_messages(world: World) -> None:
    ticket = world.ticket(text="Two things: the screen and the chair.")
    ina = visitor(world, "ina")

    split = ina.post(f"/tickets/{ticket.pk}/split", subject="The chair", messages=[world.messages(ticket)[0].pk])

    child = ina.get(split.leads_to)
    assert "The chair" in child
    assert "Two things" in child


def test_somebody_is_found_and_takes_part(world: World) -> None:
    ticket = world.ticket("alice")
    ina = visitor(world, "ina")
    assert "Arno Kraus" in ina.get(f"/tickets/{ticket.pk}/participants?who=arno")
    ina.post(f"/tickets/{ticket.pk}/participants", person=world.people["arno"].pk)
    assert Participant.objects.filter(ticket=ticket, person=world.people["arno"]).exists()
    ina.post(f"/tickets/{ticket.pk}/participants/removal", person=world.people["arno"].pk)
    assert not Participant.objects.exists()


def test_one_ticket_is_shown_to_a_provider_and_hidden_again(world: World) -> None:
    ticket = world.ticket(service="payroll")
    bela, max_ = visitor(world, "bela"), visitor(world, "max")
    bela.get(f"/tickets/{ticket.pk}", status=404)
    max_.post(f"/tickets/{ticket.pk}/shares", provider=world.providers["baltic"].pk)
    bela.get(f"/tickets/{ticket.pk}")
    max_.post(f"/tickets/{ticket.pk}/shares/removal", provider=world.providers["baltic"].pk)
    bela.get(f"/tickets/{ticket.pk}", status=404)
    visitor(world, "ina").get(f"/tickets/{ticket.pk}/shares", status=404)


def test_ones_own_time_following_and_putting_off(world: World) -> None:
    ticket = world.ticket()
    ina = visitor(world, "ina")
    ina.post(f"/tickets/{ticket.pk}/time", minutes=90, day=datetime.now(UTC).date().isoformat(), work="research")
    assert TimeEntry.objects.get().seconds == 5400
    assert "1 h 30" in ina.get(f"/tickets/{ticket.pk}")
    ina.post(f"/tickets/{ticket.pk}/following")
    assert Follow.objects.count() == 1
    ina.post(f"/tickets/{ticket.pk}/following/removal")
    assert Follow.objects.count() == 0
    ina.post(f"/tickets/{ticket.pk}/snooze", until=SOON)
    assert Snooze.objects.count() == 1
    ina.post(f"/tickets/{ticket.pk}/snooze/removal")
    assert Snooze.objects.count() == 0


def test_a_stale_page_is_told_what_happened_and_keeps_the_words(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    ina = visitor(world, "ina")
    shown = world.fresh(ticket).position
    assignment.take(ticket.pk, by=world.who("ivo"), at=world.tick())

    page = ina.post(
        f"/tickets/{ticket.pk}/messages", to="requester", text="It is done.", how="solve", shown=shown, status=409
    )

    assert "Meanwhile somebody took or was given it" in page
    assert "It is done." in page
    assert "Your words are kept." in page
    assert world.fresh(ticket).phase == Phase.OPEN


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"to": "requester", "text": "", "how": "send"}, 422, "There is nothing to send."),
        ({"to": "", "text": "To whom?", "how": "send"}, 422, "Nobody was chosen to read it."),
        ({"to": "us", "text": "For us.", "how": "solve"}, 422, "Only what they read can solve it"),
        ({"to": "p999999", "text": "Hello?", "how": "send"}, 422, "One of the readers is not a provider here."),
        ({"to": "requester", "text": "x" * 500_001, "how": "send"}, 422, "The message has 500001 characters."),
    ],
)
def test_words_that_are_refused_are_kept(world: World, fields: dict[str, str], status: int, said: str) -> None:
    ticket = world.ticket("alice")
    page = visitor(world, "ina").post(f"/tickets/{ticket.pk}/messages", status=status, **fields)
    assert said in page
    assert fields["text"][:60] in page
    assert len(world.messages(ticket)) == 1


def test_a_question_for_help_that_is_refused_keeps_every_word(world: World) -> None:
    alice = visitor(world, "alice")
    page = alice.post("/help/requests", subject="y" * 300, text="All of it.", type="request", status=422)
    assert "The subject has 300 characters." in page
    assert "All of it." in page
    assert 'value="request" checked' in page.html
    assert alice.post("/help/requests", subject="", text="", status=422)


def test_an_answer_that_is_refused_keeps_its_words(world: World) -> None:
    ticket = world.ticket("alice")
    resolution.withdraw(ticket.pk, by=world.who("alice"), at=world.tick())
    page = visitor(world, "alice").post(f"/help/{ticket.pk}/messages", text="One thing more.", status=409)
    assert "The ticket is closed." in page
    assert "One thing more." in page


def test_what_is_not_a_form_is_said_so(world: World) -> None:
    ticket = world.ticket()
    ina = visitor(world, "ina")
    ina.post("/tickets/", status=405)
    ina.get(f"/tickets/{ticket.pk}/messages", status=405)
    ina.post(f"/tickets/{ticket.pk}", status=405)
    visitor(world, "alice").get("/help/requests", status=405)


def path_of(form: Any, ticket: Ticket, world: World) -> str:
    message = world.messages(ticket)[0].pk
    return f"/tickets/{ticket.pk}/" + form.noun.replace("<number:message>", str(message)).replace("<number:file>", "1")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name())
def test_no_form_is_there_for_a_stranger(world: World, form: Any) -> None:
    ticket = world.ticket("alice", service="payroll")
    for stranger in ("arno", "nora", "bela"):
        visitor(world, stranger).get(path_of(form, ticket, world), status=404)
        visitor(world, stranger).post(path_of(form, ticket, world), status=404)
        visitor(world, stranger).post(f"/tickets/{ticket.pk}/messages", to="us", text="x", status=404)


def test_what_a_page_offers_is_not_refused_for_want_of_rights(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    to_network(world, ticket)
    for who, shown in (
        ("ina", set()),
        ("iris", {"recall"}),
        ("max", {"recall"}),
        ("nora", {"acceptance"}),
    ):
        html = visitor(world, who).get(f"/tickets/{ticket.pk}").html
        found = {noun for noun in ("taking", "acceptance", "recall") if f"/tickets/{ticket.pk}/{noun}" in html}
        assert found == shown, who
    assert "recall" in offers(opened(ticket.pk, viewer=world.who("iris")), world.who("iris"), at=to_us(world.at))
    assert "recall" not in offers(opened(ticket.pk, viewer=world.who("ina")), world.who("ina"), at=to_us(world.at))


def test_a_helper_of_the_requesters_page_takes_part_no_longer(world: World) -> None:
    ticket = world.ticket("alice")
    taking_part.add_participant(ticket.pk, person=world.people["arno"].pk, by=world.who("alice"), at=world.tick())
    arno = visitor(world, "arno")
    left = arno.post(f"/help/{ticket.pk}/participants/removal", person=world.people["arno"].pk)
    assert left.leads_to == "/help/"
    assert Share.objects.count() == 0


def test_a_reply_accepts_what_was_handed_over(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    to_network(world, ticket)
    conversation.reply(ticket.pk, Words("We look."), by=world.who("nora"), at=world.tick())
    assert "Nora West accepted it" in visitor(world, "nora").get(f"/tickets/{ticket.pk}")
