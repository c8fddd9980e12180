"""What moved the ball on many tickets, in one statement: for lists that show who had it, when."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

import msgspec

from helmdesk.foundation.statements import fetched, listed
from helmdesk.history.fold import EFFECTS, Event
from helmdesk.ledger.models import Stream

_MOVES: Final = ", ".join(f"'{kind}'" for kind in sorted({*EFFECTS, "ticket.opened"}))
_EVENTS: Final = f"""
SELECT stream_id, n, kind, at, body FROM helmdesk_event
WHERE stream = {Stream.TICKET.value} AND stream_id IN ({{tickets}}) AND kind IN ({_MOVES}) ORDER BY stream_id, n
"""  # noqa: S608 (names of our own)


class _Body(msgspec.Struct):
    what: dict[str, Any]


_decode = msgspec.json.Decoder(_Body).decode


def lives_of(tickets: Collection[int]) -> dict[int, list[Event]]:
    """The events of tickets that were read through the viewer just before, as `history.fold` reads them."""
    found: dict[int, list[Event]] = defaultdict(list)
    marks, ids = listed(tickets)
    for ticket, n, kind, at, body in fetched(_EVENTS.format(tickets=marks), ids):
        found[ticket].append(Event(n=n, kind=kind, at=at, what=_decode(body).what))
    return found
