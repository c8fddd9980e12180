"""When a team works, as far as promises tell: the calendar of a level that binds it, else of one that binds its
provider."""

from collections.abc import Iterable
from dataclasses import dataclass

from helmdesk.clocks.levels import Binds
from helmdesk.service_levels.versions import Term
from helmdesk.worktime.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Hours:
    """The terms that bind a team, and those that bind a provider, each in order of time."""

    teams: dict[int, list[Term]]
    providers: dict[int, list[Term]]

    def of(self, team: int, provider: int | None, at: int) -> Calendar | None:
        """The calendar by which this team worked at an instant (µs); None where nothing says so."""
        bound = (*self.teams.get(team, ()), *self.providers.get(provider or 0, ()))
        return next((term.calendar for term in bound if term.since <= at < term.until), None)


def hours(terms: Iterable[Term]) -> Hours:
    found = Hours({}, {})
    for term in terms:
        level = term.described.level
        if level.party is not None:
            bound = found.teams if level.binds == Binds.TEAM else found.providers
            bound.setdefault(level.party, []).append(term)
    return found
