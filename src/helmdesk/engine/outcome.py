"""What became of each piece of work: the same from every engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from helmdesk.engine.prepared import Prepared
from helmdesk.engine.table import ESCALATED, KIND, TIER, WORK, Column, Rows, Table

NOT_YET: Final = -1
ENTERED, STARTED, ENDED, AGENT = range(4)


@dataclass(frozen=True, slots=True)
class Outcome:
    """pieces int64 [m, 4]: when each piece of the table began to wait, was begun and was done, and who had it last
    (NOT_YET what did not happen); gave_up int64 [n]: when the requester did; busy int64 [agents]: µs of work."""

    pieces: Rows
    gave_up: Column
    busy: Column

    def same_as(self, other: Outcome) -> bool:
        return (
            np.array_equal(self.pieces, other.pieces)
            and np.array_equal(self.gave_up, other.gave_up)
            and np.array_equal(self.busy, other.busy)
        )


def untouched(table: Table, prepared: Prepared) -> Outcome:
    """The outcome before anything has happened."""
    return Outcome(
        np.full((len(table.pieces), 4), NOT_YET, dtype=np.int64),
        np.full(len(table), NOT_YET, dtype=np.int64),
        np.zeros(len(prepared.team_of), dtype=np.int64),
    )


def usual_work(table: Table) -> Column:
    """The mean work of each tier's first pieces, whole µs: what a wait to be expected is reckoned with."""
    tiers = table.escalation.shape[1]
    first: npt.NDArray[np.bool_] = (table.pieces[:, KIND] == 0) | (table.pieces[:, KIND] == ESCALATED)
    tier, work = table.pieces[first, TIER], table.pieces[first, WORK]
    count = np.bincount(tier, minlength=tiers)
    return np.array([int(work[tier == n].sum()) // max(1, int(count[n])) for n in range(tiers)], dtype=np.int64)
