"""An event that was edited, removed, inserted, reordered or hashed anew is found, and named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from helmdesk.ledger import links, seals
from helmdesk.ledger import verify as verifying
from helmdesk.ledger.chain import ENVELOPE
from helmdesk.ledger.door import append
from helmdesk.ledger.links import Fault
from helmdesk.ledger.models import Event, Head, Text
from helmdesk.ledger.verify import verify
from helmdesk.tickets import assignment, conversation, resolution
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Message, Thread, Ticket
from tests.databases import CommittedDatabase
from tests.ledger import tampering
from tests.ledger.events import many
from tests.world import World, build

MIDDLE = 5


@pytest.fixture
def ledger(db: None) -> World:
    """A day of the small company: two tickets, worked on in turn; 17 events."""
    return a_day(build())


def a_day(world: World) -> World:
    one, two = world.ticket("alice"), world.ticket("arno")
    assignment.take(one.pk, by=world.who("ina"), at=world.tick())
    assignment.take(two.pk, by=world.who("ivo"), at=world.tick())
    conversation.reply(one.pk, Words("Is it plugged in?"), by=world.who("ina"), at=world.tick())
    conversation.reply(one.pk, Words("It is now."), by=world.who("alice"), at=world.tick())
    conversation.reply(two.pk, Words("We come by."), by=world.who("ivo"), at=world.tick())
    resolution.resolve(one.pk, by=world.who("ina"), at=world.tick())
    resolution.resolve(two.pk, by=world.who("ivo"), at=world.tick())
    return world


def last() -> int:
    return Head.objects.get(pk=1).seq


def named(faults: list[Fault]) -> list[tuple[int | None, str]]:
    return [(fault.seq, fault.fault) for fault in faults]


def stream_of(seq: int) -> str:
    return f"ticket:{Event.objects.get(seq=seq).stream_id}"


def test_an_untouched_ledger_is_as_it_was_recorded(ledger: World) -> None:
    report = verify(texts=True)

    assert report.as_dict() == {
        "ok": True, "tickets": 2, "events": last(), "erased": 0, "sealed_to": None, "faults": [],
    }  # fmt: skip


def test_an_empty_ledger_is_as_it_was_recorded(db: None) -> None:
    assert verify().as_dict() == {
        "ok": True, "tickets": 0, "events": 0, "erased": 0, "sealed_to": None, "faults": [],
    }  # fmt: skip


OTHER_VALUES: dict[str, Any] = {
    "at": 1, "batch": 7, "cause": 3, "hat": 3, "hat_id": 99, "kind": "resolved", "operation": 9, "person": 99,
    "provider": 99, "recorded_at": 1, "team": 99, "v": 2,
}  # fmt: skip


@pytest.mark.parametrize("column", OTHER_VALUES)
def test_an_edited_column_is_named_with_both_values(ledger: World, column: str) -> None:
    recorded = getattr(Event.objects.get(seq=MIDDLE), column)
    tampering.change(MIDDLE, **{column: OTHER_VALUES[column]})

    words = f"{column} is {OTHER_VALUES[column]!r} and was recorded as {recorded!r}"
    assert verify().faults == [Fault(MIDDLE, stream_of(MIDDLE), "edited", words)]


@pytest.mark.parametrize(("column", "value"), [("n", 99), ("stream", 2), ("stream_id", 9999)])
def test_an_event_moved_to_another_stream_is_named(ledger: World, column: str, value: int) -> None:
    tampering.change(MIDDLE, **{column: value})

    faults = verify().faults
    assert (MIDDLE, "edited") in named(faults)
    assert any(fault.seq is None and fault.fault == "removed" for fault in faults)


def test_every_column_of_the_envelope_is_tried() -> None:
    assert set(ENVELOPE) == {*OTHER_VALUES, "n", "stream", "stream_id", "seq"}


def test_a_column_emptied_is_named(ledger: World) -> None:
    assert Event.objects.get(seq=MIDDLE).person is not None
    tampering.change(MIDDLE, person=None)

    assert named(verify().faults) == [(MIDDLE, "edited")]


@pytest.mark.parametrize("seq", [1, MIDDLE, "last"])
def test_an_edited_body_is_named(ledger: World, seq: int | str) -> None:
    seq = last() if seq == "last" else int(seq)
    body = Event.objects.get(seq=seq).body
    tampering.change(seq, body=body[:-2] + ',"x":1}}')

    faults = verify().faults
    assert named(faults) == [(seq, "edited")]
    assert faults[0].stream == stream_of(seq)


def test_an_edited_hash_is_named(ledger: World) -> None:
    tampering.change(MIDDLE, hash=bytes(32))

    assert (MIDDLE, "edited") in named(verify().faults)


def test_a_body_that_is_no_json_is_named(ledger: World) -> None:
    tampering.change(MIDDLE, body="nothing to see")

    assert (MIDDLE, "edited") in named(verify().faults)


def test_an_event_changed_and_hashed_anew_breaks_the_next_link(ledger: World) -> None:
    event = Event.objects.get(seq=MIDDLE)
    row = {name: getattr(event, name) for name in tampering.COLUMNS} | {"person": 99}
    tampering.honest(row, bytes(Event.objects.get(seq=MIDDLE - 1).hash))
    tampering.change(MIDDLE, person=99, body=row["body"], hash=row["hash"])

    (fault,) = verify().faults
    assert (fault.seq, fault.fault) == (MIDDLE + 1, "edited")
    assert f"event {MIDDLE} was changed and hashed anew" in fault.words


def test_a_removed_event_is_named_with_its_place_and_its_stream(ledger: World) -> None:
    stream, n = stream_of(MIDDLE), Event.objects.get(seq=MIDDLE).n
    tampering.remove(MIDDLE)

    assert verify().faults == [
        Fault(MIDDLE, None, "removed", f"event {MIDDLE} is missing"),
        Fault(None, stream, "removed", f"{stream} lacks its event {n}"),
    ]


def test_the_last_event_of_all_is_missed(ledger: World) -> None:
    end = last()
    stream = stream_of(end)
    tampering.remove(end)

    assert named(verify().faults) == [(end, "removed"), (None, "removed")]
    assert verify().faults[1].stream == stream


def test_the_last_event_of_all_is_missed_though_the_head_was_put_back(ledger: World) -> None:
    end = last()
    stream = stream_of(end)
    tampering.remove(end)
    Head.objects.filter(pk=1).update(seq=end - 1, hash=Event.objects.get(seq=end - 1).hash)

    (fault,) = verify().faults
    assert (fault.stream, fault.fault) == (stream, "removed")
    assert "lacks its last events" in fault.words


def test_the_last_event_of_a_ticket_is_missed(ledger: World) -> None:
    one = Ticket.objects.unscoped(reason="test").order_by("pk")[0]
    event = Event.objects.get(stream=1, stream_id=one.pk, n=one.position)
    assert event.seq < last()
    tampering.remove(event.seq)

    words = f"ticket:{one.pk} lacks its last events: its row knows {one.position}, {one.position - 1} are there"
    assert verify().faults == [
        Fault(event.seq, None, "removed", f"event {event.seq} is missing"),
        Fault(None, f"ticket:{one.pk}", "removed", words),
    ]


def test_a_whole_ticket_removed_with_its_rows_is_missed(ledger: World) -> None:
    two = Ticket.objects.unscoped(reason="test").order_by("pk")[1]
    seqs = list(Event.objects.filter(stream=1, stream_id=two.pk).order_by("seq").values_list("seq", flat=True))
    tampering.remove(*seqs)
    for model in (Message, Thread):
        model.objects.unscoped(reason="test").filter(ticket=two).delete()
    Ticket.objects.unscoped(reason="test").filter(pk=two.pk).delete()

    faults = verify().faults
    assert {fault.fault for fault in faults} == {"removed"}
    missing = [int(place) for fault in faults for place in places(fault.words)]
    assert missing == seqs


def places(words: str) -> range:
    """The events that `event 5 is missing` or `events 5 to 7 are missing` names."""
    numbers = [int(word) for word in words.split() if word.isdigit()]
    return range(numbers[0], numbers[-1] + 1)


def test_a_ticket_whose_events_are_gone_is_named(ledger: World) -> None:
    one = Ticket.objects.unscoped(reason="test").order_by("pk")[0]
    tampering.execute("DELETE FROM helmdesk_event WHERE stream = 1 AND stream_id = %s", one.pk)

    assert f"ticket:{one.pk} has a row and no event: its {one.position} events were removed" in [
        fault.words for fault in verify().faults
    ]


def test_a_ticket_whose_row_is_gone_is_named(ledger: World) -> None:
    end = last()
    tampering.insert(end + 1, like=end, stream_id=9999, n=1)
    Head.objects.filter(pk=1).update(seq=end + 1, hash=Event.objects.get(seq=end + 1).hash)

    assert [fault.words for fault in verify().faults] == ["ticket:9999 has 1 events and no row: the row was removed"]


def test_a_removed_event_is_missed_though_all_after_it_were_renumbered(ledger: World) -> None:
    tampering.remove(MIDDLE)
    tampering.renumber(MIDDLE + 1, -1)
    Head.objects.filter(pk=1).update(seq=last() - 1)

    assert (MIDDLE, "removed") in named(verify().faults)


def test_two_events_that_traded_places_are_named(ledger: World) -> None:
    tampering.swap(MIDDLE, MIDDLE + 1)

    assert verify().faults == [
        Fault(MIDDLE, None, "reordered", f"event {MIDDLE} stood at {MIDDLE + 1} when recorded: the order was changed"),
        Fault(
            MIDDLE + 1, None, "reordered",
            f"event {MIDDLE + 1} stood at {MIDDLE} when recorded: the order was changed",
        ),
    ]  # fmt: skip


def test_an_event_put_in_the_middle_is_named(ledger: World) -> None:
    tampering.renumber(MIDDLE, 1)
    tampering.insert(MIDDLE, like=MIDDLE - 1, n=77)
    Head.objects.filter(pk=1).update(seq=last() + 1)

    assert (MIDDLE, "inserted") in named(verify().faults)


def test_an_event_put_after_the_end_is_named(ledger: World) -> None:
    end = last()
    tampering.insert(end + 1, like=end, n=Event.objects.get(seq=end).n + 1)

    words = f"event {end + 1} was inserted: by its head, the ledger ends at {end}"
    assert Fault(end + 1, stream_of(end), "inserted", words) in verify().faults


def test_an_event_put_before_the_beginning_is_named(ledger: World) -> None:
    row = {name: getattr(Event.objects.get(seq=1), name) for name in tampering.COLUMNS}
    tampering.write(row | {"seq": 0, "n": 0}, bytes(32))

    assert (0, "inserted") in named(verify().faults)


def test_a_forged_last_event_is_unknown_to_its_ticket(ledger: World) -> None:
    end = last()
    n = Event.objects.get(seq=end).n
    tampering.insert(end + 1, like=end, n=n + 1)
    Head.objects.filter(pk=1).update(seq=end + 1, hash=Event.objects.get(seq=end + 1).hash)

    stream = stream_of(end)
    words = f"{stream} has {n + 1} events, but its row knows only {n}"
    assert verify().faults == [Fault(None, stream, "inserted", words)]


def test_a_chain_hashed_anew_does_not_end_as_the_head_says(ledger: World) -> None:
    tampering.rehash(MIDDLE, person=99, head=False)

    assert named(verify().faults) == [(last(), "rehashed")]


def test_a_chain_hashed_anew_to_its_head_is_found_by_a_seal(ledger: World) -> None:
    seals.seal(at=ledger.tick())
    assert verify().ok
    tampering.rehash(MIDDLE, person=99)

    (fault,) = verify().faults
    assert (fault.seq, fault.fault) == (last() - 1, "rehashed")
    assert "promises" in fault.words


def test_what_the_last_seal_covers_is_walked_again_on_request(ledger: World) -> None:
    sealed = seals.seal(at=ledger.tick())
    tampering.change(MIDDLE, person=99)

    assert sealed is not None
    assert (verify().ok, verify().sealed_to) == (True, sealed.last_seq)
    assert named(verify(everything=True).faults) == [(MIDDLE, "edited")]


def test_what_was_removed_before_the_last_seal_is_always_missed(ledger: World) -> None:
    seals.seal(at=ledger.tick())
    tampering.remove(MIDDLE)

    assert (MIDDLE, "removed") in named(verify().faults)


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize("column", ["at", "person", "kind", "body", "hash"])
def test_a_value_of_another_type_is_no_disguise_on_sqlite(ledger: World, column: str) -> None:
    """SQLite keeps a blob in any column, and shows it as a text."""
    tampering.execute(f"UPDATE helmdesk_event SET {column} = CAST({column} AS BLOB) WHERE seq = %s", MIDDLE)
    tampering.execute(f"UPDATE helmdesk_event SET {column} = x'ff' || {column} WHERE seq = %s", MIDDLE + 1)

    found = {seq for seq, fault in named(verify().faults) if fault == "edited"}
    assert found >= ({MIDDLE, MIDDLE + 1} if column in ("at", "person") else {MIDDLE + 1})


def test_very_many_faults_stop_the_walk(ledger: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_FAULTS", 3)
    tampering.execute("UPDATE helmdesk_event SET person = 99")
    monkeypatch.setattr(links, "WINDOW", 2)

    faults = verify().faults
    assert "stopped" in {fault.fault for fault in faults}
    assert len(faults) <= 10


def test_windows_do_not_hide_what_lies_between_them(ledger: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "WINDOW", 2)
    monkeypatch.setattr(verifying, "MOST_PROCESSES", 3)
    assert verify().ok
    tampering.swap(6, 7)

    assert named(verify().faults) == [(6, "reordered"), (7, "reordered")]


@pytest.mark.parametrize("seq", [1, 49, 50, 51, 99, 100])
def test_several_processes_see_what_one_would(
    committed_db: CommittedDatabase, seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "ALONE", 10)
    monkeypatch.setattr(verifying, "_parts", lambda first, last: [(first, 50), (51, last)])
    many(100)
    assert (verify().ok, verify().events) == (True, 100)
    tampering.change(seq, person=99)

    assert named(verify().faults) == [(seq, "edited")]


def test_texts_are_opened_on_request_only(ledger: World) -> None:
    words = Text.objects.filter(kind="message").order_by("pk")[0]
    Text.objects.filter(pk=words.pk).update(body="I never said that.")

    assert verify().ok
    (fault,) = verify(texts=True).faults
    assert fault.words == f"revision 1 of text {words.pk} is not what was committed to: it was changed"


def test_a_text_without_its_row_is_missed(ledger: World) -> None:
    subject = Event.objects.filter(kind="ticket.opened").order_by("seq")[0]
    text = json.loads(subject.body)["what"]["subject"]["t"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE helmdesk_text SET rev = 2 WHERE id = %s", [text])

    assert [fault.words for fault in verify(texts=True).faults] == [
        f"revision 1 of text {text} is missing; a forgotten one would leave its row"
    ]


def test_the_command_ends_with_1_on_faults_and_names_them_in_json(ledger: World) -> None:
    out = StringIO()
    call_command("ledger", "verify", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "ok": True, "tickets": 2, "events": last(), "erased": 0, "sealed_to": None, "faults": [],
    }  # fmt: skip

    tampering.change(MIDDLE, person=99)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("ledger", "verify", "--json", stdout=out)
    assert ended.value.code == 1
    assert [(fault["seq"], fault["fault"]) for fault in json.loads(out.getvalue())["faults"]] == [(MIDDLE, "edited")]


def test_the_command_tells_people_what_it_saw(ledger: World) -> None:
    out = StringIO()
    call_command("ledger", "verify", "--all", "--texts", stdout=out)

    assert f"{last()} events, 2 tickets, 0 erasures, no seal yet: all as recorded" in out.getvalue()


def test_what_is_appended_meanwhile_is_no_fault(ledger: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = verifying._ends

    def and_then_somebody_writes() -> Any:
        found = ends()
        resolution.close(
            Ticket.objects.unscoped(reason="test").order_by("pk")[0].pk, by=ledger.who("alice"), at=ledger.tick()
        )
        return found

    monkeypatch.setattr(verifying, "_ends", and_then_somebody_writes)
    assert verify().ok
    assert append([], by=ledger.who("alice").stamp, at=datetime.now(UTC)) == []
