"""What tickets come: how many each hour, of which categories, and how long the work and the waits on requesters
take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from helmdesk.engine import durations
from helmdesk.engine.table import WHOLE_CHANCE, Column, Rows
from helmdesk.worktime.horizon import HOUR
from helmdesk.worktime.reading import Fault

UNIT: Final = 2**30
NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of tickets. Durations are tables of `durations`; chances are 0 to 1.

    - priorities: weights, most urgent first
    - work: of each tier; escalation: the chance to leave each tier but the last
    - asks: the chance that a piece of work stops, at any point of it, for an answer, which takes `answer`
    - reopens: the chance to come back after `returns`, for `again` of the first tier's usual work
    - live: the share whose requester waits on the line for `patience` and then gives up
    """

    name: str
    weight: float
    priorities: tuple[float, ...]
    work: tuple[Column, ...]
    escalation: tuple[float, ...] = ()
    asks: float = 0.0
    answer: Column | None = None
    reopens: float = 0.0
    returns: Column | None = None
    again: float = 0.5
    live: float = 0.0
    patience: Column | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """rates float64 [hours]: tickets to be expected in each hour from `since` (µs since 1970); day_variation: standard
    deviation by mean of a factor of each day of 24 hours, for days are more unlike than chance alone makes them."""

    since: int
    rates: npt.NDArray[np.float64]
    categories: tuple[Category, ...]
    day_variation: float = 0.0

    @property
    def until(self) -> int:
        return self.since + len(self.rates) * HOUR

    @property
    def tiers(self) -> int:
        return max(len(category.work) for category in self.categories)

    @property
    def escalation(self) -> Rows:
        """int64 [categories, tiers], of 2**32."""
        chances = np.zeros((len(self.categories), self.tiers), dtype=np.int64)
        for n, category in enumerate(self.categories):
            chances[n, : len(category.escalation)] = [chance_word(chance) for chance in category.escalation]
        return chances


class BadDemand(ValueError):
    """A demand that cannot be; `faults` are all that it has."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def chance_word(chance: float) -> int:
    """A chance as the number of words, of 2**32, for which it comes true."""
    return round(chance * WHOLE_CHANCE)


def cumulative(weights: tuple[float, ...]) -> list[int]:
    """The words below which each kind, or one before it, is drawn; the last is 2**32."""
    shares = np.cumsum(weights) / sum(weights)
    return [*(chance_word(float(share)) for share in shares[:-1]), WHOLE_CHANCE]


def check(demand: Demand) -> None:
    """Raises BadDemand with every fault."""
    faults = []
    if not len(demand.rates) or not np.all(np.isfinite(demand.rates)) or np.any(demand.rates < 0):
        faults.append(Fault("rates", demand.rates, "Give tickets for each hour: numbers of 0 or more."))
    if not demand.categories:
        faults.append(Fault("categories", (), "Give at least one."))
    if not 0 <= demand.day_variation <= 5:
        faults.append(Fault("day_variation", demand.day_variation, "Give 0 to 5; 0.2 is usual."))
    for n, category in enumerate(demand.categories):
        faults += _faults(category, f"categories[{n}]", len(demand.categories[0].priorities))
    if faults:
        raise BadDemand(faults)


def _faults(category: Category, field: str, priorities: int) -> list[Fault]:
    chances = {name: getattr(category, name) for name in ("asks", "reopens", "live")}
    faults = [
        Fault(f"{field}.{name}", chance, "A chance is 0 to 1.")
        for name, chance in chances.items()
        if not 0 <= chance <= 1
    ]
    for name, needed in (("asks", "answer"), ("reopens", "returns"), ("live", "patience")):
        if getattr(category, name) and getattr(category, needed) is None:
            faults.append(Fault(f"{field}.{needed}", None, f"Give how long, for {name} is more than 0."))
    if any(not 0 <= chance <= 1 for chance in category.escalation):
        faults.append(Fault(f"{field}.escalation", category.escalation, "A chance is 0 to 1."))
    if not category.work or len(category.escalation) != len(category.work) - 1:
        faults.append(Fault(f"{field}.work", len(category.work), "Give one work a tier, one escalation between tiers."))
    if len(category.priorities) != priorities or min(category.priorities) < 0 or sum(category.priorities) <= 0:
        faults.append(Fault(f"{field}.priorities", category.priorities, f"Give {priorities} weights, one above 0."))
    if not category.weight >= 0:
        faults.append(Fault(f"{field}.weight", category.weight, "Give a number of 0 or more."))
    return faults


def unit_exponential() -> Column:
    """An exponential of mean 1, in parts of UNIT."""
    return durations.exponential(UNIT)


def day_factors(variation: float) -> Column:
    """A log-normal factor of mean 1, in parts of UNIT."""
    return durations.log_normal(UNIT, variation) if variation else durations.fixed(UNIT)
