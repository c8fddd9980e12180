"""The priority matrix: from impact and urgency to priority, versioned."""

from dataclasses import dataclass
from datetime import datetime

from helmdesk.catalogue.models import PriorityMatrix
from helmdesk.foundation.loading import loaded
from helmdesk.foundation.time import to_us

DEFAULT_CELLS = [[1, 2, 3], [2, 3, 4], [3, 4, 5]]


@dataclass(frozen=True, slots=True)
class Matrix:
    """One version. `cells[impact - 1][urgency - 1]`, impact and urgency 1 (highest) .. 3, priority 1 .. 5."""

    version: int
    cells: tuple[tuple[int, ...], ...]

    def priority(self, *, impact: int, urgency: int) -> int:
        return self.cells[impact - 1][urgency - 1]


def current_matrix(at: datetime) -> Matrix:
    """The version in force at an instant; version 0, the default, where none was ever set."""
    row = loaded(PriorityMatrix, "valid_from <= %s ORDER BY valid_from DESC, version DESC", [to_us(at)])
    if row is None:
        return Matrix(0, tuple(tuple(cells) for cells in DEFAULT_CELLS))
    return Matrix(row.version, tuple(tuple(cells) for cells in row.cells))
