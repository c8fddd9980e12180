"""The frame of every change of what is set up: one transaction, one event in `config` and one where it belongs.

The ledger's lock is taken first, so that two such changes never wait for each other crosswise and what a change has
checked still holds when it writes. Who may make a change is asked by `access.allowed`, above: here everything is
signed by a Stamp.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import models, transaction

from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import from_us
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.door import Entry, append, locked_head
from helmdesk.ledger.models import Event, Stream

CONFIG = 1


@dataclass(slots=True)
class Change:
    """One change under way, and the events that it will leave. Events hold ids, codes and numbers only."""

    at: datetime
    entries: list[Entry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def record(
        self, kind: str, what: dict[str, Any], *, person: int | None = None, provider: int | None = None
    ) -> None:
        """Adds an event to `config`, and the same to the stream of the person or provider that it concerns."""
        streams = [(Stream.CONFIG, CONFIG), (Stream.PERSON, person), (Stream.PROVIDER, provider)]
        self.entries += [Entry(stream, of, kind, what) for stream, of in streams if of is not None]


@contextmanager
def changing(*, by: Stamp, at: datetime) -> Iterator[Change]:
    """Opens the transaction, and appends what was recorded when it is done without a fault.

    A change within another is a part of it: what it recorded is appended with the whole, in one go.
    """
    whole = _under_way.get()
    with transaction.atomic(savepoint=whole is None):
        if whole is None:
            locked_head()
        change = Change(at=never_before(at) if whole is None else whole.at)
        token = _under_way.set(change)
        try:
            yield change
        finally:
            _under_way.reset(token)
        if whole is None:
            change.events = append(change.entries, by=by, at=change.at)
        else:
            whole.entries += [replace(entry, stamp=entry.stamp or by) for entry in change.entries]


_under_way: ContextVar[Change | None] = ContextVar("change", default=None)


def never_before(at: datetime) -> datetime:
    """This instant, or that of the last change where a clock went back."""
    last = Event.objects.filter(stream=Stream.CONFIG, stream_id=CONFIG).order_by("-n").values_list("at", flat=True)
    us = last.first()
    return at if us is None else max(at, from_us(us))


def update(row: models.Model, values: dict[str, Any]) -> list[str]:
    """Writes what differs, and says which fields did."""
    differing = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in differing:
        setattr(row, name, values[name])
    if differing:
        row.save(update_fields=differing)
    return differing


def existing[M: models.Model](model: type[M], pk: int | None, *, field: str) -> M:
    """The row with this id, or a refusal that names the field."""
    row = model._default_manager.filter(pk=pk).first()
    if row is None:
        raise BadEntry(field, pk, f"There is no such {field.replace('_', ' ')}.")
    return row


def must_be_new(model: type[models.Model], code: str, *, field: str = "code") -> None:
    if model._default_manager.filter(code=code).exists():
        raise BadEntry(field, code, "There is one already; change that, or take another code.")
