"""The ledger's own text, body by body, to columns of steps: for figures over all tickets from scratch."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec

from helmdesk.clocks.bulk import Columns, Gathering
from helmdesk.clocks.steps import Steps, steps


class Body(msgspec.Struct):
    """What clocks read of an event's body; the rest of it is passed over."""

    n: int
    kind: str
    at: int
    hat: int
    recorded_at: int
    what: dict[str, Any]


_decode: Final = msgspec.json.Decoder(Body).decode


def columns_from(
    rows: Iterable[tuple[int, str]], *, audiences: Container[int], opened: Mapping[int, int] | None = None
) -> tuple[list[int], Columns]:
    """The tickets, and their steps, from (ticket, body) in order of ticket and n.

    `audiences`: those that the requester reads. `opened`: when tickets were opened that were merged into others.
    """
    tickets: list[int] = []
    gathering = Gathering()
    for ticket, told in _told(rows, audiences, opened):
        tickets.append(ticket)
        gathering.take(told)
    return tickets, gathering.columns()


def _told(
    rows: Iterable[tuple[int, str]], audiences: Container[int], opened: Mapping[int, int] | None
) -> Iterator[tuple[int, Steps]]:
    for ticket, bodies in groupby(rows, itemgetter(0)):
        events = [_decode(body) for _, body in bodies]
        threads = (event.what for event in events if event.kind == "thread.opened")
        public = {what["thread"] for what in threads if what["audience"] in audiences}
        yield ticket, steps(events, public=public, opened=opened)
