"""Who does which tickets, when: teams in-house and of offers, their people, and the way tickets take between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from helmdesk.worktime.calendar import Calendar

IN_HOUSE: Final = "in-house"
USUAL_PACE: Final = 1000
Skill = tuple[int, int]
"""Category and tier, both counted from 0."""


class ShiftEnd(IntEnum):
    """What becomes of work that reaches the end of a shift."""

    OVERTIME = 0
    RESUME = 1
    HAND_ON = 2


@dataclass(frozen=True, slots=True)
class Group:
    """So many agents alike: the same working hours, skills and pace (1250: a quarter slower than the table says)."""

    name: str
    count: int
    hours: Calendar
    skills: frozenset[Skill]
    pace: int = USUAL_PACE


@dataclass(frozen=True, slots=True)
class Team:
    """People of one party. `escalation` replaces, for a skill, the chance (0 to 1) that a ticket leaves that tier."""

    name: str
    party: str
    groups: tuple[Group, ...]
    shift_end: ShiftEnd = ShiftEnd.RESUME
    escalation: Mapping[Skill, float] = field(default_factory=dict)

    @property
    def skills(self) -> frozenset[Skill]:
        return frozenset().union(*(group.skills for group in self.groups))

    @property
    def size(self) -> int:
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class Choice:
    """A team that may get a ticket, unless none of its people is free and so many tickets wait there already
    (`most_waiting`), or the wait to be expected is as long (`longest_wait`, µs): those who wait, times the usual work
    of the tier, by the people on shift; endless when nobody is."""

    team: int
    most_waiting: int | None = None
    longest_wait: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Which tickets, at which hours (always, where None), go to which teams in order. An empty set means all."""

    choices: tuple[Choice, ...]
    categories: frozenset[int] = frozenset()
    priorities: frozenset[int] = frozenset()
    tiers: frozenset[int] = frozenset()
    hours: Calendar | None = None

    def fits(self, category: int, priority: int, tier: int) -> bool:
        return (
            (not self.categories or category in self.categories)
            and (not self.priorities or priority in self.priorities)
            and (not self.tiers or tier in self.tiers)
        )


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Names of categories and priorities, most urgent first; the number of tiers; teams and routes, the first that
    fits.

    `retained` is the least number of people who stay in-house.
    """

    name: str
    categories: tuple[str, ...]
    priorities: tuple[str, ...]
    tiers: int
    teams: tuple[Team, ...]
    routes: tuple[Route, ...]
    retained: int = 1

    @property
    def size(self) -> int:
        return sum(team.size for team in self.teams)

    @property
    def in_house(self) -> int:
        return sum(team.size for team in self.teams if team.party == IN_HOUSE)
