"""Texts beside the ledger: each revision has a number of its own, whichever revision it follows from."""

from __future__ import annotations

from helmdesk.ledger import texts
from helmdesk.ledger.models import Text
from helmdesk.ledger.texts import Draft
from helmdesk.tickets import conversation, relations
from helmdesk.tickets.replay import differences
from tests.world import World


def test_a_revision_follows_the_newest_of_its_text(db: None) -> None:
    first = texts.write(Draft("one", "message", 1))
    second = texts.revise(first, Draft("two", "message", 1))
    third = texts.revise(first, Draft("three", "message", 1))

    assert [(text.root_id, text.rev) for text in (first, second, third)] == [(None, 1), (first.pk, 2), (first.pk, 3)]


def test_a_message_is_corrected_on_both_tickets_that_it_stands_in(world: World) -> None:
    whole = world.ticket("alice")
    (message,) = world.messages(whole)
    part = relations.split(
        whole.pk, messages=[message.pk], subject="The other half", by=world.who("ina"), at=world.tick()
    )
    (copy,) = world.messages(part)

    conversation.revise(message.pk, "Here it is the cable.", by=world.who("alice"), at=world.tick())
    conversation.revise(copy.pk, "There it is the plug.", by=world.who("alice"), at=world.tick())

    assert [one.text.body for ticket in (whole, part) for one in world.messages(ticket)] == [
        "Here it is the cable.", "There it is the plug.",
    ]  # fmt: skip
    assert Text.objects.filter(root=message.text_id).count() == 2
    assert list(differences()) == []
