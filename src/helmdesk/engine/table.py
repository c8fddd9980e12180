"""The tickets of one replication, every chance drawn; it knows nothing of an arrangement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]

FAR: Final = 2**61
"""Later than anything; twice it is still an int64."""
PATIENT: Final = FAR

ARRIVAL, CATEGORY, PRIORITY, CHANNEL, PATIENCE, FIRST = range(6)
TIER, WORK, WAIT, DOUBT, KIND = range(5)
SAME_TIER: Final = -1
CERTAIN: Final = -1
FIRST_PIECE, ANSWERED, ESCALATED, REOPENED = range(4)
KINDS: Final = ("first", "answered", "escalated", "reopened")
WHOLE_CHANCE: Final = 2**32


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work: tier (0 is the first), µs of work, µs of waiting before it, and what it comes after.

    An escalated piece is worked on if `doubt`, drawn from 0 to 2**32, is less than what the team's escalation leaves
    (CERTAIN: always); else it and all of higher tiers are skipped. A reopened one is of the tier that came last.
    """

    work: int
    tier: int = 0
    wait: int = 0
    kind: int = FIRST_PIECE
    doubt: int = CERTAIN


@dataclass(frozen=True, slots=True)
class Ticket:
    """When it came (µs since 1970), its category and priority by number, how long its requester waits at first."""

    arrival: int
    pieces: tuple[Piece, ...]
    category: int = 0
    priority: int = 0
    channel: int = 0
    patience: int = PATIENT


class BadTable(ValueError):
    """Tickets that cannot be: which, what stands there, what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """tickets int64 [n + 1, 6], in the order of arrival, the last row a sentinel; pieces int64 [m, 5]; escalation
    int64 [categories, tiers]: the chance of 2**32 that a ticket leaves a tier for the next one."""

    tickets: Rows
    pieces: Rows
    escalation: Rows

    def __len__(self) -> int:
        return len(self.tickets) - 1

    @property
    def owners(self) -> Column:
        """The ticket of each piece."""
        return np.repeat(np.arange(len(self)), np.diff(self.tickets[:, FIRST]))


def table_of(tickets: Iterable[Ticket], escalation: Any = None, *, categories: int = 1, tiers: int = 1) -> Table:
    """A table of tickets in any order, as of a real history; raises BadTable. Nothing given, all escalations happen."""
    ordered = sorted(tickets, key=lambda ticket: ticket.arrival)
    rows: list[tuple[int, ...]] = []
    pieces: list[tuple[int, ...]] = []
    for ticket in ordered:
        head = (ticket.arrival, ticket.category, ticket.priority, ticket.channel, ticket.patience, len(pieces))
        rows.append(head)
        pieces += [(piece.tier, piece.work, piece.wait, piece.doubt, piece.kind) for piece in ticket.pieces]
    rows.append((FAR, 0, 0, 0, PATIENT, len(pieces)))
    if escalation is None:
        escalation = np.full((categories, tiers), WHOLE_CHANCE)
    table = Table(
        np.array(rows, dtype=np.int64),
        np.array(pieces, dtype=np.int64).reshape(-1, 5),
        np.asarray(escalation, dtype=np.int64),
    )
    check(table)
    return table


def check(table: Table) -> None:
    """Raises BadTable for the first thing that no engine could work on."""
    tickets, pieces = table.tickets[:-1], table.pieces
    categories, tiers = table.escalation.shape
    without = np.diff(table.tickets[:, FIRST]) < 1
    if np.any(without):
        raise BadTable(f"pieces of row {int(np.argmax(without))}: none. Give each ticket at least one piece of work.")
    rules: list[tuple[str, Any, str]] = [
        ("arrival", (tickets[:, ARRIVAL] < 0) | (tickets[:, ARRIVAL] >= FAR), "Give µs since 1970."),
        ("arrival", np.diff(tickets[:, ARRIVAL], prepend=0) < 0, "Put tickets in the order of their arrival."),
        ("category", (tickets[:, CATEGORY] < 0) | (tickets[:, CATEGORY] >= categories), f"There are {categories}."),
        ("priority", tickets[:, PRIORITY] < 0, "Count priorities from 0, the most urgent."),
        ("patience", tickets[:, PATIENCE] < 0, "Give µs of 0 or more."),
        ("work", (pieces[:, WORK] < 0) | (pieces[:, WORK] >= FAR // 2**20), "Give µs of 0 or more."),
        ("wait", pieces[table.tickets[:-1, FIRST], WAIT] != 0, "A first piece of work waits for nothing: give 0."),
        ("wait", (pieces[:, WAIT] < 0) | (pieces[:, WAIT] >= FAR), "Give µs of 0 or more."),
        ("tier", (pieces[:, TIER] < SAME_TIER) | (pieces[:, TIER] >= tiers), f"There are {tiers}, counted from 0."),
    ]
    for field, wrong, cure in rules:
        if np.any(wrong):
            raise BadTable(f"{field} of row {int(np.argmax(wrong))}: not possible. {cure}")
