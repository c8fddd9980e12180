"""What is asked of the figures: which days, which tickets, split by what, as known when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Hat

type By = Literal[
    "all", "provider", "team", "service", "site", "category", "priority", "department", "person", "month"
]  # fmt: skip
BY: Final[tuple[By, ...]] = (
    "all", "provider", "team", "service", "site", "category", "priority", "department", "person", "month",
)  # fmt: skip
NARROW: Final = ("provider", "team", "service", "site", "category", "priority", "department")
MONTHS: Final = 3
FIRST_DAY: Final = date(1990, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """From the beginning of day `first` to the end of day `last`, in `zone`; `start` to before `end` in µs.

    `only` narrows: a dimension and the id that its tickets must have (0: none). `as_of` (µs): as it was recorded then.
    """

    first: date
    last: date
    zone: tzinfo
    now: int
    by: By = "all"
    only: tuple[tuple[str, int], ...] = field(default=())
    as_of: int | None = None

    @property
    def start(self) -> int:
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> int:
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def known(self) -> int:
        """The last instant that anything is known of: now, or `as_of`."""
        return self.now if self.as_of is None else min(self.now, self.as_of)

    @property
    def until(self) -> int:
        """Where the period ends as far as it is known."""
        return min(self.end, self.known)

    def asked_only(self, dimension: str) -> int | None:
        return dict(self.only).get(dimension)

    def with_only(self, **given: int | None) -> "Question":
        kept = {**dict(self.only), **given}
        return replace(self, only=tuple(sorted((name, pk) for name, pk in kept.items() if pk is not None)))

    def bounded(self, viewer: Viewer) -> "Question":
        """What a viewer may ask: a guest of their own provider only."""
        if viewer.hat == Hat.MEMBER and not viewer.internal:
            return self.with_only(provider=viewer.provider)
        return self


def asked(given: Mapping[str, str], *, at: datetime, zone: tzinfo) -> Question:
    """The question that words put: `from`, `to` (days, both included), `by`, `as_of`, and ids to narrow by.

    Without days the last three months to today. Raises BadEntry with the field, the value and the cure.
    """
    today = at.astimezone(zone).date()
    last = _day(given, "to") or today
    first = _day(given, "from") or months_before(last, MONTHS)
    if first > last:
        raise BadEntry("from", first.isoformat(), f"It is after the last day, {last.isoformat()}. Give an earlier one.")
    return Question(
        first=first, last=last, zone=zone, now=to_us(at), by=_by(given), as_of=_as_of(given, zone), only=_only(given)
    )


def months_before(day: date, months: int) -> date:
    """The day after the same day of the month, so many months before: three months to 31 May begin on 1 March."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    longest = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, longest)) + timedelta(days=1)


def _midnight(day: date, zone: tzinfo) -> int:
    return to_us(datetime.combine(day, time(), zone))


def _day(given: Mapping[str, str], name: str) -> date | None:
    words = given.get(name, "").strip()
    if not words:
        return None
    try:
        day = date.fromisoformat(words)
    except ValueError:
        raise BadEntry(name, words, "Give a day as 2026-03-01.") from None
    if not FIRST_DAY <= day <= date(2200, 1, 1):
        raise BadEntry(name, words, "Give a day from 1990 on.")
    return day


def _as_of(given: Mapping[str, str], zone: tzinfo) -> int | None:
    """A day (to its end) or an instant."""
    words = given.get("as_of", "").strip()
    if not words:
        return None
    if len(words) == len("2026-03-01"):
        day = _day(given, "as_of")
        assert day is not None
        return _midnight(day + timedelta(days=1), zone)
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        raise BadEntry("as_of", words, "Give a day as 2026-03-01, or an instant as 2026-03-01T12:00Z.") from None
    return to_us(at if at.tzinfo else at.replace(tzinfo=zone))


def _by(given: Mapping[str, str]) -> By:
    words = given.get("by", "").strip() or "all"
    if words not in BY:
        raise BadEntry("by", words, f"One of: {', '.join(BY)}.")
    return words


def _only(given: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    found = []
    for name in NARROW:
        words = given.get(name, "").strip()
        if words:
            if not (words.isascii() and words.isdecimal() and len(words) <= 18):
                raise BadEntry(name, words, "Give its number.")
            found.append((name, int(words)))
    return tuple(sorted(found))
