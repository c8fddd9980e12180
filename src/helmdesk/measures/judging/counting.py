"""Turns counted part by part: which of them belong to the days asked for, and to which part."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

import msgspec

from helmdesk.clocks.steps import Steps
from helmdesk.clocks.tallies import Tally
from helmdesk.clocks.ticket import standing
from helmdesk.clocks.turns import Turn, Verdict
from helmdesk.foundation.time import from_us

BY: Final = ("all", "provider", "team", "priority", "service", "category", "site", "month")
ALL: Final = "all"
UNKNOWN: Final = ""


class ByRule(msgspec.Struct):
    """What one rule comes to: its parts, and how many tickets it says nothing of."""

    groups: dict[str, Tally] = {}
    not_applied: int = 0

    def add(self, part: str, verdict: Verdict) -> None:
        self.groups.setdefault(part, Tally()).add(verdict)


class Told(msgspec.Struct):
    """What a judging has come to so far. Of `holder_unknown` tickets it is not known throughout who had the ball."""

    rules: list[ByRule]
    tickets: int = 0
    holder_unknown: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, Any], *, rules: int) -> "Told":
        return msgspec.convert(kept, cls) if kept else cls([ByRule() for _ in range(rules)])

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def counts(turn: Turn, *, start: int, until: int) -> bool:
    """Whether a turn belongs to these days: it stopped in them, or was open at their end."""
    return turn.stop is None or start <= turn.stop <= until


def part_of(turn: Turn, told: Steps, by: str, *, until: int, providers: Mapping[int, int], zone: tzinfo) -> str:
    """The part that a turn counts for: what was so when it stopped, by id or number; UNKNOWN where nobody knows."""
    at = until if turn.stop is None else turn.stop
    if by == ALL:
        return ALL
    elif by == "month":
        return from_us(at).astimezone(zone).date().isoformat()[:7]
    found: int | None = getattr(standing(told, at, provider_of=providers), by)
    return UNKNOWN if found is None else str(found)
