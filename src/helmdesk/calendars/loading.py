"""The compiled calendar of a version, kept by each process: versions never change."""

from typing import Final

from django.db import transaction

from helmdesk.calendars.models import CalendarVersion
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from

MOST: Final = 512
_by_digest: dict[str, Calendar] = {}
_digest_of: dict[int, str] = {}
_fresh: set[int] = set()


def calendar(version_id: int) -> Calendar:
    """The calendar of a version, compiled once a process. Raises CalendarVersion.DoesNotExist."""
    known = _by_digest.get(_digest_of.get(version_id, ""))
    return known or _read(CalendarVersion.objects.only("digest", "spec").get(pk=version_id))


def compiled(version: CalendarVersion) -> Calendar:
    """As `calendar`, for a version that has been read already."""
    known = _by_digest.get(version.digest)
    return known or _read(version)


def not_yet_certain(version_id: int) -> None:
    """A version just written: its id may be given to another if this transaction is undone, so it is not remembered."""
    _fresh.add(version_id)
    _digest_of.pop(version_id, None)
    transaction.on_commit(lambda: _fresh.discard(version_id))


def certain(version_id: int) -> bool:
    """Whether a version is there for good, as far as this process can tell."""
    return version_id not in _fresh


def _read(version: CalendarVersion) -> Calendar:
    if len(_by_digest) >= MOST:
        _by_digest.clear()
        _digest_of.clear()
    if version.pk not in _fresh:
        _digest_of[version.pk] = version.digest
    return _by_digest.setdefault(version.digest, calendar_from(version.spec))
