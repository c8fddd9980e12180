"""Who is on duty: the hours of teams as far as they are known, and when those that are closed open again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from helmdesk.service_levels import versions
from helmdesk.service_levels.hours import hours
from helmdesk.service_levels.versions import Known
from helmdesk.tickets.parties import Place
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.horizon import NeverOpen

type Spans = list[tuple[int, int]]
"""Stretches of time (µs), each from an instant to before another, in order and apart."""


@dataclass(frozen=True, slots=True)
class Duty:
    """The calendars of teams by id at one instant; None where nothing says when a team works. Never guessed."""

    calendars: Mapping[int, Calendar | None]

    @property
    def known(self) -> list[int]:
        return [team for team, calendar in self.calendars.items() if calendar is not None]

    @property
    def unknown(self) -> list[int]:
        return [team for team, calendar in self.calendars.items() if calendar is None]

    def on(self, at: int) -> list[int]:
        """The teams that work at an instant."""
        return [team for team, calendar in self.calendars.items() if calendar is not None and calendar.is_open(at)]

    def opens(self, at: int) -> int | None:
        """When the first of them works, from an instant on; None where none ever does."""
        return min((opens for calendar in self.calendars.values() if (opens := _opens(calendar, at)) is not None),
                   default=None)  # fmt: skip

    def open(self, start: int, end: int) -> Spans:
        """When at least one of them works, between two instants."""
        found = (calendar.spans(start, end) for calendar in self.calendars.values() if calendar is not None)
        return joined(span for spans in found for span in spans)

    def of(self, teams: Iterable[int]) -> "Duty":
        return Duty({team: self.calendars.get(team) for team in teams})


def duty(teams: Sequence[Place], *, at: int, known: Known | None = None) -> Duty:
    """The hours of teams as they hold at an instant (µs); `known` spares asking what holds."""
    told = hours(versions.known() if known is None else known, teams)
    return Duty({team.pk: told.of(team.pk, team.side.pk, at) for team in teams})


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Stretches in order, those that touch or overlap as one."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _opens(calendar: Calendar | None, at: int) -> int | None:
    try:
        return None if calendar is None else calendar.next_open(at)
    except NeverOpen:
        return None
