"""A ticket's events as small integers, which is all that a clock needs to know of them.

A step is (at, kind, a, b, c); -1 stands for nobody and for unknown. Each kind's a, b, c are said beside its number.
Rules for what is out of order: an event earlier than the one before it is taken as of the same instant (`backdated`
counts them), an event whose n was there before is left out (`doubled`), what comes after `until` has not happened yet.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, Final, Protocol

import msgspec

from helmdesk.clocks.levels import TYPES, WAITS

OPENED: Final = 1  # a team, b 1 when the source does not show who had the ball
ASSIGNED: Final = 2  # a assignee, b 1 by a human
HANDED: Final = 3  # a to, b 1 by a human, c the team that offers it and may get it declined
ACCEPTED: Final = 4
DECLINED: Final = 5  # a to, b 1 by a human
RECALLED: Final = 6  # a to, b 1 by a human; also rerouted
WAITS_ON: Final = 7  # a wait, b team asked or company, c 1 when it was judged not to be true
MOVED: Final = 8  # a team
WAIT_ENDED: Final = 9  # b 1 when the source does not show who had the ball then
RESOLVED: Final = 10  # b 1 by a human
REOPENED: Final = 11  # a team, b 1 when the source does not show who had the ball then, c assignee
CLOSED: Final = 12
MERGED: Final = 13
UNMERGED: Final = 14
RECEIVED: Final = 15  # a source, b when the source was opened
RELEASED: Final = 16  # a source
MESSAGE: Final = 17  # a 1 asked by the requester, 2 said to the requester; by humans
PRIORITISED: Final = 18  # a priority
CLASSIFIED: Final = 19  # a service, b category, c site
TYPED: Final = 20  # a type

REQUESTER: Final = 1
HUMANS: Final = frozenset({1, 2})
SAID: Final = frozenset({"reply", "question", "call"})
ALL_LEVELS: Final = None


class Happened(Protocol):
    """An event as clocks read it: those of history.fold with who did it and when it was recorded."""

    @property
    def n(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def what(self) -> Mapping[str, Any]: ...
    @property
    def hat(self) -> int: ...
    @property
    def recorded_at(self) -> int | None: ...


class Recorded(msgspec.Struct, frozen=True):
    """One event with all that clocks need; `recorded_at` None: when it happened."""

    n: int
    kind: str
    at: int
    what: dict[str, Any]
    v: int = 1
    hat: int = 0
    person: int | None = None
    provider: int | None = None
    recorded_at: int | None = None


class Exclusion(msgspec.Struct, frozen=True):
    """Time that was agreed not to count, for the level of this code or (None) for all."""

    start: int
    end: int
    level: str | None = ALL_LEVELS


class Steps(msgspec.Struct):
    """The columns of one ticket, in order of time, its approved exclusions, and what was out of order."""

    at: list[int] = []
    kind: list[int] = []
    a: list[int] = []
    b: list[int] = []
    c: list[int] = []
    exclusions: list[Exclusion] = []
    backdated: int = 0
    doubled: int = 0

    def add(self, at: int, kind: int, a: int = -1, b: int = 0, c: int = -1) -> None:
        self.at.append(at)
        self.kind.append(kind)
        self.a.append(a)
        self.b.append(b)
        self.c.append(c)


def steps(
    events: Iterable[Happened],
    *,
    public: Container[int | None] | None = None,
    opened: Mapping[int, int] | None = None,
    until: int | None = None,
    as_of: int | None = None,
) -> Steps:
    """One ticket's events, in the order of its stream.

    `public`: ids of the threads that the requester reads; None: all. `opened`: when tickets merged into this one were
    opened, by id. `until`: only what happened by then. `as_of`: only what was recorded by then.
    """
    known = [event for event in events if as_of is None or _recorded(event) <= as_of]
    writing = _Writing(public, opened or {}, _overruled(known))
    last_n, last_at = 0, None
    for event in known:
        if event.n <= last_n:
            writing.out.doubled += 1
            continue
        if until is not None and event.at > until:
            break
        last_n = event.n
        if last_at is not None and event.at < last_at:
            writing.out.backdated += 1
        last_at = event.at if last_at is None else max(last_at, event.at)
        write = WRITERS.get(event.kind)
        if write is not None:
            write(writing, event, last_at)
    writing.out.exclusions = list(_approved(known))
    return writing.out


def _recorded(event: Happened) -> int:
    return event.at if event.recorded_at is None else event.recorded_at


def _overruled(events: Iterable[Happened]) -> frozenset[int]:
    """The n of waits that were judged, in the end, not to have been true."""
    verdicts = {event.what["wait"]: event.what["upheld"] for event in events if _judges(event)}
    return frozenset(n for n, upheld in verdicts.items() if not upheld)


def _judges(event: Happened) -> bool:
    return event.kind == "wait.judged" and "upheld" in event.what


def _approved(events: Iterable[Happened]) -> Iterable[Exclusion]:
    asked: dict[int, Exclusion] = {}
    for event in events:
        what = event.what
        if event.kind == "exclusion.asked":
            asked[event.n] = Exclusion(what["from"], what["to"], what.get("level"))
        elif event.kind == "exclusion.approved" and what["exclusion"] in asked:
            yield asked.pop(what["exclusion"])


class _Writing:
    """What a ticket's events need to be written down."""

    def __init__(self, public: Container[int | None] | None, opened: Mapping[int, int], overruled: frozenset[int]):
        self.out = Steps()
        self.public = public
        self.opened = opened
        self.overruled = overruled


def _human(event: Happened) -> int:
    """A foreign log shows acts without their actors, and counts them as people's."""
    return int(event.hat in HUMANS or "src" in event.what)


def _opened(writing: _Writing, event: Happened, at: int) -> None:
    """What the ticket is about comes first, so that the opening finds it."""
    what = event.what
    _prioritised(writing, event, at)
    if what.get("scope") is not None:
        _classified(writing, event, at)
    if what.get("type") is not None:
        _typed(writing, event, at)
    writing.out.add(at, OPENED, _id(what["team"]), int(what["holder"] != "team"))


def _assigned(writing: _Writing, event: Happened, at: int) -> None:
    human = int(_human(event) and event.what.get("how") != "automatic")
    writing.out.add(at, ASSIGNED, _id(event.what["assignee"]), human)


def _handed(writing: _Writing, event: Happened, at: int) -> None:
    human = int(_human(event) and event.what.get("why") != "automatic")
    offers = -1 if "src" in event.what else _id(event.what.get("from"))
    writing.out.add(at, HANDED, _id(event.what["to"]), human, offers)


def _given(kind: int) -> Callable[[_Writing, Happened, int], None]:
    def write(writing: _Writing, event: Happened, at: int) -> None:
        writing.out.add(at, kind, _id(event.what["to"]), _human(event))

    return write


def _waits(writing: _Writing, event: Happened, at: int) -> None:
    wait = WAITS[event.what["wait"]]
    of = event.what["on"] if wait == WAITS["third"] else event.what["team"]
    writing.out.add(at, WAITS_ON, wait, _id(of), int(event.n in writing.overruled))


def _moved(writing: _Writing, event: Happened, at: int) -> None:
    writing.out.add(at, MOVED, _id(event.what["team"]))


def _wait_ended(writing: _Writing, event: Happened, at: int) -> None:
    writing.out.add(at, WAIT_ENDED, b=_unknown(event))


def _resolved(writing: _Writing, event: Happened, at: int) -> None:
    writing.out.add(at, RESOLVED, b=_human(event))


def _reopened(writing: _Writing, event: Happened, at: int) -> None:
    writing.out.add(at, REOPENED, _id(event.what["team"]), _unknown(event), _id(event.what["assignee"]))


def _plain(kind: int) -> Callable[[_Writing, Happened, int], None]:
    def write(writing: _Writing, event: Happened, at: int) -> None:
        writing.out.add(at, kind)

    return write


def _received(writing: _Writing, event: Happened, at: int) -> None:
    source = event.what["source"]
    writing.out.add(at, RECEIVED, source, writing.opened.get(source, -1))


def _released(writing: _Writing, event: Happened, at: int) -> None:
    writing.out.add(at, RELEASED, event.what["source"])


def _message(writing: _Writing, event: Happened, at: int) -> None:
    """Only what a human says where the requester reads it; the original is the request itself."""
    what = event.what
    read = writing.public is None or what.get("thread") in writing.public
    if event.hat in HUMANS and read and not what.get("auto") and what.get("as") in SAID:
        writing.out.add(at, MESSAGE, 1 if event.hat == REQUESTER else 2)


def _prioritised(writing: _Writing, event: Happened, at: int) -> None:
    if "priority" in event.what:
        writing.out.add(at, PRIORITISED, _id(event.what["priority"]))


def _classified(writing: _Writing, event: Happened, at: int) -> None:
    scope = event.what.get("scope")
    if scope is not None:
        writing.out.add(at, CLASSIFIED, _id(scope["service"]), _id(scope["category"]), _id(scope["site"]))


def _typed(writing: _Writing, event: Happened, at: int) -> None:
    writing.out.add(at, TYPED, TYPES.get(event.what["type"], -1))


def _id(value: int | None) -> int:
    return -1 if value is None else value


def _unknown(event: Happened) -> int:
    return int(event.what.get("holder") == "unknown")


WRITERS: Final[dict[str, Callable[[_Writing, Happened, int], None]]] = {
    "ticket.opened": _opened,
    "assigned": _assigned,
    "handed_over": _handed,
    "hand_over.accepted": _plain(ACCEPTED),
    "hand_over.declined": _given(DECLINED),
    "hand_over.recalled": _given(RECALLED),
    "team.rerouted": _given(RECALLED),
    "wait.started": _waits,
    "wait.moved": _moved,
    "wait.ended": _wait_ended,
    "resolved": _resolved,
    "reopened": _reopened,
    "closed": _plain(CLOSED),
    "ticket.merged": _plain(MERGED),
    "ticket.unmerged": _plain(UNMERGED),
    "merge.received": _received,
    "merge.released": _released,
    "message.added": _message,
    "prioritised": _prioritised,
    "classified": _classified,
    "type.changed": _typed,
}
