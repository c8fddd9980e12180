"""What people say: each word into the one thread of its readers, and what an answer does to the ball."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.foundation.files import Stored
from helmdesk.ledger import texts
from helmdesk.ledger.models import Event, Text
from helmdesk.providers.models import Provider
from helmdesk.tickets import conversation, hand_over, merging, resolution, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.guards import LONGEST_FOR_REQUESTER
from helmdesk.tickets.models import Attachment, Holder, Message, Thread, Ticket, Wait
from tests.tickets.outcomes import events, heard, kinds, last, refused, signature
from tests.world import World


def reply(world: World, ticket: Ticket, by: str, text: str = "Hello", **how: Any) -> Message:
    return conversation.reply(ticket.pk, Words(text, **how), by=world.who(by), at=world.tick())


def note(world: World, ticket: Ticket, by: str, *providers: str, **how: Any) -> Message:
    named = frozenset(world.providers[code].pk for code in providers)
    return conversation.note(ticket.pk, Words("Between us", **how), providers=named, by=world.who(by), at=world.tick())


def ask(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> Ticket:
    return conversation.ask_requester(ticket.pk, Words("Which room?"), by=world.who(by), at=world.tick(), **how)


def ask_team(world: World, ticket: Ticket, team: str, by: str) -> Ticket:
    return waiting.ask_team(
        ticket.pk, team=world.teams[team].pk, question="Is it yours?", by=world.who(by), at=world.tick()
    )


def test_a_reply_goes_to_who_asked_and_is_committed_to_in_the_ledger(world: World) -> None:
    ticket = world.ticket()
    with heard() as facts:
        said = reply(world, ticket, "ina", "Call me on 0171 1234567, Alice")

    what = last(ticket, "message.added")
    assert what == {
        "message": said.pk, "thread": said.thread_id, "text": texts.commitment(said.text), "as": "reply",
        "auto": False, "files": 0,
    }  # fmt: skip
    assert (said.text.body, said.text.masked_body) == (
        "Call me on 0171 1234567, Alice", "Call me on [phone], [name]",
    )  # fmt: skip
    assert (said.person, said.hat, said.provider) == (world.people["ina"], 2, world.providers["inhouse"])
    assert [fact.kinds for fact in facts] == [("message.added",)]
    assert (
        Thread.objects.unscoped(reason="test").filter(ticket=ticket).count() == 1
    )  # the thread that was opened with it
    for name in ("alice", "ivo"):
        assert Message.objects.visible_to(world.who(name)).filter(pk=said.pk).exists()


def test_an_answer_ends_the_wait_for_it_and_a_machines_does_not(world: World) -> None:
    ticket = world.ticket()
    ask(world, ticket)
    assert (world.fresh(ticket).holder, world.fresh(ticket).holder_id) == (Holder.REQUESTER, None)
    reply(world, ticket, "alice", "I am out of office", automatic=True)
    assert world.fresh(ticket).wait == Wait.REQUESTER
    reply(world, ticket, "ina", "Still there?")
    assert world.fresh(ticket).wait == Wait.REQUESTER
    before = len(events(ticket))
    with heard() as facts:
        reply(world, ticket, "alice", "Room 12")
    assert kinds(ticket, since=before) == ["message.added", "wait.ended"]
    assert last(ticket, "wait.ended") == {"why": "answered"}
    assert signature(ticket, "wait.ended") == (1, world.people["alice"].pk, None)
    assert [fact.kinds for fact in facts] == [("message.added", "wait.ended")]
    assert (world.fresh(ticket).holder, world.fresh(ticket).holder_id) == (Holder.TEAM, world.teams["desk"].pk)


def test_a_participants_answer_counts_as_much(world: World) -> None:
    ticket = world.ticket()
    taking_part.add_participant(ticket.pk, person=world.people["arno"].pk, by=world.who("alice"), at=world.tick())
    ask(world, ticket)
    assert reply(world, ticket, "arno", "Room 12").hat == 1
    assert world.fresh(ticket).wait is None


def test_asking_names_the_question_and_ends_by_itself_in_thirty_days_at_most(world: World) -> None:
    ticket = world.ticket()
    ask(world, ticket)
    question = world.messages(ticket)[-1]
    started = last(ticket, "wait.started")
    at = Event.objects.filter(kind="wait.started").latest("seq").at
    assert started == {
        "wait": "requester", "on": None, "team": None, "message": question.pk, "call": False,
        "until": at + LONGEST_FOR_REQUESTER.days * 86_400_000_000,
    }  # fmt: skip
    other = world.ticket()
    with refused("past", "The date has passed.", cure="Give a later one", field="until"):
        ask(world, other, until=world.at)
    with refused("too_long", "at most 30 days", cure="ask them again", field="until"):
        ask(world, other, until=world.at + 2 * LONGEST_FOR_REQUESTER)
    with refused("already_waiting", "waits already", cure="End that wait first.", field="wait", value="requester"):
        ask(world, ticket)


def test_who_writes_to_the_requester_has_the_ball_or_the_responsibility(world: World) -> None:
    ticket = world.ticket(service="network")
    for name in ("nora", "nils"):
        with refused("not_yours", "This is with Desk."):
            reply(world, ticket, name)
    for stranger in ("arno", "bela", "nobody"):
        viewer = world.who("arno") if stranger == "nobody" else world.who(stranger)
        with refused("not_there", f"There is no ticket {ticket.pk} here."):
            conversation.reply(ticket.pk, Words("Hello"), by=viewer, at=world.tick())
    ask_team(world, ticket, "network", "ina")
    reply(world, ticket, "nils", "Is the light on?")  # asked, and so holding the ball
    reply(world, ticket, "ina", "We are looking.")
    assert world.fresh(ticket).wait == Wait.QUESTION


def test_an_empty_word_is_refused_everywhere(world: World) -> None:
    ticket = world.ticket()
    mine = reply(world, ticket, "ina")
    ina: dict[str, Any] = {"by": world.who("ina"), "at": world.tick()}
    for empty in ("", " \n\t"):
        for attempt in (
            lambda: conversation.reply(ticket.pk, Words(empty), **ina),  # noqa: B023
            lambda: conversation.note(ticket.pk, Words(empty), **ina),  # noqa: B023
            lambda: conversation.ask_requester(ticket.pk, Words(empty), **ina),  # noqa: B023
            lambda: conversation.revise(mine.pk, empty, **ina),  # noqa: B023
            lambda: waiting.wait_after_call(ticket.pk, told=empty, **ina),  # noqa: B023
            lambda: waiting.ask_team(ticket.pk, team=world.teams["clients"].pk, question=empty, **ina),  # noqa: B023
            lambda: resolution.resolve(ticket.pk, words=Words(empty), **ina),  # noqa: B023
        ):
            with refused("empty", "There is nothing to send.", cure="Write a sentence or add a file.", field="text"):
                attempt()


def test_a_file_alone_says_enough_and_its_name_is_a_text(world: World) -> None:
    ticket = world.ticket()
    stored = Stored("k" * 32, 12, "ab" * 32, "text/plain")
    said = reply(world, ticket, "alice", "", files=[("for Alice\x00.txt", stored)])
    attachment = Attachment.objects.select_related("name").get(message=said)
    assert (attachment.size, attachment.name.kind) == (12, "filename")
    assert "\x00" not in (attachment.name.body or "")
    assert "Alice" not in (attachment.name.masked_body or "Alice")
    assert last(ticket, "message.added")["files"] == 1


def test_a_note_is_read_in_house_and_by_the_providers_it_names(world: World) -> None:
    ticket = world.ticket(service="network")
    ours, theirs = note(world, ticket, "ina"), note(world, ticket, "ina", "northwind")
    assert kinds(ticket)[-4:] == ["thread.opened", "message.added", "thread.opened", "message.added"]
    for name, read in (("ivo", {ours, theirs}), ("nora", {theirs}), ("alice", set()), ("ada", {ours, theirs})):
        side = Message.objects.visible_to(world.who(name)).filter(ticket=ticket, audience__requester=False)
        assert set(side) == read, name
    again = note(world, ticket, "nora")
    assert again.thread_id == theirs.thread_id  # a guest speaks in their own circle


def test_a_guest_brings_nobody_else_into_the_circle(world: World) -> None:
    ticket = world.ticket(service="network")
    with refused("not_your_circle", "talks with the company, not with other providers", field="providers"):
        note(world, ticket, "nora", "baltic")
    with refused("no_such_reader", field="providers"):
        note(world, ticket, "ina", "inhouse")
    Provider.objects.filter(code="baltic").update(active=False)
    with refused("no_such_reader", field="providers"):
        note(world, ticket, "ina", "baltic")


def test_whoever_works_and_sees_it_may_note_but_not_who_asked(world: World) -> None:
    ticket = world.ticket("max", service="network")
    for name in ("ivo", "nils"):  # of a team that neither has it nor was asked
        assert note(world, ticket, name).said_as == "reply"
    for name in ("max", "ada"):
        with refused("not_at_work", "Only those who work on it", cure="Write to the helpers instead."):
            note(world, ticket, name)
    other = world.ticket("alice")
    with refused("not_at_work"):
        note(world, other, "alice")
    with refused("not_there"):
        note(world, other, "nora")


def test_a_question_is_answered_by_who_was_asked_where_the_asker_reads_it(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    ask_team(world, ticket, "clients", "nora")
    note(world, ticket, "ina")  # not of the team that was asked
    note(world, ticket, "nora")
    note(world, ticket, "max", "northwind", automatic=True)
    note(world, ticket, "max")  # in-house only: nora cannot read it
    assert world.fresh(ticket).wait == Wait.QUESTION
    note(world, ticket, "max", "northwind")
    assert (world.fresh(ticket).wait, world.fresh(ticket).holder_id) == (None, world.teams["network"].pk)
    assert last(ticket, "wait.ended") == {"why": "answered"}


def test_only_the_author_corrects_and_what_was_said_before_stays(world: World) -> None:
    ticket = world.ticket()
    said = reply(world, ticket, "ina", "Room 21")
    for name in ("ivo", "alice", "nora", "system"):
        with refused("not_yours", "Only the author corrects a message.", field="message", value=said.pk):
            conversation.revise(said.pk, "Room 12", by=world.who(name), at=world.tick())
    conversation.revise(said.pk, "Room 12", by=world.who("ina"), at=world.tick())
    revisions = Text.objects.filter(root=said.text_id).values_list("rev", "body")
    assert (list(revisions), Text.objects.get(pk=said.text_id).body) == ([(2, "Room 12")], "Room 21")
    what = last(ticket, "message.revised")
    assert (what["message"], what["cause"], what["text"]["t"], what["text"]["rev"]) == (
        said.pk,
        "edit",
        said.text_id,
        2,
    )
    assert world.messages(ticket)[-1].text.body == "Room 12"


def test_a_closed_ticket_is_written_to_no_more_but_noted_on(world: World) -> None:
    ticket = world.ticket()
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    reply(world, ticket, "alice", "Thanks")  # thanks reopen nothing
    assert world.fresh(ticket).phase == 2
    resolution.close(ticket.pk, by=world.who("alice"), at=world.tick())
    for name in ("alice", "ina"):
        with refused("closed", "The ticket is closed.", cure="Open a new one; it will be linked"):
            reply(world, ticket, name)
    note(world, ticket, "ina")


def test_what_is_said_on_a_merged_ticket_stays_there_and_answers_the_other(world: World) -> None:
    source, target = world.ticket(), world.ticket()
    merging.merge(source.pk, into=target.pk, by=world.who("ina"), at=world.tick())
    ask(world, target)
    with heard() as facts:
        said = reply(world, source, "alice", "Room 12")
    assert (said.ticket_id, world.fresh(target).wait, last(target, "wait.ended")) == (
        source.pk, None, {"why": "answered"},
    )  # fmt: skip
    assert [set(fact.tickets) for fact in facts] == [{source.pk, target.pk}]
    resolution.withdraw(target.pk, by=world.who("alice"), at=world.tick())
    with refused("closed"):
        reply(world, source, "alice", "One more thing")


def test_a_suspended_providers_people_are_strangers_at_once(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    before = world.who("nora")
    Provider.objects.filter(code="northwind").update(suspended_at=world.at)
    nora = world.who("nora")
    assert (before.working, nora.working, Ticket.objects.visible_to(nora).exists()) == (True, False, False)
    for attempt in (reply, note):
        with refused("not_there"):
            attempt(world, ticket, "nora")


def test_texts_of_a_hand_over_stay_out_of_the_requesters_thread(world: World) -> None:
    ticket = world.ticket(service="network")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="He is difficult", asked="b", by=world.who("ina"), at=world.tick()
    )
    read = Message.objects.visible_to(world.who("alice")).filter(ticket=ticket)
    assert [message.text.body for message in read] == ["It does not print."]


def test_a_reply_asks_the_database_as_often_on_a_long_ticket_as_on_a_short_one(world: World) -> None:
    ticket = world.ticket()
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            reply(world, ticket, "ina")
        counts.append(len(asked))
        for _ in range(5):
            note(world, ticket, "ivo")
    assert len(set(counts)) == 1
