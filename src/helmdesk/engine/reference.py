"""The plain engine: the rules of the room's first lines with lists and heaps, and no numba.

It is what is used where numba is missing, and the slow, obvious twin of `kernel`: both agree on every piece of work.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np

from helmdesk.engine.arrangement import USUAL_PACE, ShiftEnd
from helmdesk.engine.outcome import AGENT, ENDED, ENTERED, NOT_YET, STARTED, Outcome, usual_work
from helmdesk.engine.prepared import BITS, HOURS_CHANGE, NOBODY, SHIFT_BEGINS, UNLIMITED, Prepared
from helmdesk.engine.table import FAR, PATIENT, SAME_TIER, Table

HOURS, WORK_ENDS, SHIFTS, COMES_BACK, COMES, GIVES_UP = range(6)


@dataclass(slots=True)
class Agent:
    """`ends` is the instant at which the ticket at hand will be done; an event of work for another instant is void."""

    number: int
    team: int
    queues: tuple[int, ...]
    pace: int
    shift_end: int
    shifts: list[list[int]]
    shift: int = -1
    on_shift: bool = False
    free: bool = False
    ticket: int = NOBODY
    begun: int = 0
    spent: int = 0
    ends: int = NOT_YET
    busy: int = 0


@dataclass(slots=True)
class Progress:
    """How far a ticket is: its piece of work, tier and team, its order of entry, and the work left."""

    piece: int
    tier: int
    category: int
    priority: int
    patience: int
    after_last: int
    team: int = NOBODY
    entry: int = 0
    left: int = 0
    waits: bool = False


def run(prepared: Prepared, table: Table) -> Outcome:
    """The outcome of a table under an arrangement."""
    floor = Floor(prepared, table)
    floor.run()
    pieces = np.array(floor.pieces, dtype=np.int64).reshape(-1, 4)
    busy = [agent.busy for agent in floor.agents]
    return Outcome(pieces, np.array(floor.gave_up, dtype=np.int64), np.array(busy, dtype=np.int64))


class Floor:
    """People, tickets and those who wait, from one event to the next."""

    def __init__(self, prepared: Prepared, table: Table) -> None:
        self.prepared = prepared
        self.work = table.pieces.tolist()
        self.pieces = [[NOT_YET] * 4 for _ in self.work]
        self.gave_up = [NOT_YET] * len(table)
        self.tickets = _tickets(table)
        self.agents = _agents(prepared)
        self.able = [[agent for agent in self.agents if queue in agent.queues] for queue in _queues(prepared)]
        self.waiting: list[list[tuple[int, int, int]]] = [[] for _ in self.able]
        self.waiting_in = [0] * len(prepared.shift_end)
        self.queue_of = prepared.queue_of.tolist()
        self.routes, self.choices = prepared.routes.tolist(), prepared.choices.tolist()
        self.usual = usual_work(table).tolist()
        self.escalation = table.escalation.tolist()
        self.own_escalation = prepared.escalation.tolist()
        self.hours = self.entries = 0
        arrivals = table.tickets[:-1, 0].tolist()
        changes = prepared.changes[:-1].tolist()
        self.known = [(at, COMES, ticket, 0) for ticket, at in enumerate(arrivals)]
        self.known += [(at, HOURS if kind == HOURS_CHANGE else SHIFTS, n, 0) for n, (at, kind, _) in enumerate(changes)]
        self.known += [(self.prepared.until, HOURS, 0, 0)]
        self.known.sort(reverse=True)
        self.events: list[tuple[int, int, int, int]] = []
        self.changes = changes

    def run(self) -> None:
        events, known, until = self.events, self.known, self.prepared.until
        while True:
            known_next = not events or known[-1] < events[0]
            now, kind, who, stamp = known.pop() if known_next else heappop(events)
            if now >= until:
                break
            if kind == WORK_ENDS:
                if self.agents[who].ends == now and self.agents[who].begun == stamp:
                    self.finish(self.agents[who], now)
            elif kind in (HOURS, SHIFTS):
                self.change(self.changes[who][1], self.changes[who][2], now)
            elif kind == GIVES_UP:
                self.give_up(who, now)
            else:
                self.come(who, now)

    def finish(self, agent: Agent, now: int) -> None:
        ticket, progress = agent.ticket, self.tickets[agent.ticket]
        self.pieces[progress.piece][ENDED] = now
        agent.busy += agent.spent
        agent.ticket, agent.ends = NOBODY, NOT_YET
        self.go_on(ticket, progress, now)
        if agent.on_shift:
            self.take(agent, now)

    def go_on(self, ticket: int, progress: Progress, now: int) -> None:
        """What comes after a piece of work: a higher tier or not, a wait or not, or nothing."""
        piece, last = progress.piece + 1, progress.after_last
        if piece < last and self.work[piece][0] > progress.tier and not self.escalates(progress, self.work[piece][3]):
            while piece < last and self.work[piece][0] > progress.tier:
                piece += 1
        if piece == last:
            return
        progress.piece = piece
        tier, _, wait, _, _ = self.work[piece]
        if tier not in (SAME_TIER, progress.tier):
            progress.tier, progress.team = tier, NOBODY
        if wait > 0:
            heappush(self.events, (now + wait, COMES_BACK, ticket, 0))
        else:
            self.come(ticket, now)

    def escalates(self, progress: Progress, doubt: int) -> bool:
        own = self.own_escalation[progress.team][progress.category][progress.tier]
        return bool(doubt < (own if own >= 0 else self.escalation[progress.category][progress.tier]))

    def change(self, kind: int, who: int, now: int) -> None:
        if kind == HOURS_CHANGE:
            self.hours = who
            return
        agent = self.agents[who]
        agent.on_shift = kind == SHIFT_BEGINS
        if agent.on_shift:
            agent.shift += 1
            if agent.ticket == NOBODY:
                self.take(agent, now)
        else:
            agent.free = False
            if agent.ticket != NOBODY and agent.shift_end == ShiftEnd.HAND_ON:
                self.hand_on(agent, now)

    def hand_on(self, agent: Agent, now: int) -> None:
        ticket = agent.ticket
        self.tickets[ticket].left = (agent.ends - now) * USUAL_PACE // agent.pace
        agent.busy += now - agent.begun
        agent.ticket, agent.ends = NOBODY, NOT_YET
        self.offer(ticket, now)

    def come(self, ticket: int, now: int) -> None:
        progress = self.tickets[ticket]
        if progress.team == NOBODY:
            progress.team = self.routed(progress)
        progress.entry, progress.left = self.entries, self.work[progress.piece][1]
        self.entries += 1
        self.pieces[progress.piece][ENTERED] = now
        self.offer(ticket, now)
        first = self.work[progress.piece][4] == 0
        if progress.waits and progress.patience < PATIENT and first:
            heappush(self.events, (now + progress.patience, GIVES_UP, ticket, 0))

    def routed(self, progress: Progress) -> int:
        choices = self.choices[self.routes[self.hours][progress.category][progress.priority][progress.tier]]
        for team, most_waiting, longest_wait in choices:
            if team == NOBODY:
                break
            unlimited = most_waiting == longest_wait == UNLIMITED
            if unlimited or self.somebody(self.queue_of[team][progress.category][progress.tier]):
                return int(team)
            waiting = self.waiting_in[team]
            present = sum(agent.on_shift for agent in self.agents if agent.team == team)
            expected = waiting * self.usual[progress.tier] // present if present else FAR
            if waiting < most_waiting and (expected < longest_wait or longest_wait == UNLIMITED):
                return int(team)
        return int(choices[0][0])

    def offer(self, ticket: int, now: int) -> None:
        progress = self.tickets[ticket]
        queue = self.queue_of[progress.team][progress.category][progress.tier]
        agent = self.somebody(queue)
        if agent:
            self.begin(agent, ticket, now)
        else:
            progress.waits = True
            self.waiting_in[progress.team] += 1
            insort(self.waiting[queue], (progress.priority, progress.entry, ticket))

    def somebody(self, queue: int) -> Agent | None:
        for agent in self.able[queue]:
            if agent.free:
                return agent
        return None

    def take(self, agent: Agent, now: int) -> None:
        heads = [(self.waiting[queue][0], queue) for queue in agent.queues if self.waiting[queue]]
        agent.free = not heads
        if heads:
            (_, _, ticket), queue = min(heads)
            self.leave(self.waiting[queue].pop(0)[2])
            self.begin(agent, ticket, now)

    def leave(self, ticket: int) -> None:
        self.tickets[ticket].waits = False
        self.waiting_in[self.tickets[ticket].team] -= 1

    def begin(self, agent: Agent, ticket: int, now: int) -> None:
        progress = self.tickets[ticket]
        piece = self.pieces[progress.piece]
        if piece[STARTED] == NOT_YET:
            piece[STARTED] = now
        piece[AGENT] = agent.number
        agent.ticket, agent.begun, agent.free = ticket, now, False
        agent.spent = (progress.left * agent.pace + USUAL_PACE // 2) // USUAL_PACE
        agent.ends = now + agent.spent if agent.shift_end != ShiftEnd.RESUME else _worked(agent, now)
        heappush(self.events, (agent.ends, WORK_ENDS, agent.number, now))

    def give_up(self, ticket: int, now: int) -> None:
        progress = self.tickets[ticket]
        if progress.waits and self.pieces[progress.piece][STARTED] == NOT_YET and self.work[progress.piece][4] == 0:
            queue = self.queue_of[progress.team][progress.category][progress.tier]
            self.waiting[queue].remove((progress.priority, progress.entry, ticket))
            self.leave(ticket)
            self.gave_up[ticket] = now


def _worked(agent: Agent, now: int) -> int:
    """When the agent has spent the time on shift that the ticket takes; FAR if never."""
    left = agent.spent
    for start, end in agent.shifts[agent.shift :]:
        begins = max(start, now)
        if begins + left <= end:
            return begins + left
        left -= end - begins
    return FAR


def _tickets(table: Table) -> list[Progress]:
    rows, tiers = table.tickets.tolist(), table.pieces[:, 0].tolist()
    return [
        Progress(first, tiers[first], category, priority, patience, after[5])
        for (_, category, priority, _, patience, first), after in pairwise(rows)
    ]


def _queues(prepared: Prepared) -> range:
    return range(len(prepared.agents_of))


def _agents(prepared: Prepared) -> list[Agent]:
    agents = []
    words = prepared.agents_of.view(np.uint64).tolist()
    for number, team in enumerate(prepared.team_of.tolist()):
        mine = tuple(n for n in _queues(prepared) if words[n][number // BITS] >> number % BITS & 1)
        first, last = prepared.first_span[number : number + 2]
        shifts = prepared.spans[first:last].tolist()
        agents.append(Agent(number, team, mine, int(prepared.pace[number]), int(prepared.shift_end[team]), shifts))
    return agents
