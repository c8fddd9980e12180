"""Reading what was told: outcomes of a source at a glance, and its events folded with numbers for names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from helmdesk.history.fold import Event, State, replay
from helmdesk.history.observation import Made, Memory, Outcome, Refused, Step, Witness


def outcomes(source) -> Iterator[Outcome]:
    """Every row's outcome, ticket by ticket, none remembered from before."""
    for rows in source.tickets():
        witness = Witness()
        for row in rows:
            yield witness.take(row)


def at_a_glance(found: Iterable[Outcome]) -> list[tuple[int, Any]]:
    """Row number, and kinds of events, or why there are none."""
    return [(outcome.number, glance(outcome)) for outcome in found]


def glance(outcome: Outcome) -> Any:
    if isinstance(outcome, Made):
        return [step.kind for step in outcome.steps]
    elif isinstance(outcome, Refused):
        return f"{outcome.field} {outcome.value!r} {outcome.reason}"
    else:
        return outcome.reason


def steps_of(found: Iterable[Outcome]) -> list[Step]:
    return [step for outcome in found if isinstance(outcome, Made) for step in outcome.steps]


def without_source(step: Step) -> tuple[str, int, dict[str, Any]]:
    return step.kind, step.at, {key: value for key, value in step.what.items() if key != "src"}


class Numbers:
    """A number for each name, as a database would give."""

    def __init__(self) -> None:
        self.given: dict[str, int] = {}

    def events(self, steps: Iterable[Step]) -> list[Event]:
        return [Event(n, step.kind, step.at, self.numbered(step.what)) for n, step in enumerate(steps, 1)]

    def numbered(self, what: dict[str, Any]) -> dict[str, Any]:
        return {key: self.of(value) if key in NAMES else value for key, value in what.items()}

    def of(self, name: Any) -> Any:
        return self.given.setdefault(name, len(self.given) + 1) if isinstance(name, str) else name


NAMES = {"team", "from", "to", "assignee", "was", "on"}


def state_after(events: list[Event]) -> State:
    """The state of a ticket that has events."""
    state = replay(events)
    assert state is not None
    return state


def kept(witness: Witness) -> Memory:
    """The memory of a witness that has seen something, as it comes back from where it was kept."""
    assert witness.memory is not None
    return Memory.from_json(witness.memory.to_json())


def resumed(witness: Witness) -> Witness:
    """Another witness who goes on where this one stopped."""
    return Witness() if witness.memory is None else Witness(kept(witness))
