"""Automatic closing: how long a solved ticket stays open to an objection, by type. A policy, and no part of a clock."""

from datetime import datetime, timedelta
from typing import Final

from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing
from helmdesk.tickets.models import Closing, TicketType

USUAL: Final = timedelta(days=5)
LONGEST: Final = 365


def closes_after() -> dict[str, timedelta | None]:
    """By type of ticket how long after it was solved it is closed; None: never by itself."""
    said = {row.type: None if row.days is None else timedelta(days=row.days) for row in Closing.objects.all()}
    return {str(kind): said.get(kind, USUAL) for kind in TicketType.values}


def set_closing(kind: str, days: int | None, *, by: Stamp, at: datetime) -> None:
    """Solved tickets of a type are closed after so many days; None: people close them, or nobody does."""
    if kind not in TicketType.values:
        raise BadEntry("type", kind, f"One of: {', '.join(TicketType.values)}.")
    if days is not None and (type(days) is not int or not 1 <= days <= LONGEST):
        raise BadEntry(kind, days, f"A number of days from 1 to {LONGEST}; nothing: never.")
    with changing(by=by, at=at) as change:
        held = closes_after()[kind]
        if held == (None if days is None else timedelta(days=days)):
            return
        Closing.objects.update_or_create(type=kind, defaults={"days": days})
        change.record("closing.set", {"type": kind, "days": days})
