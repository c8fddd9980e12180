"""A person is forgotten everywhere; what happened stays, and a restored desk forgets again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session

from helmdesk.catalogue.definitions import FieldEntry, define_field
from helmdesk.foundation import files
from helmdesk.ledger.models import Erasure, Event, Stream, Text
from helmdesk.people.merging import merge_persons
from helmdesk.people.models import Account, Address, Person
from helmdesk.people.persons import hold
from helmdesk.tickets import conversation, sorting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.erasure import erase_person, reapply, traces_of
from helmdesk.tickets.mentions import mentions_of
from helmdesk.tickets.redaction import redact
from helmdesk.tickets.refusals import NotThere, Overtaken, Refused
from tests.people.sessions import session_of
from tests.tickets.traces import SECRET, figures, said_anywhere, still_true, with_file
from tests.world import World


def test_the_reason_of_an_erasure_does_not_name_the_person(world: World) -> None:
    with pytest.raises(Refused, match="names the person"):
        erase_person(world.people["alice"].pk, reason="Mrs. Berg asked", by=world.who("max"), at=world.tick())


def test_a_person_is_forgotten_everywhere_and_their_row_stays(world: World) -> None:
    alice = world.people["alice"]
    ticket = world.ticket("alice", subject="Berglicht is dark", text="I, Berglicht, wrote this")
    conversation.reply(ticket.pk, Words("Berglicht again"), by=world.who("alice"), at=world.tick())
    account = Account.objects.get(person=alice)
    session_of(account)
    Authenticator.objects.create(user=account, type="totp", data={"secret": "berglicht"})
    EmailAddress.objects.create(user=account, email="berglicht@company.example")
    Address.objects.create(person=alice, kind="phone", value="+49 30 998877", folded="+4930998877")
    before = figures(ticket)

    traces = erase_person(alice.pk, reason="asked", by=world.who("max"), at=world.tick())

    row = Person.objects.get(pk=alice.pk)
    assert row.name.startswith("Former person ")
    assert len(row.name.removeprefix("Former person ")) == 4
    assert (row.active, row.erased_at) == (False, world.at)
    assert (row.department, row.site) == (alice.department, alice.site)
    for table in (Account, Address, Session, Authenticator, EmailAddress):
        assert not table.objects.filter(
            **(
                {"user": account}
                if table in (Authenticator, EmailAddress)
                else ({} if table is Session else {"person": alice})
            )
        ).exists()
    for word in ("Alice", "Berg", "Berglicht", "alice@", "998877"):
        assert said_anywhere(word) == []
    assert figures(world.fresh(ticket)) == before
    assert traces.counts() == {"records": 1, "texts": 3, "files": 0, "tickets": 1, "addresses": 2, "accounts": 1}
    assert list(Erasure.objects.values_list("what", "what_id")) == [("person", alice.pk)]
    still_true()


def test_an_erasure_is_an_event_in_config_and_of_the_person(world: World) -> None:
    erase_person(world.people["alice"].pk, reason="asked", by=world.who("max"), at=world.tick())

    told = Event.objects.filter(kind="person.erased").order_by("seq")
    assert [(event.stream, event.stream_id) for event in told] == [
        (Stream.CONFIG, 1), (Stream.PERSON, world.people["alice"].pk),
    ]  # fmt: skip
    what = json.loads(told[0].body)["what"]
    assert (what["person"], what["also"], what["reason"]) == (world.people["alice"].pk, [], "asked")
    assert Erasure.objects.get().seq == told[0].seq


def test_a_personal_field_and_files_go_and_what_others_wrote_stays(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    at = world.tick()
    define_field("room", FieldEntry(name="Room", personal=True), by=world.who("max").stamp, at=at)
    define_field("asset", FieldEntry(name="Asset"), by=world.who("max").stamp, at=at)
    ticket = world.ticket("alice")
    for code in ("room", "asset"):
        sorting.set_field(ticket.pk, code=code, value=f"{code} value", by=world.who("ina"), at=world.tick())
    attachment = with_file(world, name="portrait.txt")
    path = files.path_of(attachment.key)
    conversation.reply(ticket.pk, Words("Ours stays"), by=world.who("ina"), at=world.tick())

    with django_capture_on_commit_callbacks(execute=True):
        erase_person(world.people["alice"].pk, reason="asked", by=world.who("max"), at=world.tick())

    values = world.fresh(ticket).fields
    assert [Text.objects.get(pk=values[code]["t"]).body for code in ("room", "asset")] == [None, "asset value"]
    assert not path.exists()
    assert (said_anywhere("portrait"), said_anywhere("room value")) == ([], [])
    assert [message.text.body for message in world.messages(ticket)] == [None, "Ours stays"]
    still_true()


def test_an_agent_is_erased_with_their_membership(world: World) -> None:
    ticket = world.ticket(service="network")
    conversation.reply(ticket.pk, Words("Ina here"), by=world.who("ina"), at=world.tick())

    erase_person(world.people["ina"].pk, reason="asked", by=world.who("max"), at=world.tick())

    assert not world.who("ina").working
    assert [message.text.body for message in world.messages(ticket)] == ["It does not print.", None]
    still_true()


def test_a_legal_hold_refuses_with_its_date(world: World) -> None:
    alice = world.people["alice"].pk
    message = world.messages(world.ticket("alice"))[0].pk
    hold(alice, until=world.at + timedelta(days=90), by=world.who("max").stamp, at=world.tick())

    with pytest.raises(Refused, match="until 2026-05-31"):
        erase_person(alice, reason="asked", by=world.who("max"), at=world.tick())
    with pytest.raises(Refused, match="until 2026-05-31"):
        redact(message, "It", reason="secret", by=world.who("iris"), at=world.tick())

    assert Person.objects.get(pk=alice).name == "Alice Berg"
    world.tick(days=91)
    erase_person(alice, reason="asked", by=world.who("max"), at=world.tick())


def test_who_may_not_or_cannot_is_refused(world: World) -> None:
    alice = world.people["alice"].pk
    for name in ("ina", "iris", "alice", "nora"):
        with pytest.raises(Refused, match="does not allow"):
            erase_person(alice, reason="asked", by=world.who(name), at=world.tick())
    with pytest.raises(NotThere):
        erase_person(999, reason="asked", by=world.who("max"), at=world.tick())
    erase_person(alice, reason="asked", by=world.who("max"), at=world.tick())
    with pytest.raises(Refused, match="erased already"):
        erase_person(alice, reason="asked", by=world.who("max"), at=world.tick())


def test_records_that_were_merged_are_one_person(world: World) -> None:
    alice, arno = world.people["alice"], world.people["arno"]
    Account.objects.filter(person=arno).delete()
    merge_persons(arno.pk, into=alice.pk, by=world.who("max").stamp, at=world.tick())

    with pytest.raises(Refused, match=f"merged into {alice.pk}"):
        erase_person(arno.pk, reason="asked", by=world.who("max"), at=world.tick())
    erase_person(alice.pk, reason="asked", by=world.who("max"), at=world.tick())

    names = Person.objects.filter(pk__in=[alice.pk, arno.pk]).values_list("name", flat=True)
    assert all(name.startswith("Former person ") for name in names)


def test_mentions_by_others_are_found_offered_and_removed(world: World) -> None:
    alice = world.people["alice"]
    own, other = world.ticket("alice"), world.ticket("arno", text="Alice Berg has the key, not the Berg.")
    conversation.reply(own.pk, Words("Dear Alice, dear Mrs Berg,"), by=world.who("ina"), at=world.tick())
    world.ticket("asha", text="The berg behind the office")
    world.ticket("asha", subject="For alice@company.example")
    hidden = world.ticket("arno", text="Alice Berg again", flags=1)

    found = list(mentions_of(alice.pk, by=world.who("max")))

    bodies = {text.pk: text.body or "" for text in Text.objects.all()}
    said = [[bodies[one.text][start:end] for start, end in one.spans] for one in found]
    assert said == [["Alice Berg"], ["Alice", "Berg"], ["alice@company.example"]]
    assert [one.message is None for one in found] == [False, False, True]
    assert hidden.pk not in [one.ticket for one in found]

    erase_person(alice.pk, reason="asked", mentions=found, by=world.who("max"), at=world.tick())
    assert [message.text.body for message in world.messages(other)] == [
        "[removed: asked] has the key, not the Berg.",
    ]  # fmt: skip
    assert world.messages(own)[1].text.body == "Dear [removed: asked], dear Mrs [removed: asked],"
    still_true()


def test_nothing_is_half_done_when_a_mention_has_changed_meanwhile(world: World) -> None:
    alice = world.people["alice"]
    ticket = world.ticket("arno", text="Alice Berg has the key")
    found = list(mentions_of(alice.pk, by=world.who("max")))
    message = world.messages(ticket)[0]
    conversation.revise(message.pk, "Nobody has it", by=world.who("arno"), at=world.tick())

    with pytest.raises(Overtaken):
        erase_person(alice.pk, reason="asked", mentions=found, by=world.who("max"), at=world.tick())

    assert Person.objects.get(pk=alice.pk).name == "Alice Berg"


def test_what_would_go_is_shown_before_it_goes(world: World) -> None:
    world.ticket("alice")
    before = Event.objects.count()

    traces = traces_of(world.people["alice"].pk)

    assert traces.counts() == {"records": 1, "texts": 2, "files": 0, "tickets": 1, "addresses": 1, "accounts": 1}
    assert (Event.objects.count(), Person.objects.get(pk=world.people["alice"].pk).name) == (before, "Alice Berg")


def test_a_restored_desk_forgets_again_what_the_register_names(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    ticket = world.ticket("alice", text=f"It is {SECRET}")
    message = world.messages(ticket)[0]
    attachment = with_file(world, requester="arno", name="plan.txt")
    path = files.path_of(attachment.key)
    register = [("person", world.people["asha"].pk), ("text", message.text_id), ("attachment", attachment.pk)]

    with django_capture_on_commit_callbacks(execute=True):
        assert reapply(register, at=world.tick()) == 3
        assert reapply(register, at=world.tick()) == 0

    assert world.messages(ticket)[0].text.body is None
    assert Person.objects.get(pk=world.people["asha"].pk).erased_at is not None
    assert not path.exists()
    assert (said_anywhere(SECRET), said_anywhere("asha@"), said_anywhere("plan.txt")) == ([], [], [])
    assert set(Erasure.objects.values_list("what", "what_id")) == set(register)
    still_true()


def test_a_register_of_things_that_are_not_there_does_nothing(world: World) -> None:
    assert reapply([("person", 9999), ("text", 9999), ("attachment", 9999)], at=world.tick()) == 0
    with pytest.raises(ValueError, match="'soul'"):
        reapply([("soul", 1)], at=world.tick())
