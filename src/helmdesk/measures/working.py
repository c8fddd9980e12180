"""How long teams had the ball in their own working hours: each span by the calendar that held when it began."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from helmdesk.foundation.time import from_us
from helmdesk.service_levels import versions
from helmdesk.service_levels.hours import Hours, hours
from helmdesk.tickets.parties import Place, all_parties


class Lasting(NamedTuple):
    """That a team had the ball from an instant (µs) on, and the part of it that counts, from `start` to `end`."""

    team: int
    began: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Working:
    """The hours of every team, as they were known at an instant. By which calendar a team works is asked today."""

    places: dict[int, Place]
    hours: Hours

    @classmethod
    def of(cls, as_of: int | None) -> Self:
        places = all_parties().teams
        known = versions.known(as_of=None if as_of is None else from_us(as_of))
        return cls(places, hours(known, places.values()))

    @property
    def nowhere(self) -> bool:
        """Whether the hours of nobody are known."""
        return not (any(self.hours.own.values()) or self.hours.teams or self.hours.providers)

    def total(self, spans: Iterable[Lasting]) -> dict[int, int]:
        """By team, the sum of its spans (µs); without the teams whose hours are not known for all of them."""
        found: dict[int, int] = {}
        unknown: set[int] = set()
        for team, began, start, end in spans:
            place = self.places.get(team)
            calendar = self.hours.of(team, place.side.pk if place else None, began)
            if calendar is None:
                unknown.add(team)
            else:
                found[team] = found.get(team, 0) + calendar.elapsed(start, end)
        return {team: us for team, us in found.items() if team not in unknown}
