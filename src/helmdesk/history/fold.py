"""The one fold from a ticket's events to its state, and to the spans of who held the ball.

Replay, measures and decide read it. Ids are plain integers, instants integer microseconds UTC. `team` is None only
where a foreign source shows no group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

import msgspec

type Phase = Literal["open", "resolved", "closed"]
type HolderKind = Literal["team", "requester", "third", "unknown", "rest"]
type WaitKind = Literal["requester", "third", "parts", "change", "question", "child", "problem", "agreed"]


class Event(msgspec.Struct, frozen=True):
    """One event of stream `ticket:N` as the fold reads it: its n in the stream, kind and version, instant, payload."""

    n: int
    kind: str
    at: int
    what: dict[str, Any]
    v: int = 1


class Wait(msgspec.Struct, frozen=True):
    """A named reason why the ball is not simply with the responsible team; `n` is the event that started it."""

    kind: WaitKind
    on: int | None
    team: int | None
    since: int
    until: int | None
    n: int


class State(msgspec.Struct, frozen=True):
    """What the events of one ticket add up to. `saved` is the state before a merge, kept for its undoing."""

    phase: Phase
    team: int | None
    holder_kind: HolderKind
    holder_id: int | None
    opened_at: int
    assignee: int | None = None
    wait: Wait | None = None
    offered: int | None = None
    merged_into: int | None = None
    resolved_at: int | None = None
    closed_at: int | None = None
    saved: State | None = None


class Span(msgspec.Struct, frozen=True):
    """Who held the ball from `start` to before `end` (None: until now)."""

    start: int
    end: int | None
    holder_kind: HolderKind
    holder_id: int | None
    team: int | None
    wait_kind: WaitKind | None
    assignee: int | None


class Unfoldable(ValueError):
    """An event that cannot follow what came before it, or that this version cannot read."""


class UnknownKind(Unfoldable):
    """A kind of event, or a version of one, that this fold does not know."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"event {event.n}: {event.kind!r} version {event.v} is not known here")
        self.event = event


class OutOfPlace(Unfoldable):
    """A known event in a state that does not allow it, or without a value that it needs."""

    def __init__(self, event: Event, reason: str) -> None:
        super().__init__(f"event {event.n} ({event.kind}): {reason}")
        self.event = event
        self.reason = reason


def fold(state: State | None, event: Event) -> State:
    """The state after one more event; `state` is None before the first, which must be `ticket.opened`.

    Raises UnknownKind or OutOfPlace.
    """
    if event.v != 1 or event.kind not in KINDS:
        raise UnknownKind(event)
    elif state is not None and event.kind in WITHOUT_EFFECT:
        return state
    try:
        return _after(state, event)
    except KeyError as missing:
        raise OutOfPlace(event, f"its payload lacks {missing.args[0]!r}") from None


def replay(events: Iterable[Event]) -> State | None:
    """The state after all of these events, in their order."""
    state = None
    for event in events:
        state = fold(state, event)
    return state


def intervals(events: Iterable[Event]) -> list[Span]:
    """Spans that tile the ticket's life, opened to final close, without gaps, overlaps or empty ones.

    Time at rest before a reopening is part of that life; what comes after the final close is not. An open or merely
    resolved ticket ends in a span whose end is None. Raises Unfoldable, also for an event earlier than the one before.
    """
    starts: list[int] = []
    holdings: list[_Holding] = []
    state = None
    last = None
    for event in events:
        if last is not None and event.at < last:
            raise OutOfPlace(event, "it is earlier than the event before it")
        last = event.at
        state = fold(state, event)
        holding = _holding(state)
        if not holdings or holding != holdings[-1]:
            if starts and starts[-1] == event.at:
                starts.pop()
                holdings.pop()
            if not holdings or holding != holdings[-1]:
                starts.append(event.at)
                holdings.append(holding)
    return _spans(starts, holdings, None if state is None else state.closed_at)


type _Holding = tuple[HolderKind, int | None, int | None, WaitKind | None, int | None]


def _holding(state: State) -> _Holding:
    wait = None if state.wait is None else state.wait.kind
    return state.holder_kind, state.holder_id, state.team, wait, state.assignee


def _spans(starts: list[int], holdings: list[_Holding], closed_at: int | None) -> list[Span]:
    ends = [*starts[1:], closed_at]
    if closed_at is not None:
        ends = [closed_at if end is None or end > closed_at else end for end in ends]
    return [
        Span(start, end, *holding)
        for start, end, holding in zip(starts, ends, holdings, strict=False)
        if end is None or start < end
    ]


def _after(state: State | None, event: Event) -> State:
    if state is None and event.kind != "ticket.opened":
        raise OutOfPlace(event, "the first event must be ticket.opened")
    elif state is None:
        return _opened(event)
    elif event.kind == "ticket.opened":
        raise OutOfPlace(event, "the ticket was opened before")
    else:
        return EFFECTS[event.kind](state, event)


def _opened(event: Event) -> State:
    team = event.what["team"]
    shown = event.what["holder"] == "team" and team is not None
    return State(
        phase="open",
        team=team,
        holder_kind="team" if shown else "unknown",
        holder_id=team if shown else None,
        opened_at=event.at,
    )


def _assigned(state: State, event: Event) -> State:
    return msgspec.structs.replace(state, assignee=event.what["assignee"])


def _handed_over(state: State, event: Event) -> State:
    # A foreign source shows no offer and no acceptance, so an observed hand-over leaves none open.
    offered = event.what["from"] if state.phase == "open" and "src" not in event.what else None
    return _given_to(state, event, offered=offered)


def _given_back(state: State, event: Event) -> State:
    return _given_to(state, event, offered=None)


def _given_to(state: State, event: Event, *, offered: int | None) -> State:
    """The responsible team changes; at rest the ball stays there. To None: to a team that the source does not show."""
    _must_not_wait(state, event)
    to = event.what["to"]
    kind: HolderKind = "rest" if state.phase != "open" else "team" if to is not None else "unknown"
    return msgspec.structs.replace(
        state,
        team=state.team if to is None else to,
        assignee=None,
        offered=offered,
        holder_kind=kind,
        holder_id=to if kind == "team" else None,
    )


def _accepted(state: State, event: Event) -> State:
    return msgspec.structs.replace(state, offered=None)


def _wait_started(state: State, event: Event) -> State:
    _must_be_open(state, event)
    _must_not_wait(state, event)
    what = event.what
    wait = Wait(what["wait"], what["on"], what["team"], event.at, what["until"], event.n)
    kind, holder = _holder_while(wait, state, event)
    return msgspec.structs.replace(state, wait=wait, holder_kind=kind, holder_id=holder)


def _holder_while(wait: Wait, state: State, event: Event) -> tuple[HolderKind, int | None]:
    if wait.kind in {"requester", "agreed"}:
        return "requester", None
    elif wait.kind == "third":
        return "third", wait.on
    elif wait.kind in {"parts", "change"}:
        return state.holder_kind, state.holder_id
    elif wait.kind in ASKS_A_TEAM:
        return ("unknown", None) if wait.team is None else ("team", wait.team)
    else:
        raise OutOfPlace(event, f"{wait.kind!r} is no kind of wait")


def _wait_moved(state: State, event: Event) -> State:
    wait = state.wait
    if wait is None or wait.kind not in ASKS_A_TEAM:
        raise OutOfPlace(event, "no wait on a child, problem or question is going on")
    team = event.what["team"]
    return msgspec.structs.replace(
        state, wait=msgspec.structs.replace(wait, team=team), holder_kind="team", holder_id=team
    )


def _wait_ended(state: State, event: Event) -> State:
    if state.wait is None:
        raise OutOfPlace(event, "no wait is going on")
    return _back_with_team(state, event, wait=None)


def _back_with_team(state: State, event: Event, **changes: Any) -> State:
    """The ball returns to the responsible team, unless an observed event says that the source does not show whom."""
    unknown = event.what.get("holder") == "unknown"
    team = changes.get("team", state.team)
    return msgspec.structs.replace(
        state,
        holder_kind="unknown" if unknown or team is None else "team",
        holder_id=None if unknown else team,
        **changes,
    )


def _resolved(state: State, event: Event) -> State:
    _must_be_open(state, event)
    _must_not_wait(state, event)
    return msgspec.structs.replace(state, phase="resolved", holder_kind="rest", holder_id=None, resolved_at=event.at)


def _reopened(state: State, event: Event) -> State:
    if state.phase == "open":
        raise OutOfPlace(event, "the ticket is open")
    elif state.merged_into is not None:
        raise OutOfPlace(event, "the ticket is merged")
    team = state.team if event.what["team"] is None else event.what["team"]
    return _back_with_team(
        state,
        event,
        phase="open",
        team=team,
        assignee=event.what["assignee"],
        resolved_at=None,
        closed_at=None,
    )


def _closed(state: State, event: Event) -> State:
    if state.phase == "closed":
        raise OutOfPlace(event, "the ticket is closed")
    _must_not_wait(state, event)
    return msgspec.structs.replace(
        state, phase="closed", holder_kind="rest", holder_id=None, closed_at=event.at, offered=None
    )


def _merged(state: State, event: Event) -> State:
    if state.merged_into is not None:
        raise OutOfPlace(event, "the ticket is merged already")
    return msgspec.structs.replace(
        state,
        phase="closed",
        holder_kind="rest",
        holder_id=None,
        wait=None,
        closed_at=event.at,
        merged_into=event.what["into"],
        saved=state,
    )


def _unmerged(state: State, event: Event) -> State:
    if state.saved is None:
        raise OutOfPlace(event, "the ticket is not merged")
    return state.saved


def _must_be_open(state: State, event: Event) -> None:
    if state.phase != "open":
        raise OutOfPlace(event, f"the ticket is {state.phase}")


def _must_not_wait(state: State, event: Event) -> None:
    if state.wait is not None:
        raise OutOfPlace(event, f"the ticket waits on {state.wait.kind}; a wait.ended must come first")


ASKS_A_TEAM: Final = frozenset({"question", "child", "problem"})

EFFECTS: Final[dict[str, Callable[[State, Event], State]]] = {
    "assigned": _assigned,
    "handed_over": _handed_over,
    "hand_over.accepted": _accepted,
    "hand_over.declined": _given_back,
    "hand_over.recalled": _given_back,
    "team.rerouted": _given_back,
    "wait.started": _wait_started,
    "wait.moved": _wait_moved,
    "wait.ended": _wait_ended,
    "resolved": _resolved,
    "reopened": _reopened,
    "closed": _closed,
    "ticket.merged": _merged,
    "ticket.unmerged": _unmerged,
}

WITHOUT_EFFECT: Final = frozenset(
    """
    wait.contested wait.judged merge.received merge.released message.added message.revised subject.revised
    thread.opened participant.added participant.removed classified type.changed prioritised field.set tagged linked
    parent.set split time.logged shared exclusion.asked exclusion.approved exclusion.refused notice.sent
    """.split()
)

KINDS: Final = frozenset({"ticket.opened", *EFFECTS, *WITHOUT_EFFECT})
