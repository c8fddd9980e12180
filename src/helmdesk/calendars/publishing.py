"""The front doors of working calendars: one is added, called otherwise, and given hours, version by version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from helmdesk.calendars import loading, versions
from helmdesk.calendars.facts import CalendarPublished
from helmdesk.calendars.models import BEGINNING, CalendarVersion, WorkingCalendar
from helmdesk.calendars.writing import Draft, Since, Writing, drafted
from helmdesk.foundation.announce import announce
from helmdesk.foundation.entries import checked_code, checked_words
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger import texts
from helmdesk.ledger.chain import Stamp, canonical
from helmdesk.ledger.changing import Change, changing, existing, must_be_new, update
from helmdesk.ledger.models import Text
from helmdesk.worktime import zones

LONGEST_REASON: Final = 2000
FURTHEST_AHEAD: Final = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """What a calendar is called. One that is no longer in use stays for what was judged by it."""

    name: str | Mapping[str, str]
    active: bool = True

    def values(self) -> dict[str, Any]:
        return {"name": checked_words(self.name), "active": self.active}


def add_calendar(code: str, entry: CalendarEntry, *, by: Stamp, at: datetime) -> WorkingCalendar:
    with changing(by=by, at=at) as change:
        must_be_new(WorkingCalendar, checked_code(code, longest=60))
        row = WorkingCalendar.objects.create(code=code, **entry.values())
        change.record("calendar.added", {"calendar": row.pk, "code": code})
    return row


def change_calendar(calendar: int, entry: CalendarEntry, *, by: Stamp, at: datetime) -> WorkingCalendar:
    with changing(by=by, at=at) as change:
        row = existing(WorkingCalendar, calendar, field="calendar")
        if changed := update(row, entry.values()):
            change.record("calendar.changed", {"calendar": row.pk, "changed": changed, "active": row.active})
    return row


def publish(
    calendar: int, writing: Writing, *, valid_from: datetime | None = None, reason: str = "", by: Stamp, at: datetime
) -> CalendarVersion | None:
    """The calendar's next version; None where the one in force then says the same.

    It holds from `valid_from` (now, if not said; a first one from ever) until the next one begins. What is dated back
    needs a reason, for what was judged meanwhile is judged anew. Raises BadEntry.
    """
    with changing(by=by, at=at) as change:
        row = existing(WorkingCalendar, calendar, field="calendar")
        starts = begins(row, valid_from, at=change.at)
        draft = drafted(writing, Since(row, starts, change.at))
        before = versions.of(row, starts)
        if before is not None and says_the_same(before, draft):
            return None
        version = _written(row, draft, starts, _reason(row, starts, reason, change.at, by), by=by, at=change.at)
        _tell(version, change)
    return version


def begins(row: WorkingCalendar | None, valid_from: datetime | None, *, at: datetime) -> datetime:
    """From when on a version written now holds."""
    if valid_from is None:
        return at if row is not None and row.versions.exists() else BEGINNING
    if not BEGINNING <= valid_from <= at + FURTHEST_AHEAD:
        raise BadEntry("valid_from", valid_from.isoformat(), "Give a day from 1970 on, and at most ten years ahead.")
    return valid_from


def says_the_same(version: CalendarVersion, draft: Draft) -> bool:
    return (version.spec, version.written, version.named) == (draft.spec, draft.written, draft.named)


def dated_back(row: WorkingCalendar | None, valid_from: datetime, *, at: datetime) -> bool:
    """Whether a version from then on changes what has been judged already. A first one changes nothing."""
    return valid_from < at and row is not None and row.versions.exists()


def _reason(row: WorkingCalendar, valid_from: datetime, words: str, at: datetime, by: Stamp) -> Text | None:
    words = words.strip()
    if dated_back(row, valid_from, at=at) and not words:
        raise BadEntry("reason", "", "It begins in the past, and changes what was judged since. Say why.")
    if len(words) > LONGEST_REASON:
        raise BadEntry("reason", words, f"At most {LONGEST_REASON} characters.")
    return texts.write(texts.Draft(words, "reason", by.person)) if words else None


def _written(
    row: WorkingCalendar, draft: Draft, starts: datetime, reason: Text | None, *, by: Stamp, at: datetime
) -> CalendarVersion:
    last = row.versions.order_by("-n").values_list("n", flat=True).first() or 0
    version = CalendarVersion.objects.create(
        calendar=row,
        n=last + 1,
        valid_from=starts,
        recorded_at=at,
        spec=draft.spec,
        written=draft.written,
        named=draft.named,
        digest=sha256(canonical(draft.spec).encode()).hexdigest(),
        tzdata=zones.edition(),
        person=by.person,
        reason=reason,
    )
    loading.not_yet_certain(version.pk)
    return version


def _tell(version: CalendarVersion, change: Change) -> None:
    starts = to_us(version.valid_from)
    what = {
        "calendar": version.calendar_id,
        "version": version.pk,
        "n": version.n,
        "valid_from": starts,
        "digest": version.digest,
        "tzdata": version.tzdata,
        "reason": texts.commitment(version.reason) if version.reason else None,
    }
    change.record("calendar.published", what)
    announce(CalendarPublished(version.calendar_id, version.pk, starts))
