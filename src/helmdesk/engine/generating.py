"""Tables drawn from a demand: a replication is a function of the demand, the seed and its number alone."""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from helmdesk.engine import demand as demands
from helmdesk.engine.chance import block, stream
from helmdesk.engine.compiling import inlined, kernel
from helmdesk.engine.demand import NONE, UNIT, Category, Demand, chance_word, cumulative
from helmdesk.engine.durations import drawn
from helmdesk.engine.table import (
    ANSWERED,
    CERTAIN,
    ESCALATED,
    FAR,
    FIRST_PIECE,
    PATIENT,
    REOPENED,
    SAME_TIER,
    Column,
    Rows,
    Table,
)
from helmdesk.worktime.horizon import HOUR

ARRIVALS: Final = stream("arrivals")
DAYS: Final = stream("days")
KIND_OF_TICKET: Final = stream("category, priority, channel, patience")
HANDLING: Final = stream("handling, escalation, asking, where it stops")
ANSWERS: Final = stream("answers")
REOPENINGS: Final = stream("reopening")

ASKS, ANSWER, REOPENS, RETURNS, AGAIN, LIVE, PATIENCE_OF = range(7)
HOURS_A_DAY: Final = 24


class Recipe(NamedTuple):
    """A demand as the kernel takes it. tables int64 [k, knots]: gaps, day factors, then durations; kinds int64
    [categories] and priorities int64 [categories, n]: cumulative words; work int64 [categories, tiers]: rows of tables
    or NONE; chances and rows of the rest in `more` [categories, 7]; ceiling int64 [categories, tiers]: the words below
    which a ticket may escalate under some arrangement."""

    since: int
    rates: npt.NDArray[np.float64]
    tables: Rows
    kinds: Column
    priorities: Rows
    work: Rows
    more: Rows
    ceiling: Rows


def recipe(demand: Demand, ceiling: Rows | None = None) -> Recipe:
    """Raises BadDemand. `ceiling`: the highest escalation of any arrangement to be compared (`prepared.ceiling`)."""
    demands.check(demand)
    tables = [demands.unit_exponential(), demands.day_factors(demand.day_variation)]

    def row(table: Column | None) -> int:
        if table is None:
            return NONE
        tables.append(table)
        return len(tables) - 1

    work = np.full((len(demand.categories), demand.tiers), NONE, dtype=np.int64)
    for n, category in enumerate(demand.categories):
        work[n, : len(category.work)] = [row(table) for table in category.work]
    more = [
        _more(category, row(category.answer), row(category.returns), row(category.patience))
        for category in demand.categories
    ]
    return Recipe(
        since=demand.since,
        rates=np.ascontiguousarray(demand.rates, dtype=np.float64),
        tables=np.array(tables),
        kinds=np.array(cumulative(tuple(category.weight for category in demand.categories)), dtype=np.int64),
        priorities=np.array([cumulative(category.priorities) for category in demand.categories], dtype=np.int64),
        work=work,
        more=np.array(more, dtype=np.int64),
        ceiling=demand.escalation if ceiling is None else np.maximum(demand.escalation, ceiling),
    )


def _more(category: Category, answer: int, returns: int, patience: int) -> tuple[int, ...]:
    again, asks, reopens = round(category.again * UNIT), chance_word(category.asks), chance_word(category.reopens)
    return asks, answer, reopens, returns, again, chance_word(category.live), patience


def generate(demand: Demand, *, seed: int, replication: int = 0, ceiling: Rows | None = None) -> Table:
    """The tickets of one replication; the same numbers on every machine."""
    return generated(recipe(demand, ceiling), demand.escalation, seed=seed, replication=replication)


def generated(ready: Recipe, escalation: Rows, *, seed: int, replication: int) -> Table:
    """As `generate`, from a recipe made once."""
    expected = float(ready.rates.sum())
    room = int(expected + 10 * sqrt(expected)) + 100
    while True:
        tickets = np.empty((room + 1, 6), dtype=np.int64)
        pieces = np.empty((room * (2 * ready.work.shape[1] + 1), 5), dtype=np.int64)
        count, used = draw(ready, seed, replication, tickets, pieces)
        if count >= 0:
            return Table(tickets[: count + 1], pieces[:used], escalation)
        room *= 2


@kernel
def draw(ready: Recipe, seed: int, replication: int, tickets: Rows, pieces: Rows) -> tuple[int, int]:
    """Fills the two; gives how many tickets and pieces, or -1 where there is no room for all."""
    hour = ticket = piece = 0
    passed, reached, hours = 0.0, 0.0, len(ready.rates)
    factor = rate = 0.0
    words = (0, 0, 0, 0)
    day = -1
    while True:
        if ticket & 3 == 0:
            words = block(ticket >> 2, ARRIVALS, replication, 0, seed)
        word = words[0]
        if ticket & 3 == 1:
            word = words[1]
        elif ticket & 3 == 2:
            word = words[2]
        elif ticket & 3 == 3:
            word = words[3]
        reached += drawn(ready.tables[0], word) / UNIT
        while hour < hours:
            if hour // HOURS_A_DAY != day:
                day = hour // HOURS_A_DAY
                factor = drawn(ready.tables[1], block(day, DAYS, replication, 0, seed)[0]) / UNIT
            rate = ready.rates[hour] * factor
            if passed + rate > reached:
                break
            passed += rate
            hour += 1
        if hour == hours:
            tickets[ticket, 0], tickets[ticket, 1], tickets[ticket, 2], tickets[ticket, 3] = FAR, 0, 0, 0
            tickets[ticket, 4], tickets[ticket, 5] = PATIENT, piece
            return ticket, piece
        if ticket + 1 >= len(tickets):
            return -1, 0
        arrival = ready.since + hour * HOUR + int((reached - passed) / rate * HOUR)
        piece = one(ready, seed, replication, tickets[ticket], pieces, ticket, piece, arrival)
        ticket += 1


@inlined
def one(  # noqa: PLR0917
    ready: Recipe, seed: int, replication: int, row: Column, pieces: Rows, ticket: int, piece: int, arrival: int
) -> int:
    """One ticket with its pieces from number `piece` on; gives the number after its last."""
    kind, rank, channel, patience = block(ticket, KIND_OF_TICKET, replication, 0, seed)
    category = priority = 0
    while kind >= ready.kinds[category]:
        category += 1
    while rank >= ready.priorities[category, priority]:
        priority += 1
    more = ready.more[category]
    row[0], row[1], row[2], row[3], row[4], row[5] = arrival, category, priority, 0, PATIENT, piece
    if channel < more[LIVE]:
        row[3], row[4] = 1, drawn(ready.tables[more[PATIENCE_OF]], patience)
    work = doubt = 0
    for tier in range(ready.work.shape[1]):
        if tier > 0 and (ready.work[category, tier] < 0 or doubt >= ready.ceiling[category, tier - 1]):
            break
        known = CERTAIN if tier == 0 else doubt
        work_word, doubt, asks, stops = block(ticket, HANDLING, replication, tier, seed)
        work = drawn(ready.tables[ready.work[category, tier]], work_word)
        first = work
        if asks < more[ASKS]:
            first = (work >> 16) * stops >> 16
        start = FIRST_PIECE if tier == 0 else ESCALATED
        put(pieces[piece], tier, first, 0, known, start)
        piece += 1
        if asks < more[ASKS]:
            answer = drawn(ready.tables[more[ANSWER]], block(ticket, ANSWERS, replication, tier, seed)[0])
            put(pieces[piece], tier, work - first, answer, CERTAIN, ANSWERED)
            piece += 1
    if more[REOPENS] > 0:
        reopens, returns, again, _ = block(ticket, REOPENINGS, replication, 0, seed)
        if reopens < more[REOPENS]:
            work = drawn(ready.tables[ready.work[category, 0]], again)
            work = int(work * (more[AGAIN] / UNIT))
            put(pieces[piece], SAME_TIER, work, drawn(ready.tables[more[RETURNS]], returns), CERTAIN, REOPENED)
            piece += 1
    return piece


@inlined
def put(row: Column, tier: int, work: int, wait: int, doubt: int, kind: int) -> None:  # noqa: PLR0917
    row[0], row[1], row[2], row[3], row[4] = tier, work, wait, doubt, kind
