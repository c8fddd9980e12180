"""The same desk told again from the rules alone, as processes of SimPy: it shares no code with either engine.

People and requesters are processes that wait for events. A pause at the end of a shift is a real interruption here, not
arithmetic, and a requester who gives up is a race between two events.
"""

from __future__ import annotations

from typing import Any

import simpy

from helmdesk.engine.arrangement import Arrangement, ShiftEnd
from helmdesk.engine.table import Table
from helmdesk.worktime.calendar import Calendar

ENDS, CLOSES, OPENS, RETURNS, ARRIVES, LEAVES = range(6)


class Person:
    def __init__(self, number: int, team: int, skills: frozenset[tuple[int, int]], pace: int, hours: Calendar) -> None:
        self.number, self.team, self.skills, self.pace, self.hours = number, team, skills, pace, hours
        self.present = False
        self.idle = False
        self.case: Case | None = None
        self.left = self.since = self.spent = self.busy = 0
        self.turn = 0


class Case:
    def __init__(self, number: int, category: int, priority: int) -> None:
        self.number, self.category, self.priority = number, category, priority
        self.tier, self.team = -2, -1
        self.order = self.left = 0
        self.piece = -1
        self.gave_up = -1


class Model:
    def __init__(self, arrangement: Arrangement, table: Table, *, since: int, until: int) -> None:
        self.arrangement, self.since, self.until = arrangement, since, until
        self.env = simpy.Environment(initial_time=since)
        self.rows, self.pieces = table.tickets.tolist(), table.pieces.tolist()
        self.escalation = table.escalation.tolist()
        self.log = [[-1] * 4 for _ in self.pieces]
        self.people: list[Person] = []
        for team, one in enumerate(arrangement.teams):
            for group in one.groups:
                for _ in range(group.count):
                    self.people.append(Person(len(self.people), team, group.skills, group.pace, group.hours))
        self.waiting: list[list[Case]] = [[] for _ in arrangement.teams]
        self.orders = 0
        self.cases = [Case(n, row[1], row[2]) for n, row in enumerate(self.rows[:-1])]
        self.usual = [self._mean(tier) for tier in range(len(self.escalation[0]))]

    def run(self) -> list[list[int]]:
        for kind in (CLOSES, OPENS):
            for person in self.people:
                for start, end in person.hours.spans(self.since, self.until):
                    act = self.closes if kind == CLOSES else self.opens
                    self.at(end if kind == CLOSES else start, kind, act, person)
        for case in self.cases:
            self.at(self.rows[case.number][0], ARRIVES, self.arrives, case)
        self.env.run(until=self.until)
        return self.log

    @property
    def now(self) -> int:
        return int(self.env.now)

    def at(self, when: int, kind: int, act: Any, *given: Any) -> None:
        """An event at that instant; of one instant SimPy takes the least kind first, of a kind the least number."""
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        event.callbacks.append(lambda _: act(*given))
        self.env.schedule(event, priority=kind * 2**20 + given[0].number, delay=when - self.now)

    # --- tickets ---

    def arrives(self, case: Case) -> None:
        self.enters(case, self.rows[case.number][5])
        patience = self.rows[case.number][4]
        if case in self.waiting[case.team] and patience < 2**61:
            self.at(self.now + patience, LEAVES, self.leaves, case, case.piece)

    def leaves(self, case: Case, piece: int) -> None:
        if case.piece == piece and self.log[piece][1] < 0:
            self.waiting[case.team].remove(case)
            case.gave_up = self.now

    def enters(self, case: Case, piece: int) -> None:
        tier, work, _, _, _ = self.pieces[piece]
        case.piece, case.left = piece, work
        if tier not in (-1, case.tier):
            case.tier = tier
            case.team = self.team_for(case)
        case.order = self.orders
        self.orders += 1
        self.log[piece][0] = self.now
        self.offered(case)

    def offered(self, case: Case) -> None:
        able = [one for one in self.people if one.team == case.team and (case.category, case.tier) in one.skills]
        person = next((one for one in able if one.idle), None)
        if person:
            self.starts(person, case)
        else:
            self.waiting[case.team].append(case)

    def team_for(self, case: Case) -> int:
        now = self.now
        route = next(
            route
            for route in self.arrangement.routes
            if (route.hours is None or route.hours.is_open(now)) and route.fits(case.category, case.priority, case.tier)
        )
        for choice in route.choices:
            team = [person for person in self.people if person.team == choice.team]
            if any(person.idle and (case.category, case.tier) in person.skills for person in team):
                return choice.team
            waiting, present = len(self.waiting[choice.team]), sum(person.present for person in team)
            full = choice.most_waiting is not None and waiting >= choice.most_waiting
            if choice.longest_wait is not None:
                full |= not present or waiting * self.usual[case.tier] // present >= choice.longest_wait
            if not full:
                return choice.team
        return route.choices[0].team

    def goes_on(self, case: Case) -> None:
        last = self.rows[case.number + 1][5]
        ahead = list(range(case.piece + 1, last))
        if ahead and self.pieces[ahead[0]][0] > case.tier:
            own = self.arrangement.teams[case.team].escalation.get((case.category, case.tier))
            chance = round(own * 2**32) if own is not None else self.escalation[case.category][case.tier]
            if self.pieces[ahead[0]][3] >= chance:
                while ahead and self.pieces[ahead[0]][0] > case.tier:
                    ahead.pop(0)
        if ahead and self.pieces[ahead[0]][2]:
            self.at(self.now + self.pieces[ahead[0]][2], RETURNS, self.enters, case, ahead[0])
        elif ahead:
            self.enters(case, ahead[0])

    # --- people ---

    def opens(self, person: Person) -> None:
        person.present = True
        if person.case is None:
            self.looks(person)
        elif self.shift_end(person) == ShiftEnd.RESUME:
            self.works(person)

    def closes(self, person: Person) -> None:
        person.present = person.idle = False
        if person.case and self.shift_end(person) != ShiftEnd.OVERTIME:
            done = self.now - person.since
            person.left -= done
            person.turn += 1
            if self.shift_end(person) == ShiftEnd.HAND_ON:
                case, person.case = person.case, None
                person.busy += done
                case.left = person.left * 1000 // person.pace
                self.offered(case)

    def looks(self, person: Person) -> None:
        mine = [case for case in self.waiting[person.team] if (case.category, case.tier) in person.skills]
        person.idle = not mine
        if mine:
            case = min(mine, key=lambda case: (case.priority, case.order))
            self.waiting[person.team].remove(case)
            self.starts(person, case)

    def starts(self, person: Person, case: Case) -> None:
        entry = self.log[case.piece]
        entry[1] = entry[1] if entry[1] >= 0 else self.now
        entry[3] = person.number
        person.idle, person.case = False, case
        person.left = person.spent = (case.left * person.pace + 500) // 1000
        self.works(person)

    def works(self, person: Person) -> None:
        person.since = self.now
        person.turn += 1
        self.at(self.now + person.left, ENDS, self.ends, person, person.turn)

    def ends(self, person: Person, turn: int) -> None:
        if turn == person.turn and person.case:
            case, person.case = person.case, None
            self.log[case.piece][2] = self.now
            person.busy += person.spent
            self.goes_on(case)
            if person.present:
                self.looks(person)

    def shift_end(self, person: Person) -> ShiftEnd:
        return self.arrangement.teams[person.team].shift_end

    def _mean(self, tier: int) -> int:
        works = [work for at, work, _, _, kind in self.pieces if at == tier and kind in (0, 2)]
        return sum(works) // max(1, len(works))
