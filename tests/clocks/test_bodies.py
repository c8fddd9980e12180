"""The ledger's own text makes the columns that its events make."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.clocks import bulk
from helmdesk.clocks.bodies import columns_from
from helmdesk.clocks.steps import Recorded, steps
from helmdesk.ledger.chain import canonical, envelope
from tests.clocks.lives import OPENED, lives
from tests.thoroughness import examples

REQUESTER_READS, IN_HOUSE = 4, 5


def body(ticket: int, event: Recorded) -> str:
    head = envelope(
        event.at, None, None, event.hat, None, event.kind, event.n, None, None, None, event.at, 1, 1, ticket, None, 1
    )
    return head + canonical(event.what) + "}"


def with_threads(life: list[Recorded]) -> list[Recorded]:
    """Thread 1 is the requester's, thread 2 is not; they are opened right after the ticket."""
    opened = [
        Recorded(n, "thread.opened", life[0].at, {"thread": thread, "audience": audience})
        for n, thread, audience in ((2, 1, REQUESTER_READS), (3, 2, IN_HOUSE))
    ]
    judged = {event.n: event.n + 2 for event in life[1:]}
    later = []
    for event in life[1:]:
        what = {**event.what, "wait": judged.get(event.what["wait"], 0)} if "upheld" in event.what else event.what
        later.append(Recorded(event.n + 2, event.kind, event.at, what, hat=event.hat))
    return [life[0], *opened, *later]


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(lives().map(with_threads), max_size=4))
def test_bodies_and_events_make_the_same_columns(tickets: list[list[Recorded]]) -> None:
    rows = [(place + 10, body(place + 10, event)) for place, life in enumerate(tickets) for event in life]
    found, columns = columns_from(rows, audiences={REQUESTER_READS}, opened=OPENED)
    expected = bulk.Columns.of(steps(life, public={1}, opened=OPENED) for life in tickets)
    assert found == [place + 10 for place in range(len(tickets))]
    for name in ("first", "at", "kind", "a", "b", "c"):
        assert np.array_equal(getattr(columns, name), getattr(expected, name))
