"""The two doors into the ledger: canonical bytes, chained without a gap, each stream counted for itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from helmdesk.foundation.time import from_us, to_us
from helmdesk.ledger.chain import ENVELOPE, GENESIS, NotCanonical, Stamp, canonical, envelope, head_of_body, link
from helmdesk.ledger.door import MANY, Entry, Observation, append, locked_head, observe, record_access, record_config
from helmdesk.ledger.models import Event, Head, Stream
from helmdesk.ledger.verify import verify
from tests.databases import CommittedDatabase
from tests.ledger.events import NOON, many

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WHOLE = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), WORDS)
NESTED = st.recursive(
    WHOLE,
    lambda some: st.one_of(st.lists(some, max_size=3), st.dictionaries(st.text("xyz", max_size=3), some, max_size=3)),
    max_leaves=6,
)
PAYLOADS = st.dictionaries(st.text("abcdefgh_", min_size=1, max_size=8), NESTED, max_size=4)
INTEGERS = st.one_of(st.integers(), st.booleans(), st.none(), st.lists(st.integers(), max_size=4))
STREAMS = st.tuples(st.sampled_from(Stream), st.integers(1, 3))
BY = Stamp(hat=2, person=3, hat_id=4, provider=5)


def plain(value: Any) -> str:
    """The twin: canonical JSON as the standard library writes it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@given(payload=PAYLOADS)
def test_canonical_json_is_one_text_whatever_the_order_of_keys(payload: dict[str, Any]) -> None:
    text = canonical(payload)
    assert json.loads(text) == payload
    assert canonical(dict(reversed(payload.items()))) == text
    assert canonical(json.loads(text)) == text
    assert list(json.loads(text)) == sorted(payload)


@given(payload=st.dictionaries(st.text("abc_", min_size=1, max_size=5), INTEGERS, max_size=5))
def test_canonical_json_is_what_anybody_would_write(payload: dict[str, Any]) -> None:
    assert canonical(payload) == plain(payload)


@pytest.mark.parametrize(
    "inexact", [1.0, float("nan"), Decimal("1.5"), NOON, NOON.date(), b"x", {1, 2}, object(), timedelta(1)],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_not_exact_does_not_enter_at_any_depth(inexact: object) -> None:
    for hidden in (inexact, [inexact], {"a": inexact}, {"a": [{"b": (1, inexact)}]}):
        with pytest.raises(NotCanonical, match="a body holds integers"):
            canonical({"what": hidden})
    with pytest.raises(NotCanonical, match="keys are strings"):
        canonical({"a": {1: 2}})


NUMBER = st.one_of(st.none(), st.integers(0, 2**62))


@given(numbers=st.lists(NUMBER, min_size=len(ENVELOPE), max_size=len(ENVELOPE)), payload=PAYLOADS)
def test_the_head_of_a_body_is_the_columns_in_canonical_order(numbers: list[Any], payload: dict[str, Any]) -> None:
    columns = dict(zip(ENVELOPE, numbers, strict=True)) | {"kind": "ticket.opened"}
    always = ("at", "hat", "n", "recorded_at", "seq", "stream", "stream_id", "v")
    columns |= {name: columns[name] or 0 for name in always}
    body = envelope(**columns) + canonical(payload) + "}"
    assert json.loads(body) == {**columns, "what": payload}
    assert list(json.loads(body)) == [*ENVELOPE, "what"] == [*sorted(ENVELOPE), "what"]


@given(bodies=st.lists(st.text(max_size=20), min_size=1, max_size=5), place=st.integers(0, 4))
def test_a_link_depends_on_every_byte_before_it(bodies: list[str], place: int) -> None:
    def root(some: list[str]) -> bytes:
        end = GENESIS
        for body in some:
            end = link(end, body)
        return end

    changed = [*bodies]
    changed[place % len(bodies)] += "x"
    assert root(bodies) != root(changed)
    assert link(GENESIS, bodies[0]) == sha256(bytes(32) + bodies[0].encode()).digest()


@given(batches=st.lists(st.lists(st.tuples(STREAMS, PAYLOADS), max_size=4), min_size=1, max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_seq_has_no_gap_and_every_stream_counts_for_itself(db: None, batches: list[Any]) -> None:
    with transaction.atomic():
        for batch in batches:
            entries = [Entry(stream, of, "tried", what) for (stream, of), what in batch]
            appended = append(entries, by=BY, at=NOON)
            assert [event.seq for event in appended] == sorted(event.seq for event in appended)
        rows = list(Event.objects.order_by("seq"))
        assert [row.seq for row in rows] == list(range(1, sum(map(len, batches)) + 1))
        places: dict[tuple[int, int], list[int]] = {}
        for row in rows:
            places.setdefault((row.stream, row.stream_id), []).append(row.n)
        assert all(ns == list(range(1, len(ns) + 1)) for ns in places.values())
        previous = GENESIS
        for row in rows:
            assert row.body.startswith(head_of_body(row))
            previous = link(previous, row.body)
            assert bytes(row.hash) == previous
        assert not rows or (Head.objects.get().seq, bytes(Head.objects.get().hash)) == (rows[-1].seq, previous)
        transaction.set_rollback(True)


def test_an_event_says_who_when_and_under_which_hat(db: None) -> None:
    [event] = append([Entry(Stream.TICKET, 7, "tried", {"a": 1}, team=9)], by=BY, at=NOON, cause=3)
    event.refresh_from_db()
    assert (event.hat, event.person, event.hat_id, event.provider, event.team, event.cause) == (2, 3, 4, 5, 9, 3)
    assert (event.at, event.recorded_at, event.batch, event.operation, event.v) == (
        to_us(NOON), to_us(NOON), None, None, 1,
    )  # fmt: skip
    assert from_us(event.at) == NOON
    assert str(event) == "1 ticket:7#1 tried"


def test_one_act_on_two_streams_is_one_operation(db: None) -> None:
    many(3)
    two = append([Entry(Stream.TICKET, 1, "tried"), Entry(Stream.TICKET, 2, "tried")], by=BY, at=NOON)
    same = append([Entry(Stream.TICKET, 1, "tried"), Entry(Stream.TICKET, 1, "tried")], by=BY, at=NOON)
    named = append([Entry(Stream.TICKET, 1, "tried")], by=BY, at=NOON, operation=4)
    assert [event.operation for event in (*two, *same, *named)] == [4, 4, None, None, 4]


def test_one_of_several_may_sign_for_itself(db: None) -> None:
    other = Stamp(hat=0)
    events = append([Entry(Stream.CONFIG, 1, "a"), Entry(Stream.CONFIG, 1, "b", stamp=other)], by=BY, at=NOON)
    assert [(event.hat, event.person) for event in events] == [(2, 3), (0, None)]


def test_nothing_appended_is_nothing_written(db: None) -> None:
    assert append([], by=BY, at=NOON) == observe([], by=BY, under=Observation(1, NOON)) == []
    assert not Head.objects.exists()


def test_a_place_taken_twice_is_refused_and_nothing_of_it_stays(db: None) -> None:
    many(2)
    before = Head.objects.values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        append([Entry(Stream.CONFIG, 1, "tried", n=3), Entry(Stream.CONFIG, 1, "tried", n=2)], by=BY, at=NOON)
    assert (Head.objects.values().get(), Event.objects.count()) == (before, 2)


def test_a_payload_that_is_not_exact_leaves_nothing(db: None) -> None:
    with pytest.raises(NotCanonical), transaction.atomic():
        append([Entry(Stream.CONFIG, 1, "good"), Entry(Stream.CONFIG, 1, "bad", {"share": 0.5})], by=BY, at=NOON)
    assert (Event.objects.count(), Head.objects.count()) == (0, 0)


def test_an_instant_without_a_zone_does_not_enter(db: None) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        append([Entry(Stream.CONFIG, 1, "tried")], by=BY, at=datetime(2026, 3, 2, 12))  # noqa: DTZ001


def test_what_was_observed_keeps_its_own_time_and_names_its_import(db: None) -> None:
    when, noticed = to_us(NOON) - 5, NOON + timedelta(days=9)
    entries = [Entry(Stream.TICKET, 7, "tried", {"src": {"row": n}}, at=when + n) for n in range(2)]
    events = observe(entries, by=Stamp(hat=3, hat_id=1), under=Observation(42, noticed))
    assert [(event.at, event.recorded_at, event.batch, event.n) for event in events] == [
        (when, to_us(noticed), 42, 1), (when + 1, to_us(noticed), 42, 2),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="at: an observed event needs the instant"):
        observe([Entry(Stream.TICKET, 7, "tried")], by=BY, under=Observation(42, noticed))


def test_many_events_are_written_in_another_way_and_read_the_same(db: None) -> None:
    few, lots = many(MANY), many(MANY + 1)
    assert [event.n for event in (*few, *lots)] == list(range(1, 2 * MANY + 2))
    assert Event.objects.get(seq=2 * MANY + 1).body == lots[-1].body
    assert verify().as_dict()["ok"] is True


def test_config_and_access_have_a_stream_each(db: None) -> None:
    first = record_config("setting.changed", {"setting": 1}, by=BY, at=NOON)
    second = record_access("unmasked", {"person": 3}, by=BY, at=NOON)
    third = record_config("setting.changed", {"setting": 2}, by=BY)
    assert [(e.stream, e.stream_id, e.n) for e in (first, second, third)] == [(4, 1, 1), (5, 1, 1), (4, 1, 2)]
    assert abs(from_us(third.at) - datetime.now(UTC)) < timedelta(minutes=1)


def test_outside_a_transaction_nobody_appends(committed_db: CommittedDatabase) -> None:
    for attempt in (
        lambda: append([Entry(Stream.CONFIG, 1, "tried")], by=BY, at=NOON),
        lambda: observe([Entry(Stream.CONFIG, 1, "tried", at=1)], by=BY, under=Observation(1, NOON)),
        lambda: record_config("tried", {}, by=BY),
        lambda: record_access("tried", {}, by=BY),
        locked_head,
    ):
        with pytest.raises(transaction.TransactionManagementError, match="within a transaction only"):
            attempt()
    assert Event.objects.count() == 0


def test_what_is_rolled_back_leaves_no_gap(committed_db: CommittedDatabase) -> None:
    many(2)
    with transaction.atomic():
        append([Entry(Stream.CONFIG, 1, "tried")], by=BY, at=NOON)
        transaction.set_rollback(True)
    many(1)
    assert list(Event.objects.order_by("seq").values_list("seq", "n")) == [(1, 1), (2, 2), (3, 3)]
    assert verify().faults == []


def test_a_clock_that_was_set_back_stops_no_desk(db: None) -> None:
    """Changes and looks behind the mask go on, at the instant of the last event of their stream."""
    append([Entry(Stream.CONFIG, 1, "tried")], by=BY, at=NOON)
    earlier = NOON - timedelta(hours=1)

    back = append([Entry(Stream.CONFIG, 1, "tried"), Entry(Stream.PERSON, 7, "tried")], by=BY, at=earlier)
    assert [(event.at, event.recorded_at) for event in back] == [(to_us(NOON), to_us(NOON))] * 2
    [other] = append([Entry(Stream.ACCESS, 1, "tried")], by=BY, at=earlier)
    assert other.at == to_us(earlier)


def test_appending_asks_no_more_of_the_database_for_it(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    append([Entry(Stream.CONFIG, 1, "tried")], by=BY, at=NOON)
    asked = 4 if connection.vendor == "sqlite" else 6
    with django_assert_num_queries(asked):
        append([Entry(Stream.CONFIG, 1, "tried")], by=BY, at=NOON)
