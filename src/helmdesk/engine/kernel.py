"""The compiled engine: rules of the room's first lines over arrays. `reference.run` is its slow, obvious twin.

The next event is the least of four: the end of work (an array in falling order: with some fifty agents quicker than a
heap), the next change of hours or shifts (sorted beforehand), what comes back or gives up (a heap), the next new ticket
(sorted beforehand). Who waits is linked in lanes, one for each priority of a queue; which lanes hold a ticket, which an
agent serves and which agents are free are words of bits. Work that a night interrupts ends at an instant found by
arithmetic over the agent's shifts, so pauses cost no events.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from helmdesk.engine.arrangement import USUAL_PACE, ShiftEnd
from helmdesk.engine.compiling import inlined, kernel, lowest_bit
from helmdesk.engine.outcome import AGENT, ENDED, ENTERED, STARTED, Outcome, untouched, usual_work
from helmdesk.engine.prepared import BITS, HOURS_CHANGE, SHIFT_BEGINS, UNLIMITED, Prepared
from helmdesk.engine.table import (
    ARRIVAL,
    CATEGORY,
    DOUBT,
    FAR,
    FIRST,
    PATIENCE,
    PATIENT,
    PRIORITY,
    SAME_TIER,
    TIER,
    WAIT,
    WORK,
    Column,
    Rows,
    Table,
)

OVERTIME: Final = int(ShiftEnd.OVERTIME)
RESUME: Final = int(ShiftEnd.RESUME)
HAND_ON: Final = int(ShiftEnd.HAND_ON)
NOBODY: Final = -1

TICKET, ON_SHIFT, SPAN, BEGUN, SPENT = range(5)
NEXT, BEFORE, KEY, PIECE, LEFT, TEAM, AT_TIER, LANE = range(8)
ENDING, HEAPED, ENTRIES, HOURS = range(4)
WAITING, PRESENT = range(2)
GIVES_UP: Final = 1


class Given(NamedTuple):
    """A table and the usual work of each tier, as arrays."""

    tickets: Rows
    pieces: Rows
    escalation: Rows
    usual: Column


class Desk(NamedTuple):
    """The state. counts: endings, heap, entries so far, state of hours; teams: waiting, present; agents and notes (of
    tickets): the columns named above; lanes: head and tail; ends: when and who, falling; heap: 2 x instant + GIVES_UP,
    ticket."""

    counts: Column
    teams: Rows
    agents: Rows
    free: Column
    notes: Rows
    lanes: Rows
    filled: Column
    ends: Rows
    heap: Rows
    pieces: Rows
    gave_up: Column
    busy: Column


def run(prepared: Prepared, table: Table) -> Outcome:
    """The outcome of a table under an arrangement."""
    given, desk = state(prepared, table)
    simulate(prepared, given, desk)
    return Outcome(desk.pieces, desk.gave_up, desk.busy)


def state(prepared: Prepared, table: Table) -> tuple[Given, Desk]:
    """What `simulate` starts from, besides the arrangement: the table, and a desk where nothing has happened."""
    limited = np.any((prepared.choices[:, :, 2] >= 0) & (prepared.choices[:, :, 2] < UNLIMITED))
    usual = usual_work(table) if limited else np.zeros(table.escalation.shape[1], dtype=np.int64)
    given = Given(table.tickets, table.pieces, table.escalation, usual)
    return given, _desk(prepared, table, untouched(table, prepared))


def _desk(prepared: Prepared, table: Table, outcome: Outcome) -> Desk:
    agents, lanes = len(prepared.team_of), prepared.priorities * len(prepared.agents_of)
    people = np.zeros((agents, 5), dtype=np.int64)
    people[:, TICKET] = NOBODY
    people[:, SPAN] = prepared.first_span[:-1] - 1
    return Desk(
        counts=np.zeros(4, dtype=np.int64),
        teams=np.zeros((len(prepared.shift_end), 2), dtype=np.int64),
        agents=people,
        free=np.zeros(prepared.agents_of.shape[1], dtype=np.int64),
        notes=np.empty((len(table), 8), dtype=np.int64),
        lanes=np.full((lanes, 2), NOBODY, dtype=np.int64),
        filled=np.zeros(prepared.lanes_of.shape[1], dtype=np.int64),
        ends=np.empty((agents, 2), dtype=np.int64),
        heap=np.empty((2 * len(table) + 1, 2), dtype=np.int64),
        pieces=outcome.pieces,
        gave_up=outcome.gave_up,
        busy=outcome.busy,
    )


@kernel
def simulate(plan: Prepared, given: Given, desk: Desk) -> int:  # noqa: C901
    """All events before the plan's end; gives their number.

    An event frees at most one agent and brings at most one ticket, which goes first.
    """
    counts, ends, heap, tickets, changes = desk.counts, desk.ends, desk.heap, given.tickets, plan.changes
    change = fresh = events = 0
    while True:
        kind, twice = 0, 2 * FAR
        if counts[ENDING] > 0:
            twice = 2 * ends[counts[ENDING] - 1, 0]
        turn = 2 * changes[change, 0]
        if turn < twice or (turn == twice and changes[change, 1] == HOURS_CHANGE):
            kind, twice = 1, turn
        if counts[HEAPED] > 0 and heap[0, 0] < twice:
            kind, twice = 2, heap[0, 0]
        if 2 * tickets[fresh, ARRIVAL] < twice:
            kind, twice = 3, 2 * tickets[fresh, ARRIVAL]
        now = twice >> 1
        if now >= plan.until:
            return events
        events += 1
        agent = comes = back = NOBODY
        if kind == 0:
            counts[ENDING] -= 1
            agent = ends[counts[ENDING], 1]
            comes = finish(plan, given, desk, agent, now)
            if desk.agents[agent, ON_SHIFT] == 0:
                agent = NOBODY
        elif kind == 1:
            if changes[change, 1] == HOURS_CHANGE:
                counts[HOURS] = changes[change, 2]
            elif changes[change, 1] == SHIFT_BEGINS:
                agent = on_shift(plan, desk, changes[change, 2])
            else:
                back = off_shift(plan, desk, changes[change, 2], now)
            change += 1
        elif kind == 2:
            comes = heap[0, 1]
            popped(heap, counts)
            if (twice & 1) == GIVES_UP:
                give_up(given, desk, comes, now)
                comes = NOBODY
        else:
            comes = fresh
            opened(given, desk, fresh)
            fresh += 1
        if comes != NOBODY:
            enter(plan, given, desk, comes, now)
            back = comes
        if back != NOBODY:
            offer(plan, given, desk, back, now)
        if comes != NOBODY:
            watch(given, desk, comes, now)
        if agent != NOBODY:
            take(plan, desk, agent, now)


@inlined
def watch(given: Given, desk: Desk, ticket: int, now: int) -> None:
    """A requester who waits on the line for the first answer will give up."""
    patience = given.tickets[ticket, PATIENCE]
    first = desk.notes[ticket, PIECE] == given.tickets[ticket, FIRST]
    if patience < PATIENT and first and desk.notes[ticket, LANE] != NOBODY:
        pushed(desk.heap, desk.counts, 2 * (now + patience) + GIVES_UP, ticket)


@inlined
def opened(given: Given, desk: Desk, ticket: int) -> None:
    """A new ticket, not yet routed."""
    first = given.tickets[ticket, FIRST]
    desk.notes[ticket, PIECE] = first
    desk.notes[ticket, LANE] = NOBODY
    desk.notes[ticket, TEAM] = NOBODY
    desk.notes[ticket, AT_TIER] = given.pieces[first, TIER]


@inlined
def finish(plan: Prepared, given: Given, desk: Desk, agent: int, now: int) -> int:
    """The work of an agent is done. Gives the ticket if it goes on at once, else NOBODY."""
    ticket = desk.agents[agent, TICKET]
    notes, pieces = desk.notes, given.pieces
    desk.pieces[notes[ticket, PIECE], ENDED] = now
    desk.busy[agent] += desk.agents[agent, SPENT]
    desk.agents[agent, TICKET] = NOBODY
    piece, last, at_tier = notes[ticket, PIECE] + 1, given.tickets[ticket + 1, FIRST], notes[ticket, AT_TIER]
    if piece < last and pieces[piece, TIER] > at_tier:
        category = given.tickets[ticket, CATEGORY]
        chance = plan.escalation[notes[ticket, TEAM], category, at_tier]
        if chance < 0:
            chance = given.escalation[category, at_tier]
        if pieces[piece, DOUBT] >= chance:
            while piece < last and pieces[piece, TIER] > at_tier:
                piece += 1
    if piece == last:
        return NOBODY
    notes[ticket, PIECE] = piece
    if pieces[piece, TIER] != SAME_TIER and pieces[piece, TIER] != at_tier:
        notes[ticket, AT_TIER] = pieces[piece, TIER]
        notes[ticket, TEAM] = NOBODY
    if pieces[piece, WAIT] > 0:
        pushed(desk.heap, desk.counts, 2 * (now + pieces[piece, WAIT]), ticket)
        return NOBODY
    return int(ticket)


@inlined
def on_shift(plan: Prepared, desk: Desk, agent: int) -> int:
    """A shift begins. Gives the agent if there is no work at hand, else NOBODY."""
    desk.agents[agent, ON_SHIFT] = 1
    desk.agents[agent, SPAN] += 1
    desk.teams[plan.team_of[agent], PRESENT] += 1
    return agent if desk.agents[agent, TICKET] == NOBODY else NOBODY


@inlined
def off_shift(plan: Prepared, desk: Desk, agent: int, now: int) -> int:
    """A shift ends. Gives the ticket that is handed on, or NOBODY."""
    team, ticket, ends = plan.team_of[agent], desk.agents[agent, TICKET], desk.ends
    desk.agents[agent, ON_SHIFT] = 0
    desk.teams[team, PRESENT] -= 1
    if ticket == NOBODY:
        desk.free[agent // BITS] &= ~(1 << (agent % BITS))
        return NOBODY
    if plan.shift_end[team] != HAND_ON:
        return NOBODY
    at = desk.counts[ENDING] - 1
    while ends[at, 1] != agent:
        at -= 1
    desk.notes[ticket, LEFT] = (ends[at, 0] - now) * USUAL_PACE // plan.pace[agent]
    for n in range(at, desk.counts[ENDING] - 1):
        ends[n, 0], ends[n, 1] = ends[n + 1, 0], ends[n + 1, 1]
    desk.counts[ENDING] -= 1
    desk.busy[agent] += now - desk.agents[agent, BEGUN]
    desk.agents[agent, TICKET] = NOBODY
    return int(ticket)


@inlined
def enter(plan: Prepared, given: Given, desk: Desk, ticket: int, now: int) -> None:
    """A ticket comes, or comes back, with its next piece of work."""
    notes = desk.notes
    if notes[ticket, TEAM] == NOBODY:
        notes[ticket, TEAM] = routed(plan, given, desk, ticket)
    notes[ticket, KEY] = desk.counts[ENTRIES]
    notes[ticket, LEFT] = given.pieces[notes[ticket, PIECE], WORK]
    desk.counts[ENTRIES] += 1
    desk.pieces[notes[ticket, PIECE], ENTERED] = now


@inlined
def routed(plan: Prepared, given: Given, desk: Desk, ticket: int) -> int:
    """The team for a ticket: the first choice that is not over its limit, or the first of all."""
    category, tier = given.tickets[ticket, CATEGORY], desk.notes[ticket, AT_TIER]
    route, choices = plan.routes[desk.counts[HOURS], category, given.tickets[ticket, PRIORITY], tier], plan.choices
    for n in range(choices.shape[1]):
        team, most_waiting, longest_wait = choices[route, n, 0], choices[route, n, 1], choices[route, n, 2]
        if team == NOBODY:
            break
        if most_waiting == UNLIMITED and longest_wait == UNLIMITED:
            return int(team)
        if somebody(plan, desk, plan.queue_of[team, category, tier]) != NOBODY:
            return int(team)
        waiting, present = desk.teams[team, WAITING], desk.teams[team, PRESENT]
        expected = waiting * given.usual[tier] // present if present > 0 else FAR
        if waiting < most_waiting and (expected < longest_wait or longest_wait == UNLIMITED):
            return int(team)
    return int(choices[route, 0, 0])


@inlined
def offer(plan: Prepared, given: Given, desk: Desk, ticket: int, now: int) -> None:
    """To the first agent who is free, or into the lane."""
    notes = desk.notes
    queue = plan.queue_of[notes[ticket, TEAM], given.tickets[ticket, CATEGORY], notes[ticket, AT_TIER]]
    agent = somebody(plan, desk, queue)
    if agent != NOBODY:
        desk.free[agent // BITS] &= ~(1 << (agent % BITS))
        begin(plan, desk, agent, ticket, now)
    else:
        lined_up(plan, desk, given.tickets[ticket, PRIORITY] * len(plan.agents_of) + queue, ticket)


@inlined
def somebody(plan: Prepared, desk: Desk, queue: int) -> int:
    """The first agent who is free for a queue, or NOBODY."""
    for word in range(len(desk.free)):
        both = desk.free[word] & plan.agents_of[queue, word]
        if both:
            return word * BITS + lowest_bit(both)
    return NOBODY


@inlined
def lined_up(plan: Prepared, desk: Desk, lane: int, ticket: int) -> None:
    """A ticket waits in its lane: at the end, unless it was handed on and keeps its place."""
    lanes, notes = desk.lanes, desk.notes
    behind, ahead = NOBODY, lanes[lane, 1]
    if ahead != NOBODY and notes[ahead, KEY] > notes[ticket, KEY]:
        ahead, behind = NOBODY, lanes[lane, 0]
        while notes[behind, KEY] < notes[ticket, KEY]:
            ahead, behind = behind, notes[behind, NEXT]
    notes[ticket, NEXT], notes[ticket, BEFORE], notes[ticket, LANE] = behind, ahead, lane
    if ahead == NOBODY:
        lanes[lane, 0] = ticket
    else:
        notes[ahead, NEXT] = ticket
    if behind == NOBODY:
        lanes[lane, 1] = ticket
    else:
        notes[behind, BEFORE] = ticket
    desk.filled[lane // BITS] |= 1 << (lane % BITS)
    desk.teams[notes[ticket, TEAM], WAITING] += 1


@inlined
def removed(desk: Desk, ticket: int) -> None:
    """A ticket waits no longer."""
    lanes, notes = desk.lanes, desk.notes
    lane, behind, ahead = notes[ticket, LANE], notes[ticket, NEXT], notes[ticket, BEFORE]
    if ahead == NOBODY:
        lanes[lane, 0] = behind
    else:
        notes[ahead, NEXT] = behind
    if behind == NOBODY:
        lanes[lane, 1] = ahead
    else:
        notes[behind, BEFORE] = ahead
    if lanes[lane, 0] == NOBODY:
        desk.filled[lane // BITS] &= ~(1 << (lane % BITS))
    notes[ticket, LANE] = NOBODY
    desk.teams[notes[ticket, TEAM], WAITING] -= 1


@inlined
def take(plan: Prepared, desk: Desk, agent: int, now: int) -> None:
    """An agent on shift without work takes the most urgent ticket, of equals the first; or is free."""
    best, best_key, rank = NOBODY, 0, 0
    queues = len(plan.agents_of)
    for word in range(len(desk.filled)):
        mine = desk.filled[word] & plan.lanes_of[agent, word]
        while mine:
            lane = word * BITS + lowest_bit(mine)
            mine &= ~(1 << (lane % BITS))
            if best != NOBODY and lane >= rank:
                break
            head = desk.lanes[lane, 0]
            if best == NOBODY or desk.notes[head, KEY] < best_key:
                if best == NOBODY:
                    rank = (lane // queues + 1) * queues
                best, best_key = head, desk.notes[head, KEY]
        if best != NOBODY and (word + 1) * BITS >= rank:
            break
    if best == NOBODY:
        desk.free[agent // BITS] |= 1 << (agent % BITS)
    else:
        removed(desk, best)
        begin(plan, desk, agent, best, now)


@inlined
def begin(plan: Prepared, desk: Desk, agent: int, ticket: int, now: int) -> None:
    """An agent on shift begins a piece of work, or goes on with what a colleague left."""
    mine, notes = desk.agents, desk.notes
    piece, done = notes[ticket, PIECE], desk.pieces
    if done[piece, STARTED] < 0:
        done[piece, STARTED] = now
    done[piece, AGENT] = agent
    spent = notes[ticket, LEFT]
    if plan.pace[agent] != USUAL_PACE:
        spent = (spent * plan.pace[agent] + USUAL_PACE // 2) // USUAL_PACE
    mine[agent, TICKET], mine[agent, BEGUN], mine[agent, SPENT] = ticket, now, spent
    end = now + spent
    if plan.shift_end[plan.team_of[agent]] == RESUME:
        end = worked(plan, agent, mine[agent, SPAN], now, spent)
    ends, at = desk.ends, desk.counts[ENDING]
    while at > 0 and (ends[at - 1, 0] < end or (ends[at - 1, 0] == end and ends[at - 1, 1] < agent)):
        ends[at, 0], ends[at, 1] = ends[at - 1, 0], ends[at - 1, 1]
        at -= 1
    ends[at, 0], ends[at, 1] = end, agent
    desk.counts[ENDING] += 1


@inlined
def worked(plan: Prepared, agent: int, span: int, now: int, spent: int) -> int:
    """When an agent who starts at `now`, in that shift, has spent so much time on shift; FAR if never."""
    last = plan.first_span[agent + 1]
    while now + spent > plan.spans[span, 1]:
        spent -= plan.spans[span, 1] - now
        span += 1
        if span == last:
            return FAR
        now = plan.spans[span, 0]
    return now + spent


@inlined
def give_up(given: Given, desk: Desk, ticket: int, now: int) -> None:
    """A requester who still waits for the first answer leaves."""
    notes = desk.notes
    first = given.tickets[ticket, FIRST]
    if notes[ticket, LANE] != NOBODY and notes[ticket, PIECE] == first and desk.pieces[first, STARTED] < 0:
        removed(desk, ticket)
        desk.gave_up[ticket] = now


@inlined
def pushed(heap: Rows, counts: Column, twice: int, ticket: int) -> None:
    at = counts[HEAPED]
    counts[HEAPED] += 1
    while at > 0:
        above = (at - 1) >> 1
        if heap[above, 0] < twice or (heap[above, 0] == twice and heap[above, 1] < ticket):
            break
        heap[at, 0], heap[at, 1] = heap[above, 0], heap[above, 1]
        at = above
    heap[at, 0], heap[at, 1] = twice, ticket


@inlined
def popped(heap: Rows, counts: Column) -> None:
    counts[HEAPED] -= 1
    last = counts[HEAPED]
    twice, ticket, at = heap[last, 0], heap[last, 1], 0
    while True:
        below = 2 * at + 1
        if below >= last:
            break
        if below + 1 < last and (
            heap[below + 1, 0] < heap[below, 0]
            or (heap[below + 1, 0] == heap[below, 0] and heap[below + 1, 1] < heap[below, 1])
        ):
            below += 1
        if twice < heap[below, 0] or (twice == heap[below, 0] and ticket < heap[below, 1]):
            break
        heap[at, 0], heap[at, 1] = heap[below, 0], heap[below, 1]
        at = below
    heap[at, 0], heap[at, 1] = twice, ticket
