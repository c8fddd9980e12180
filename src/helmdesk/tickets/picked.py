"""Rows as the queue has them, of tickets that some list picked, in the order in which it names them."""

from collections.abc import Collection

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched, listed
from helmdesk.tickets.conditions import seen_by
from helmdesk.tickets.queue import COLUMNS, ROWS, SUBJECT, Row


def rows_of(tickets: Collection[int], viewer: Viewer) -> dict[int, Row]:
    """One statement; a ticket that this viewer does not see is not among them."""
    if not tickets:
        return {}
    marks, ids = listed(tickets)
    columns = ", ".join(f"helmdesk_ticket.{name}" for name in COLUMNS)
    found = f"SELECT {columns} FROM helmdesk_ticket WHERE helmdesk_ticket.id IN ({marks})"  # noqa: S608
    seen, values = seen_by(viewer)
    sql = ROWS.format(subject=SUBJECT[viewer.unmasked], found=found, seen=seen, limit=len(ids))
    rows = {row.pk: row for row in (Row(*one) for one in fetched(sql, [*ids, *values]))}
    return {pk: rows[pk] for pk in tickets if pk in rows}
