"""How the open work stands, as a lead asks: what goes late, what nobody has, what is stuck, what waits too long.

Each list has one condition; the figures count by it and the lists show by it, so they agree. Nothing closed is read.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched, listed
from helmdesk.service_levels.lateness import Sql, cap_passed, due_by, due_of_ticket, nearest
from helmdesk.tickets.conditions import seen_by
from helmdesk.tickets.queue import OPEN

WEEK: Final = 7 * 24 * 3_600_000_000
MOVES, ASKED = 3, 2
NEVER: Final = 2**62


class Kind(StrEnum):
    """A list of open tickets, in the order in which a lead looks at it."""

    OPEN = "open"
    LATE = "late"
    TODAY = "today"
    NEXT = "next"
    NOBODY = "nobody"
    STUCK = "stuck"
    ASKED = "asked"
    MOVED = "moved"
    OLD = "old"
    WAITS = "waits"
    WAITING = "waiting"


class Pick(NamedTuple):
    """A ticket on a list, and why it is there. Instants are µs; `due` is the nearest, `moves` hand-overs so far,
    `asked` how often the requester was, `over` since when a wait is longer than it may pause a clock."""

    kind: Kind
    pk: int
    key: int
    due: int | None
    opened_at: int
    moves: int
    asked: int
    contested: bool
    over: int | None


class Standing(NamedTuple):
    """One team's open tickets in numbers, and when the oldest was opened (µs)."""

    team: int
    open: int
    late: int
    today: int
    nobody: int
    stuck: int
    asked: int
    moved: int
    old: int
    waits: int
    waiting: int
    oldest: int


NUMBERS: Final = tuple(Kind(name) for name in Standing._fields[1:-1])


@dataclass(frozen=True, slots=True)
class Charge:
    """The open tickets that a lead looks after: all that they may see; a guest's lead, those of their provider's
    teams. What they asked for themselves is not among them. `midnight` is where their day ends; all µs."""

    viewer: Viewer
    present: int
    midnight: int

    def standings(self) -> list[Standing]:
        """A row for each team that has open tickets."""
        counted = [self._condition(kind) for kind in NUMBERS if kind not in LATENESS]
        late, today = ("d.due <= %s", (self.present,)), ("d.due > %s", (self.present,))
        numbers = [late, today, *counted[1:]]
        due, due_values = due_by(self.viewer, self.midnight)
        whole, values = self._whole()
        sums = ", ".join(f"sum(CASE WHEN {sql} THEN 1 ELSE 0 END)" for sql, _ in numbers)
        sql = f"""SELECT helmdesk_ticket.team_id, count(*), {sums}, min(helmdesk_ticket.opened_at)
        FROM helmdesk_ticket LEFT JOIN ({due}) d ON d.ticket_id = helmdesk_ticket.id {FIGURES}
        WHERE {whole} GROUP BY helmdesk_ticket.team_id ORDER BY helmdesk_ticket.team_id"""  # noqa: S608
        return [Standing(*row) for row in fetched(sql, [*_values(numbers), *due_values, *values])]

    def picks(
        self, wanted: Mapping[Kind, int], *, teams: Collection[int] | None = None, after: tuple[int, int] | None = None
    ) -> list[Pick]:
        """Of each list so many, list by list; of some teams only, or after the row with this key and number."""
        parts = [self._list(kind, most, teams, after) for kind, most in wanted.items()]
        union = " UNION ALL ".join(f"SELECT * FROM ({sql}) w{n}" for n, (sql, _) in enumerate(parts))  # noqa: S608
        due, over = due_of_ticket(self.viewer), cap_passed(self.viewer, self.present)
        contested = self._contested()
        sql = f"""SELECT w.kind, w.id, w.sorted, {due[0]}, helmdesk_ticket.opened_at, coalesce(f.moves, 0),
        {TIMES_ASKED}, CASE WHEN {contested} THEN 1 ELSE 0 END, {over[0]}
        FROM ({union}) w JOIN helmdesk_ticket ON helmdesk_ticket.id = w.id {FIGURES}"""  # noqa: S608
        rows = fetched(sql, [*due[1], *over[1], *_values(parts)])
        order = list(wanted)
        found = (Pick._make((Kind(kind), *rest[:-2], bool(rest[-2]), rest[-1])) for kind, *rest in rows)
        return sorted(found, key=lambda pick: (order.index(pick.kind), pick.key, pick.pk))

    def _list(self, kind: Kind, most: int, teams: Collection[int] | None, after: tuple[int, int] | None) -> Sql:
        """The first of one list: its name, the ticket, and what it is sorted by."""
        key = "k.due_at" if kind in LATENESS else "helmdesk_ticket.opened_at"
        parts = [self._whole(), self._condition(kind)]
        if teams is not None:
            marks, ids = listed(teams)
            parts.append((f"helmdesk_ticket.team_id IN ({marks})", tuple(ids)))
        if after is not None:
            parts.append((f"({key} > %s OR ({key} = %s AND helmdesk_ticket.id > %s))", (after[0], *after)))
        joins = "JOIN helmdesk_clock k ON k.ticket_id = helmdesk_ticket.id" if kind in LATENESS else FIGURES
        where = " AND ".join(f"({sql})" for sql, _ in parts)
        sql = f"""SELECT '{kind.value}' AS kind, helmdesk_ticket.id, {key} AS sorted
        FROM helmdesk_ticket {joins} WHERE {where} ORDER BY {key}, helmdesk_ticket.id LIMIT {most}"""  # noqa: S608
        return sql, _values(parts)

    def _condition(self, kind: Kind) -> Sql:
        """What makes a ticket one of a list; of clocks `k` for those that are about lateness."""
        if kind in LATENESS:
            since = 0 if kind == Kind.LATE else self.present
            until = {Kind.LATE: self.present, Kind.TODAY: self.midnight}.get(kind, NEVER)
            sql, values = nearest(self.viewer)
            return f"{sql} AND k.due_at > %s AND k.due_at <= %s", (*values, since, until)
        elif kind == Kind.OPEN:
            return "1 = 1", ()
        elif kind == Kind.NOBODY:
            return "helmdesk_ticket.assignee_id IS NULL", ()
        elif kind in (Kind.WAITING, Kind.WAITS):
            return self._waits(kind)
        return self._stuck(kind)

    def _stuck(self, kind: Kind) -> Sql:
        asked = f"helmdesk_ticket.wait = 'requester' AND {TIMES_ASKED} >= {ASKED}"
        moved = f"f.moves >= {MOVES}"
        old = "helmdesk_ticket.opened_at < %s"
        sql = {Kind.ASKED: asked, Kind.MOVED: moved, Kind.OLD: old, Kind.STUCK: f"({asked}) OR {moved} OR {old}"}[kind]
        return sql, () if kind in (Kind.ASKED, Kind.MOVED) else (self.present - WEEK,)

    def _waits(self, kind: Kind) -> Sql:
        """What waits; or of it what is contested, or waits longer than a clock may stand still for it."""
        waiting, values = ("helmdesk_ticket.wait IS NOT NULL", tuple[Any, ...]())
        if not self.viewer.internal:
            waiting, values = f"{waiting} AND NOT ({ASKED_ANOTHER})", (self.viewer.provider,)
        if kind == Kind.WAITING:
            return waiting, values
        over, since = cap_passed(self.viewer, self.present)
        return f"{waiting} AND ({over} IS NOT NULL OR {self._contested()})", (*values, *since)

    def _contested(self) -> str:
        """What is said of waits stays in the house."""
        return CONTESTED if self.viewer.internal else "1 = 0"

    def _whole(self) -> Sql:
        seen, values = seen_by(self.viewer)
        parts: list[Sql] = [(OPEN, ()), (seen, values), (NOT_OWN, (self.viewer.person, self.viewer.person))]
        if not self.viewer.internal:
            parts.append((OF_PROVIDER, (self.viewer.provider,)))
        return " AND ".join(f"({sql})" for sql, _ in parts), _values(parts)


TIMES_ASKED: Final = """(SELECT count(*) FROM helmdesk_heldspan h
WHERE h.ticket_id = helmdesk_ticket.id AND h.wait = 'requester')"""
LATENESS: Final = frozenset({Kind.LATE, Kind.TODAY, Kind.NEXT})
FIGURES: Final = "LEFT JOIN helmdesk_ticketfigures f ON f.ticket_id = helmdesk_ticket.id"
OF_PROVIDER: Final = "helmdesk_ticket.team_id IN (SELECT id FROM helmdesk_team WHERE provider_id = %s)"
NOT_OWN: Final = """helmdesk_ticket.requester_id <> %s AND NOT EXISTS (SELECT 1 FROM helmdesk_participant p
WHERE p.ticket_id = helmdesk_ticket.id AND p.person_id = %s)"""
ASKED_ANOTHER: Final = """helmdesk_ticket.wait = 'question' AND helmdesk_ticket.holder_id IN (
SELECT t.id FROM helmdesk_team t JOIN helmdesk_provider p ON p.id = t.provider_id
WHERE p.kind <> 'internal' AND p.id <> %s)"""
"""A question to another provider is not a guest's to know."""
CONTESTED: Final = """(helmdesk_ticket.wait IS NOT NULL AND 'wait.contested' = (
SELECT e.kind FROM helmdesk_event e WHERE e.stream = 1 AND e.stream_id = helmdesk_ticket.id
AND e.n > helmdesk_ticket.wait_position AND e.kind IN ('wait.contested', 'wait.judged') ORDER BY e.n DESC LIMIT 1))"""


def total(standings: Iterable[Standing]) -> dict[Kind, int]:
    """The numbers of some teams together, each by its list."""
    found = dict.fromkeys(NUMBERS, 0)
    for one in standings:
        for kind in NUMBERS:
            found[kind] += getattr(one, kind.value)
    return found


def _values(parts: Iterable[Sql]) -> tuple[Any, ...]:
    return tuple(value for _, values in parts for value in values)
