"""How long teams had the ball in their own working hours: each span by the calendar that held when it began."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from helmdesk.foundation.statements import fetched
from helmdesk.foundation.time import from_us
from helmdesk.service_levels import versions
from helmdesk.service_levels.hours import Hours, hours


class Team(NamedTuple):
    """A team, whose it is, and the working calendar by which it says it works."""

    pk: int
    provider: int
    calendar: int | None


class Lasting(NamedTuple):
    """That a team had the ball from an instant (µs) on, and the part of it that counts, from `start` to `end`."""

    team: int
    began: int
    start: int
    end: int


TEAMS: Final = f"SELECT id, provider_id, calendar_id, {versions.LAST} FROM helmdesk_team"  # noqa: S608 (our own names)


@dataclass(frozen=True, slots=True)
class Working:
    """The provider and the hours of every team, as they were known at an instant. Whose a team is, and by which
    calendar it works, is asked today."""

    providers: dict[int, int]
    hours: Hours

    @classmethod
    def of(cls, as_of: int | None) -> Self:
        rows = fetched(TEAMS)
        teams = [Team(*row[:3]) for row in rows]
        last = rows[0][3:] if rows else (None, None)
        known = versions.known_by(*last) if as_of is None else versions.known(as_of=from_us(as_of))
        return cls({team.pk: team.provider for team in teams}, hours(known, teams))

    def total(self, spans: Iterable[Lasting]) -> dict[int, int]:
        """By team, the sum of its spans (µs); without the teams whose hours are not known for all of them."""
        found: dict[int, int] = {}
        unknown: set[int] = set()
        for team, began, start, end in spans:
            calendar = self.hours.of(team, self.providers.get(team), began)
            if calendar is None:
                unknown.add(team)
            else:
                found[team] = found.get(team, 0) + calendar.elapsed(start, end)
        return {team: us for team, us in found.items() if team not in unknown}
