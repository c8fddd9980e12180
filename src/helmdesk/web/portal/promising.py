"""By when, as whoever asked for help reads it: in plain words, and nothing of who owes what to whom."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from helmdesk.clocks.levels import Metric
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.time import from_us
from helmdesk.service_levels.reading import Reading
from helmdesk.web.phrases import gettext as _
from helmdesk.web.times import when

SOONEST: Final = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE, Metric.OWN)
"""What is an answer or news, and not the end of it."""


def by_when(readings: Iterable[Reading], *, at: datetime) -> str:
    """What is due to them next; where something is late, that is said, with the next time that still stands."""
    going = [one for one in readings if one.open]
    late = [one for one in going if one.verdict == Verdict.LATE]
    coming = sorted((one for one in going if one.due_at is not None and one.due_at > at), key=_due)
    if late:
        new = coming[0].due_at if coming else None
        return _late(late, when(new, at) if new else "")
    return _by(coming[0], at) if coming else ""


def _due(one: Reading) -> datetime:
    return one.due_at or from_us(0)


def _by(one: Reading, at: datetime) -> str:
    words = {"when": when(_due(one), at)}
    if one.metric in (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE):
        return _("We will answer by %(when)s") % words
    elif one.metric == Metric.UPDATE:
        return _("You hear from us again by %(when)s") % words
    elif one.metric == Metric.OWN:
        return _("Somebody takes it by %(when)s") % words
    return _("It will be done by %(when)s") % words


def _late(late: Iterable[Reading], new: str) -> str:
    answer = all(one.metric in SOONEST for one in late)
    if new and answer:
        return _("We are late with our answer; new time: %(when)s") % {"when": new}
    elif new:
        return _("We are late with this; new time: %(when)s") % {"when": new}
    return _("We are late with our answer") if answer else _("We are late with this")
