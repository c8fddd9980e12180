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

from helmdesk.engine import demand as demands
from helmdesk.engine import kernel
from helmdesk.engine.arrangement import Arrangement
from helmdesk.engine.demand import Demand
from helmdesk.engine.figures import ALL, TOO_BUSY, UNDONE, Figures, Key, figures
from helmdesk.engine.generating import generated, recipe
from helmdesk.engine.measuring import Promise, measured
from helmdesk.engine.prepared import prepare
from helmdesk.engine.reading import BadArrangement, faults_of
from helmdesk.engine.table import Rows
from helmdesk.inference.means import mean
from helmdesk.inference.quantiles import Estimate
from helmdesk.worktime.horizon import DAY
from helmdesk.worktime.reading import Fault

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

    Raises BadDemand, and BadArrangement for what contradicts itself or knows other categories than the demand.
    """
    asked = wanted or Wanted()
    demands.check(demand)
    check(arrangement, demand)
    ready = recipe(demand, ceiling([arrangement], demand))
    prepared = prepare(arrangement, since=demand.since, until=demand.until + drain)

    def one(number: int) -> Figures:
        table = generated(ready, demand.escalation, seed=seed, replication=number)
        outcome = kernel.run(prepared, table)
        rows = measured(prepared, table, outcome, promise)
        since, until = demand.since + warm_up, demand.until
        return figures(arrangement, prepared, table, outcome, rows, since, until)

    results: list[Figures] = []
    precise = False
    for batch in _batches(one, asked.most, cores):
        results += batch
        precise = is_precise(results, asked)
        if precise:
            break
    return Study(arrangement, tuple(results), asked.level, precise, tuple(overload(arrangement, results, demand)))


def check(arrangement: Arrangement, demand: Demand) -> None:
    """Raises BadArrangement."""
    faults = faults_of(arrangement)
    given = tuple(category.name for category in demand.categories)
    if arrangement.categories != given:
        faults.append(Fault("categories", arrangement.categories, f"The tickets have {', '.join(given)}: give these."))
    if len(arrangement.priorities) != len(demand.categories[0].priorities):
        cure = f"The tickets have {len(demand.categories[0].priorities)} priorities: give as many."
        faults.append(Fault("priorities", arrangement.priorities, cure))
    if arrangement.tiers < demand.tiers:
        faults.append(Fault("tiers", arrangement.tiers, f"The tickets have {demand.tiers}: give as many."))
    if faults:
        raise BadArrangement(faults)


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


def overload(arrangement: Arrangement, found: list[Figures], demand: Demand) -> Iterator[str]:
    """A warning for each team that cannot keep up, and how much the desk lacks."""
    undone, weeks = _mean(found, UNDONE), (demand.until - demand.since) / (7 * DAY)
    for team in arrangement.teams:
        used = _mean(found, Key("team", team.name, "utilisation"))
        if used > TOO_BUSY:
            yield (
                f"team {team.name}: busy {used:.0%} of its time. At the end {undone:.0f} h of work lie undone at the "
                f"desk, {undone / weeks:.1f} h for each week: waits grow the longer it goes on. Give it more people or "
                "less work."
            )


def _mean(found: list[Figures], key: Key) -> float:
    return sum(one[key] for one in found) / len(found)


def _batches[R](one: Callable[[int], R], most: int, cores: int | None) -> Iterator[list[R]]:
    with ThreadPoolExecutor(cores or os.process_cpu_count() or 1) as pool:
        for start in range(0, most, AT_ONCE):
            yield list(pool.map(one, range(start, min(start + AT_ONCE, most))))
