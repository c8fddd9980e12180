"""Desks that theory knows: equal agents, one team or two, memoryless arrivals; time in hours."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from helmdesk.engine import durations, kernel
from helmdesk.engine.arrangement import Arrangement, Choice, Group, Route, ShiftEnd, Team
from helmdesk.engine.demand import Category, Demand
from helmdesk.engine.generating import generated, recipe
from helmdesk.engine.outcome import Outcome
from helmdesk.engine.prepared import prepare
from helmdesk.engine.table import Column, Table
from helmdesk.worktime.calendar import Calendar
from tests.engine.worlds import ALWAYS, MONDAY

HOUR = 3_600_000_000


def group(count: int, *, tiers: tuple[int, ...] = (0,), categories: int = 1, hours: Calendar = ALWAYS) -> Group:
    return Group("all", count, hours, frozenset((n, tier) for n in range(categories) for tier in tiers))


def desk(*groups: Group, routes: tuple[Route, ...] | None = None, categories: int = 1, tiers: int = 1) -> Arrangement:
    """One team for each group; tickets go to the first."""
    names = tuple(f"class {n}" for n in range(categories))
    teams = tuple(Team(f"team {n}", "in-house", (one,), ShiftEnd.OVERTIME) for n, one in enumerate(groups))
    return Arrangement("theory", names, names, tiers, teams, routes or (Route((Choice(0),)),))


def kind(work: Column, *, weight: float = 1, rank: int = 0, of: int = 1, **more) -> Category:
    return Category(f"class {rank}", weight, tuple(float(n == rank) for n in range(of)), (work,), **more)


def constant(arrivals: float, *kinds: Category, tickets: int = 100_000) -> Demand:
    return Demand(MONDAY, np.full(int(tickets / arrivals), float(arrivals)), kinds)


Statistic = Callable[[Table, Outcome], float]


def runs(
    arrangement: Arrangement, demand: Demand, *statistics: Statistic, times: int = 20, seed: int = 2
) -> np.ndarray:
    """Each statistic of each replication: [times, statistics]."""
    prepared = prepare(arrangement, since=demand.since, until=demand.until + 2000 * HOUR)
    ready = recipe(demand)
    rows = []
    for n in range(times):
        table = generated(ready, demand.escalation, seed=seed, replication=n)
        outcome = kernel.run(prepared, table)
        rows.append([statistic(table, outcome) for statistic in statistics])
    return np.array(rows)


def agrees(found: np.ndarray, exact: list[float], *, half_width: float = 0.02) -> None:
    """|z| < 3.5, and the half-width of the 95 % interval at most so much of the value."""
    means, errors = found.mean(axis=0), found.std(axis=0, ddof=1) / sqrt(len(found))
    z = (means - exact) / errors  # a statistic that never varies is a mistake in its test
    assert np.all(np.abs(z) < 3.5), f"z {z}, found {means}, exact {exact}"
    assert np.all(2.093 * errors <= half_width * np.abs(exact)), f"half-widths {2.093 * errors / exact}"


def first_pieces(table: Table, outcome: Outcome) -> Column:
    """Rows of the first pieces of tickets after the first tenth, which warms the desk up."""
    rows = table.tickets[:-1, 5]
    return rows[len(rows) // 10 :]


def wait(table: Table, outcome: Outcome) -> np.ndarray:
    done = outcome.pieces[first_pieces(table, outcome)]
    return (done[:, 1] - done[:, 0]) / HOUR


def mean_wait(table: Table, outcome: Outcome) -> float:
    return float(wait(table, outcome).mean())


def share_waiting(than: float = 0.0) -> Statistic:
    return lambda table, outcome: float((wait(table, outcome) > than).mean())


def mean_wait_of(rank: int) -> Statistic:
    def of(table: Table, outcome: Outcome) -> float:
        ranks = table.tickets[:-1, 2]
        return float(wait(table, outcome)[ranks[len(ranks) // 10 :] == rank].mean())

    return of


def given_up(table: Table, outcome: Outcome) -> float:
    gone = outcome.gave_up
    return float((gone[len(gone) // 10 :] >= 0).mean())


def to_the_second_team(first: int) -> Statistic:
    """The share whose first piece agents from number `first` on have done."""
    return lambda table, outcome: float((outcome.pieces[first_pieces(table, outcome), 3] >= first).mean())


def memoryless(mean: float) -> Column:
    return durations.exponential(mean * HOUR)
