"""Random arrangements and tables, small and spiteful: ties, nights, few skills, short limits."""

from __future__ import annotations

import random

from helmdesk.engine.arrangement import Arrangement, Choice, Group, Route, ShiftEnd, Team
from helmdesk.engine.table import (
    ANSWERED,
    ESCALATED,
    FIRST_PIECE,
    PATIENT,
    REOPENED,
    SAME_TIER,
    WHOLE_CHANCE,
    Piece,
    Table,
    Ticket,
    table_of,
)
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = 1_774_828_800_000_000  # 30 March 2026, 00:00 UTC, one day after clocks changed in Europe
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ALWAYS = calendar_from({"always": True})
BERLIN = calendar_from({"zone": "Europe/Berlin", "week": {day: ["08:00-12:00", "13:00-17:00"] for day in DAYS[:5]}})
KOLKATA = calendar_from({"zone": "Asia/Kolkata", "week": {day: ["06:00-14:00"] for day in DAYS}})
WARSAW_LATE = calendar_from({"zone": "Europe/Warsaw", "week": {day: ["14:00-22:00"] for day in DAYS[:6]}})
NIGHTS = calendar_from({"zone": "UTC", "week": {day: ["22:00-06:00"] for day in DAYS}})
CALENDARS: tuple[Calendar, ...] = (ALWAYS, BERLIN, KOLKATA, WARSAW_LATE, NIGHTS)


def world(seed: int, tickets: int = 400) -> tuple[Arrangement, Table]:
    """An arrangement and tickets for some days from MONDAY."""
    dice = random.Random(seed)
    categories, priorities, tiers = dice.randint(1, 4), dice.randint(1, 4), dice.randint(1, 3)
    arrangement = _arrangement(dice, categories, priorities, tiers)
    escalation = [[int(WHOLE_CHANCE * dice.choice((0.2, 0.5, 1))) for _ in range(tiers)] for _ in range(categories)]
    rows = [_ticket(dice, categories, priorities, tiers, seed % 3 == 0) for _ in range(tickets)]
    return arrangement, table_of(rows, escalation)


def _arrangement(dice: random.Random, categories: int, priorities: int, tiers: int) -> Arrangement:
    skills = [(category, tier) for category in range(categories) for tier in range(tiers)]
    teams = []
    for n in range(dice.randint(1, 3)):
        groups = [
            Group("all", dice.randint(1, 3), dice.choice(CALENDARS), frozenset(skills), dice.choice((1000, 1300)))
        ]
        for _ in range(dice.randint(0, 2)):
            some = frozenset(dice.sample(skills, dice.randint(1, len(skills))))
            groups.insert(0, Group("some", dice.randint(1, 4), dice.choice(CALENDARS), some, dice.choice((1000, 800))))
        own = {skill: dice.random() for skill in skills if dice.random() < 0.2}
        party = "in-house" if n == 0 else f"offer {n}"
        teams.append(Team(f"team {n}", party, tuple(groups), ShiftEnd(dice.randint(0, 2)), own))
    routes = [_route(dice, len(teams), priorities, tiers) for _ in range(dice.randint(0, 3))]
    everywhere = Route((Choice(dice.randrange(len(teams))),))
    names = tuple(f"category {n}" for n in range(categories)), tuple(f"priority {n}" for n in range(priorities))
    return Arrangement("random", *names, tiers, tuple(teams), (*routes, everywhere))


def _route(dice: random.Random, teams: int, priorities: int, tiers: int) -> Route:
    order = dice.sample(range(teams), dice.randint(1, teams))
    limits = [(dice.choice((None, 0, 3, 8)), dice.choice((None, 0, HOUR, 3 * HOUR))) for _ in order]
    return Route(
        tuple(Choice(team, *limit) for team, limit in zip(order, limits, strict=True)),
        priorities=frozenset(dice.sample(range(priorities), dice.randint(0, priorities))),
        tiers=frozenset(dice.sample(range(tiers), dice.randint(0, tiers))),
        hours=dice.choice((None, BERLIN, KOLKATA)),
    )


def _ticket(dice: random.Random, categories: int, priorities: int, tiers: int, round_times: bool) -> Ticket:
    step = 15 * MINUTE if round_times else 1

    def some(mean: int) -> int:
        return max(step, int(dice.expovariate(1 / mean)) // step * step)

    pieces: list[Piece] = []
    for tier in range(tiers):
        doubt = dice.randrange(WHOLE_CHANCE) if dice.random() < 0.9 else -1
        kind = ESCALATED if tier else FIRST_PIECE
        pieces.append(Piece(some(40 * MINUTE), tier, dice.choice((0, some(HOUR))) if tier else 0, kind, doubt))
        if dice.random() < 0.25:
            pieces.append(Piece(some(20 * MINUTE), tier, some(5 * HOUR), ANSWERED))
    if dice.random() < 0.15:
        pieces.append(Piece(some(20 * MINUTE), SAME_TIER, some(20 * HOUR), REOPENED))
    arrival = MONDAY + dice.randrange(4 * DAY) // step * step
    patience = some(2 * HOUR) if dice.random() < 0.3 else PATIENT
    return Ticket(arrival, tuple(pieces), dice.randrange(categories), dice.randrange(priorities), patience=patience)
