"""Arrangements read from TOML: what a file gives becomes an Arrangement, or every fault is told at once.

name = "Night to offer A"
categories = ["access", "network"]
priorities = ["urgent", "normal"]        # the most urgent first
tiers = 2
retained = 2                             # at least so many people stay in-house; 1 where nothing is said

[calendars.office]
zone = "Europe/Berlin"
week = { mon = ["08:00-17:00"], tue = ["08:00-17:00"] }

[[teams]]
name = "house"
party = "in-house"
shift_end = "resume"                     # overtime, resume or hand_on
escalation = { access = [0.3] }          # share that leaves each tier, where it is not as the tickets say

[[teams.groups]]
name = "first line"
count = 4
calendar = "office"
skills = [{ categories = ["access"], tiers = [1] }, { tiers = [2] }]   # nothing said: all
pace = 1.0                               # 1.25: a quarter slower

[[routes]]                               # the first that fits
priorities = ["urgent"]
during = "office"
to = [{ team = "house", most_waiting = 10 }, { team = "offer", longest_wait_minutes = 60 }]
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from helmdesk.engine.arrangement import (
    IN_HOUSE,
    USUAL_PACE,
    Arrangement,
    Choice,
    Group,
    Route,
    ShiftEnd,
    Skill,
    Team,
)
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.horizon import MINUTE
from helmdesk.worktime.reading import BadCalendar, Fault, calendar_from

MOST_AGENTS: Final = 4096
MOST_TIERS: Final = 9
MOST_NAMES: Final = 256
SLOWEST: Final = 10.0
SHIFT_ENDS: Final = {rule.name.lower(): rule for rule in ShiftEnd}
_NEVER: Final[dict[str, Any]] = {"zone": "UTC", "week": {}}


class BadArrangement(ValueError):
    """A plan that is no arrangement; `faults` are all that it has."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def arrangement_from_file(path: Path) -> Arrangement:
    """Raises BadArrangement, and OSError where the file cannot be read."""
    try:
        return arrangement_from(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadArrangement([Fault(path.name, str(error), "Give a TOML file in UTF-8.")]) from error


def arrangement_from(spec: dict[str, Any]) -> Arrangement:
    """The arrangement that a table describes. Raises BadArrangement."""
    reader = _Reader(spec)
    found = reader.arrangement()
    if not reader.faults:
        reader.faults += faults_of(found)
    if reader.faults:
        raise BadArrangement(reader.faults)
    return found


def faults_of(arrangement: Arrangement) -> list[Fault]:
    """What is contradictory in an arrangement, however it was made."""
    faults = []
    if arrangement.in_house < arrangement.retained:
        cure = f"At least {arrangement.retained} stay in-house (retained): give more, or say that fewer will do."
        faults.append(Fault("teams", f"{arrangement.in_house} people in-house", cure))
    if arrangement.size > MOST_AGENTS:
        faults.append(Fault("teams", f"{arrangement.size} people", f"Give at most {MOST_AGENTS}."))
    for n, team in enumerate(arrangement.teams):
        for k, group in enumerate(team.groups):
            if group.hours.never:
                faults.append(Fault(f"teams[{n}].groups[{k}].calendar", group.name, "It never opens: give it hours."))
    return faults + _route_faults(arrangement)


def _route_faults(arrangement: Arrangement) -> list[Fault]:
    """Tickets that no route takes, or that go where nobody has the skill."""
    faults = []
    for category, name in enumerate(arrangement.categories):
        for tier in range(arrangement.tiers):
            for priority, urgency in enumerate(arrangement.priorities):
                what = f"{name}, {urgency}, tier {tier + 1}"
                fitting = _reached([route for route in arrangement.routes if route.fits(category, priority, tier)])
                if all(route.hours is not None for route in fitting):
                    faults.append(Fault("routes", what, "No route takes it at all hours: add one without `during`."))
                for team in {choice.team for route in fitting for choice in route.choices}:
                    if (category, tier) not in arrangement.teams[team].skills:
                        lacking = f"Nobody in team {arrangement.teams[team].name} has the skill: give it, or route."
                        faults.append(Fault("routes", what, lacking))
    return faults


def _reached(routes: list[Route]) -> list[Route]:
    """Up to the first that takes tickets at all hours: those after it get none."""
    ends = next((n for n, route in enumerate(routes) if route.hours is None), len(routes))
    return routes[: ends + 1]


class _Reader:
    """One reading: goes on after a fault, so that all are told."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.faults: list[Fault] = []
        self.categories = self.names(spec, "categories")
        self.priorities = self.names(spec, "priorities")
        self.tiers = self.whole(spec, "tiers", "tiers", 1, MOST_TIERS, usual=1)
        calendars = self.table(spec.get("calendars", {}), "calendars")
        self.calendars = {name: self.calendar(name, given) for name, given in calendars.items()}

    def arrangement(self) -> Arrangement:
        known = {"name", "categories", "priorities", "tiers", "retained", "calendars", "teams", "routes"}
        self.known(self.spec, known, "")
        teams = tuple(self.team(one, f"teams[{n}]") for n, one in enumerate(self.tables(self.spec, "teams", "teams")))
        self.team_names = [team.name for team in teams]
        for n, name in enumerate(self.team_names):
            if name in self.team_names[:n]:
                self.fault(f"teams[{n}].name", name, "Two teams have this name: give each its own.")
        routes = self.tables(self.spec, "routes", "routes")
        return Arrangement(
            self.text(self.spec, "name", "name"),
            tuple(self.categories),
            tuple(self.priorities),
            self.tiers,
            teams,
            tuple(self.route(one, f"routes[{n}]") for n, one in enumerate(routes)),
            self.whole(self.spec, "retained", "retained", 0, MOST_AGENTS, usual=1),
        )

    def team(self, spec: dict[str, Any], field: str) -> Team:
        self.known(spec, {"name", "party", "shift_end", "escalation", "groups"}, field)
        groups = self.tables(spec, "groups", f"{field}.groups")
        rule = spec.get("shift_end", "resume")
        if rule not in SHIFT_ENDS:
            self.fault(f"{field}.shift_end", rule, f"Give {', '.join(SHIFT_ENDS)}.")
        return Team(
            self.text(spec, "name", f"{field}.name"),
            self.text(spec, "party", f"{field}.party", usual=IN_HOUSE),
            tuple(self.group(one, f"{field}.groups[{n}]") for n, one in enumerate(groups)),
            SHIFT_ENDS.get(rule, ShiftEnd.RESUME),
            self.escalation(spec.get("escalation", {}), f"{field}.escalation"),
        )

    def escalation(self, spec: Any, field: str) -> dict[Skill, float]:
        found = {}
        for name, shares in self.table(spec, field).items():
            category = self.number(name, self.categories, f"{field}.{name}")
            right = isinstance(shares, list) and len(shares) < self.tiers
            if not right or not all(isinstance(one, int | float) and 0 <= one <= 1 for one in shares):
                self.fault(f"{field}.{name}", shares, f"Give at most {self.tiers - 1} shares of 0 to 1.")
            else:
                found.update({(category, tier): float(share) for tier, share in enumerate(shares)})
        return found

    def group(self, spec: dict[str, Any], field: str) -> Group:
        self.known(spec, {"name", "count", "calendar", "skills", "pace"}, field)
        pace = spec.get("pace", 1.0)
        if not isinstance(pace, int | float) or not 1 / USUAL_PACE <= pace <= SLOWEST:
            self.fault(f"{field}.pace", pace, f"Give 0.001 to {SLOWEST:g}; 1 is the usual pace, 1.25 a quarter slower.")
            pace = 1.0
        return Group(
            self.text(spec, "name", f"{field}.name", usual="agents"),
            self.whole(spec, "count", f"{field}.count", 1, MOST_AGENTS, usual=1),
            self.hours(spec.get("calendar"), f"{field}.calendar"),
            self.skills(spec.get("skills", [{}]), f"{field}.skills"),
            round(pace * USUAL_PACE),
        )

    def skills(self, spec: Any, field: str) -> frozenset[Skill]:
        if not isinstance(spec, list) or not spec:
            self.fault(field, spec, "Give a list of tables of categories and tiers, or leave it away for all.")
            return frozenset()
        found: set[Skill] = set()
        for n, one in enumerate(spec):
            some = self.table(one, f"{field}[{n}]")
            self.known(some, {"categories", "tiers"}, f"{field}[{n}]")
            categories = self.numbers(some, "categories", self.categories, f"{field}[{n}]")
            tiers = self.tier_numbers(some, f"{field}[{n}]")
            found |= {
                (category, tier)
                for category in categories or range(len(self.categories))
                for tier in tiers or range(self.tiers)
            }
        return frozenset(found)

    def route(self, spec: dict[str, Any], field: str) -> Route:
        self.known(spec, {"categories", "priorities", "tiers", "during", "to"}, field)
        choices = self.tables(spec, "to", f"{field}.to")
        during = spec.get("during")
        return Route(
            tuple(self.choice(one, f"{field}.to[{n}]") for n, one in enumerate(choices)),
            self.numbers(spec, "categories", self.categories, field),
            self.numbers(spec, "priorities", self.priorities, field),
            self.tier_numbers(spec, field),
            None if during is None else self.hours(during, f"{field}.during"),
        )

    def choice(self, spec: dict[str, Any], field: str) -> Choice:
        self.known(spec, {"team", "most_waiting", "longest_wait_minutes"}, field)
        minutes, waiting = spec.get("longest_wait_minutes"), spec.get("most_waiting")
        for name, limit in (("longest_wait_minutes", minutes), ("most_waiting", waiting)):
            if limit is not None and (not isinstance(limit, int) or limit < 0):
                self.fault(f"{field}.{name}", limit, "Give a whole number of 0 or more.")
                minutes = waiting = None
        team = self.number(spec.get("team"), self.team_names, f"{field}.team")
        return Choice(team, waiting, None if minutes is None else minutes * MINUTE)

    # --- the parts of a table ---

    def fault(self, field: str, value: Any, cure: str) -> None:
        self.faults.append(Fault(field, value, cure))

    def known(self, spec: dict[str, Any], names: set[str], field: str) -> None:
        for name in spec.keys() - names:
            self.fault(f"{field}.{name}".lstrip("."), spec[name], f"Not known here. Known: {', '.join(sorted(names))}.")

    def table(self, spec: Any, field: str) -> dict[str, Any]:
        if not isinstance(spec, dict):
            self.fault(field, spec, "Give a table.")
            return {}
        return spec

    def tables(self, spec: dict[str, Any], name: str, field: str) -> list[dict[str, Any]]:
        given = spec.get(name)
        if not isinstance(given, list) or not given:
            self.fault(field, given, "Give at least one table.")
            return []
        return [self.table(one, f"{field}[{n}]") for n, one in enumerate(given)]

    def text(self, spec: dict[str, Any], name: str, field: str, usual: str | None = None) -> str:
        given = spec.get(name, usual)
        if not isinstance(given, str) or not given.strip():
            self.fault(field, given, "Give a name.")
            return ""
        return given.strip()

    def whole(  # noqa: PLR0917
        self, spec: dict[str, Any], name: str, field: str, least: int, most: int, usual: int
    ) -> int:
        given = spec.get(name, usual)
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
            self.fault(field, given, f"Give a whole number, {least} to {most}.")
            return usual
        return given

    def names(self, spec: dict[str, Any], name: str) -> list[str]:
        given = spec.get(name)
        right = isinstance(given, list) and 0 < len(given) <= MOST_NAMES and all(isinstance(one, str) for one in given)
        if not right or len(set(given or ())) < len(given or ()):
            self.fault(name, given, f"Give a list of 1 to {MOST_NAMES} different names.")
            return []
        return list(given or ())

    def number(self, name: Any, names: list[str], field: str) -> int:
        if name not in names:
            self.fault(field, name, f"Not known. Known: {', '.join(names) or 'none'}.")
            return 0
        return names.index(name)

    def numbers(self, spec: dict[str, Any], name: str, names: list[str], field: str) -> frozenset[int]:
        given = spec.get(name, [])
        if not isinstance(given, list):
            self.fault(f"{field}.{name}", given, "Give a list of names.")
            return frozenset()
        return frozenset(self.number(one, names, f"{field}.{name}") for one in given)

    def tier_numbers(self, spec: dict[str, Any], field: str) -> frozenset[int]:
        given = spec.get("tiers", [])
        if not isinstance(given, list) or not all(isinstance(one, int) and 1 <= one <= self.tiers for one in given):
            self.fault(f"{field}.tiers", given, f"Give a list of whole numbers, 1 to {self.tiers}.")
            return frozenset()
        return frozenset(one - 1 for one in given)

    def calendar(self, name: str, spec: Any) -> Calendar:
        try:
            return calendar_from(spec)
        except BadCalendar as bad:
            self.faults += [Fault(f"calendars.{name}.{one.field}", one.value, one.cure) for one in bad.faults]
            return calendar_from(_NEVER)

    def hours(self, name: Any, field: str) -> Calendar:
        if name not in self.calendars:
            self.fault(field, name, f"Not known. Known: {', '.join(self.calendars) or 'none; add [calendars.…]'}.")
            return calendar_from(_NEVER)
        return self.calendars[name]
