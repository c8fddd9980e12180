"""By when, in a queue's row: how much time is left, its mark, and the part of the queue that it belongs to."""

from datetime import timedelta
from enum import IntEnum
from typing import Final, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from helmdesk.foundation.time import from_us, to_us
from helmdesk.service_levels import dues
from helmdesk.web.phrases import gettext as _
from helmdesk.web.times import machine, span, when

HOUR: Final = 3600 * 1_000_000
NEAR: Final = 4 * HOUR
"""Within so much the time left is said, beyond it the time of day."""


class Part(IntEnum):
    """The parts of a queue, in order."""

    LATE = 1
    HOUR = 2
    TODAY = 3
    LATER = 4
    PAUSED = 5
    NOTHING = 6


PARTS: Final[dict[Part, str | Promise]] = {
    Part.LATE: gettext_lazy("Late"),
    Part.HOUR: gettext_lazy("Within the hour"),
    Part.TODAY: gettext_lazy("Today"),
    Part.LATER: gettext_lazy("Tomorrow and later"),
    Part.PAUSED: gettext_lazy("Paused: the clock stands still while we wait"),
    Part.NOTHING: gettext_lazy("Nothing promised"),
}


class Due(NamedTuple):
    """By when: its part of the queue, its look, its mark and its words, and the instant for machines."""

    part: Part
    css: str
    mark: str
    words: str
    exact: str


def due(next_one: dues.Due | None, *, touched: int, present: int, midnight: int) -> Due:
    """Of the nearest clock that concerns the viewer; where nothing is promised, since when nothing was done."""
    if next_one is None or (next_one.at is None and not next_one.paused):
        passed = _("untouched %(span)s") % {"span": span((present - touched) / 1_000_000)}
        return Due(Part.NOTHING, "paused", "", passed, machine(touched))
    elif next_one.at is None:
        return Due(Part.PAUSED, "paused", "paused", _("paused"), machine(touched))
    left = next_one.at - present
    exact = machine(next_one.at)
    if left <= 0:
        return Due(Part.LATE, "late", "late", _("%(span)s late") % {"span": span(-left / 1_000_000)}, exact)
    elif left < HOUR:
        return Due(Part.HOUR, "soon", "soon", span(left / 1_000_000), exact)
    words = span(left / 1_000_000) if left < NEAR else when(next_one.at, from_us(present))
    return Due(Part.TODAY if next_one.at < midnight else Part.LATER, "", "open", words, exact)


def midnight_after(present: int) -> int:
    """When the reader's day ends."""
    here = timezone.localtime(from_us(present))
    return to_us((here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0))
