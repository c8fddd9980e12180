"""Charts as rows of places from 0 to 100 %: drawn as inline SVG by the templates, with the same said in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import log
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmdesk.measures.attainment import Attained
from helmdesk.measures.figures import Figure
from helmdesk.measures.names import Names, spoken
from helmdesk.measures.reports import Group, Key, Report
from helmdesk.measures.rows import Had
from helmdesk.web.measures import words
from helmdesk.web.measures.addresses import Addresses

MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SCALE: Final = (5 * MINUTE, 60 * DAY)
TICKS: Final = ((15 * MINUTE, "15 min"), (2 * HOUR, "2 h"), (DAY, "1 d"), (7 * DAY, "7 d"), (30 * DAY, "30 d"))
TOPS: Final = ((0.1, 2), (0.2, 4), (0.4, 4), (1.0, 4))
"""Where a scale of shares may end, and in how many parts it is drawn."""


type Holder = tuple[str, int | None, str, int | None]
"""Kind, provider, name, hue."""


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One row: a value with its interval (`low`, `high`) and a further one (`far`), as places of the row's width."""

    name: str
    hue: int | None
    value: str
    likely: str
    at: str | None
    low: str | None = None
    high: str | None = None
    far: str | None = None
    far_words: str = ""
    address: str = ""
    more: str = ""

    @property
    def told(self) -> str:
        """The row in words, for who does not see it."""
        return ", ".join(
            part for part in (f"{self.name}: {self.value}", self.likely, self.far_words, self.more) if part
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """A question, the rows that answer it, and what stands under them."""

    code: str
    question: str
    about: str
    marks: list[Mark]
    ticks: list[Tick]
    kind: str = "dots"
    full: bool = False


def place(part: float) -> str:
    """A share of the width, as SVG reads it."""
    return f"{min(1.0, max(0.0, part)) * 100:.2f}%"


def on_log(us: float | None) -> str | None:
    """Where a duration lies on the scale of minutes to months."""
    if us is None:
        return None
    low, high = SCALE
    return place(log(max(us, low) / low) / log(high / low))


def shares(most: float) -> tuple[list[Tick], Callable[[float], str]]:
    """Ticks and places of shares up to `most`, rounded up to 10, 20, 40 or 100 %."""
    top, parts = next((one for one in TOPS if most <= one[0]), TOPS[-1])
    ticks = [Tick(place(part / parts), f"{part / parts * top * 100:.3g} %") for part in range(parts + 1)]
    return ticks, lambda value: place(value / top)


@dataclass(frozen=True)
class Drawing:
    """What drawing the charts of a report needs: the report, names, addresses."""

    report: Report
    names: Names
    language: str
    to: Addresses

    def groups(self) -> list[Group]:
        """The parts, or all where it is not split; few enough to look at."""
        shown = [group for group in self.report.groups if not group.withheld]
        return shown or [self.report.whole]

    def name(self, group: Group) -> str:
        if group is self.report.whole:
            return _("All")
        return self.titled(group.key)

    def titled(self, key: Key) -> str:
        by = self.report.question.by
        if by == "priority" and key is not None:
            return _("Priority %(n)s") % {"n": key}
        return spoken(self.names.of(by, key), self.language) or _("not said")

    def level(self, code: str) -> str:
        return spoken(self.names.levels.get(code, code), self.language)

    def hue(self, group: Group) -> int | None:
        by, key = self.report.question.by, group.key
        if by == "provider" and isinstance(key, int):
            return self.names.hues.get(key)
        elif by == "team" and isinstance(key, int):
            return self.names.hues.get(self.names.provider_of.get(key, 0))
        return None


def durations(drawing: Drawing, code: str, question: str, about: str) -> Chart:
    """Medians with their intervals, and the 90th percentile as a mark further out."""
    marks = [_lasting(drawing, group, group.figures[code]) for group in drawing.groups() if code in group.figures]
    ticks = [Tick(on_log(at) or "", said) for at, said in TICKS]
    return Chart(code, question, about, marks, ticks)


def _lasting(drawing: Drawing, group: Group, figure: Figure) -> Mark:
    interval, p90 = figure.interval, figure.p90
    return Mark(
        name=drawing.name(group), hue=drawing.hue(group), value=words.said(figure), likely=words.likely(figure),
        at=None if figure.few else on_log(figure.value), low=on_log(interval.low if interval else None),
        high=on_log(interval.high if interval else None), far=on_log(p90.value if p90 else None),
        far_words=_("nine of ten within %(span)s") % {"span": words.lasted(p90.value)} if p90 else "",
        address=drawing.to.tickets(figure.code, group, drawing.report), more=tickets(figure.n),
    )  # fmt: skip


def proportions(drawing: Drawing, code: str, question: str, about: str) -> Chart:
    """Shares with their Wilson intervals."""
    found = [(group, group.figures[code]) for group in drawing.groups() if code in group.figures]
    ticks, at = shares(max([0.0, *(f.interval.high for _group, f in found if f.interval)]))
    marks = [
        _share(drawing.name(group), drawing.hue(group), figure, at, drawing.to.tickets(code, group, drawing.report))
        for group, figure in found
    ]
    return Chart(code, question, about, marks, ticks)


def promises(drawing: Drawing) -> Chart:
    """Each promise, for each part that it says something of."""
    rows = [
        (group, one) for code in _codes(drawing) for group in drawing.groups() for one in group.promises
        if one.code == code and one.share.n
    ]  # fmt: skip
    ticks, at = shares(1.0)
    marks = [_promise(drawing, group, one, at) for group, one in rows]
    about = _("Share kept of what was decided in these days; the line is where the true share likely lies.")
    return Chart("promises", _("Do promises hold?"), about, marks, ticks, full=True)


def _codes(drawing: Drawing) -> list[str]:
    return [one.code for one in drawing.report.whole.promises]


def _promise(drawing: Drawing, group: Group, one: Attained, at: Callable[[float], str]) -> Mark:
    level = drawing.level(one.code)
    name = level if group is drawing.report.whole else f"{level} · {drawing.name(group)}"
    address = drawing.to.tickets(f"promise:{one.code}", group, drawing.report)
    return _share(name, drawing.hue(group), one.share, at, address)


def _share(name: str, hue: int | None, figure: Figure, at: Callable[[float], str], address: str) -> Mark:
    interval = figure.interval
    return Mark(
        name=name, hue=hue, value=words.said(figure), likely=words.likely(figure),
        at=None if figure.value is None else at(figure.value), low=None if interval is None else at(interval.low),
        high=None if interval is None else at(interval.high), address=address,
        more="" if figure.few else tickets(figure.n),
    )  # fmt: skip


def late(drawing: Drawing) -> Chart:
    """Who let tickets go late: how many turns were missed, part by part."""
    counts = [(group, _missed(group), sum(one.share.n for one in group.promises)) for group in drawing.groups()]
    most = max([1, *(missed for _group, missed, _n in counts)])
    marks = [
        Mark(
            name=drawing.name(group), hue=drawing.hue(group), value=f"{missed:,}", likely="", at=place(missed / most),
            more=_("of %(n)s decided") % {"n": f"{n:,}"},
            address=drawing.to.tickets("late", group, drawing.report) if missed else "",
        )
        for group, missed, n in counts
    ]  # fmt: skip
    about = _("Promises that were missed in these days, by who was responsible.")
    return Chart("late", _("Who let tickets go late?"), about, marks, [], kind="bars")


def _missed(group: Group) -> int:
    return sum(one.share.n - (one.share.met or 0) for one in group.promises)


def held(drawing: Drawing) -> Chart:
    """How long each party had the ball: providers, the person who asked, other companies."""
    parties = _parties(drawing.report.held, drawing)
    total = sum(us for _party, us, _working in parties) or 1
    most = max([1, *(us for _party, us, _working in parties)])
    marks = [
        Mark(
            name=name, hue=hue, value=words.percent(us / total), likely="", at=place(us / most),
            more=_lasted(us, working), address=drawing.to.held(kind, provider),
        )
        for (kind, provider, name, hue), us, working in parties
    ]  # fmt: skip
    about = _("All time, also at night, that open tickets spent with each of them in these days.")
    full = not drawing.report.whole.promises
    return Chart("held", _("How long did each party have the ball?"), about, marks, [], kind="bars", full=full)


def _lasted(us: int, working: int | None) -> str:
    """All time, and where the hours of all of a party's teams are known what of it lay in them."""
    if working is None:
        return words.lasted(us)
    return _("%(all)s, of it %(working)s in working hours") % {
        "all": words.lasted(us), "working": words.lasted(working),
    }  # fmt: skip


def _parties(held: Iterable[Had], drawing: Drawing) -> list[tuple[Holder, int, int | None]]:
    """Each party with its time, and with what of it lay in working hours, where that is known of all of it."""
    of: dict[tuple[str, int | None], list[Had]] = {}
    for had in held:
        of.setdefault((had.party.kind, had.party.provider), []).append(had)
    found = []
    for (kind, provider), some in of.items():
        working = [had.working for had in some if had.working is not None]
        known = sum(working) if len(working) == len(some) else None
        found.append(((kind, provider, *_party(kind, provider, drawing)), sum(had.gross for had in some), known))
    return sorted(found, key=lambda one: -one[1])


def _party(kind: str, provider: int | None, drawing: Drawing) -> tuple[str, int | None]:
    if kind == "team" and provider is not None:
        return spoken(drawing.names.of("provider", provider)), drawing.names.hues.get(provider)
    return str(words.HOLDERS.get(kind, kind)), None


def tickets(n: int) -> str:
    return ngettext("%(n)s ticket", "%(n)s tickets", n) % {"n": f"{n:,}"}
