"""Providers compared on like tickets: the same service, category and priority on both sides, and how far that reaches.

One provider gets other tickets than another, so the plain figures compare the tickets as much as the providers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from helmdesk.access.viewer import Viewer
from helmdesk.inference.casemix import Cell, Compared, compared
from helmdesk.inference.funnels import funnel
from helmdesk.inference.proportions import Interval
from helmdesk.measures.figures import BY_CODE, FEW, Measure, counted
from helmdesk.measures.questions import Question
from helmdesk.measures.reports import Material

CODES: Final = ("restore_gross", "first_response", "fcr", "contained", "reopened", "ping_pong")
HOUR: Final = 3_600_000_000

type Stratum = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """One provider beside all the others. Durations are mean hours. `chance` is where its plain share would lie by
    chance alone if it were like all together; None for durations, and below thirty tickets."""

    provider: int
    n: int
    found: Compared
    chance: Interval | None

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def differs(self) -> bool:
        """Whether the interval of the difference leaves zero out, on enough tickets that are alike."""
        apart = self.found.difference
        return apart is not None and 0 not in apart and not self.few and not self.found.hardly_overlaps


def comparisons(question: Question, viewer: Viewer, measure: Measure) -> list[Beside]:
    """Each provider with tickets in the figure, beside the others together."""
    by_provider = strata(Material.of(question, viewer), measure)
    every = _together(by_provider.values())
    total, n = sum(cell.total for cell in every.values()), sum(cell.n for cell in every.values())
    return [
        _beside(provider, by_provider, measure, total / n if n else 0.0)
        for provider in sorted(by_provider)
    ]  # fmt: skip


def _beside(
    provider: int, by_provider: dict[int, dict[Stratum, Cell]], measure: Measure, common: float
) -> Beside:  # fmt: skip
    mine = by_provider[provider]
    others = _together(cells for other, cells in by_provider.items() if other != provider)
    n = sum(cell.n for cell in mine.values())
    by_chance = funnel(common, n) if measure.unit == "share" and n >= FEW else None
    return Beside(provider, n, compared(mine, others), by_chance)


def strata(material: Material, measure: Measure) -> dict[int, dict[Stratum, Cell]]:
    """What each provider has in each stratum of service, category and priority."""
    rows = {row.ticket: row for row in material.tickets}
    scale = HOUR if measure.unit == "duration" else 1
    values: dict[int, dict[Stratum, list[float]]] = {}
    for one in counted(measure, material.tickets, material.beyond, material.window):
        row = rows[one.ticket]
        if row.provider is not None:
            stratum = (row.service, row.category, row.priority)
            values.setdefault(row.provider, {}).setdefault(stratum, []).append(one.value / scale)
    return {provider: {key: _cell(some) for key, some in cells.items()} for provider, cells in values.items()}


def _cell(values: list[float]) -> Cell:
    return Cell(len(values), sum(values), sum(value * value for value in values))


def _together(sides: Iterable[dict[Stratum, Cell]]) -> dict[Stratum, Cell]:
    found: dict[Stratum, Cell] = {}
    for key, cell in _all(sides):
        was = found.get(key, Cell(0, 0.0, 0.0))
        found[key] = Cell(was.n + cell.n, was.total + cell.total, was.squares + cell.squares)
    return found


def _all(sides: Iterable[dict[Stratum, Cell]]) -> Iterator[tuple[Stratum, Cell]]:
    for side in sides:
        yield from side.items()


def measure_for(code: str) -> Measure:
    """The figure to compare by; the first of the list where the code is none."""
    return BY_CODE[code if code in CODES else CODES[0]]
