"""What one ticket's events amount to: the typed columns and the spans that every figure is made of.

Plain values in, plain values out; `history.fold` says what an event does. A wait that was judged untrue counts as the
responsible team's own time. An event earlier than the one before it is taken as the same instant.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from helmdesk.history.fold import Event, State, WaitKind, fold

REQUESTER, MEMBER = 1, 2
PHASES = {"open": 1, "resolved": 2, "closed": 3}
ANSWERS = frozenset({"reply", "question", "call"})
ASKED = frozenset({"question"})


class Noted(Event, frozen=True):
    """An event with who did it: hat, person, provider of that moment."""

    hat: int = 0
    person: int | None = None
    provider: int | None = None


class Held(msgspec.Struct, frozen=True):
    """Who had the ball while the ticket was open, from `start` to before `end` (None: still).

    `holder` is team, requester, third or unknown; `holder_id` the team or other company. `overruled` is a wait that
    was judged untrue.
    """

    start: int
    end: int | None
    holder: str
    holder_id: int | None
    wait: WaitKind | None = None
    overruled: bool = False


class Life(msgspec.Struct):
    """One ticket as figures need it; instants and durations in µs. docs/reference/measures.md says each column."""

    n: int = 0
    type: str = ""
    requester: int | None = None
    service: int | None = None
    site: int | None = None
    category: int | None = None
    priority: int | None = None
    phase: int = 1
    first_team: int | None = None
    team: int | None = None
    assignee: int | None = None
    opened_at: int = 0
    responded_at: int | None = None
    first_resolved_at: int | None = None
    resolved_at: int | None = None
    closed_at: int | None = None
    closed_how: str | None = None
    merged: bool = False
    reopened_at: int | None = None
    reopens: int = 0
    moves: int = 0
    returns: int = 0
    asked: int = 0
    exchanges: int = 0
    worked: int | None = None
    last_at: int = 0
    held: list[Held] = []
    duplicates: set[int] = set()


def life_of(events: Sequence[Noted], to_requester: Collection[int]) -> Life | None:
    """The life that these events, in the order of their stream, tell; `to_requester` are audiences with the requester.

    None without events. Raises history.fold.Unfoldable.
    """
    if not events:
        return None
    telling = _Telling(to_requester, _overruled(events))
    for event in events:
        telling.hear(event)
    return telling.told()


def _overruled(events: Sequence[Noted]) -> frozenset[int]:
    """The waits, by the n of the event that began them, whose last judgement says that they were not true."""
    judged = {event.what["wait"]: event.what["upheld"] for event in events if event.kind == "wait.judged"}
    return frozenset(wait for wait, upheld in judged.items() if not upheld)


class _Telling:
    """A life being told, event by event."""

    def __init__(self, to_requester: Collection[int], overruled: frozenset[int]) -> None:
        self.to_requester, self.overruled = to_requester, overruled
        self.life = Life()
        self.state: State | None = None
        self.threads: dict[int, int] = {}
        self.teams: set[int | None] = set()
        self.spans: list[tuple[int, tuple[Any, ...] | None]] = []

    def hear(self, event: Noted) -> None:
        if event.at < self.life.last_at:
            event = msgspec.structs.replace(event, at=self.life.last_at)
        before, self.state = self.state, fold(self.state, event)
        self.life.n, self.life.last_at = event.n, event.at
        if tell := TELLS.get(event.kind):
            tell(self, event)
        if before is not self.state:
            self._move(before, self.state, event.at)

    def _move(self, before: State | None, state: State, at: int) -> None:
        if before is not None and state.team != before.team:
            self.life.moves += 1
            self.life.returns += state.team in self.teams
        self.teams.add(state.team)
        holding = self._holding(state)
        if not self.spans or holding != self.spans[-1][1]:
            self.spans.append((at, holding))

    def _holding(self, state: State) -> tuple[Any, ...] | None:
        """Holder, its id, the wait, whether that was overruled; None at rest."""
        wait = state.wait
        if state.holder_kind == "rest":
            return None
        elif wait is not None and wait.n in self.overruled and state.team is not None:
            return "team", state.team, None, True
        return state.holder_kind, state.holder_id, None if wait is None else wait.kind, False

    def told(self) -> Life:
        life, state = self.life, self.state
        assert state is not None
        life.phase, life.opened_at = PHASES[state.phase], state.opened_at
        life.merged = state.merged_into is not None
        life.resolved_at, life.closed_at = state.resolved_at, state.closed_at
        if life.resolved_at is None or life.team is None:
            life.team, life.assignee = state.team, state.assignee
        if life.merged or state.phase == "open":
            life.resolved_at = None
        life.held = self._held()
        if life.resolved_at is not None:
            life.worked = sum(
                min(span.end or life.resolved_at, life.resolved_at) - span.start
                for span in life.held
                if span.holder == "team" and span.start < life.resolved_at
            )
        return life

    def _held(self) -> list[Held]:
        ends: list[int | None] = [start for start, _ in self.spans[1:]]
        ends.append(None)
        return [
            Held(start, end, *holding)
            for (start, holding), end in zip(self.spans, ends, strict=True)
            if holding is not None and start != end
        ]

    def opened(self, event: Noted) -> None:
        what, life = event.what, self.life
        life.first_team, life.requester = what["team"], what.get("requester")
        life.type, life.priority = what.get("type") or "", what.get("priority")
        self.classified(event)

    def classified(self, event: Noted) -> None:
        scope = event.what.get("scope") or {}
        self.life.service, self.life.site = scope.get("service"), scope.get("site")
        self.life.category = scope.get("category")

    def prioritised(self, event: Noted) -> None:
        priority = event.what["priority"]
        self.life.priority = self.life.priority if priority is None else priority

    def retyped(self, event: Noted) -> None:
        self.life.type = event.what["type"]

    def thread_opened(self, event: Noted) -> None:
        self.threads[event.what["thread"]] = event.what["audience"]

    def said(self, event: Noted) -> None:
        """A human's words to the requester answer; the requester's own, before it was first solved, ask again."""
        what, life = event.what, self.life
        if what["auto"] or self.threads.get(what["thread"]) not in self.to_requester:
            return
        if event.hat == MEMBER and what["as"] in ANSWERS and life.responded_at is None:
            life.responded_at = event.at
        elif event.hat == REQUESTER and what["as"] != "original" and life.first_resolved_at is None:
            life.exchanges += 1

    def waited(self, event: Noted) -> None:
        self.life.asked += event.what["wait"] in ASKED

    def resolved(self, event: Noted) -> None:
        life, state = self.life, self.state
        assert state is not None
        if life.responded_at is None and event.hat == MEMBER:
            life.responded_at = event.at
        if life.first_resolved_at is None:
            life.first_resolved_at = event.at
        life.team, life.assignee = state.team, state.assignee

    def reopened(self, event: Noted) -> None:
        self.life.reopens += 1
        self.life.team, self.life.closed_how = None, None
        if self.life.reopened_at is None:
            self.life.reopened_at = event.at

    def closed(self, event: Noted) -> None:
        self.life.closed_how = event.what.get("how")

    def linked(self, event: Noted) -> None:
        if event.what["link"] == "duplicate":
            there = self.life.duplicates
            self.life.duplicates = there | {event.what["to"]} if event.what["on"] else there - {event.what["to"]}


TELLS = {
    "ticket.opened": _Telling.opened,
    "classified": _Telling.classified,
    "prioritised": _Telling.prioritised,
    "type.changed": _Telling.retyped,
    "thread.opened": _Telling.thread_opened,
    "message.added": _Telling.said,
    "wait.started": _Telling.waited,
    "resolved": _Telling.resolved,
    "reopened": _Telling.reopened,
    "closed": _Telling.closed,
    "linked": _Telling.linked,
}
