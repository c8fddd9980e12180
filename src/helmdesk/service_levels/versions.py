"""Which version of a level, and of its calendar, holds for what begins at an instant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Final

from django.db import connection, transaction
from django.db.models import Q

from helmdesk.calendars.loading import compiled
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


def version_of(level: int, day: datetime, *, as_of: datetime | None = None) -> LevelVersion | None:
    """The version valid at `day` as known at `as_of`: the one that began last, of several the one recorded last."""
    known = LevelVersion.objects.filter(level=level, valid_from__lte=day)
    if as_of is not None:
        known = known.filter(recorded_at__lte=as_of)
    return known.order_by("-valid_from", "-recorded_at", "-n").first()


def terms(*, as_of: datetime | None = None) -> tuple[Term, ...]:
    """Every level's terms as they are known now, or were at `as_of`, level by level and in order of time."""
    return tuple(_terms(as_of))


def current() -> tuple[Term, ...]:
    """As `terms()`, kept by each process until a version of a level or a calendar is added."""
    edition = _edition()
    if edition[1] is None:
        return ()
    found = _kept.get(edition)
    if found is None:
        found = terms()
        if edition[1] not in _uncertain:
            _kept.clear()
            _kept[edition] = found
    return found


def not_yet_certain(version: int) -> None:
    """A version just written: its id may go to another if this transaction is undone, so it is not remembered."""
    _uncertain.add(version)
    transaction.on_commit(lambda: _uncertain.discard(version))


type _Edition = tuple[str, int | None, int | None]
_kept: dict[_Edition, tuple[Term, ...]] = {}
_uncertain: set[int] = set()
_LAST: Final = "SELECT (SELECT MAX(id) FROM helmdesk_levelversion), (SELECT MAX(id) FROM helmdesk_calendarversion)"


def _edition() -> _Edition:
    """The last versions that there are, in which database."""
    level, calendar = first(_LAST) or (None, None)
    return str(connection.settings_dict["NAME"]), level, calendar


def _terms(as_of: datetime | None) -> Iterator[Term]:
    known = Q() if as_of is None else Q(recorded_at__lte=as_of)
    order = ("valid_from", "recorded_at", "n")
    versions = list(LevelVersion.objects.filter(known).order_by("level", *order))
    calendars = {
        pk: list(some)
        for pk, some in groupby(
            CalendarVersion.objects.filter(known).order_by("calendar", *order), key=lambda one: one.calendar_id
        )
    }
    codes = Codes()
    for level, some in groupby(versions, key=lambda one: one.level_id):
        for version, since, until in stretches(list(some)):
            if not version.ended:
                described = described_from(version.spec, codes)
                for calendar, begins, ends in stretches(calendars.get(version.calendar_id, [])):
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
