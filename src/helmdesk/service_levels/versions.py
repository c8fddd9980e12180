"""Which version of a level, and of its calendar, holds for what begins at an instant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, pairwise
from typing import Final

from django.db import connection, transaction
from django.db.models import Q

from helmdesk.calendars.loading import certain, compiled
from helmdesk.calendars.models import CalendarVersion
from helmdesk.clocks.levels import Described, Level
from helmdesk.clocks.reading import described_from
from helmdesk.clocks.ticket import Version
from helmdesk.foundation.statements import first
from helmdesk.foundation.time import to_us
from helmdesk.service_levels.codes import Codes
from helmdesk.service_levels.models import LevelVersion
from helmdesk.worktime.calendar import Calendar

FOREVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch for which one version of a level and one of its calendar hold: what begins within it goes by them.

    `since` to before `until` are µs; `walked` is the same as `clocks` takes it.
    """

    level: int
    version: int
    calendar_version: int
    since: int
    until: int
    described: Described
    calendar: Calendar
    walked: Version

    @property
    def read(self) -> Level:
        return self.described.level


@dataclass(frozen=True, slots=True)
class Stretch:
    """For how long one version of a calendar holds: from `since` to before `until` (µs)."""

    since: int
    until: int
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Known:
    """Every level's terms, and every calendar's stretches by its id, in order of time."""

    terms: tuple[Term, ...] = ()
    calendars: Mapping[int, Sequence[Stretch]] = field(default_factory=dict)


def version_of(level: int, day: datetime, *, as_of: datetime | None = None) -> LevelVersion | None:
    """The version valid at `day` as known at `as_of`: the one that began last, of several the one recorded last."""
    known = LevelVersion.objects.filter(level=level, valid_from__lte=day)
    if as_of is not None:
        known = known.filter(recorded_at__lte=as_of)
    return known.order_by("-valid_from", "-recorded_at", "-n").first()


def terms(*, as_of: datetime | None = None) -> tuple[Term, ...]:
    """Every level's terms as they are known now, or were at `as_of`, level by level and in order of time."""
    as_known = Q() if as_of is None else Q(recorded_at__lte=as_of)
    return tuple(_terms(as_known, _of_calendars(as_known)))


def current() -> tuple[Term, ...]:
    """As `terms()`, kept by each process until a version of a level or a calendar is added."""
    return known().terms


def known(*, as_of: datetime | None = None) -> Known:
    """Terms and calendars as they are now, kept by each process in the same way; or as they were known at `as_of`."""
    if as_of is not None:
        return _known(Q(recorded_at__lte=as_of))
    return known_by(*(first(f"SELECT {LAST}") or (None, None)))


def known_by(level: int | None, calendar: int | None) -> Known:
    """As `known()`, for who has read in a statement of their own which versions are the `LAST`."""
    if calendar is None:
        return Known()
    edition = (str(connection.settings_dict["NAME"]), level, calendar)
    found = _kept.get(edition)
    if found is None:
        found = _known(Q())
        if level not in _uncertain and certain(calendar):
            _kept.clear()
            _kept[edition] = found
    return found


def not_yet_certain(version: int) -> None:
    """A version just written: its id may go to another if this transaction is undone, so it is not remembered."""
    _uncertain.add(version)
    transaction.on_commit(lambda: _uncertain.discard(version))


type _Edition = tuple[str, int | None, int | None]
"""The last versions that there are, in which database."""

_kept: dict[_Edition, Known] = {}
_uncertain: set[int] = set()
LAST: Final = "(SELECT MAX(id) FROM helmdesk_levelversion), (SELECT MAX(id) FROM helmdesk_calendarversion)"
"""Two columns of any statement."""


_ORDER: Final = ("valid_from", "recorded_at", "n")


def _known(which: Q) -> Known:
    calendars = _of_calendars(which)
    return Known(tuple(_terms(which, calendars)), {pk: _compiled(some) for pk, some in calendars.items()})


def _of_calendars(which: Q) -> dict[int, list[CalendarVersion]]:
    rows = CalendarVersion.objects.filter(which).order_by("calendar", *_ORDER)
    return {pk: list(some) for pk, some in groupby(rows, key=lambda one: one.calendar_id)}


def _compiled(versions: Sequence[CalendarVersion]) -> list[Stretch]:
    return [Stretch(since, until, compiled(version)) for version, since, until in stretches(versions)]


def _terms(which: Q, calendars: Mapping[int, Sequence[CalendarVersion]]) -> Iterator[Term]:
    versions = list(LevelVersion.objects.filter(which).order_by("level", *_ORDER))
    codes = Codes()
    for level, some in groupby(versions, key=lambda one: one.level_id):
        for version, since, until in stretches(list(some)):
            if not version.ended:
                described = described_from(version.spec, codes)
                for calendar, begins, ends in stretches(calendars.get(version.calendar_id or 0, ())):
                    since_then, until_then = max(since, begins), min(until, ends)
                    if since_then < until_then:
                        hours = compiled(calendar)
                        walked = Version(described.level, hours, since_then, until_then)
                        yield Term(level, version.pk, calendar.pk, since_then, until_then, described, hours, walked)


def stretches[V: LevelVersion | CalendarVersion](versions: Sequence[V]) -> Iterator[tuple[V, int, int]]:
    """Each version that ever holds, with when its stretch begins and ends; given in order of time."""
    last = {to_us(one.valid_from): one for one in versions}
    starts = [*last, FOREVER]
    for since, until in pairwise(starts):
        yield last[since], since, until
