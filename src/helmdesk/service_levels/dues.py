"""What is due next on each of many tickets, of all that concerns one viewer: one narrow statement for a page of them.

A promise to the requester concerns everybody who works; what a provider or team owes, that provider's people or the
team's own. Which clocks may be read at all is said in `reading`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from helmdesk.access.viewer import Viewer
from helmdesk.clocks.levels import Binds
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.statements import fetched, listed
from helmdesk.service_levels.reading import readable

_OPEN: Final = """
SELECT c.ticket_id, min(c.due_at), max(CASE WHEN c.verdict = {paused} THEN 1 ELSE 0 END) FROM helmdesk_clock c
WHERE c.ticket_id IN ({tickets}) AND c.stop IS NULL {readable} {concerns} GROUP BY c.ticket_id
"""


@dataclass(frozen=True, slots=True)
class Due:
    """The nearest date (µs) of the open clocks of a ticket, where any has one; else whether one of them is paused."""

    at: int | None
    paused: bool


def dues(tickets: Collection[int], viewer: Viewer) -> dict[int, Due]:
    """Of tickets that were read through this viewer just before; one that nothing is promised on is not among them."""
    if not tickets:
        return {}
    which, values = readable(viewer)
    concerns, own = concerning(viewer)
    marks, ids = listed(tickets)
    sql = _OPEN.format(paused=Verdict.PAUSED.value, tickets=marks, readable=which, concerns=concerns)
    return {ticket: Due(at, bool(paused)) for ticket, at, paused in fetched(sql, [*ids, *values, *own])}


def concerning(viewer: Viewer) -> tuple[str, list[Any]]:
    """Of open clocks (`c`) those that concern the viewer, as a condition that begins with AND, and its values.

    For in-house people also what their own teams owe, and no other party's; guests read only their own anyway.
    """
    if not viewer.internal:
        return "", []
    elif not viewer.teams:
        return f"AND c.binds = {Binds.REQUESTER.value}", []
    marks, teams = listed(sorted(viewer.teams))
    own = f"c.binds = {Binds.TEAM.value} AND c.party IN ({marks})"
    return f"AND (c.binds = {Binds.REQUESTER.value} OR ({own}))", list(teams)
