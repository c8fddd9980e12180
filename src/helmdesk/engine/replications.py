"""Many replications, on all cores: figures with intervals, and no more of them than the precision asked for needs.

Threads do, for kernels release the interpreter's lock. A replication depends on its number alone and results are kept
in the order of numbers, so figures are the same bit by bit on one core or many.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from helmdesk.engine import kernel
from helmdesk.engine.arrangement import Arrangement
from helmdesk.engine.demand import Demand
from helmdesk.engine.figures import ALL, TOO_BUSY, Figures, Key, figures
from helmdesk.engine.generating import generated, recipe
from helmdesk.engine.measuring import Promise, measured
from helmdesk.engine.outcome import ENDED, ENTERED
from helmdesk.engine.prepared import Prepared, prepare
from helmdesk.engine.table import WORK, Rows, Table
from helmdesk.inference.means import mean
from helmdesk.inference.quantiles import Estimate
from helmdesk.worktime.horizon import DAY, HOUR

AT_ONCE: Final = 8
"""Precision is looked at after so many replications, whatever the number of cores."""

HEADLINE: Final = Key(ALL, ALL, "resolution.mean")


@dataclass(frozen=True, slots=True)
class Wanted:
    """When to stop: the half-width of the interval of `figure`, by its mean, is at most `precision`."""

    precision: float = 0.02
    figure: Key = HEADLINE
    least: int = AT_ONCE
    most: int = 200
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Study:
    """An arrangement's figures over replications, in their order, with estimates, and what to beware of."""

    arrangement: Arrangement
    replications: tuple[Figures, ...]
    level: float
    precise: bool
    warnings: tuple[str, ...]

    def estimate(self, key: Key) -> Estimate | None:
        return mean((one[key] for one in self.replications), self.level)


def study(
    arrangement: Arrangement,
    demand: Demand,
    promise: Promise,
    *,
    seed: int,
    wanted: Wanted | None = None,
    warm_up: int = 0,
    drain: int = 30 * DAY,
    cores: int | None = None,
) -> Study:
    """Tickets that come in the first `warm_up` µs do not count; the desk works on for `drain` µs after the last have
    come.

    Raises BadDemand, BadArrangement.
    """
    asked = wanted or Wanted()
    ready = recipe(demand, ceiling([arrangement], demand))
    prepared = prepare(arrangement, since=demand.since, until=demand.until + drain)

    def one(number: int) -> tuple[Figures, tuple[str, ...]]:
        table = generated(ready, demand.escalation, seed=seed, replication=number)
        outcome = kernel.run(prepared, table)
        rows = measured(prepared, table, outcome, promise)
        since, until = demand.since + warm_up, demand.until
        found = figures(arrangement, prepared, table, outcome, rows, since, until)
        return found, tuple(overload(arrangement, prepared, table, outcome.pieces, outcome.busy, demand))

    results: list[tuple[Figures, tuple[str, ...]]] = []
    precise = False
    for batch in _batches(one, asked.most, cores):
        results += batch
        precise = is_precise([found for found, _ in results], asked)
        if precise:
            break
    warnings = dict.fromkeys(warning for _, given in results for warning in given)
    return Study(arrangement, tuple(found for found, _ in results), asked.level, precise, tuple(warnings))


def is_precise(found: list[Figures], wanted: Wanted) -> bool:
    estimate = mean((one[wanted.figure] for one in found), wanted.level)
    if len(found) < wanted.least or estimate is None or estimate.interval is None:
        return False
    half = (estimate.interval.high - estimate.interval.low) / 2
    return half <= wanted.precision * abs(estimate.value)


def ceiling(arrangements: Iterable[Arrangement], demand: Demand) -> Rows:
    """The highest escalation of any of the arrangements, so that one table serves all of them."""
    highest = demand.escalation
    for arrangement in arrangements:
        for team in arrangement.teams:
            for (category, tier), chance in team.escalation.items():
                highest[category, tier] = max(highest[category, tier], round(chance * 2**32))
    return highest


def overload(  # noqa: PLR0917
    arrangement: Arrangement, prepared: Prepared, table: Table, done: Rows, busy: Rows, demand: Demand
) -> Iterator[str]:
    """A warning for each team that cannot keep up, and how much it lacks."""
    shifts = prepared.on_shift(demand.since, demand.until)
    undone = (done[:, ENTERED] >= 0) & (done[:, ENDED] < 0)
    backlog = float(table.pieces[undone, WORK].sum())
    weeks = (demand.until - demand.since) / (7 * DAY)
    for n, team in enumerate(arrangement.teams):
        mine = prepared.team_of == n
        used = float(busy[mine].sum()) / max(1.0, float(shifts[mine].sum()))
        if used > TOO_BUSY:
            lacks = f" At the end {backlog / HOUR:.0f} h of work lie undone at the desk," if backlog else ""
            more = f" {backlog / HOUR / weeks:.1f} h a week too much for it." if backlog else ""
            yield f"team {team.name}: busy {used:.0%} of its time.{lacks}{more} Give it more people or less work."


def _batches[R](one: Callable[[int], R], most: int, cores: int | None) -> Iterator[list[R]]:
    with ThreadPoolExecutor(cores or os.process_cpu_count() or 1) as pool:
        for start in range(0, most, AT_ONCE):
            yield list(pool.map(one, range(start, min(start + AT_ONCE, most))))


def spread(study_: Study, key: Key) -> float:
    """The standard deviation of a figure from one replication to the next."""
    return float(np.std([one[key] for one in study_.replications], ddof=1))
