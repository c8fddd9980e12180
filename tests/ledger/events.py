"""Events that belong to no ticket, for tests of the ledger alone."""

from datetime import UTC, datetime

from django.db import transaction

from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.door import Entry, append
from helmdesk.ledger.models import Event, Stream

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def many(count: int, *, at: datetime = NOON) -> list[Event]:
    """So many changes of settings, by person 3 as member 4 of provider 5."""
    entries = [Entry(Stream.CONFIG, 1, "setting.changed", {"setting": n}) for n in range(count)]
    with transaction.atomic():
        return append(entries, by=Stamp(hat=2, person=3, hat_id=4, provider=5), at=at)
