"""Clocks of many tickets over columns: the walk compiled, on all cores. The server never imports it (numpy, numba).

`Columns.of` takes the steps of ticket after ticket; `judge` gives their turns by any number of levels, `held` who had
the ball, in numpy struct arrays, some hundred thousand steps at a time, so that memory stays bounded.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from helmdesk.clocks import compiled, many
from helmdesk.clocks.encoding import encoded, excluded_for
from helmdesk.clocks.levels import Level, Wait
from helmdesk.clocks.steps import DECLINED, HANDED, MOVED, OPENED, RECALLED, REOPENED, WAITS_ON, Exclusion, Steps
from helmdesk.worktime import arrays
from helmdesk.worktime.calendar import Calendar

TEAMS_IN_A: Final = (OPENED, HANDED, DECLINED, RECALLED, MOVED, REOPENED)

Numbers = npt.NDArray[np.int64]

AT_ONCE: Final = 200_000
TURNS: Final = np.dtype(
    [
        ("ticket", "i4"), ("level", "i2"), ("n", "i4"), ("verdict", "i1"), ("start", "i8"), ("stop", "i8"),
        ("used", "i8"), ("gross", "i8"), ("target", "i8"), ("since", "i8"), ("due", "i8"), ("why", "i1"),
    ]
)  # fmt: skip
"""As turns.Turn, with the place of the ticket and of the level; -1 for None, `why` a place in turns.WHYS."""
HOLDINGS: Final = np.dtype(
    [
        ("ticket", "i4"), ("holder", "i1"), ("party", "i8"), ("start", "i8"), ("end", "i8"), ("wait", "i1"),
        ("overruled", "?"),
    ]
)  # fmt: skip
"""As ticket.Holding: `holder` by situations.WITH_TEAM and on, -1 for None, `wait` by levels.Wait or 0."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Steps of many tickets: those of ticket t are at first[t] to before first[t + 1]."""

    first: Numbers
    at: Numbers
    kind: npt.NDArray[np.int8]
    a: Numbers
    b: Numbers
    c: npt.NDArray[np.int32]
    exclusions: Mapping[int, Sequence[Exclusion]]

    @classmethod
    def of(cls, tickets: Iterable[Steps]) -> Columns:
        """The steps of ticket after ticket."""
        gathering = Gathering()
        for steps in tickets:
            gathering.take(steps)
        return gathering.columns()

    def __len__(self) -> int:
        return len(self.first) - 1


class Gathering:
    """Takes steps ticket by ticket into growing columns."""

    def __init__(self) -> None:
        self.first, self.at, self.kind = array("q", [0]), array("q"), array("b")
        self.a, self.b, self.c = array("q"), array("q"), array("i")
        self.exclusions: dict[int, Sequence[Exclusion]] = {}

    def take(self, steps: Steps) -> None:
        if steps.exclusions:
            self.exclusions[len(self.first) - 1] = steps.exclusions
        self.at.extend(steps.at)
        self.kind.extend(steps.kind)
        self.a.extend(steps.a)
        self.b.extend(steps.b)
        self.c.extend(steps.c)
        self.first.append(len(self.at))

    def columns(self) -> Columns:
        return Columns(
            np.frombuffer(self.first, dtype=np.int64), _numbers(self.at, np.int64), _numbers(self.kind, np.int8),
            _numbers(self.a, np.int64), _numbers(self.b, np.int64), _numbers(self.c, np.int32), self.exclusions,
        )  # fmt: skip


def _numbers(column: array[int], kind: type[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(column, dtype=kind) if column else np.empty(0, dtype=kind)


def judge(
    columns: Columns,
    levels: Sequence[tuple[Level, Calendar]],
    *,
    provider_of: Mapping[int, int],
    groups: npt.ArrayLike | None = None,
    now: int,
) -> npt.NDArray[Any]:
    """All turns, as TURNS, in order of ticket, level and n; `groups`: each requester's department or -1."""
    found = list(judged(columns, levels, provider_of=provider_of, groups=groups, now=now))
    return np.concatenate(found) if found else np.empty(0, dtype=TURNS)


def judged(
    columns: Columns,
    levels: Sequence[tuple[Level, Calendar]],
    *,
    provider_of: Mapping[int, int],
    groups: npt.ArrayLike | None = None,
    now: int,
) -> Iterator[npt.NDArray[Any]]:
    """The same, some hundred thousand steps at a time."""
    if not levels:
        return
    column, level_first, forms, calendar_of = _levels(levels)
    providers = _providers(columns, provider_of)
    group = np.full(len(columns), -1, dtype=np.int64) if groups is None else np.asarray(groups, dtype=np.int64)
    excluded_first, excluded = _exclusions(columns, [level for level, _ in levels])
    c = columns

    def some(low: int, high: int) -> npt.NDArray[Any]:
        most = (int(c.first[high] - c.first[low]) + high - low) * len(levels)
        out = np.empty((most, many.TURN), dtype=np.int64)
        count = compiled.judge_many(
            c.first, low, high, c.at, c.kind, c.a, c.b, c.c, group, providers, now, column, level_first, forms,
            calendar_of, excluded_first, excluded, out,
        )  # fmt: skip
        return _struct(out[:count], TURNS, TURN_ORDER)

    yield from _in_parts(columns, some)


def held(columns: Columns) -> Iterator[npt.NDArray[Any]]:
    """Who had the ball, as HOLDINGS, some hundred thousand steps at a time."""
    providers = _providers(columns, {})
    c = columns

    def some(low: int, high: int) -> npt.NDArray[Any]:
        out = np.empty((int(c.first[high] - c.first[low]), many.HELD), dtype=np.int64)
        count = compiled.tile_many(c.first, low, high, c.at, c.kind, c.a, c.b, c.c, providers, out)
        return _struct(out[:count], HOLDINGS, HOLDINGS.names or ())

    yield from _in_parts(columns, some)


TURN_ORDER: Final = (
    "ticket",
    "level",
    "n",
    "verdict",
    "start",
    "stop",
    "used",
    "gross",
    "target",
    "since",
    "due",
    "why",
)


def _struct(rows: Numbers, kind: np.dtype[Any], order: Sequence[str]) -> npt.NDArray[Any]:
    out = np.empty(len(rows), dtype=kind)
    for place, name in enumerate(order):
        out[name] = rows[:, place]
    return out


def _in_parts(columns: Columns, some: Callable[[int, int], npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
    """Parts in their order, worked out by as many threads as there are cores, never more than two ahead of each."""
    cuts = _cuts(columns)
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        waiting = []
        for low, high in cuts:
            waiting.append(pool.submit(some, low, high))
            if len(waiting) > cores:
                yield waiting.pop(0).result()
        for one in waiting:
            yield one.result()


def _cuts(columns: Columns) -> list[tuple[int, int]]:
    edges = [0]
    while edges[-1] < len(columns):
        wanted = columns.first[edges[-1]] + AT_ONCE
        edge = int(np.searchsorted(columns.first, wanted, side="right")) - 1
        edges.append(max(edge, edges[-1] + 1))
    return list(pairwise(edges))


def _levels(levels: Sequence[tuple[Level, Calendar]]) -> tuple[Numbers, Numbers, Any, Numbers]:
    columns = [encoded(level) for level, _ in levels]
    edges = np.cumsum([0, *map(len, columns)])
    calendars = list(dict.fromkeys(id(calendar) for _, calendar in levels))
    by_id = {id(calendar): calendar for _, calendar in levels}
    forms = arrays.compiled(*(by_id[one] for one in calendars))
    numbers = [number for column in columns for number in column]
    places = [calendars.index(id(calendar)) for _, calendar in levels]
    return np.array(numbers, dtype=np.int64), edges.astype(np.int64), forms, np.array(places, dtype=np.int64)


def _providers(columns: Columns, provider_of: Mapping[int, int]) -> Numbers:
    """A provider by team; teams are the desk's own small numbers."""
    named = columns.a.max(initial=0, where=np.isin(columns.kind, TEAMS_IN_A))
    asked = columns.b.max(initial=0, where=(columns.kind == WAITS_ON) & (columns.a != Wait.THIRD))
    most = max([0, *provider_of, int(named), int(asked)])
    out = np.full(most + 1, -1, dtype=np.int64)
    for team, provider in provider_of.items():
        out[team] = provider
    return out


def _exclusions(columns: Columns, levels: Sequence[Level]) -> tuple[Numbers, Numbers]:
    first = np.zeros(len(columns) + 1, dtype=np.int64)
    rows: list[tuple[int, int, int]] = []
    for ticket, exclusions in sorted(columns.exclusions.items()):
        for place, level in enumerate(levels):
            spans = excluded_for(level.code, [(one.start, one.end, one.level) for one in exclusions])
            rows += [(place, spans[k], spans[k + 1]) for k in range(0, len(spans), 2)]
        first[ticket + 1] = len(rows)
    np.maximum.accumulate(first, out=first)
    return first, np.array(rows, dtype=np.int64).reshape(-1, 3)
