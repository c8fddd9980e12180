"""The one way to promise something else: the next version of a level, or its end."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from helmdesk.calendars.models import BEGINNING, WorkingCalendar
from helmdesk.clocks.levels import Described
from helmdesk.clocks.reading import described_from
from helmdesk.foundation.announce import announce
from helmdesk.foundation.entries import checked_code, checked_words
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing
from helmdesk.service_levels.codes import Codes
from helmdesk.service_levels.facts import LevelPublished
from helmdesk.service_levels.models import LevelVersion, ServiceLevel
from helmdesk.service_levels.versions import not_yet_certain, version_of

FURTHEST: Final = datetime(2100, 12, 31, tzinfo=UTC)
ENDED: Final[dict[str, Any]] = {}


def publish_level(
    spec: Mapping[str, Any], *, valid_from: datetime | None = None, by: Stamp, at: datetime
) -> LevelVersion:
    """What is promised from `valid_from` on, now where nothing is said; the version in force where it says just that.

    A version for the past is allowed, and traced: what began since then is judged anew. Raises
    `clocks.reading.BadLevel` with every fault of the spec, or BadEntry.
    """
    plain = plainly(spec)
    if valid_from is not None and not BEGINNING <= valid_from <= FURTHEST:
        raise BadEntry("valid_from", valid_from.date().isoformat(), "Give a day from 1970 to 2100.")
    described = checked(plain)
    with changing(by=by, at=at) as change:
        starts = valid_from or change.at
        calendar = WorkingCalendar.objects.get(code=described.calendar_code)
        level = ServiceLevel.objects.filter(code=plain["code"]).first()
        known = level and version_of(level.pk, starts)
        if level and known and known.spec == plain and level.active:
            return known
        level = level or ServiceLevel.objects.create(code=plain["code"])
        version = _written(level, plain, starts, change.at, calendar=calendar, by=by)
        what = {"calendar": calendar.pk, "digest": version.digest, "binds": described.level.binds.value}
        change.record("level.published", {**_named(version), **what})
        _announce(version)
    return version


def end_level(level: int, *, valid_from: datetime | None = None, by: Stamp, at: datetime) -> LevelVersion:
    """Nothing is promised from `valid_from` on: turns that began before go on, no other begins."""
    with changing(by=by, at=at) as change:
        row = ServiceLevel.objects.filter(pk=level).first()
        if row is None or not row.active:
            raise BadEntry("level", level, "There is no such level, or it ended already.")
        version = _written(row, ENDED, valid_from or change.at, change.at, calendar=None, by=by)
        change.record("level.ended", _named(version))
        _announce(version)
    return version


def checked(spec: Mapping[str, Any]) -> Described:
    """The spec as it would be used, or every reason why not."""
    described = described_from(dict(spec), Codes())
    checked_code(described.level.code, longest=60)
    checked_words(described.name)
    there = WorkingCalendar.objects.filter(active=True, versions__isnull=False).distinct()
    if not there.filter(code=described.calendar_code).exists():
        known = ", ".join(there.order_by("code").values_list("code", flat=True))
        raise BadEntry(
            "calendar", described.calendar_code, f"There is: {known}." if known else "Set a calendar up first."
        )
    return described


def plainly(value: Any) -> Any:
    """A spec as JSON has it: amounts of a TOML file as numbers, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): plainly(one) for key, one in value.items()}
    elif isinstance(value, list | tuple):
        return [plainly(one) for one in value]
    elif isinstance(value, Decimal):
        return float(value)
    return value


def digest(spec: Mapping[str, Any]) -> str:
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def _written(
    level: ServiceLevel, spec: dict[str, Any], valid_from: datetime, recorded_at: datetime, *,
    calendar: WorkingCalendar | None, by: Stamp,
) -> LevelVersion:  # fmt: skip
    last = level.versions.order_by("-n").values_list("n", flat=True).first() or 0
    if level.active == (not spec):
        level.active = bool(spec)
        level.save(update_fields=["active"])
    version = LevelVersion.objects.create(
        level=level, n=last + 1, valid_from=valid_from, recorded_at=recorded_at, spec=spec, digest=digest(spec),
        calendar=calendar, person=by.person,
    )  # fmt: skip
    not_yet_certain(version.pk)
    return version


def _named(version: LevelVersion) -> dict[str, Any]:
    return {
        "level": version.level_id, "code": version.level.code, "version": version.n,
        "valid_from": to_us(version.valid_from),
    }  # fmt: skip


def _announce(version: LevelVersion) -> None:
    announce(LevelPublished(version.level_id, version.n, to_us(version.valid_from)))
