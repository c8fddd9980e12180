"""Verbs that must reach tickets which their doer may not see: suspending a provider, forgetting a shared text."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from helmdesk.access.viewer import Viewer, system
from helmdesk.tickets.acting import Act, acting


@contextmanager
def acting_unseen(*tickets: int, by: Viewer, at: datetime, cause: int | None = None) -> Iterator[Act]:
    """As `acting`, but every ticket is reached; what happens is signed by the doer, who was allowed to before."""
    with acting(*tickets, by=system(), at=at, cause=cause) as act:
        yield act
        for entry in act.entries:
            entry.stamp = by.stamp
