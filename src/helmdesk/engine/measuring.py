"""What tickets met with: first answer, resolution and waits, by the clock of a promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from helmdesk.engine.compiling import kernel
from helmdesk.engine.outcome import AGENT, ENDED, ENTERED, STARTED, Outcome
from helmdesk.engine.prepared import Prepared
from helmdesk.engine.table import ANSWERED, ARRIVAL, FIRST, KIND, PRIORITY, REOPENED, Column, Rows, Table
from helmdesk.worktime import arrays
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.kernels import Form, elapsed_in

RESPONSE, RESOLUTION, QUEUED, RESOLVED_AT, LAST_AGENT, STATE, RESPONSE_LATE, RESOLUTION_LATE = range(8)
OPEN, RESOLVED, GIVEN_UP = range(3)
NO_TARGET: Final = 2**62


@dataclass(frozen=True, slots=True)
class Promise:
    """Targets of each priority, µs of the calendar; None where nothing is promised. Waits on the requester do not
    count."""

    hours: Calendar
    first_response: tuple[int | None, ...] = ()
    resolution: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """columns int64 [8, n]; a ticket is a row of `rows`.

    µs of the promise's calendar to the first answer, and to the first resolution without waits on the requester (to the
    end of the run where that is still to come); µs in queues by the wall until then; when it was resolved and by which
    agent (-1: not); its state; and whether answer and resolution were late.
    """

    columns: Rows

    @property
    def rows(self) -> Rows:
        return self.columns.T

    def of(self, column: int) -> Column:
        found: Column = self.columns[column]
        return found


def measured(prepared: Prepared, table: Table, outcome: Outcome, promise: Promise) -> Measured:
    """By one promise; the run's end is `prepared.until`."""
    columns = np.empty((8, len(table)), dtype=np.int64)
    form = arrays.compiled(promise.hours)
    targets = _targets(promise, prepared.priorities)
    measure(form, table.tickets, table.pieces, outcome.pieces, outcome.gave_up, targets, prepared.until, columns)
    return Measured(columns)


def _targets(promise: Promise, priorities: int) -> npt.NDArray[np.int64]:
    targets = np.full((priorities, 2), NO_TARGET, dtype=np.int64)
    for column, promised in enumerate((promise.first_response, promise.resolution)):
        for priority, target in enumerate(promised[:priorities]):
            targets[priority, column] = NO_TARGET if target is None else target
    return targets


@kernel
def measure(  # noqa: C901, PLR0917
    form: Form, tickets: Rows, pieces: Rows, done: Rows, gave_up: Column, targets: Rows, until: int, columns: Rows
) -> None:
    for ticket in range(columns.shape[1]):
        arrival, first, last = tickets[ticket, ARRIVAL], tickets[ticket, FIRST], tickets[ticket + 1, FIRST]
        answered = done[first, STARTED]
        state, stop = OPEN, until
        if gave_up[ticket] >= 0:
            state, stop = GIVEN_UP, gave_up[ticket]
        response = elapsed_in(form, 0, arrival, answered if answered >= 0 else stop)
        waited = queued = agent = 0
        before = ended = arrival
        resolved = -1
        if state == OPEN:
            state = RESOLVED
            for piece in range(first, last):
                if pieces[piece, KIND] == REOPENED:
                    break
                if done[piece, ENTERED] < 0:
                    if pieces[piece, KIND] == ANSWERED or piece == first:
                        state = OPEN
                        if pieces[piece, KIND] == ANSWERED and ended >= 0:
                            waited += elapsed_in(form, 0, ended, stop)
                        break
                    continue
                if pieces[piece, KIND] == ANSWERED:
                    waited += elapsed_in(form, 0, before, done[piece, ENTERED])
                queued += (done[piece, STARTED] if done[piece, STARTED] >= 0 else stop) - done[piece, ENTERED]
                ended = done[piece, ENDED]
                if ended < 0:
                    state = OPEN
                    break
                before, resolved, agent = ended, ended, done[piece, AGENT]
        elif done[first, ENTERED] >= 0:
            queued = stop - done[first, ENTERED]
        if state != RESOLVED:
            resolved, agent = -1, -1
        else:
            stop = resolved
        resolution = elapsed_in(form, 0, arrival, stop) - waited
        rank = tickets[ticket, PRIORITY]
        columns[RESPONSE, ticket], columns[RESOLUTION, ticket], columns[QUEUED, ticket] = response, resolution, queued
        columns[RESOLVED_AT, ticket], columns[LAST_AGENT, ticket], columns[STATE, ticket] = resolved, agent, state
        columns[RESPONSE_LATE, ticket] = 1 if state != GIVEN_UP and response > targets[rank, 0] else 0
        columns[RESOLUTION_LATE, ticket] = 1 if state != GIVEN_UP and resolution > targets[rank, 1] else 0
