"""A rule that history can be judged by: a level with one calendar, or a level of the desk as it was each day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from helmdesk.calendars.loading import calendar as calendar_of
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.versions import of
from helmdesk.clocks.levels import Described, Level
from helmdesk.clocks.reading import described_from
from helmdesk.clocks.steps import Steps
from helmdesk.clocks.ticket import turns
from helmdesk.clocks.turns import Turn
from helmdesk.foundation.errors import BadEntry
from helmdesk.service_levels import versions
from helmdesk.service_levels.codes import Codes
from helmdesk.service_levels.judging import judged
from helmdesk.service_levels.models import Clock, ServiceLevel
from helmdesk.service_levels.stories import Story, group_at
from helmdesk.service_levels.versions import Term
from helmdesk.worktime.calendar import Calendar

OF_THEIR_DAY: Final = "day"


class Rule(Protocol):
    """What judges one ticket."""

    def turns(self, story: Story, told: Steps, *, providers: Mapping[int, int], now: int) -> list[Turn]: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A level that need not be in force anywhere, by one version of a calendar, for all of history."""

    level: Level
    calendar: Calendar

    def turns(self, story: Story, told: Steps, *, providers: Mapping[int, int], now: int) -> list[Turn]:
        grouped = any(target.groups is not None for target in self.level.targets)
        group = group_at(story) if grouped else None
        return turns(told, [(self.level, self.calendar)], provider_of=providers, group=group, now=now)


@dataclass(frozen=True, slots=True)
class OfTheirDay:
    """One of the desk's levels, by the version that was valid when each turn began; on tickets that have clocks."""

    terms: Sequence[Term]
    clocked: frozenset[int]

    def turns(self, story: Story, told: Steps, *, providers: Mapping[int, int], now: int) -> list[Turn]:
        if not (story.live or story.ticket in self.clocked):
            return []
        return [one.turn for one in judged(story, self.terms, providers=providers, now=now)]


def kept(described: Described, spec: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """A checked level as a judging keeps it, with the version of its calendar that holds at `at`. Raises BadEntry."""
    code = str(described.calendar_code)
    calendar = WorkingCalendar.objects.filter(code=code).first()
    version = None if calendar is None else of(calendar, at)
    if version is None:
        raise BadEntry("calendar", code, "It has no hours on the last of these days. Choose another, or later days.")
    return {"level": described.level.code, "spec": dict(spec), "calendar": version.pk}


def kept_of_their_day(code: str) -> dict[str, Any]:
    """The desk's level as it was each day. Raises BadEntry where there is none of this code."""
    if not ServiceLevel.objects.filter(code=code).exists():
        raise BadEntry("beside", code, "There is no service level of this short name.")
    return {"level": code, "day": True}


def read(said: Mapping[str, Any], codes: Codes, tickets: Collection[int]) -> Rule:
    """The rule that a judging keeps, for these tickets. Raises BadLevel where something that it names is gone."""
    if said.get("day"):
        level = ServiceLevel.objects.filter(code=said["level"]).values_list("pk", flat=True).first()
        clocked = Clock.objects.filter(ticket__in=tickets, level=level).values_list("ticket", flat=True)
        return OfTheirDay([term for term in versions.current() if term.level == level], frozenset(clocked))
    return Fixed(described_from(said["spec"], codes).level, calendar_of(said["calendar"]))
