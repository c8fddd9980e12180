"""Foreign dates to instants: named formats, a named zone, and one stated rule for hours that repeat or are missing.

An hour that the clocks repeat is taken at its first occurrence, unless that lies before the row before it
(`not_before`): then at its second. An hour that they skip is counted on from the hour before (02:30 becomes 03:30).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  a local reading has no zone yet
MICROSECOND: Final = timedelta(microseconds=1)
EARLIEST: Final = 0
LATEST: Final = (datetime(2200, 1, 1) - EPOCH) // MICROSECOND  # noqa: DTZ001
LONGEST: Final = 64
REMEMBERED: Final = 65_536
ISO: Final = "iso"
EPOCH_SECONDS: Final = "epoch"


class BadInstant(ValueError):
    """A text that is no instant in any of the named formats."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(f"{reason}; {cure}")
        self.reason = reason
        self.cure = cure


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of this name. Raises BadInstant."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInstant(f"{name!r} is no time zone", 'give an IANA name such as "America/Sao_Paulo"') from None


class Instants:
    """Reads texts as microseconds UTC.

    `formats`: "iso" (ISO 8601), "epoch" (seconds since 1970) or strptime directives such as "%d/%m/%Y %H:%M", tried in
    order; day-first or month-first is never guessed. `zone` is for texts without an offset of their own.
    """

    def __init__(self, formats: Sequence[str], zone: tzinfo | None) -> None:
        self.formats = tuple(formats)
        self.zone = zone
        self._known: dict[str, tuple[int, int]] = {}

    def read(self, text: str, *, not_before: int | None = None) -> int:
        """The instant that the text names. Raises BadInstant."""
        known = self._known.get(text)
        if known is None:
            if len(text) > LONGEST:
                raise BadInstant(f"longer than {LONGEST} characters", _cure(text[:LONGEST]))
            known = self._both(text)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[text] = known
        first, second = known
        return second if not_before is not None and first < not_before <= second else first

    def _both(self, text: str) -> tuple[int, int]:
        """The first and second instant that the text can mean; the same twice but for a repeated hour."""
        for form in self.formats:
            local = _parsed(text, form)
            if local is not None:
                break
        else:
            raise BadInstant(f"no date as {self._shown()}", _cure(text))
        try:
            first, second = self._in_utc(local)
        except OverflowError:
            first = second = LATEST
        if not EARLIEST <= first < LATEST:
            raise BadInstant("not between the years 1970 and 2200", "correct the date")
        return first, second

    def _in_utc(self, local: datetime) -> tuple[int, int]:
        if local.tzinfo is not None:
            whole = (local.astimezone(UTC).replace(tzinfo=None) - EPOCH) // MICROSECOND
            return whole, whole
        elif self.zone is None:
            raise BadInstant(
                "neither the text nor the mapping says in which time zone", 'name it: zone = "Europe/Berlin"'
            )
        naive = (local - EPOCH) // MICROSECOND
        early = local.replace(tzinfo=self.zone, fold=0).utcoffset()
        late = local.replace(tzinfo=self.zone, fold=1).utcoffset()
        assert early is not None
        assert late is not None
        first = naive - early // MICROSECOND
        return first, (naive - late // MICROSECOND if late < early else first)

    def _shown(self) -> str:
        return " or ".join(self.formats)


def _parsed(text: str, form: str) -> datetime | None:
    try:
        if form == "%d/%m/%Y %H:%M":
            return _day_first(text)
        elif form == ISO:
            return datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text)
        elif form == EPOCH_SECONDS:
            return datetime.fromtimestamp(float(text), UTC)
        else:
            return datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
    except (ValueError, OverflowError, OSError):
        return None


def _day_first(text: str) -> datetime:
    """As strptime with "%d/%m/%Y %H:%M", ten times as fast."""
    date, _, clock = text.partition(" ")
    day, month, year = date.split("/")
    hour, minute = clock.split(":")
    if not (text.isascii() and len(year) == 4):
        raise ValueError(text)
    return datetime(int(year), int(month), int(day), int(hour), int(minute))  # noqa: DTZ001


def _cure(text: str) -> str:
    if "/" in text or "." in text:
        return 'name the order of day and month: dates = "%d/%m/%Y %H:%M" or "%m/%d/%Y %H:%M"'
    else:
        return 'name the format: dates = "iso" or directives such as "%Y-%m-%d %H:%M:%S"'
