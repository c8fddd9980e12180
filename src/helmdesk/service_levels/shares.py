"""When an open clock comes to the shares of its target at which somebody is told, and to its end."""

from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

from helmdesk.service_levels.models import BREACH
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.horizon import NeverOpen

THOUSANDTHS: Final = 1000


class Running(Protocol):
    """What of a clock tells when it comes where; µs."""

    @property
    def used(self) -> int: ...
    @property
    def target(self) -> int: ...
    @property
    def since(self) -> int | None: ...
    @property
    def due(self) -> int | None: ...


class Mark(NamedTuple):
    """A share of the target, in thousandths (1000: all of it), and when it is used up if nothing interrupts."""

    share: int
    at: int


def marks(clock: Running, warn_at: Iterable[float], calendar: Calendar) -> list[Mark]:
    """In order; a warning that has come already is there as of the clock's `since`. None while nothing is counted."""
    warnings = [] if clock.since is None else [_mark(clock, clock.since, share, calendar) for share in sorted(warn_at)]
    end = [] if clock.due is None else [Mark(BREACH, clock.due)]
    return [mark for mark in warnings if mark is not None] + end


def _mark(clock: Running, since: int, share: float, calendar: Calendar) -> Mark | None:
    left = round(clock.target * share) - clock.used
    try:
        return Mark(round(share * THOUSANDTHS), calendar.add(since, max(left, 0)))
    except NeverOpen:
        return None


def reached(coming: Iterable[Mark], at: int) -> Mark | None:
    """The greatest share that has passed: it makes those before it old news."""
    return max((mark for mark in coming if mark.at <= at), default=None)


def next_after(coming: Iterable[Mark], warned: int) -> int | None:
    """When the first share beyond `warned` comes."""
    return next((mark.at for mark in coming if mark.share > warned), None)
