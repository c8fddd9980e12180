"""How many turns were kept: met and missed, their share with its interval, and what could not be judged."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from helmdesk.clocks.turns import Verdict
from helmdesk.inference.proportions import wilson

PLACES: Final = 4


class Tally(msgspec.Struct):
    """Turns of one group. `open` are not stopped yet; those of them that are late already are `late` too."""

    met: int = 0
    missed: int = 0
    open: int = 0
    late: int = 0
    unjudged: int = 0

    def add(self, verdict: Verdict) -> None:
        if verdict == Verdict.MET:
            self.met += 1
        elif verdict == Verdict.MISSED:
            self.missed += 1
        elif verdict == Verdict.UNJUDGED:
            self.unjudged += 1
        else:
            self.open += 1
            self.late += verdict == Verdict.LATE

    def as_dict(self) -> dict[str, Any]:
        """`share` of what was judged, None where nothing was; `interval`: Wilson's, 95 %."""
        judged = self.met + self.missed
        interval = wilson(self.met, judged)
        return {
            "met": self.met,
            "missed": self.missed,
            "share": round(self.met / judged, PLACES) if judged else None,
            "interval": [round(interval.low, PLACES), round(interval.high, PLACES)] if judged else None,
            "open": self.open,
            "late": self.late,
            "unjudged": self.unjudged,
        }
