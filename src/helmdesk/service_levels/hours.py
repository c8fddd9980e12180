"""When a team works: by its own calendar, else by that of a level which binds it or its provider."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from helmdesk.clocks.levels import Binds
from helmdesk.service_levels.versions import Known, Stretch, Term
from helmdesk.worktime.calendar import Calendar


class Works(Protocol):
    """A team, and the working calendar by which it says it works."""

    @property
    def pk(self) -> int: ...

    @property
    def calendar(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Hours:
    """The stretches of teams' own calendars, the terms that bind them and their providers, each in order of time."""

    own: Mapping[int, Sequence[Stretch]]
    teams: dict[int, list[Term]]
    providers: dict[int, list[Term]]

    def of(self, team: int, provider: int | None, at: int) -> Calendar | None:
        """The calendar by which this team worked at an instant (µs); None where nothing says so."""
        bound: tuple[Stretch | Term, ...] = (
            *self.own.get(team, ()),
            *self.teams.get(team, ()),
            *self.providers.get(provider or 0, ()),
        )
        return next((one.calendar for one in bound if one.since <= at < one.until), None)

    def own_of(self, team: int, at: int) -> Calendar | None:
        """As `of`, from the team's own calendar alone."""
        return next((one.calendar for one in self.own.get(team, ()) if one.since <= at < one.until), None)


def hours(known: Known, teams: Iterable[Works]) -> Hours:
    """Of these teams, and of whatever else levels bind."""
    found = Hours({one.pk: known.calendars.get(one.calendar, ()) for one in teams if one.calendar}, {}, {})
    for term in known.terms:
        level = term.described.level
        if level.party is not None:
            bound = found.teams if level.binds == Binds.TEAM else found.providers
            bound.setdefault(level.party, []).append(term)
    return found
