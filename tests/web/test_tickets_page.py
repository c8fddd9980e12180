"""The ticket's page: what is told to whom, how it is paged, and what it costs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.tickets import assignment, conversation, hand_over, merging, relations, sorting, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from tests.web.visiting import visitor
from tests.world import World

INSIDE, GUEST, PORTAL = 11, 12, 9
"""Queries of a ticket's page: for somebody in-house, for a guest, and for who asked for it."""


def talk(world: World, ticket: Ticket, messages: int) -> None:
    for n in range(messages):
        conversation.reply(ticket.pk, Words(f"Word number {n}."), by=world.who("alice"), at=world.tick())


def between_all(world: World) -> Ticket:
    """A ticket with a word for each circle of readers, at the network team."""
    ticket = world.ticket("alice", service="network", text="Please ring Alice Berg.")
    ina, northwind = world.who("ina"), frozenset({world.providers["northwind"].pk})
    conversation.reply(ticket.pk, Words("For all of us."), by=ina, at=world.tick())
    conversation.note(ticket.pk, Words("Among the house."), by=ina, at=world.tick())
    conversation.note(ticket.pk, Words("With Northwind."), providers=northwind, by=ina, at=world.tick())
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="Looked", asked="Look again", by=ina, at=world.tick()
    )
    return ticket


def test_each_message_says_who_reads_it_in_word_shape_and_colour(world: World) -> None:
    page = visitor(world, "ina").get(f"/tickets/{between_all(world).pk}")

    items = re.findall(
        r'<li class="([^"]+)" id="m\d+">.*?#(person|side|us)".*?class="said">(.*?)</p>', page.html, re.DOTALL
    )
    assert [(css, mark, said.split("\n")[0]) for css, mark, said in items] == [
        ("aud-person", "person", "Please ring Alice Berg."),
        ("aud-person", "person", "For all of us."),
        ("p1 aud-us", "us", "Among the house."),
        ("p2 aud-side", "side", "With Northwind."),
        ("p2 aud-side", "side", "Done: Looked"),
    ]
    for words in ("Alice Berg wrote", "Alice Berg reads", "only us", "only us + Northwind"):
        assert words in page


def test_a_guest_sees_the_same_page_without_what_is_not_theirs(world: World) -> None:
    page = visitor(world, "nora").get(f"/tickets/{between_all(world).pk}")

    assert "With Northwind." in page
    assert "For all of us." in page
    assert "Among the house." not in page.html
    assert "only us + Inhouse" in page
    assert "Alice" not in page.html
    assert "Please ring [name]." in page
    assert "Providers who see it" not in page


def test_another_provider_finds_no_trace_of_a_thread_that_it_does_not_read(world: World) -> None:
    ticket = between_all(world)
    taking_part.share(ticket.pk, provider=world.providers["baltic"].pk, by=world.who("max"), at=world.tick())

    page = visitor(world, "bela").get(f"/tickets/{ticket.pk}")

    assert "For all of us." in page
    for words in ("Among the house.", "With Northwind.", "Look again", "only us + Northwind", "showed it to"):
        assert words not in page.html


def test_the_writing_box_offers_only_readers_that_make_sense(world: World) -> None:
    ticket = between_all(world)

    def offered(who: str) -> list[str]:
        html = visitor(world, who).get(f"/tickets/{ticket.pk}").html
        return re.findall(r'name="to" value="(\w+)"', html)

    northwind = f"p{world.providers['northwind'].pk}"
    assert offered("nora") == ["requester", "us"]
    assert offered("ina") == [northwind, "us"]
    assert offered("max") == ["requester", northwind, "us"]
    assert offered("ada") == []


def test_small_things_are_told_and_several_are_folded(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    ina = world.who("ina")
    assignment.take(ticket.pk, by=ina, at=world.tick())
    sorting.prioritise(ticket.pk, impact=1, urgency=1, by=ina, at=world.tick())
    sorting.tag(ticket.pk, tag=world.tags["urgent"].pk, by=ina, at=world.tick())
    conversation.reply(ticket.pk, Words("I am on it."), by=ina, at=world.tick())
    assignment.release(ticket.pk, by=ina, at=world.tick())

    page = visitor(world, "ina").get(f"/tickets/{ticket.pk}")

    assert "09:02 to 09:04: 3 small things" in page
    assert "Ina Huber set the priority to Urgent (as impact and urgency say)" in page
    assert "Ina Huber tagged it #urgent" in page
    assert "09:06 Ina Huber gave it back to the team" in page


def test_the_ribbon_says_in_words_who_had_it_and_for_how_long(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    ina = world.who("ina")
    waiting.wait_after_call(ticket.pk, told="Rang.", by=ina, at=world.tick(minutes=20))
    conversation.reply(ticket.pk, Words("I am back."), by=world.who("alice"), at=world.tick(minutes=40))
    hand_over.hand_over(ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=ina, at=world.tick(minutes=10))

    page = visitor(world, "ina").get(f"/tickets/{ticket.pk}")

    words = re.search(r"<title id=\"rib-t\">(.*?)</title>", page.html)
    assert words is not None
    assert "with us 20 min, waiting for Alice Berg 40 min, with us 10 min, with Northwind" in words[1]


def test_long_talk_is_paged_and_the_older_part_is_one_link_away(world: World) -> None:
    ticket = world.ticket("alice")
    talk(world, ticket, 60)
    ina = visitor(world, "ina")

    newest = ina.get(f"/tickets/{ticket.pk}")
    older = re.search(r'href="(\?before=[\d-]+)"', newest.html)
    assert older is not None
    oldest = ina.get(f"/tickets/{ticket.pk}{older[1]}")

    said = [re.findall(r"Word number (\d+)\.", page.html) for page in (oldest, newest)]
    assert [int(n) for part in said for n in part] == list(range(60))
    assert 'id="write"' in newest.html
    assert 'id="write"' not in oldest.html
    assert "Older messages" not in oldest


@pytest.mark.parametrize("messages", [0, 3, 30])
def test_a_page_costs_the_same_queries_however_much_was_said(world: World, messages: int) -> None:
    ticket = world.ticket("alice", service="network")
    talk(world, ticket, messages)
    for who, path, budget in (
        ("ina", f"/tickets/{ticket.pk}", INSIDE),
        ("nora", f"/tickets/{ticket.pk}", GUEST),
        ("alice", f"/help/{ticket.pk}", PORTAL),
    ):
        someone = visitor(world, who)
        someone.get(path)
        with CaptureQueriesContext(connection) as queries:
            someone.get(path)
        assert len(queries) == budget, who


def test_what_was_said_on_a_merged_ticket_is_shown_on_the_other_to_those_who_may_read_it(world: World) -> None:
    target, source = world.ticket("alice", service="network"), world.ticket("alice", text="It is the same again.")
    conversation.note(source.pk, Words("Twice in a day."), by=world.who("ina"), at=world.tick())
    merging.merge(source.pk, into=target.pk, by=world.who("ina"), at=world.tick())

    inside = visitor(world, "ina").get(f"/tickets/{target.pk}")
    guest = visitor(world, "nora").get(f"/tickets/{target.pk}")
    asker = visitor(world, "alice").get(f"/help/{target.pk}")

    assert "It is the same again." in inside
    assert "Twice in a day." in inside
    assert f"Ina Huber merged {source.pk} into it" in inside
    assert "It is the same again." in asker
    assert "Twice in a day." not in asker.html
    for words in ("It is the same again.", "Twice in a day.", "merged"):
        assert words not in guest.html
    visitor(world, "ina").post(f"/tickets/{source.pk}/merge/removal")
    assert "It is the same again." not in visitor(world, "ina").get(f"/tickets/{target.pk}").html


def test_other_tickets_are_named_only_to_those_who_may_see_them(world: World) -> None:
    ticket, payroll = world.ticket(service="network"), world.ticket(service="payroll", subject="Payroll is late")
    part = world.ticket(service="network", subject="A cable to pull")
    ina = world.who("ina")
    relations.link(ticket.pk, to=payroll.pk, kind="cause", by=ina, at=world.tick())
    relations.set_parent(part.pk, parent=ticket.pk, by=ina, at=world.tick())

    inside = visitor(world, "ina").get(f"/tickets/{ticket.pk}")
    guest = visitor(world, "nora").get(f"/tickets/{ticket.pk}")

    assert "Payroll is late" in inside
    assert f"Ina Huber linked it to {payroll.pk}" in inside
    assert "A cable to pull" in guest
    assert "Payroll" not in guest.html
    assert "linked it to" not in guest.html


def test_a_redacted_message_is_shown_as_removed(world: World) -> None:
    ticket = world.ticket("alice", text="The password is tr0ub4dor&3.")
    iris = visitor(world, "iris")
    message = world.messages(ticket)[0].pk

    offered = iris.get(f"/tickets/{ticket.pk}/messages/{message}/redaction")
    assert "These look like secrets" in offered
    spans = re.findall(r'name="found" value="([\d-]+)"', offered.html)
    iris.post(
        f"/tickets/{ticket.pk}/messages/{message}/redaction", found=spans, reason="secret",
        revision=world.messages(ticket)[0].text_id,
    )  # fmt: skip

    page = iris.get(f"/tickets/{ticket.pk}")
    assert "tr0ub4dor" not in page.html
    assert "The password is [removed: secret]" in page
    assert "Iris Lang removed something from a message" in page


def test_an_author_corrects_their_own_message_and_nobody_elses(world: World) -> None:
    ticket = world.ticket("alice")
    conversation.reply(ticket.pk, Words("Tommorow."), by=world.who("ina"), at=world.tick())
    message = world.messages(ticket)[1].pk
    visitor(world, "ivo").get(f"/tickets/{ticket.pk}/messages/{message}/revision", status=404)

    visitor(world, "ina").post(f"/tickets/{ticket.pk}/messages/{message}/revision", body_now="Tomorrow.")

    page = visitor(world, "ina").get(f"/tickets/{ticket.pk}")
    assert "Tomorrow." in page
    assert "Tommorow." not in page
    assert "corrected" in page
