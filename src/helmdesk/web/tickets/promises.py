"""What was promised on a ticket, in words: by whom, by when, how much of its time is used, and how it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import ngettext

from helmdesk.clocks.levels import Binds, Metric
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.time import from_us, to_us
from helmdesk.service_levels.reading import Reading
from helmdesk.service_levels.versions import Term
from helmdesk.web.phrases import gettext as _
from helmdesk.web.templating import local
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.ribbon import Mark
from helmdesk.web.times import exact, hours, machine, span, when

SOON: Final = 3600 * 1_000_000
MOST_MARKS: Final = 12


@dataclass(frozen=True, slots=True)
class Promise:
    """One clock as the page tells it. Empty words are left out; `hue` is the party's where one owes it."""

    whose: str
    hue: int
    name: str
    css: str
    mark: str
    state: str
    by: str
    exact: str
    zoned: str
    note: str
    used: str
    gross: str
    explain: str
    due: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Promises:
    """The clocks of a ticket: those that are open or ended last, and earlier turns of the same levels."""

    shown: list[Promise]
    before: list[Promise]

    @property
    def heads(self) -> list[Promise]:
        """What goes to the head of the page: the nearest promise to the requester that is open."""
        going = [one for one in self.shown if one.open and not one.hue]
        return sorted(going, key=lambda one: (one.due is None, one.due or 0))[:1]

    @property
    def counted(self) -> str:
        n = len(self.before)
        return ngettext("%(n)d earlier one", "%(n)d earlier ones", n) % {"n": n}


@dataclass(frozen=True, slots=True)
class Scene:
    """Whom a page speaks to, of whose ticket, and when; `wait` is what the ticket waits for, as the viewer may know."""

    names: Names
    asker: str
    present: int
    wait: str | None
    terms: Sequence[Term]


def promises(readings: Iterable[Reading], scene: Scene) -> Promises:
    """The promise to the requester first, then what parties owe; of each level its last turn."""
    last: dict[int, Reading] = {}
    before: list[Reading] = []
    for one in readings:
        if one.level in last:
            before.append(last[one.level])
        last[one.level] = one
    return Promises([told(one, scene) for one in last.values()], [told(one, scene) for one in before])


def told(one: Reading, scene: Scene) -> Promise:
    css, mark = look(one, scene.present)
    due = None if one.due_at is None or one.verdict == Verdict.UNJUDGED else one.due_at
    used, gross = _used(one)
    return Promise(
        whose=whose(one, scene.names, scene.asker),
        hue=_party(one, scene.names),
        name=named(one),
        css=css,
        mark=mark,
        state=state(one, scene.present),
        by=_("by %(when)s") % {"when": when(due, from_us(scene.present))} if due else "",
        exact=machine(due) if due else "",
        zoned=exact(due) if due else "",
        note=_note(one, scene),
        used=used,
        gross=gross,
        explain=f"/tickets/{one.ticket}/clocks/{one.code}-{one.n}" if one.whole else "",
        due=to_us(due) if due else None,
        open=one.open,
    )


def _used(one: Reading) -> tuple[str, str]:
    """The time that counts, and all time passed; nothing where only the date is to be read."""
    if one.used is None or one.target is None or one.gross is None:
        return "", ""
    used = _("%(used)s of %(target)s") % {"used": hours(one.used), "target": hours(one.target)}
    return used, _("%(span)s have passed") % {"span": span(one.gross / 1_000_000)}


def whose(one: Reading, names: Names, asker: str) -> str:
    if one.binds == Binds.REQUESTER:
        return _("promised to %(who)s") % {"who": asker}
    elif one.binds == Binds.PROVIDER:
        return _("owed by %(who)s") % {"who": names.side(one.party).name}
    else:
        return _("between us: %(who)s") % {"who": names.team(one.party).name}


def _party(one: Reading, names: Names) -> int:
    if one.binds == Binds.REQUESTER:
        return 0
    return names.side(one.party).hue if one.binds == Binds.PROVIDER else names.team(one.party).hue


def named(one: Reading) -> str:
    return local(one.name) or METRICS[one.metric]()


METRICS: Final = {
    Metric.FIRST_RESPONSE: lambda: _("First answer"),
    Metric.NEXT_RESPONSE: lambda: _("Next answer"),
    Metric.UPDATE: lambda: _("News"),
    Metric.RESOLUTION: lambda: _("Solved"),
    Metric.OWN: lambda: _("Taken"),
    Metric.HAND_OVER: lambda: _("Passed on"),
    Metric.GIVE_BACK: lambda: _("Given back"),
}


def look(one: Reading, present: int) -> tuple[str, str]:
    """Class and mark: colour and shape say the same."""
    if one.verdict in (Verdict.LATE, Verdict.MISSED):
        return "late", "late"
    elif one.verdict == Verdict.MET:
        return "met", "met"
    elif one.verdict in (Verdict.PAUSED, Verdict.UNJUDGED):
        return "paused", "paused"
    near = one.due_at is not None and to_us(one.due_at) - present < SOON
    return ("soon", "soon") if near else ("", "open")


def state(one: Reading, present: int) -> str:
    """How it stands: "1 h 18 left", "paused", "25 min late", "kept"."""
    if one.verdict == Verdict.MET:
        return _("kept")
    elif one.verdict == Verdict.UNJUDGED:
        return WHYS.get(one.why or "", lambda: _("not counted"))()
    elif one.verdict == Verdict.PAUSED:
        return _("paused")
    elif one.verdict in (Verdict.LATE, Verdict.MISSED):
        return _("%(span)s late") % {"span": _late(one, present)}
    elif one.used is not None and one.target is not None:
        return _("%(span)s left") % {"span": hours(max(one.target - one.used, 0))}
    elif one.due_at is not None:
        return _("%(span)s left") % {"span": span((to_us(one.due_at) - present) / 1_000_000)}
    return _("running")


WHYS: Final = {
    "merged": lambda: _("not counted: merged"),
    "declined": lambda: _("not counted: declined"),
    "excluded": lambda: _("not counted: agreed to leave it out"),
    "no_target": lambda: _("not counted: nothing is promised for such any more"),
    "replaced": lambda: _("not counted: it began anew"),
}


def _late(one: Reading, present: int) -> str:
    """Since it was due, as on every page; how much of the time that counts it took is told beside it."""
    due = present if one.due_at is None else to_us(one.due_at)
    return span(((present if one.stop is None else to_us(one.stop)) - due) / 1_000_000)


def _note(one: Reading, scene: Scene) -> str:
    """Until when it stands still at most."""
    if one.verdict != Verdict.PAUSED or scene.wait is None:
        return ""
    caps = {pause.wait: pause.cap for term in scene.terms if term.version == one.version for pause in term.read.pauses}
    cap = caps.get(scene.wait)
    return _("while it waits, for %(span)s at most") % {"span": hours(cap)} if cap else _("while it waits")


def marks(readings: Iterable[Reading], scene: Scene) -> list[Mark]:
    """Due times for the ribbon: those of the requester and those that were missed before others."""
    found = [mark for mark in (_mark(one, scene) for one in sorted(readings, key=_weight)) if mark is not None]
    return sorted(found[:MOST_MARKS])


def _weight(one: Reading) -> tuple[bool, bool, bool]:
    return one.verdict not in (Verdict.LATE, Verdict.MISSED), one.binds != Binds.REQUESTER, one.stop is not None


def _mark(one: Reading, scene: Scene) -> Mark | None:
    at = due_of(one, scene.terms)
    if at is None:
        return None
    elif one.stop is not None and at > scene.present:
        at = to_us(one.stop)
    late, met = one.verdict in (Verdict.LATE, Verdict.MISSED), one.verdict == Verdict.MET
    by = when(at, from_us(scene.present))
    label = _("%(what)s by %(when)s") % {"what": _short(one, scene.names), "when": by}
    if late:
        label = f"{label}, {state(one, scene.present)}"
    full = f"{whose(one, scene.names, scene.asker)}, {named(one)}: {_('by %(when)s') % {'when': by}}, "
    return Mark(
        at, "late" if late else "met" if met else "open", label, full[:1].upper() + full[1:] + state(one, scene.present)
    )


def _short(one: Reading, names: Names) -> str:
    return (
        named(one)
        if one.binds == Binds.REQUESTER
        else (names.side(one.party).name if one.binds == Binds.PROVIDER else names.team(one.party).name)
    )


def due_of(one: Reading, terms: Sequence[Term]) -> int | None:
    """When its time was or will be used up. Of a promise that was kept: when it would have been, or when it was kept
    where that may not be read."""
    if one.verdict != Verdict.MET or one.stop is None:
        return None if one.due_at is None or one.verdict == Verdict.UNJUDGED else to_us(one.due_at)
    stop = to_us(one.stop)
    calendar = next((term.calendar for term in terms if term.calendar_version == one.calendar_version), None)
    if one.used is None or one.target is None or calendar is None:
        return stop
    try:
        return calendar.add(stop, one.target - one.used)
    except ValueError:
        return stop
