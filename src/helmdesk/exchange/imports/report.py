"""What an import did, in numbers: rows = unchanged + refused + rows that made events."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Final

from helmdesk.exchange.imports.watching import Watched
from helmdesk.history.observation import Made, Refused, Unchanged

SHOWN: Final = 20


@dataclass(slots=True)
class Counts:
    """Rows read, tickets opened, events made, and rows that made none or were left out."""

    rows: int = 0
    tickets: int = 0
    events: int = 0
    unchanged: int = 0
    refused: int = 0

    def add(self, other: "Counts") -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(slots=True)
class Report:
    """The counts of a whole run; `first` are the first rows refused, `moved` counts rows whose time was corrected.

    `made` counts the entries that are new on this desk by what they are, `unplaced` the groups that no map places.
    """

    counts: Counts = field(default_factory=Counts)
    first: list[Refused] = field(default_factory=list)
    moved: int = 0
    made: dict[str, int] = field(default_factory=dict)
    unplaced: int = 0
    founds: bool = False
    batch: int | None = None

    def as_dict(self) -> dict[str, int]:
        return asdict(self.counts)

    def add(self, counts: Counts, tickets: Iterable[Watched]) -> list[Refused]:
        """Adds what some tickets came to; returns the rows refused among theirs."""
        refused: list[Refused] = []
        for ticket in tickets:
            refused += [outcome for outcome in ticket.outcomes if isinstance(outcome, Refused)]
            self.moved += sum(made.note is not None for made in ticket.made)
        self.counts.add(counts)
        self.first += refused[: SHOWN - len(self.first)]
        return refused


def count(tickets: Iterable[Watched], *, events: int) -> Counts:
    """What the rows of some tickets came to."""
    counts = Counts(events=events)
    for ticket in tickets:
        counts.rows += len(ticket.outcomes)
        counts.unchanged += sum(isinstance(outcome, Unchanged) for outcome in ticket.outcomes)
        counts.refused += sum(isinstance(outcome, Refused) for outcome in ticket.outcomes)
        counts.tickets += ticket.here is None and any(isinstance(outcome, Made) for outcome in ticket.outcomes)
    return counts
