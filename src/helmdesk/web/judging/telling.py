"""An answer in words: one row a part, each rule's share with where it likely lies, and the counts beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helmdesk.access.viewer import Viewer
from helmdesk.clocks.tallies import Tally
from helmdesk.clocks.turns import Verdict
from helmdesk.measures.figures import Figure, share
from helmdesk.measures.judging.answers import hidden, told, whole
from helmdesk.measures.judging.counting import ALL, UNKNOWN, Told
from helmdesk.measures.judging.models import Judging
from helmdesk.measures.names import Names, spoken
from helmdesk.web.measures import words
from helmdesk.web.measures.charts import Tick, place, shares

VERDICTS: dict[str, tuple[Verdict, ...]] = {
    "met": (Verdict.MET,),
    "missed": (Verdict.MISSED,),
    "open": (Verdict.RUNNING, Verdict.PAUSED, Verdict.LATE),
    "late": (Verdict.LATE,),
    "unjudged": (Verdict.UNJUDGED,),
}
"""What is counted, and of which verdicts."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number, and the address of the tickets behind it; none where there are none."""

    n: int
    address: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one rule says of one part."""

    figure: Figure
    said: str
    likely: str
    counts: dict[str, Count]
    at: str | None
    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One part: rule by rule what became of its turns; and how far the two lie apart, where that can be said."""

    name: str
    hue: int | None
    cells: list[Cell]
    apart: str

    @property
    def told(self) -> str:
        return f"{self.name}: " + ", ".join(f"{cell.said} {cell.likely}".strip() for cell in self.cells)


@dataclass
class Telling:
    """One judging as one person reads it."""

    row: Judging
    viewer: Viewer
    language: str

    def __post_init__(self) -> None:
        self.names = Names(self.viewer)
        self.told: Told = told(self.row)
        self.parts = {part for by_rule in self.told.rules for part in by_rule.groups}
        self.hidden = hidden(self.row, self.viewer)

    def titles(self) -> list[str]:
        """What each rule is called."""
        found = []
        for rule in self.row.rules:
            if rule.get("day"):
                found.append(_("By the rules of their day"))
            else:
                name = spoken(rule["spec"].get("name") or rule["level"], self.language)
                words = _("By “%(level)s”, changed") if rule.get("changed") else _("By “%(level)s”")
                found.append(words % {"level": name})
        return found if len(set(found)) == len(found) else [_("By this rule"), _("By the other")]

    def all(self) -> Line:
        return self._line(_("All"), None, None, [whole(by_rule.groups) for by_rule in self.told.rules])

    def lines(self) -> list[Line]:
        """The parts, by name; what nobody knows comes last."""
        if self.row.by == ALL:
            return []
        shown = sorted(self.parts - self.hidden, key=lambda part: (part == UNKNOWN, self.title(part).casefold()))
        return [
            self._line(self.title(part), part, self._hue(part), [r.groups.get(part, Tally()) for r in self.told.rules])
            for part in shown
        ]

    def withheld(self) -> list[str]:
        return sorted(self.title(part) for part in self.hidden)

    def title(self, part: str) -> str:
        if part in (UNKNOWN, ALL):
            return _("not said") if part == UNKNOWN else _("All")
        elif self.row.by == "priority":
            return _("Priority %(n)s") % {"n": part}
        return spoken(self.names.of(self.row.by, part if self.row.by == "month" else int(part)), self.language)

    def ticks(self) -> list[Tick]:
        return shares(1.0)[0]

    def _line(self, name: str, part: str | None, hue: int | None, tallies: list[Tally]) -> Line:
        cells = [self._cell(place, part, tally) for place, tally in enumerate(tallies)]
        return Line(name, hue, cells, _apart(cells))

    def _cell(self, rule: int, part: str | None, tally: Tally) -> Cell:
        figure = share("judged", tally.met, tally.met + tally.missed)
        low, high = (figure.interval.low, figure.interval.high) if figure.interval else (None, None)
        counts = {name: Count(getattr(tally, name), self._address(rule, part, name, tally)) for name in VERDICTS}
        at = None if figure.value is None else place(figure.value)
        return Cell(
            figure, words.said(figure), words.likely(figure), counts, at,
            None if low is None else place(low), None if high is None else place(high),
        )  # fmt: skip

    def _address(self, rule: int, part: str | None, verdict: str, tally: Tally) -> str:
        if not getattr(tally, verdict):
            return ""
        asked: dict[str, Any] = {"rule": rule, "verdict": verdict, **({} if part is None else {"part": part})}
        return f"{reverse('judging:tickets', args=[self.row.pk])}?{urlencode(asked)}"

    def _hue(self, part: str) -> int | None:
        if part == UNKNOWN or self.row.by not in ("provider", "team"):
            return None
        pk = int(part)
        return self.names.hues.get(pk if self.row.by == "provider" else self.names.provider_of.get(pk, 0))


def period(row: Judging) -> str:
    """The days in words: "27 August to 26 November 2026"."""
    first = date_format(row.first, "j F" if row.first.year == row.last.year else "j F Y")
    return _("%(first)s to %(last)s") % {"first": first, "last": date_format(row.last, "j F Y")}


def _apart(cells: list[Cell]) -> str:
    """How many points the first lies above the second, where both are shares."""
    values = [cell.figure.value for cell in cells]
    if len(values) < 2 or values[0] is None or values[1] is None:
        return ""
    points = round((values[0] - values[1]) * 100)
    return _("%(n)s points") % {"n": f"{points:+d}".replace("-", "−")} if points else _("no difference")


def behind(row: Judging, rule: int, verdict: str, part: str | None) -> Iterator[tuple[int, int]]:
    """The tickets behind one number, the most late first, and by how much each is late."""
    found = row.turns.filter(rule=rule, verdict__in=VERDICTS[verdict])
    found = found if part is None else found.filter(part=part)
    yield from found.order_by("-late", "ticket").values_list("ticket", "late")
