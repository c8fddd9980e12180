"""The slow, obvious twin of the fold: each column asked of the whole list of events, nothing carried along."""

from __future__ import annotations

from helmdesk.history.fold import Event, HolderKind, Phase, Span, State, Wait

TEAM_FROM = {
    "ticket.opened": "team",
    "handed_over": "to",
    "hand_over.declined": "to",
    "hand_over.recalled": "to",
    "team.rerouted": "to",
    "reopened": "team",
}
PHASE: dict[str, Phase] = {
    "ticket.opened": "open",
    "reopened": "open",
    "resolved": "resolved",
    "closed": "closed",
    "ticket.merged": "closed",
}
GIVEN_BACK = {"hand_over.declined", "hand_over.recalled", "team.rerouted"}


def state_of(events: list[Event]) -> State:
    """The state after all events; a merge that was undone never happened."""
    events = without_undone_merges(events)
    return State(
        phase=phase_of(events),
        team=team_of(events),
        holder_kind=holder_of(events)[0],
        holder_id=holder_of(events)[1],
        opened_at=events[0].at,
        assignee=assignee_of(events),
        wait=wait_of(events),
        offered=offered_of(events),
        merged_into=events[-1].what["into"] if merged(events) else None,
        resolved_at=at_of_last(events, "resolved", unless="reopened"),
        closed_at=closed_at_of(events),
        saved=state_of(before_merge(events)) if merged(events) else None,
    )


def without_undone_merges(events: list[Event]) -> list[Event]:
    kept: list[Event] = []
    for event in events:
        if event.kind == "ticket.unmerged":
            kept = before_merge(kept)
        elif event.kind in PHASE or event.kind in TEAM_FROM or event.kind in OTHERS:
            kept.append(event)
    return kept


OTHERS = {"assigned", "hand_over.accepted", "wait.started", "wait.moved", "wait.ended"}


def before_merge(events: list[Event]) -> list[Event]:
    return events[: [event.kind for event in events].index("ticket.merged")]


def merged(events: list[Event]) -> bool:
    return events[-1].kind == "ticket.merged"


def last(events: list[Event], kinds: set[str]) -> int:
    """The place of the last event of these kinds, or -1."""
    return max((place for place, event in enumerate(events) if event.kind in kinds), default=-1)


def phase_of(events: list[Event]) -> Phase:
    return PHASE[events[last(events, set(PHASE))].kind]


def team_of(events: list[Event]) -> int | None:
    named = [event.what[TEAM_FROM[event.kind]] for event in events if event.kind in TEAM_FROM]
    return next((team for team in reversed(named) if team is not None), None)


def assignee_of(events: list[Event]) -> int | None:
    event = events[last(events, {"assigned", *TEAM_FROM})]
    return event.what["assignee"] if event.kind in {"assigned", "reopened"} else None


def wait_of(events: list[Event]) -> Wait | None:
    place = last(events, {"wait.started", "wait.ended", "ticket.merged"})
    if place < 0 or events[place].kind != "wait.started":
        return None
    started = events[place]
    moves = [event.what["team"] for event in events[place:] if event.kind == "wait.moved"]
    team = moves[-1] if moves else started.what["team"]
    return Wait(started.what["wait"], started.what["on"], team, started.at, started.what["until"], started.n)


def holder_of(events: list[Event]) -> tuple[HolderKind, int | None]:
    wait = wait_of(events)
    team = team_of(events)
    if phase_of(events) != "open":
        return "rest", None
    elif wait is not None and wait.kind in {"requester", "agreed"}:
        return "requester", None
    elif wait is not None and wait.kind == "third":
        return "third", wait.on
    elif wait is not None and wait.kind in {"question", "child", "problem"}:
        return ("unknown", None) if wait.team is None else ("team", wait.team)
    elif team is None or unknown(events):
        return "unknown", None
    else:
        return "team", team


def unknown(events: list[Event]) -> bool:
    """Whether the last event that gave the ball to the responsible team does not show which."""
    event = events[last(events, {*TEAM_FROM, "wait.ended"})]
    return event.what.get("holder") == "unknown" or (event.kind in TEAM_FROM and nameless(event))


def nameless(event: Event) -> bool:
    return event.kind != "reopened" and event.what[TEAM_FROM[event.kind]] is None


def offered_of(events: list[Event]) -> int | None:
    place = last(events, {"handed_over", "hand_over.accepted", "closed", *GIVEN_BACK})
    if place < 0 or events[place].kind != "handed_over" or "src" in events[place].what:
        return None
    return events[place].what["from"] if phase_of(events[:place]) == "open" else None


def at_of_last(events: list[Event], kind: str, *, unless: str) -> int | None:
    place = last(events, {kind, unless})
    return events[place].at if place >= 0 and events[place].kind == kind else None


def closed_at_of(events: list[Event]) -> int | None:
    return None if phase_of(events) != "closed" else events[last(events, {"closed", "ticket.merged"})].at


def spans_of(events: list[Event]) -> list[Span]:
    """Each stretch between two instants on its own, then equal neighbours joined."""
    end = state_of(events).closed_at
    instants = sorted({event.at for event in events} | ({end} if end is not None else set()))
    stretches = []
    for start, stop in zip(instants, [*instants[1:], None], strict=True):
        if end is not None and start >= end:
            break
        state = state_of([event for event in events if event.at <= start])
        wait = state.wait.kind if state.wait else None
        stretches.append(Span(start, stop, state.holder_kind, state.holder_id, state.team, wait, state.assignee))
    return joined(stretches)


def joined(spans: list[Span]) -> list[Span]:
    whole: list[Span] = []
    for span in spans:
        if whole and whole[-1].end == span.start and held(whole[-1]) == held(span):
            whole[-1] = Span(whole[-1].start, span.end, *held(span))
        else:
            whole.append(span)
    return whole


def held(span: Span) -> tuple:
    return span.holder_kind, span.holder_id, span.team, span.wait_kind, span.assignee
