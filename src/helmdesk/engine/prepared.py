"""An arrangement as an engine takes it: shifts unrolled over a window, skills as bits, routes as a table."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from helmdesk.engine.arrangement import Arrangement, Group, Route, Team
from helmdesk.engine.table import FAR, WHOLE_CHANCE, Column, Rows
from helmdesk.worktime.calendar import Calendar

HOURS_CHANGE, SHIFT_ENDS, SHIFT_BEGINS = range(3)
AS_THE_TABLE_SAYS: Final = -1
NOBODY: Final = -1
BITS: Final = 64
UNLIMITED: Final = FAR


class Prepared(NamedTuple):
    """All int64. Agents are numbered in the order of teams and groups; a queue is the skills of one team that the very
    same agents have; a lane is a priority of a queue, numbered by priority first.

    - changes [k + 1, 3]: instant, kind, agent or new state of hours; in order, the last a sentinel
    - spans [s, 2]: start and end of shifts; first_span [agents + 1]
    - team_of, pace [agents]; shift_end [teams]
    - queue_of [teams, categories, tiers] or NOBODY; lanes_of [agents, words]; agents_of [queues, words]
    - routes [states of hours, categories, priorities, tiers]: a row of choices [rows, teams at most, 3]: team (NOBODY
      after the last), limit of those who wait, limit of the wait
    - escalation [teams, categories, tiers], of 2**32, or AS_THE_TABLE_SAYS
    """

    changes: Rows
    spans: Rows
    first_span: Column
    team_of: Column
    pace: Column
    shift_end: Column
    queue_of: Rows
    lanes_of: Rows
    agents_of: Rows
    routes: Rows
    choices: Rows
    escalation: Rows
    priorities: int
    until: int

    def on_shift(self, since: int, until: int) -> Column:
        """µs on shift of each agent from since to until."""
        inside = np.clip(self.spans, since, until)
        lengths = np.concatenate(([0], np.cumsum(inside[:, 1] - inside[:, 0])))
        return lengths[self.first_span[1:]] - lengths[self.first_span[:-1]]


def prepare(arrangement: Arrangement, *, since: int, until: int) -> Prepared:
    """Shifts that overlap since to until count; the engines stop at `until`."""
    groups = [(n, group) for n, team in enumerate(arrangement.teams) for group in team.groups]
    agents = [(team, group) for team, group in groups for _ in range(group.count)]
    per_agent = [_shifts(group.hours, since, until) for _, group in agents]
    queue_of, members = _queues(arrangement, agents)
    states, turns = _states(arrangement.routes, since, until)
    routes, choices = _routes(arrangement, states)
    return Prepared(
        changes=_changes(per_agent, turns),
        spans=np.concatenate(per_agent),
        first_span=np.array([0, *accumulate(len(spans) for spans in per_agent)], dtype=np.int64),
        team_of=np.array([team for team, _ in agents], dtype=np.int64),
        pace=np.array([group.pace for _, group in agents], dtype=np.int64),
        shift_end=np.array([team.shift_end for team in arrangement.teams], dtype=np.int64),
        queue_of=queue_of,
        lanes_of=_lanes(members, len(agents), len(arrangement.priorities)),
        agents_of=bits(members, len(agents)),
        routes=routes,
        choices=choices,
        escalation=_escalation(arrangement),
        priorities=len(arrangement.priorities),
        until=until,
    )


@lru_cache(maxsize=256)
def _shifts(hours: Calendar, since: int, until: int) -> Rows:
    """A calendar's open spans, kept because plans that are compared share calendars."""
    return np.array(hours.spans(since, until), dtype=np.int64).reshape(-1, 2)


def bits(sets: list[list[int]], size: int) -> Rows:
    """Each set of numbers below `size` as words of 64 bits."""
    words = np.zeros((len(sets), max(1, -(-size // BITS))), dtype=np.uint64)
    for n, numbers in enumerate(sets):
        for number in numbers:
            words[n, number // BITS] |= np.uint64(1 << number % BITS)
    return words.view(np.int64)


def _queues(arrangement: Arrangement, agents: list[tuple[int, Group]]) -> tuple[Rows, list[list[int]]]:
    """The queue of each skill of each team, and the agents of each queue."""
    found: dict[tuple[int, tuple[int, ...]], int] = {}
    queue_of = np.full((len(arrangement.teams), len(arrangement.categories), arrangement.tiers), NOBODY, dtype=np.int64)
    for team in range(len(arrangement.teams)):
        for category in range(len(arrangement.categories)):
            for tier in range(arrangement.tiers):
                able = tuple(n for n, (t, group) in enumerate(agents) if t == team and (category, tier) in group.skills)
                if able:
                    queue_of[team, category, tier] = found.setdefault((team, able), len(found))
    return queue_of, [list(able) for _, able in found]


def _lanes(members: list[list[int]], agents: int, priorities: int) -> Rows:
    queues = len(members)
    mine: list[list[int]] = [[] for _ in range(agents)]
    for queue, able in enumerate(members):
        for agent in able:
            mine[agent] += [priority * queues + queue for priority in range(priorities)]
    return bits(mine, priorities * queues)


def _changes(shifts: list[Rows], turns: list[tuple[int, int]]) -> Rows:
    agents = np.repeat(np.arange(len(shifts)), [len(spans) for spans in shifts])
    spans = np.concatenate(shifts)
    rows = np.concatenate((
        np.array([(at, HOURS_CHANGE, state) for at, state in turns], dtype=np.int64).reshape(-1, 3),
        np.column_stack((spans[:, 0], np.full_like(agents, SHIFT_BEGINS), agents)),
        np.column_stack((spans[:, 1], np.full_like(agents, SHIFT_ENDS), agents)),
    ))  # fmt: skip
    in_order = rows[np.lexsort(rows.T[::-1])]
    return np.concatenate((in_order, np.array([(FAR, HOURS_CHANGE, 0)], dtype=np.int64)))


def _states(routes: tuple[Route, ...], since: int, until: int) -> tuple[list[frozenset[int]], list[tuple[int, int]]]:
    """States of hours (which of the routes' hours are open; the one at `since` first), and when which begins."""
    hours: dict[int, Calendar] = {n: route.hours for n, route in enumerate(routes) if route.hours is not None}
    edges: dict[int, list[tuple[int, bool]]] = {}
    for n, calendar in hours.items():
        for start, end in _shifts(calendar, since, until).tolist():
            edges.setdefault(start, []).append((n, True))
            edges.setdefault(end, []).append((n, False))
    now: set[int] = {n for n, is_open in edges.pop(since, []) if is_open}
    states, turns = {frozenset(now): 0}, []
    for at in sorted(edges):
        for n, is_open in edges[at]:
            (now.add if is_open else now.discard)(n)
        turns.append((at, states.setdefault(frozenset(now), len(states))))
    return list(states), turns


def _routes(arrangement: Arrangement, states: list[frozenset[int]]) -> tuple[Rows, Rows]:
    shape = len(states), len(arrangement.categories), len(arrangement.priorities), arrangement.tiers
    routes = np.full(shape, NOBODY, dtype=np.int64)
    for state, category, priority, tier in np.ndindex(shape):
        for n, route in enumerate(arrangement.routes):
            if (route.hours is None or n in states[state]) and route.fits(category, priority, tier):
                routes[state, category, priority, tier] = n
                break
    most = max(len(route.choices) for route in arrangement.routes)
    choices = np.full((len(arrangement.routes), most, 3), NOBODY, dtype=np.int64)
    for n, route in enumerate(arrangement.routes):
        for k, choice in enumerate(route.choices):
            waiting, wait = choice.most_waiting, choice.longest_wait
            choices[n, k] = choice.team, *(UNLIMITED if limit is None else limit for limit in (waiting, wait))
    return routes, choices


def _escalation(arrangement: Arrangement) -> Rows:
    shape = len(arrangement.teams), len(arrangement.categories), arrangement.tiers
    chances = np.full(shape, AS_THE_TABLE_SAYS, dtype=np.int64)
    team: Team
    for n, team in enumerate(arrangement.teams):
        for (category, tier), chance in team.escalation.items():
            chances[n, category, tier] = round(chance * WHOLE_CHANCE)
    return chances
