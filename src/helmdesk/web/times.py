"""Times in words: how long ago, by when, for how long; in the reader's language and zone."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

from helmdesk.foundation.time import from_us, now
from helmdesk.web.phrases import gettext as _

Instant = datetime | int
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK: Final = 7


def ago(at: Instant, to: datetime | None = None) -> str:
    """How far an instant is from now: "just now", "5 min ago", "in 2 h", and the date when that says more."""
    then, present = aware(at), to or now()
    distance = abs(present - then)
    if distance < MINUTE:
        return _("just now")
    elif distance < 20 * HOUR:
        words = _("%(span)s ago") if then < present else _("in %(span)s")
        return words % {"span": span(distance)}
    else:
        return when(then, present)


def when(at: Instant, to: datetime | None = None) -> str:
    """An instant as people say it: "13:42", "tomorrow 09:00", "Thu 13:42", "19 November", "19 November 2025"."""
    then, today = timezone.localtime(aware(at)), timezone.localtime(to or now()).date()
    days = (then.date() - today).days
    if abs(days) >= WEEK:
        return date_format(then, "j F" if then.year == today.year else "j F Y")
    clock = f"{then:%H:%M}"
    if days == 0:
        return clock
    elif days == 1:
        return _("tomorrow %(time)s") % {"time": clock}
    elif days == -1:
        return _("yesterday %(time)s") % {"time": clock}
    else:
        return f"{date_format(then, 'D')} {clock}"


def exact(at: Instant) -> str:
    """Everything about an instant: "Thursday 19 November 2026, 13:42:07 CET (UTC+01:00)"."""
    then = timezone.localtime(aware(at))
    return f"{date_format(then, 'l j F Y, H:i:s')} {then.tzname()} (UTC{then.isoformat()[-6:]})"


def machine(at: Instant) -> str:
    """For the `datetime` of a `<time>`."""
    return aware(at).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def span(length: timedelta | int | float) -> str:
    """A duration (or seconds) in two steps at most: "12 min", "1 h 20", "3 days"."""
    whole = length if isinstance(length, timedelta) else timedelta(seconds=length)
    minutes = int(whole / MINUTE)
    if minutes < 1:
        return _("under 1 min")
    elif minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    elif whole < DAY:
        hours, rest = divmod(minutes, 60)
        return _("%(n)d h") % {"n": hours} + (f" {rest:02}" if rest else "")
    else:
        return ngettext("%(n)d day", "%(n)d days", whole.days) % {"n": whole.days}


def aware(at: Instant) -> datetime:
    """Ledger rows carry microseconds."""
    return from_us(at) if isinstance(at, int) else at


def hours(us: int) -> str:
    """Time that counts, never in days, since a working day has no one length: "45 s", "12 min", "153 h 30"."""
    seconds = us // 1_000_000
    if seconds < 60:
        return _("%(n)d s") % {"n": seconds}
    minutes = seconds // 60
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    whole, rest = divmod(minutes, 60)
    return _("%(n)d h") % {"n": whole} + (f" {rest:02}" if rest else "")


def to_the_second(us: int) -> str:
    """For a table that adds up: "0:00:45", "1:30:00", "153:30:00"; less than a second is told in thousandths."""
    seconds, rest = divmod(abs(us), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    told = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}" + (f".{rest // 1000:03}" if rest else "")
    return f"−{told}" if us < 0 else told
