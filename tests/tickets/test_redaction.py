"""A secret in a message is gone from every revision, the index, the files; the events stay and verify."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from helmdesk.catalogue.definitions import FieldEntry, define_field
from helmdesk.foundation import files
from helmdesk.ledger.models import Erasure, Event, Text
from helmdesk.tickets import conversation, relations, sorting
from helmdesk.tickets.erasure import erase_person
from helmdesk.tickets.models import Attachment, Message
from helmdesk.tickets.redaction import erase_attachment, redact, redact_field, redact_subject
from helmdesk.tickets.refusals import NotThere, Overtaken, Refused
from helmdesk.tickets.scrubbing import scrub, sweep_files
from tests.databases import CommittedDatabase
from tests.tickets.traces import SECRET, in_index, index_all, said_anywhere, still_true, with_file
from tests.world import World, build


def test_a_secret_is_gone_from_every_revision_and_its_place_is_marked(world: World) -> None:
    ticket = world.ticket(text=f"Login ana / {SECRET} works not. Really {SECRET}!")
    message = world.messages(ticket)[0]
    conversation.revise(message.pk, f"Sorry: {SECRET}.", by=world.who("alice"), at=world.tick())

    redact(message.pk, SECRET, reason="secret", by=world.who("iris"), at=world.tick())

    now = world.messages(ticket)[0].text
    assert (now.rev, now.body) == (3, "Sorry: [removed: secret].")
    older = Text.objects.filter(pk__in=[now.root_id]) | Text.objects.filter(root=now.root_id, rev__lt=3)
    assert list(older.values_list("body", "masked_body", "salt")) == [(None, None, None)] * 2
    assert said_anywhere(SECRET) == []
    still_true()


def test_a_redaction_is_an_event_that_names_no_word(world: World) -> None:
    ticket = world.ticket(text=f"It is {SECRET}")
    message = world.messages(ticket)[0]

    redact(message.pk, [(6, 16)], reason="secret", replacement="…", by=world.who("iris"), at=world.tick())

    told = Event.objects.filter(kind__in=["message.revised", "text.erased"]).order_by("kind")
    whats = [(event.kind, event.person, json.loads(event.body)["what"]) for event in told]
    now = world.messages(ticket)[0].text
    iris = world.people["iris"].pk
    assert [(kind, person) for kind, person, _ in whats] == [("message.revised", iris), ("text.erased", iris)]
    assert (whats[0][2]["cause"], whats[0][2]["text"]["rev"], now.body) == ("redaction", 2, "It is …")
    assert whats[1][2] == {"message": message.pk, "text": now.root_id, "rev": 2, "reason": "secret"}
    assert list(Erasure.objects.values_list("what", "what_id")) == [("text", now.root_id)]


def test_what_was_split_off_forgets_with_the_original(world: World) -> None:
    ticket = world.ticket(text=f"It is {SECRET}")
    original = world.messages(ticket)[0]
    child = relations.split(ticket.pk, messages=[original.pk], subject="Part", by=world.who("ina"), at=world.tick())

    redact(original.pk, SECRET, reason="secret", by=world.who("iris"), at=world.tick())

    assert [message.text.body for message in world.messages(child)] == ["It is [removed: secret]"]
    assert Event.objects.filter(kind="message.revised").count() == 2
    assert said_anywhere(SECRET) == []
    still_true()


def test_nobody_finds_a_ticket_by_a_word_that_was_removed(world: World) -> None:
    ticket = world.ticket(text=f"It is {SECRET}")
    index_all()
    assert in_index(SECRET)

    redact(world.messages(ticket)[0].pk, SECRET, reason="secret", by=world.who("iris"), at=world.tick())

    assert not in_index(SECRET)
    assert said_anywhere(SECRET) == []


def test_within_a_day_the_files_of_the_database_hold_it_no_more(committed_db: CommittedDatabase) -> None:
    world = build()
    ticket = world.ticket(subject=f"About {SECRET}", text=f"It is {SECRET}")
    index_all()
    redact(world.messages(ticket)[0].pk, SECRET, reason="secret", by=world.who("iris"), at=world.tick())
    erase_person(world.people["alice"].pk, reason="asked", by=world.who("max"), at=world.tick())

    assert scrub(at=world.at)

    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        held = b"".join(path.read_bytes() for path in Path(name).parent.glob(f"{Path(name).name}*"))
        assert [word for word in (SECRET, "alice@company") if word.encode() in held] == []
    assert not scrub(at=world.tick(days=3))


def test_only_who_may_and_who_sees_it_redacts(world: World) -> None:
    ticket = world.ticket(service="payroll", text=f"It is {SECRET}")
    message = world.messages(ticket)[0].pk
    for name in ("ina", "alice", "ada"):
        with pytest.raises(Refused, match="does not allow"):
            redact(message, SECRET, reason="secret", by=world.who(name), at=world.tick())
    with pytest.raises(NotThere):
        redact(message, SECRET, reason="secret", by=world.who("nora"), at=world.tick())

    assert world.messages(ticket)[0].text.body == f"It is {SECRET}"
    assert Erasure.objects.count() == 0


@pytest.mark.parametrize("removed", ["nowhere", "", [], [(0, 999)], [(-1, 3)], [(3, 3)], [(5, 2)]])
def test_what_is_not_there_is_not_redacted(world: World, removed: Any) -> None:
    message = world.messages(world.ticket(text="It is fine"))[0]

    with pytest.raises(Refused, match="does not hold"):
        redact(message.pk, removed, reason="secret", by=world.who("iris"), at=world.tick())

    assert Text.objects.get(pk=message.text_id).body == "It is fine"


def test_places_chosen_in_an_older_text_are_not_used_on_a_newer_one(world: World) -> None:
    message = world.messages(world.ticket(text="abc"))[0]
    shown = message.text_id
    conversation.revise(message.pk, "something else", by=world.who("alice"), at=world.tick())

    with pytest.raises(Overtaken):
        redact(message.pk, [(0, 2)], reason="secret", shown=shown, by=world.who("iris"), at=world.tick())


def test_overlapping_places_are_replaced_once(world: World) -> None:
    message = world.messages(world.ticket(text="0123456789"))[0]

    spans = [(4, 7), (2, 5), (8, 9)]
    redact(message.pk, spans, reason="secret", replacement="#", by=world.who("iris"), at=world.tick())

    assert Message.objects.unscoped(reason="test").get(pk=message.pk).text.body == "01#7#9"


def test_a_reason_is_a_code_or_a_sentence_beside_the_ledger(world: World) -> None:
    message = world.messages(world.ticket(text="It is here"))[0]

    redact(message.pk, "here", reason="Typed in haste", by=world.who("iris"), at=world.tick())

    what = json.loads(Event.objects.get(kind="text.erased").body)["what"]
    assert (what["reason"], Text.objects.get(pk=what["words"]["t"]).body) == ("other", "Typed in haste")
    assert world.messages(world.fresh(message.ticket))[0].text.body == "It is [removed]"


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "It is hunterzwei"])
def test_a_reason_is_needed_and_does_not_repeat_the_secret(world: World, reason: str) -> None:
    message = world.messages(world.ticket(text=f"It is {SECRET}"))[0]

    with pytest.raises(Refused) as refused:
        redact(message.pk, SECRET, reason=reason, by=world.who("iris"), at=world.tick())

    assert refused.value.field == "reason"
    assert Erasure.objects.count() == 0


def test_subjects_and_fields_are_redacted_too(world: World) -> None:
    define_field("serial", FieldEntry(name="Serial"), by=world.who("max").stamp, at=world.tick())
    ticket = world.ticket(subject=f"Password {SECRET} refused")
    sorting.set_field(ticket.pk, code="serial", value=f"no {SECRET}", by=world.who("ina"), at=world.tick())

    redact_subject(ticket.pk, SECRET, reason="secret", by=world.who("iris"), at=world.tick())
    redact_field(ticket.pk, code="serial", reason="secret", by=world.who("iris"), at=world.tick())

    now = world.fresh(ticket)
    assert now.subject.body == "Password [removed: secret] refused"
    assert Text.objects.get(pk=now.fields["serial"]["t"]).body == "[removed: secret]"
    assert said_anywhere(SECRET) == []
    with pytest.raises(Refused, match="holds no text"):
        redact_field(ticket.pk, code="colour", reason="secret", by=world.who("iris"), at=world.tick())
    still_true()


def test_a_file_goes_with_its_name_and_its_digest(world: World, django_capture_on_commit_callbacks: Any) -> None:
    attachment = with_file(world, name=f"{SECRET}.txt")
    path = files.path_of(attachment.key)
    assert path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        erase_attachment(attachment.pk, reason="wrong_place", by=world.who("iris"), at=world.tick())

    gone = Attachment.objects.get()
    assert (gone.name.body, bytes(gone.digest), gone.erased_at) == ("[removed: wrong_place]", b"", world.at)
    assert not path.exists()
    assert said_anywhere(SECRET) == []
    with pytest.raises(NotThere):
        erase_attachment(attachment.pk, reason="secret", by=world.who("iris"), at=world.tick())
    still_true()


def test_a_file_whose_process_died_before_it_was_removed_is_swept(world: World) -> None:
    kept, dropped = with_file(world, name="kept.txt"), with_file(world, name="dropped.txt")
    paths = [files.path_of(one.key) for one in (kept, dropped)]

    erase_attachment(dropped.pk, reason="secret", by=world.who("iris"), at=world.tick())
    sweep_files(at=world.at + timedelta(days=20_000))

    assert [path.exists() for path in paths] == [True, False]
