"""What a foreign log shows, as steps: names become small numbers, one namespace a kind, and levels may name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from helmdesk.clocks.steps import Recorded, Steps, steps
from helmdesk.history.mapping import folded
from helmdesk.history.observation import Made, Refused, Row, Step, Witness
from helmdesk.history.providers_map import ProvidersMap

TEAMS: Final = ("team", "to", "from")


class Foreign:
    """The names of one log. As `reading.Names`: a level may name its groups as teams, and what the log calls the rest.

    Only what was read before is known, so that a level that names what is not there is refused.
    """

    def __init__(self, placed: ProvidersMap | None = None) -> None:
        self.placed = placed
        self.ids: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self.names: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.provider_of: dict[int, int] = {}
        self.refused = 0

    def ticket(self, rows: Iterable[Row | Refused]) -> Steps:
        """The steps of one ticket, from what its rows show in order of time. Empty where no row could be read."""
        witness = Witness()
        shown: list[Step] = []
        for row in rows:
            outcome = witness.take(row)
            if isinstance(outcome, Made):
                shown += outcome.steps
            self.refused += isinstance(outcome, Refused)
        return steps(self._told(shown))

    def _told(self, shown: Sequence[Step]) -> list[Recorded]:
        return [Recorded(n, step.kind, step.at, self._what(step)) for n, step in enumerate(shown, 1)]

    def _what(self, step: Step) -> dict[str, Any]:
        what = dict(step.what)
        for key in TEAMS:
            if what.get(key) is not None:
                what[key] = self.number("team", what[key])
        for key in ("assignee", "on"):
            if what.get(key) is not None:
                what[key] = self.number("person", what[key])
        if what.get("scope") is not None:
            what["scope"] = {
                place: self._place(place, what["scope"][place]) for place in ("service", "site", "category")
            }
        return what

    def _place(self, kind: str, name: str | tuple[str, ...] | None) -> int | None:
        """Of categories the outermost counts."""
        if name is None:
            return None
        return self.number(kind, name if isinstance(name, str) else name[0])

    def number(self, kind: str, name: str) -> int:
        """The small number of a name, whatever its case."""
        known = self.ids[kind]
        key = folded(name)
        if key not in known:
            known[key] = len(known) + 1
            self.names[kind].append(name)
            if kind == "team":
                self._place_team(known[key], name)
        return known[key]

    def _place_team(self, team: int, name: str) -> None:
        placement = None if self.placed is None else self.placed.placement(name)
        if placement is not None:
            self.provider_of[team] = self.number("provider", placement.provider)

    def team(self, code: str) -> int | None:
        return self.ids["team"].get(folded(code))

    def provider(self, code: str) -> int | None:
        return self.ids["provider"].get(folded(code))

    def service(self, code: str) -> int | None:
        return self.ids["service"].get(folded(code))

    def category(self, code: str) -> int | None:
        return self.ids["category"].get(folded(code))

    def site(self, code: str) -> int | None:
        return self.ids["site"].get(folded(code))

    def group(self, code: str) -> None:
        """No log that is read shows departments."""


KINDS: Final = ("team", "provider", "person", "service", "category", "site")
