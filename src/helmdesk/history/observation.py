"""What a foreign source shows of one ticket, row by row, told as the events of our own ledger, in names instead of ids.

Each row gives exactly one outcome: `Made` events, `Unchanged`, or `Refused`. What the source does not show stays
unknown: without a group the holder is unknown, a wait on the requester has no question. Whoever writes the events
puts ids for names and commitments for texts. Steps carry these names: `team`, `from`, `to` (groups), `assignee`, `was`
(agents), `requester`, `opened_by`, `on` (a company or problem), `scope` (service, site, category as a path), and texts
as `subject`, `text`. `from` None: not shown who had it before, so no hand-over to count; `to` None: not shown to whom.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from helmdesk.history.fold import Phase, WaitKind

OWN_FIELD: Final = "field."
SEEN: Final = "already brought in"
NOTHING_NEW: Final = "changes nothing that is tracked"
RANKS: Final = ("impact", "urgency", "priority")
PLACES: Final = ("service", "site", "category")


class Row(msgspec.Struct, frozen=True):
    """What one row shows, normalised; `at` is its instant in microseconds UTC, `digest` 16 bytes that identify it.

    `values` may hold: phase, wait, third, problem, status, group, agent, requester, opened_by, type, channel, subject,
    description, resolution, impact, urgency, priority (integers, 1 first), service, site, category (a tuple, outermost
    first), opened_at, resolved_at, closed_at (microseconds), held (whether the group shown had it from the opening on;
    default yes) and own fields as `field.code`. A key that is absent says nothing; None says that nobody is shown.
    """

    number: int
    external_id: str
    digest: bytes
    at: int
    values: dict[str, Any]
    note: str | None = None


class Refused(msgspec.Struct, frozen=True):
    """A row that was left out: the value at fault, why, and what to do about it."""

    number: int
    external_id: str
    field: str
    value: str
    reason: str
    cure: str


class Unchanged(msgspec.Struct, frozen=True):
    """A row that makes no event."""

    number: int
    external_id: str
    reason: str


class Step(msgspec.Struct, frozen=True):
    """One event that the source shows; `what` is its payload in names, `src` included."""

    kind: str
    at: int
    what: dict[str, Any]


class Made(msgspec.Struct, frozen=True):
    """A row that shows events, in their order, never earlier than those before."""

    number: int
    external_id: str
    digest: bytes
    steps: list[Step]
    note: str | None = None


type Outcome = Made | Unchanged | Refused


class Memory(msgspec.Struct, omit_defaults=True):
    """What was last shown of one ticket, so that later rows of it can be told from there.

    Kept by the importer as JSON (`to_json`, `from_json`). `agent` is a name, to be blanked when that person is erased;
    of texts it keeps digests only. `known`: whether the source shows who is responsible now.
    """

    at: int
    phase: Phase = "open"
    wait: WaitKind | None = None
    on: str | None = None
    group: str | None = None
    known: bool = False
    agent: str | None = None
    status: str | None = None
    type: str | None = None
    ranks: tuple[int | None, int | None, int | None] = (None, None, None)
    scope: tuple[str | None, str | None, tuple[str, ...] | None] = (None, None, None)
    texts: dict[str, str] = {}
    seen: list[str] = []

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Memory:
        return msgspec.json.decode(text, type=cls)


def steps(rows: Iterable[Row | Refused], memory: Memory | None = None) -> Iterator[Outcome]:
    """One outcome a row, for rows of one ticket in order of time. A Witness keeps the memory for a later time."""
    witness = Witness(memory)
    return (witness.take(row) for row in rows)


class Witness:
    """Watches one ticket through the rows of its source. `memory` is None until a first row was understood."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.memory = memory
        self._seen = set() if memory is None else set(memory.seen)

    def take(self, row: Row | Refused) -> Outcome:
        if isinstance(row, Refused):
            return row
        mark = row.digest[:8].hex()
        if mark in self._seen:
            return Unchanged(row.number, row.external_id, SEEN)
        fault = self._fault(row)
        if fault is not None:
            return fault
        telling = _Telling(row, self.memory)
        self.memory = telling.memory
        self.memory.seen.append(mark)
        self._seen.add(mark)
        if telling.steps:
            return Made(row.number, row.external_id, row.digest, telling.steps, row.note)
        else:
            return Unchanged(row.number, row.external_id, NOTHING_NEW)

    def _fault(self, row: Row) -> Refused | None:
        values = row.values
        floor = values.get("opened_at", row.at) if self.memory is None else self.memory.at
        if self.memory is not None and row.at < floor:
            reason = "is earlier than what is recorded of this ticket"
            return _refused(row, "updated", row.at, reason, "bring the rows of a ticket in, in order of time")
        before = "its opening" if self.memory is None else "what is recorded of this ticket"
        for field, at in self._new_rests(values):
            if at < floor:
                return _refused(row, field, at, f"is earlier than {before}", "correct it, or leave the column out")
            floor, before = at, f"it was {field}"
        return None

    def _new_rests(self, values: dict[str, Any]) -> list[tuple[str, int]]:
        """The instants of rest that this row would tell, in their order."""
        was = "open" if self.memory is None else self.memory.phase
        phase = values.get("phase", was)
        told: list[str] = []
        if was == "open" and phase != "open":
            told.append("resolved")
        if was != "closed" and phase == "closed":
            told.append("closed")
        return [(field, at) for field in told if (at := values.get(f"{field}_at")) is not None]


def _refused(row: Row, field: str, at: int, reason: str, cure: str) -> Refused:
    shown = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).isoformat()
    return Refused(row.number, row.external_id, field, shown, reason, cure)


class _Telling:
    """The steps that one row shows, given what was shown before."""

    def __init__(self, row: Row, memory: Memory | None) -> None:
        self.row = row
        self.values = row.values
        self.steps: list[Step] = []
        self.src = {"row": row.number, "digest": row.digest.hex()}
        self.phase: Phase = self.values.get("phase", "open" if memory is None else memory.phase)
        self.memory = self._opening() if memory is None else memory
        self.wait: tuple[WaitKind, str | None] | None = None
        self._tell()
        self.memory.at = max(self.memory.at, row.at)

    def _tell(self) -> None:
        """Everything before a new rest happens by its instant at the latest, and nothing before what was told."""
        memory = self.memory
        before = memory.phase
        at = max(memory.at, min([self.row.at, *self._rests()]))
        wait = self.wait = self._wait()
        group = self.values.get("group", memory.group)
        moved = group != memory.group
        if before != "open" and (self.phase == "open" or (before == "closed" and self.phase == "resolved")):
            self._reopen(at)
        if memory.wait is not None and (moved or wait != (memory.wait, memory.on)):
            self._end_wait(at, moved=moved)
        if moved:
            self._hand_over(at, group)
        self._assign(at)
        self._revise(at)
        if wait is not None and memory.wait is None:
            self._start_wait(at, *wait)
        self._rest(at)

    def _step(self, kind: str, at: int, **what: Any) -> None:
        what["src"] = self.src
        self.steps.append(Step(kind, at, what))

    def _opening(self) -> Memory:
        """The ticket opens when the source says, at the latest with its first row."""
        values = self.values
        at = min(values.get("opened_at", self.row.at), self.row.at)
        group = values.get("group")
        known = group is not None and values.get("held", True)
        # Where a finished ticket shows one group only, it is responsible, but who held the ball stays unknown.
        shown = group if known or self.phase != "open" else None
        memory = Memory(at, group=shown, known=known, **self._first_shown())
        impact, urgency, priority = memory.ranks
        self._step(
            "ticket.opened",
            at,
            type=values.get("type", "incident"),
            channel=values.get("channel", "import"),
            team=group,
            requester=values.get("requester"),
            opened_by=values.get("opened_by"),
            scope=_scope(memory),
            impact=impact,
            urgency=urgency,
            said_urgency=None,
            priority=priority,
            matrix=None,
            subject=values.get("subject"),
            holder="team" if known else "unknown",
        )
        self._say_first(at)
        return memory

    def _first_shown(self) -> dict[str, Any]:
        values = self.values
        return {
            "status": values.get("status"),
            "type": values.get("type", "incident"),
            "ranks": tuple(values.get(rank) for rank in RANKS),
            "scope": tuple(values.get(place) for place in PLACES),
            "texts": {key: _mark(values[key]) for key in values if _is_text(key) and values[key] is not None},
            "seen": [],
        }

    def _say_first(self, at: int) -> None:
        values = self.values
        if values.get("description"):
            self._step(
                "message.added", at, message=None, thread=None, text=values["description"], auto=False, files=0,
                **{"as": "original"},
            )  # fmt: skip
        for key in values:
            if key.startswith(OWN_FIELD) and values[key] is not None:
                self._step("field.set", at, field=key.removeprefix(OWN_FIELD), value=None, text=values[key])

    def _rests(self) -> list[int]:
        """The instants at which the source says that the ticket came to its new rest."""
        values = self.values
        if self.phase in {self.memory.phase, "open"}:
            return []
        named = ("resolved_at", "closed_at") if self.memory.phase == "open" else ("closed_at",)
        return [values[name] for name in named if values.get(name) is not None]

    def _wait(self) -> tuple[WaitKind, str | None] | None:
        """The wait that the row shows, and on whom; what it does not show goes on as long as the ticket is open."""
        memory, values = self.memory, self.values
        if self.phase != "open":
            return None
        elif "phase" not in values and "wait" not in values:
            return None if memory.wait is None else (memory.wait, memory.on)
        kind = values.get("wait")
        on = memory.on if kind == memory.wait else None
        if kind == "third":
            on = values.get("third") or on
        elif kind == "problem":
            # A problem named late is no other wait.
            on = on if memory.wait == "problem" else values.get("problem")
        return None if kind is None else (kind, on)

    def _reopen(self, at: int) -> None:
        memory = self.memory
        unknown = {} if memory.group is not None else {"holder": "unknown"}
        self._step("reopened", at, team=memory.group, assignee=memory.agent, why="observed", **unknown)
        memory.phase = "open"
        memory.known = memory.group is not None

    def _end_wait(self, at: int, *, moved: bool) -> None:
        memory = self.memory
        why = "handed_over" if moved else "ended" if self.phase == "open" else "resolved"
        unknown = {} if memory.known else {"holder": "unknown"}
        self._step("wait.ended", at, why=why, **unknown)
        memory.wait = memory.on = None

    def _hand_over(self, at: int, group: str | None) -> None:
        memory = self.memory
        self._step("handed_over", at, to=group, why="hand_over", **{"from": memory.group if memory.known else None})
        memory.group = group
        memory.known = group is not None
        memory.agent = None

    def _assign(self, at: int) -> None:
        memory = self.memory
        agent = self.values.get("agent", memory.agent)
        if agent != memory.agent:
            how = "release" if agent is None else "assign"
            self._step("assigned", at, assignee=agent, was=memory.agent, how=how)
            memory.agent = agent

    def _start_wait(self, at: int, kind: WaitKind, on: str | None) -> None:
        self._step("wait.started", at, wait=kind, on=on, team=None, message=None, call=False, until=None)
        self.memory.wait = kind
        self.memory.on = on

    def _rest(self, at: int) -> None:
        memory, values = self.memory, self.values
        if self.phase in {memory.phase, "open"}:
            return
        resolved_at = values.get("resolved_at")
        if memory.phase == "open" and (self.phase == "resolved" or resolved_at is not None):
            at = max(at, resolved_at if resolved_at is not None else self.row.at)
            self._step("resolved", at, team=memory.group, how=values.get("resolution") or "unknown")
        if self.phase == "closed":
            closed_at = values.get("closed_at")
            at = max(at, closed_at if closed_at is not None else self.row.at)
            self._step("closed", at, how="observed")
        memory.phase = self.phase
        memory.at = at

    def _revise(self, at: int) -> None:
        """What changed besides who has the ball."""
        memory, values = self.memory, self.values
        ranks = tuple(values.get(rank, was) for rank, was in zip(RANKS, memory.ranks, strict=True))
        if ranks != memory.ranks:
            impact, urgency, priority = ranks
            was = memory.ranks[2]
            self._step(
                "prioritised", at, impact=impact, urgency=urgency, priority=priority, matrix=None, reason="observed",
                was=was,
            )  # fmt: skip
            memory.ranks = (impact, urgency, priority)
        service, site, category = (values.get(place, was) for place, was in zip(PLACES, memory.scope, strict=True))
        if (service, site, category) != memory.scope:
            was_scope = _scope(memory)
            memory.scope = (service, site, category)
            self._step("classified", at, scope=_scope(memory), was=was_scope)
        if values.get("type", memory.type) != memory.type:
            self._step("type.changed", at, type=values["type"], was=memory.type)
            memory.type = values["type"]
        self._revise_status(at)
        self._revise_texts(at)

    def _revise_status(self, at: int) -> None:
        """A status of the source that says more than our phase and wait do: from new to in progress."""
        memory = self.memory
        status = self.values.get("status", memory.status)
        if status != memory.status:
            quiet = self.phase == "open" and memory.phase == "open" and not self._moves_wait()
            if quiet:
                self._step("field.set", at, field="status", value=status, text=None)
            memory.status = status

    def _moves_wait(self) -> bool:
        ended = any(step.kind in {"wait.ended", "reopened"} for step in self.steps)
        return ended or (self.wait is not None and self.memory.wait is None)

    def _revise_texts(self, at: int) -> None:
        memory, values = self.memory, self.values
        for key in values:
            if not _is_text(key):
                continue
            text = values[key]
            mark = None if text is None else _mark(text)
            if mark == memory.texts.get(key):
                continue
            if key == "subject" and text is not None:
                self._step("subject.revised", at, cause="edit", text=text)
            elif key.startswith(OWN_FIELD):
                self._step("field.set", at, field=key.removeprefix(OWN_FIELD), value=None, text=text)
            memory.texts.pop(key, None)
            if mark is not None:
                memory.texts[key] = mark


def _is_text(key: str) -> bool:
    return key == "subject" or key.startswith(OWN_FIELD)


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _scope(memory: Memory) -> dict[str, Any]:
    service, site, category = memory.scope
    return {"service": service, "site": site, "category": category, "flags": 0}
