"""The figures of one replication: how long tickets took, how many were late, how busy people were, and for whom."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from helmdesk.engine.arrangement import USUAL_PACE, Arrangement
from helmdesk.engine.measuring import (
    GIVEN_UP,
    LAST_AGENT,
    OPEN,
    QUEUED,
    RESOLUTION,
    RESOLUTION_LATE,
    RESOLVED,
    RESPONSE,
    RESPONSE_LATE,
    STATE,
    Measured,
)
from helmdesk.engine.outcome import AGENT, ENDED, ENTERED, Outcome
from helmdesk.engine.prepared import Prepared
from helmdesk.engine.table import ARRIVAL, CATEGORY, PRIORITY, WORK, Column, Table
from helmdesk.worktime.horizon import HOUR

ALL: Final = "all"
PERCENTILES: Final = (50, 90)
TOO_BUSY: Final = 0.95
"""Above this use of a team's time, waits depend on it so steeply that no figure should be read far from the history."""

Chosen = npt.NDArray[np.bool_]


class Key(NamedTuple):
    """Of what: a dimension (all, party, category, priority, team), its member, and the figure."""

    dimension: str
    member: str
    figure: str


UNDONE: Final = Key(ALL, ALL, "undone")
"""Hours of work that lay at the desk when the last ticket had come."""

Figures = dict[Key, float]
"""Hours, shares of 0 to 1, and counts."""


def figures(  # noqa: PLR0917
    arrangement: Arrangement,
    prepared: Prepared,
    table: Table,
    outcome: Outcome,
    measured: Measured,
    since: int,
    until: int,
) -> Figures:
    """Of the tickets that came from since to until. A party's tickets are those that it resolved."""
    arrival = table.tickets[:-1, ARRIVAL]
    window = (arrival >= since) & (arrival < until)
    found: Figures = {}
    _include(found, ALL, ALL, measured, window)
    for dimension, names, column in (
        ("category", arrangement.categories, CATEGORY),
        ("priority", arrangement.priorities, PRIORITY),
    ):
        for n, name in enumerate(names):
            _include(found, dimension, name, measured, window & (table.tickets[:-1, column] == n))
    party_of = _parties(arrangement, prepared)
    resolver = np.where(measured.of(LAST_AGENT) >= 0, party_of[measured.of(LAST_AGENT)], -1)
    for n, party in enumerate(parties(arrangement)):
        _include(found, "party", party, measured, window & (resolver == n))
    found.update(use(arrangement, prepared, table, outcome, until))
    return found


def use(arrangement: Arrangement, prepared: Prepared, table: Table, outcome: Outcome, until: int) -> Figures:
    """How much of their time on shift people worked until then, of each team and of all, and what lay undone.

    Work counts when it is done, so of each agent the piece at hand is left out.
    """
    shifts = prepared.on_shift(0, until)
    ended = (outcome.pieces[:, ENDED] >= 0) & (outcome.pieces[:, ENDED] < until)
    done = np.flatnonzero(ended)
    work = np.bincount(outcome.pieces[done, AGENT], weights=table.pieces[done, WORK], minlength=len(prepared.pace))
    busy = work * (prepared.pace / USUAL_PACE)
    undone = (outcome.pieces[:, ENTERED] >= 0) & (outcome.pieces[:, ENTERED] < until) & ~ended
    found = {Key(ALL, ALL, "utilisation"): _share(busy, shifts)}
    found[UNDONE] = float(table.pieces[undone, WORK].sum()) / HOUR
    for n, team in enumerate(arrangement.teams):
        mine = prepared.team_of == n
        found[Key("team", team.name, "utilisation")] = _share(busy[mine], shifts[mine])
    return found


def parties(arrangement: Arrangement) -> list[str]:
    return list(dict.fromkeys(team.party for team in arrangement.teams))


def _parties(arrangement: Arrangement, prepared: Prepared) -> Column:
    """The party of each agent, by number."""
    names = parties(arrangement)
    of_team = np.array([names.index(team.party) for team in arrangement.teams], dtype=np.int64)
    return of_team[prepared.team_of]


def _share(part: npt.NDArray[np.float64], whole: Column) -> float:
    return float(part.sum() / whole.sum()) if whole.sum() else 0.0


def _include(found: Figures, dimension: str, member: str, measured: Measured, chosen: Chosen) -> None:
    rows = np.flatnonzero(chosen)
    state = measured.of(STATE)[rows]
    resolved = rows if np.all(state == RESOLVED) else rows[state == RESOLVED]
    given_up, kept = int((state == GIVEN_UP).sum()), len(state) - int((state == GIVEN_UP).sum())
    values: dict[str, float] = {
        "tickets": len(state),
        "resolved": len(resolved),
        "given up": given_up,
        "open": int((state == OPEN).sum()),
        "late.first_response": int(measured.of(RESPONSE_LATE)[rows].sum()) / max(1, kept),
        "late.resolution": int(measured.of(RESOLUTION_LATE)[rows].sum()) / max(1, kept),
        "queued.mean": _mean(measured.of(QUEUED)[resolved]) / HOUR,
    }
    for name, column in (("first_response", RESPONSE), ("resolution", RESOLUTION)):
        times = measured.of(column)[resolved]
        values[f"{name}.mean"] = _mean(times) / HOUR
        for percent, value in zip(PERCENTILES, nearest_ranks(times, *PERCENTILES), strict=True):
            values[f"{name}.p{percent}"] = value / HOUR
    found.update({Key(dimension, member, name): float(value) for name, value in values.items()})


def nearest_ranks(values: Column, *percents: int) -> list[int]:
    """For each, the least value that so many per cent of the values do not exceed; 0 of none."""
    if not len(values):
        return [0] * len(percents)
    ranks = [max(0, -(-percent * len(values) // 100) - 1) for percent in percents]
    return [int(value) for value in np.partition(values, ranks)[ranks]]


def _mean(values: Column) -> float:
    return float(values.mean()) if len(values) else 0.0
