"""What figures are called, and how their values are said. A test holds FIGURES to `measures.figures`."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from helmdesk.inference.proportions import Interval
from helmdesk.measures.figures import Figure
from helmdesk.web.times import span

SECOND: Final = 1_000_000
type Words = str | Promise

FIGURES: Final[dict[str, tuple[Words, Words]]] = {
    "opened": (gettext_lazy("New"), gettext_lazy("tickets opened in these days")),
    "resolved": (gettext_lazy("Solved"), gettext_lazy("tickets solved in these days, and not opened again since")),
    "withdrawn": (gettext_lazy("Withdrawn"), gettext_lazy("of those closed, taken back by the one who asked")),
    "first_response": (gettext_lazy("First answer"), gettext_lazy("from opening to the first human answer, all hours")),
    "restore_gross": (gettext_lazy("Until solved"), gettext_lazy("from opening to solved, all hours")),
    "restore_net": (
        gettext_lazy("Until solved, ours"), gettext_lazy("the same, without waiting for the person or another company")
    ),
    "fcr": (
        gettext_lazy("Solved at first contact"),
        gettext_lazy("by the first team, asked once, and neither it nor its like came back within 7 days"),
    ),
    "contained": (gettext_lazy("Kept by the first team"), gettext_lazy("solved without passing on or asking others")),
    "reopened": (gettext_lazy("Opened again"), gettext_lazy("within 7 days of being solved")),
    "repeated": (gettext_lazy("Came again"), gettext_lazy("a duplicate was opened within 30 days")),
    "moves": (gettext_lazy("Passed on"), gettext_lazy("times a ticket, of those solved")),
    "ping_pong": (gettext_lazy("Back and forth"), gettext_lazy("came back to a team that had it before")),
    "backlog": (gettext_lazy("Open"), gettext_lazy("at the end of these days")),
    "backlog_age": (gettext_lazy("Age of what is open"), gettext_lazy("at the end of these days")),
}  # fmt: skip
BY: Final[dict[str, Words]] = {
    "provider": gettext_lazy("provider"),
    "team": gettext_lazy("team"),
    "service": gettext_lazy("service"),
    "site": pgettext_lazy("of a company", "site"),
    "category": gettext_lazy("category"),
    "priority": gettext_lazy("priority"),
    "department": gettext_lazy("department"),
    "person": gettext_lazy("person"),
    "month": gettext_lazy("month"),
    "all": gettext_lazy("nothing"),
}
HOLDERS: Final[dict[str, Words]] = {
    "requester": gettext_lazy("The person who asked"),
    "third": gettext_lazy("Other companies"),
    "unknown": gettext_lazy("Nobody knows"),
}


def said(figure: Figure) -> str:
    """A figure in few words: "83 %", "4 of 17", "1 h 20", "7 tickets", "0.63"."""
    if figure.n == 0:
        return "0" if figure.unit == "count" else "–"
    elif figure.unit == "count":
        return f"{figure.n:,}"
    elif figure.unit == "share":
        return _("%(met)d of %(n)d") % {"met": figure.met or 0, "n": figure.n} if figure.few else percent(figure.value)
    elif figure.unit == "rate":
        return f"{figure.value:.2f}"
    return listed(figure.values) if figure.few else lasted(figure.value)


def likely(figure: Figure) -> str:
    """The interval behind a figure: "likely 77 to 88 %"; nothing where there is none."""
    interval = figure.interval
    if interval is None or figure.few or not figure.n:
        return ""
    elif figure.unit == "share":
        return between(interval)
    elif figure.unit == "rate":
        return _("likely %(low)s to %(high)s") % {"low": f"{interval.low:.2f}", "high": f"{interval.high:.2f}"}
    return _("likely %(low)s to %(high)s") % {"low": lasted(interval.low), "high": lasted(interval.high)}


def between(interval: Interval) -> str:
    digits = 1 if interval.high < 0.05 else 0
    low, high = (f"{end * 100:.{digits}f}" for end in (interval.low, interval.high))
    return _("likely %(low)s to %(high)s %%") % {"low": low, "high": high}


def listed(values: tuple[int, ...]) -> str:
    """A few durations: from the shortest to the longest, and how many."""
    if len(values) == 1:
        return lasted(values[0])
    words = {"low": lasted(values[0]), "high": lasted(values[-1]), "n": len(values)}
    return ngettext("%(low)s to %(high)s (%(n)d)", "%(low)s to %(high)s (%(n)d)", len(values)) % words


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.0f} %"


def lasted(us: float | None) -> str:
    """A duration to about two figures: "54 min", "1 h 48", "28 h", "3.4 days", "16 days"."""
    if us is None:
        return "–"
    hours = us / SECOND / 3600
    if hours < 10:
        return span(us / SECOND)
    elif hours < 47.5:
        return _("%(n)d h") % {"n": round(hours)}
    days = hours / 24
    return _("%(n)s days") % {"n": f"{days:.1f}".removesuffix(".0") if days < 9.95 else f"{days:.0f}"}
