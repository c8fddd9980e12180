"""What runs out next: conditions on open clocks as one viewer is concerned by them, for statements about tickets.

`nearest` walks one index in order of time, so that the next few cost the same however many are open.
"""

from collections.abc import Sequence
from typing import Any

from helmdesk.access.viewer import Viewer
from helmdesk.clocks.turns import Verdict
from helmdesk.service_levels.dues import concerning
from helmdesk.service_levels.reading import readable

type Sql = tuple[str, tuple[Any, ...]]
"""A condition or statement, and its values."""


def nearest(viewer: Viewer) -> Sql:
    """Of clocks `k`, walked by `due_at`, those that are the next of their ticket to run out."""
    which, values = _concerning(viewer)
    sql = f"""k.stop IS NULL AND k.due_at IS NOT NULL AND k.id = (
    SELECT c.id FROM helmdesk_clock c WHERE c.ticket_id = k.ticket_id AND c.stop IS NULL AND c.due_at IS NOT NULL
    {which} ORDER BY c.due_at, c.id LIMIT 1)"""  # noqa: S608 (conditions of our own)
    return sql, values


def due_of_ticket(viewer: Viewer) -> Sql:
    """When the next clock of `helmdesk_ticket` runs out; none where none does."""
    which, values = _concerning(viewer)
    sql = f"""(SELECT min(c.due_at) FROM helmdesk_clock c
    WHERE c.ticket_id = helmdesk_ticket.id AND c.stop IS NULL {which})"""  # noqa: S608
    return sql, values


def due_by(viewer: Viewer, at: int) -> Sql:
    """Tickets (`ticket_id`) with a clock that runs out by then, or did already, and when the first of them does."""
    which, values = _concerning(viewer)
    sql = f"""SELECT c.ticket_id, min(c.due_at) AS due FROM helmdesk_clock c
    WHERE c.stop IS NULL AND c.due_at IS NOT NULL AND c.due_at <= %s {which} GROUP BY c.ticket_id"""  # noqa: S608
    return sql, (at, *values)


def cap_passed(viewer: Viewer, at: int) -> Sql:
    """Since when a clock of `helmdesk_ticket` goes on though it still waits: the wait is longer than it may pause."""
    which, values = _concerning(viewer)
    sql = f"""(SELECT min(c.since) FROM helmdesk_clock c WHERE c.ticket_id = helmdesk_ticket.id AND c.stop IS NULL
    AND c.verdict = {Verdict.PAUSED.value} AND c.since <= %s {which})"""  # noqa: S608
    return sql, (at, *values)


def _concerning(viewer: Viewer) -> Sql:
    """What may be read and concerns the viewer, of clocks `c`; begins with AND."""
    parts: Sequence[tuple[str, list[Any]]] = (readable(viewer), concerning(viewer))
    return " ".join(sql for sql, _ in parts), tuple(value for _, values in parts for value in values)
