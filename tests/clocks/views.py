"""How a ticket stands after each of its events, by the fold of history: what the slow twin of the walk looks at."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from helmdesk.clocks.levels import TYPES
from helmdesk.clocks.steps import Recorded
from helmdesk.history.fold import KINDS, Event, State, fold

PASSES = {"handed_over", "hand_over.declined", "hand_over.recalled", "team.rerouted"}


@dataclass
class View:
    """How a ticket stands, as clocks see it."""

    phase: str = "none"
    team: int | None = None
    holder: tuple[str, int | None] = ("unknown", None)
    owned: bool = False
    wait: str | None = None
    wait_n: int = 0
    priority: int | None = None
    service: int | None = None
    category: int | None = None
    site: int | None = None
    type: int | None = None


def views(events: list[Recorded]) -> list[tuple[Recorded, View]]:
    """Each event with how the ticket stands after it; instants never go back."""
    judged = {e.what["wait"]: e.what["upheld"] for e in events if e.kind == "wait.judged" and "upheld" in e.what}
    state: State | None = None
    saved: View | None = None
    view = View()
    out = []
    for event in events:
        before, view = view, copy.copy(view)
        if event.kind in KINDS:
            state = fold(state, Event(event.n, event.kind, event.at, event.what))
            overruled = state.wait is not None and judged.get(state.wait.n) is False
            view.phase = "merged" if state.merged_into is not None else state.phase
            view.team = state.team
            if not overruled:
                view.holder = state.holder_kind, state.holder_id
                view.wait = None if state.wait is None else state.wait.kind
                view.wait_n = 0 if state.wait is None else state.wait.n
        view.owned = owned(view, event)
        if event.kind == "ticket.merged":
            saved = before
        if event.kind == "ticket.unmerged" and saved is not None:
            view.owned = saved.owned
        about(view, event)
        out.append((event, view))
    return out


def owned(view: View, event: Recorded) -> bool:
    what = event.what
    if event.kind == "assigned":
        if what["assignee"] is None:
            return False
        return view.owned or (human(event) and what.get("how") != "automatic")
    elif event.kind in PASSES:
        return False
    elif event.kind == "reopened":
        return what["assignee"] is not None
    return view.owned


def about(view: View, event: Recorded) -> None:
    what = event.what
    if event.kind in {"ticket.opened", "prioritised"}:
        view.priority = what["priority"]
    if event.kind in {"ticket.opened", "classified"}:
        view.service, view.category, view.site = (what["scope"][name] for name in ("service", "category", "site"))
    if event.kind in {"ticket.opened", "type.changed"}:
        view.type = TYPES[what["type"]]


def human(event: Recorded) -> bool:
    return event.hat in {1, 2} or "src" in event.what
