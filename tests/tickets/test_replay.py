"""Whatever is done to tickets, by whomever: their events alone lead to the rows as they are. `replay == live`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from io import StringIO
from random import Random
from typing import Any

import hypothesis
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, currently_in_test_context, event, given, settings
from hypothesis import strategies as st

from helmdesk.access.scopes import Combination, intern
from helmdesk.foundation.time import from_us
from helmdesk.history.fold import Event as Happened
from helmdesk.history.fold import Span, intervals
from helmdesk.ledger.models import Event, Head
from helmdesk.ledger.verify import verify
from helmdesk.tickets import assignment, replay, resolution
from helmdesk.tickets.models import Holder, Message, Phase, Share, Thread, Ticket, Wait
from helmdesk.tickets.refusals import Refused
from helmdesk.tickets.replay import Difference, differences
from tests.ledger import tampering
from tests.thoroughness import examples
from tests.tickets.lives import MAKES_TICKETS, MOST_TICKETS, NAMES, SERVICES, STEPS, VERBS, Step, attempted
from tests.world import World


@settings(
    max_examples=examples(8),
    phases=[stage for stage in hypothesis.Phase if stage is not hypothesis.Phase.explain],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=10, max_size=25))
def test_replay_is_live_after_any_sequence_of_verbs(world: World, steps: list[Step]) -> None:
    with undone():
        lived = copy(world)
        begin(lived)
        for step in steps:
            live(lived, step)
        assert list(differences()) == []
        for ticket in Ticket.objects.unscoped(reason="a test looks at the truth"):
            must_be_whole(ticket)
        assert verify(texts=True).faults == []


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def begin(world: World) -> None:
    """Four tickets of two people, two of them parts of one, and every scope that will be met."""
    for service in SERVICES:
        for flags in (0, 1):
            about = world.about(service, "north", flags=flags)
            intern(about)
            intern(Combination(about.service, world.sites["south"].pk, None, flags))
    first = world.ticket("alice", service="network", site="north")
    world.ticket("alice", site="north")
    world.ticket("arno", service="email", site="north", team="night")
    part = world.ticket("alice", service="network", site="north", team="network")
    live(world, Step("set parent", 3, 0, True, 0, (0, 0)))
    assert world.fresh(part).parent_id == first.pk


def live(world: World, step: Step) -> str | None:
    """Tries a verb, and returns the one that was done; a refused one has changed nothing."""
    attempt = attempted(world, step)
    if attempt.verb in MAKES_TICKETS and len(attempt.tickets) >= MOST_TICKETS:
        return None
    before = everything()
    try:
        VERBS[attempt.verb](attempt)
    except Refused as refusal:
        tell(f"{attempt.verb}: {refusal.code}")
        assert everything() == before
        return None
    tell(f"{attempt.verb}: done")
    return attempt.verb


def tell(what: str) -> None:
    """To those who ask for `--hypothesis-show-statistics`."""
    if currently_in_test_context():
        event(what)


def everything() -> list[Any]:
    """All that a verb might change."""
    rows: list[Any] = [list(Head.objects.values_list("seq", "hash"))]
    for model in (Ticket, Thread, Message, Share):
        manager: Any = model.objects
        found = manager.unscoped(reason="test") if hasattr(manager, "unscoped") else manager.all()
        rows.append(list(found.order_by("pk").values_list()))
    return rows


def must_be_whole(ticket: Ticket) -> None:
    """What holds of every ticket at every instant: one holder, and spans that tile its life."""
    assert ticket.open == (ticket.holder != Holder.REST)
    assert (ticket.phase == Phase.CLOSED) == (ticket.closed_at is not None)
    if ticket.open and (ticket.wait is None or ticket.wait in (Wait.PARTS, Wait.CHANGE)):
        assert (ticket.holder, ticket.holder_id) == (Holder.TEAM, ticket.team_id)
    if ticket.wait == Wait.CHILD:
        child = Ticket.objects.unscoped(reason="test").get(pk=ticket.wait_on)
        assert (child.open, child.parent_id, child.team_id) == (True, ticket.pk, ticket.holder_id)
    spans = spans_of(ticket)
    if ticket.closed_at != ticket.opened_at:
        assert from_us(spans[0].start) == ticket.opened_at
        end = spans[-1].end
        assert (None if end is None else from_us(end)) == ticket.closed_at
    assert [span.end for span in spans[:-1]] == [span.start for span in spans[1:]]
    assert all(span.end is None or span.start < span.end for span in spans)


def spans_of(ticket: Ticket) -> list[Span]:
    rows = Event.objects.filter(stream=1, stream_id=ticket.pk).order_by("n").values_list("n", "kind", "at", "body")
    return intervals(Happened(n, kind, at, json.loads(body)["what"]) for n, kind, at, body in rows)


def test_in_a_long_life_every_verb_is_done_at_some_time(world: World) -> None:
    """So that the property above is about what happens, not about refusals."""
    chance = Random(5)
    begin(world)
    missing = set(VERBS)
    for _ in range(1000):
        verbs = [*(missing - {"suspend"} or missing), *set(NAMES) - {"suspend"}]
        dice = chance.randrange(6), chance.randrange(6)
        step = Step(chance.choice(sorted(verbs)), chance.randrange(MOST_TICKETS), chance.randrange(9), True, 0, dice)
        missing.discard(live(world, step) or "")
        if not missing:
            break

    assert missing == set()
    assert list(differences()) == []
    for ticket in Ticket.objects.unscoped(reason="a test looks at the truth"):
        must_be_whole(ticket)


def test_a_row_that_its_events_do_not_account_for_is_told(world: World) -> None:
    ticket = world.ticket()
    Ticket.objects.unscoped(reason="test").filter(pk=ticket.pk).update(holder="requester", holder_id=None, position=7)

    desk = world.teams["desk"].pk
    assert list(differences()) == [
        Difference(ticket.pk, "position", 7, 3),
        Difference(ticket.pk, "holder", "requester", "team"),
        Difference(ticket.pk, "holder_id", None, desk),
    ]
    assert list(differences(tickets=[ticket.pk + 1])) == []


def test_tickets_without_events_and_events_without_a_ticket_are_told(world: World) -> None:
    one, two, three = world.ticket(), world.ticket(), world.ticket()
    for lost in (one, three):
        with connection.cursor() as cursor:
            for table in ("message", "thread", "searchqueue"):
                cursor.execute(
                    f"DELETE FROM helmdesk_{table} WHERE ticket{'_id' * (table != 'searchqueue')} = {lost.pk}"
                )
        Ticket.objects.unscoped(reason="test").filter(pk=lost.pk).delete()
    tampering.execute("DELETE FROM helmdesk_event WHERE stream = 1 AND stream_id = %s", two.pk)

    assert list(differences()) == [
        Difference(one.pk, "ticket", None, "events without a ticket"),
        Difference(two.pk, "events", "a ticket", None),
        Difference(three.pk, "ticket", None, "events without a ticket"),
    ]


def test_events_that_lead_nowhere_are_told(world: World) -> None:
    ticket = world.ticket()
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    taken = Event.objects.get(stream=1, stream_id=ticket.pk, kind="assigned")
    tampering.change(taken.seq, kind="hovered")

    (difference,) = differences()
    assert difference.events == f"event {taken.n}: 'hovered' version 1 is not known here"


def test_pages_of_tickets_are_compared_alike(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = [world.ticket() for _ in range(5)]
    monkeypatch.setattr(replay, "AT_ONCE", 2)
    assert list(differences()) == []

    Ticket.objects.unscoped(reason="test").filter(pk=tickets[3].pk).update(phase=2)
    assert [(one.ticket, one.field) for one in differences()] == [(tickets[3].pk, "phase")]


def test_what_is_written_while_replay_reads_is_no_difference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = world.ticket()
    states = replay._states

    def and_then_somebody_resolves(ids: Any) -> Any:
        monkeypatch.setattr(replay, "_states", states)
        resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
        return states(ids)

    monkeypatch.setattr(replay, "_states", and_then_somebody_resolves)
    assert list(differences()) == []


def test_the_command_tells_whether_all_is_well(world: World) -> None:
    one, two = world.ticket(), world.ticket()
    assert run("--json") == (0, {"ok": True, "tickets": 2, "differences": []})

    Ticket.objects.unscoped(reason="test").filter(pk=two.pk).update(phase=2)
    differs = {"ticket": two.pk, "field": "phase", "row": 2, "events": 1}
    assert run("--json") == (1, {"ok": False, "tickets": 2, "differences": [differs]})
    assert run("--json", "--ticket", str(one.pk)) == (0, {"ok": True, "tickets": 1, "differences": []})
    with pytest.raises(CommandError, match="not all of 999 exist"):
        run("--ticket", "999")


def run(*options: str) -> tuple[int, Any]:
    out = StringIO()
    try:
        call_command("replay", *options, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())
