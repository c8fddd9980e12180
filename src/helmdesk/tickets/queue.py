"""The queue: the open tickets of a view, narrowed by filters, page by page, in narrow rows.

What is due next comes first, and after it what is not due, newest first.

Written in SQL because it is the page that is looked at most. Each view is one or a few walks, and each walk follows
one index of open tickets until a page is full. Every page is bounded by the condition of `visible_to`, compiled by
Django: in the walk, or asked of what the walks found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched
from helmdesk.tickets.conditions import ANY, Sql, seen_by, sql_of
from helmdesk.tickets.filters import NONE, Filters
from helmdesk.tickets.models import NEVER, Phase

PAGE = 50
CAP = 1000
MOST_WALKS = 8
OPEN = f"helmdesk_ticket.closed_at IS NULL AND helmdesk_ticket.phase = {Phase.OPEN.value}"
DUE = f"coalesce(helmdesk_ticket.next_due_at, {NEVER})"
ORDER = f"ORDER BY {DUE}, helmdesk_ticket.updated_at DESC, helmdesk_ticket.id DESC"
COLUMNS = """id updated_at next_due_at type priority team_id holder holder_id wait wait_on wait_since wait_until
offered_from_id requester_id assignee_id subject_id scope_id ball_position""".split()
SUBJECT = {True: "s.body", False: "coalesce(s.masked_body, s.body)"}


class View(StrEnum):
    """What part of the work is looked at."""

    MINE = "mine"
    TEAM = "team"
    NOBODY = "nobody"
    ALL = "all"


class Row(NamedTuple):
    """One ticket of a queue; instants in microseconds, `since` that of the last event that moved the ball.

    `subject` is the rendition that the viewer may read.
    """

    pk: int
    updated_at: int
    due: int | None
    type: str
    priority: int
    team: int
    holder: str
    holder_id: int | None
    wait: str | None
    wait_on: int | None
    wait_since: int | None
    wait_until: int | None
    offered_from: int | None
    subject: str | None
    requester: int
    requester_name: str
    assignee: int | None
    assignee_name: str | None
    since: int | None


class Key(NamedTuple):
    """Where a page begins: after the row with these; `due` is NEVER where it is not due."""

    due: int
    updated_at: int
    pk: int

    @staticmethod
    def of(row: Row) -> "Key":
        return Key(NEVER if row.due is None else row.due, row.updated_at, row.pk)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and after which row the next page begins; None on the last."""

    rows: list[Row]
    more_after: Key | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What one viewer may see, ready to be asked for counts and pages. `seen` is `visible_to` as a condition."""

    viewer: Viewer
    seen: Sql

    def counts(self) -> "Counts":
        """How many open tickets each view has, at most `CAP` + 1, and the head of the ledger."""
        head = fetched("SELECT seq, hash FROM helmdesk_head WHERE id = 1", [])
        if not head:
            return Counts(_counted(self), 0)
        seq, state = head[0]
        return Counts(_counted_at(self, bytes(state)), seq)

    def page(
        self, view: View, filters: Filters = NONE, *, after: Key | None = None, dense: bool = False, limit: int = PAGE
    ) -> Page:
        """One page of a view. `dense` says that the viewer sees more than `CAP` open tickets."""
        narrowed = [sql_of(filters.condition)] if filters else []
        if after is not None:
            narrowed.append((AFTER, (after.due, after.due, after.updated_at, after.updated_at, after.pk)))
        columns = ", ".join(f"helmdesk_ticket.{name}" for name in COLUMNS)
        conditions = self.walks(view, dense=dense)
        walks = [_walk(columns, one, *narrowed, limit=limit + 1, order=ORDER) for one in conditions]
        # Walks that are not bounded by what may be seen are asked of it afterwards.
        seen = self.seen if any(self.seen[0] not in sql for sql, _ in conditions) else ANY
        found, values = _joined(walks)
        sql = ROWS.format(subject=SUBJECT[self.viewer.unmasked], found=found, seen=seen[0], limit=limit + 1)
        rows = fetched(sql, (*values, *seen[1]))
        page = [Row(*row) for row in rows[:limit]]
        return Page(page, Key.of(page[-1]) if len(rows) > limit else None)

    def walks(self, view: View, *, dense: bool = False) -> list[Sql]:
        """The conditions of the walks of a view, each served by one index, none wider than what may be seen."""
        if view == View.MINE:
            member = self.viewer.membership
            return [_all(("helmdesk_ticket.assignee_id = %s", (member,)), self.seen)] if member else []
        elif view == View.ALL:
            return [self.seen] if dense or self.viewer.scopes.few is None else self._few()
        teams: list[Sql] = [("helmdesk_ticket.team_id = %s", (team,)) for team in sorted(self.viewer.teams)]
        if len(teams) > MOST_WALKS:
            marks = ", ".join("%s" for _ in teams)
            teams = [(f"helmdesk_ticket.team_id IN ({marks})", tuple(sorted(self.viewer.teams)))]
        nobody: Sql = ("helmdesk_ticket.assignee_id IS NULL", ())
        return [_all(team, self.seen) if view == View.TEAM else _all(team, nobody, self.seen) for team in teams]

    def _few(self) -> list[Sql]:
        """For a guest who sees little: through scopes, shares and own tickets, each by its own index."""
        scopes, person = sorted(self.viewer.scopes.few or ()), self.viewer.person
        walks: list[Sql] = [("helmdesk_ticket.requester_id = %s", (person,)), (TAKES_PART, (person,))]
        if self.viewer.shares:
            walks.append((SHARED, (self.viewer.provider,)))
        if scopes:
            walks.append((f"helmdesk_ticket.scope_id IN ({', '.join('%s' for _ in scopes)})", tuple(scopes)))
        return walks


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets each view has, and the last event of the ledger at that moment."""

    of: dict[View, int]
    seq: int

    @property
    def dense(self) -> bool:
        return self.of[View.ALL] > CAP


@lru_cache(maxsize=1024)
def _counted_at(queue: Queue, state: bytes) -> dict[View, int]:
    """Counts change with events only, so they are counted once for a viewer and a state of the ledger."""
    return _counted(queue)


def _counted(queue: Queue) -> dict[View, int]:
    """All views in one statement; who sees more than the cap in one of them need not be counted all of it."""
    parts = {view: _capped(queue.walks(view)) for view in View}
    narrow = ", ".join(f"({parts[view][0]}) AS {view}" for view in View if view != View.ALL)
    sql = f"""
    WITH c AS MATERIALIZED (SELECT {narrow})
    SELECT mine, team, nobody, CASE WHEN mine > {CAP} OR team > {CAP} OR nobody > {CAP} THEN {CAP + 1}
    ELSE ({parts[View.ALL][0]}) END FROM c"""  # noqa: S608
    (numbers,) = fetched(sql, _values(list(parts.values())))
    return dict(zip(View, numbers, strict=True))


def _capped(walks: Sequence[Sql]) -> Sql:
    sql, values = _joined([_walk("helmdesk_ticket.id", one, limit=CAP + 1) for one in walks])
    return f"SELECT count(*) FROM (SELECT id FROM ({sql}) w LIMIT {CAP + 1}) l", values  # noqa: S608


AFTER = f"""{DUE} >= %s AND ({DUE} > %s OR helmdesk_ticket.updated_at < %s
OR (helmdesk_ticket.updated_at = %s AND helmdesk_ticket.id < %s))"""
TAKES_PART = "helmdesk_ticket.id IN (SELECT ticket_id FROM helmdesk_participant WHERE person_id = %s)"
SHARED = """helmdesk_ticket.id IN (SELECT ticket_id FROM helmdesk_share
WHERE provider_id = %s AND closed_at IS NULL AND ended_at IS NULL)"""
ROWS = """
SELECT helmdesk_ticket.id, helmdesk_ticket.updated_at, next_due_at, type, priority, team_id, holder, holder_id, wait,
  wait_on, wait_since, wait_until, offered_from_id, {subject}, requester_id, r.name, m.person_id, a.name,
  (SELECT e.at FROM helmdesk_event e WHERE e.stream = 1 AND e.stream_id = helmdesk_ticket.id AND e.n = ball_position)
FROM ({found}) helmdesk_ticket
JOIN helmdesk_text s ON s.id = subject_id
JOIN helmdesk_person r ON r.id = requester_id
LEFT JOIN helmdesk_membership m ON m.id = assignee_id
LEFT JOIN helmdesk_person a ON a.id = m.person_id
WHERE {seen}
"""
ROWS += f"{ORDER} LIMIT {{limit}}"


def queue_of(viewer: Viewer) -> Queue:
    return Queue(viewer, seen_by(viewer))


def _walk(columns: str, *conditions: Sql, limit: int, order: str = "") -> Sql:
    where, values = _all(*conditions)
    return f"SELECT {columns} FROM helmdesk_ticket WHERE {OPEN} AND {where} {order} LIMIT {limit}", values  # noqa: S608


def _all(*conditions: Sql) -> Sql:
    return " AND ".join(f"({sql})" for sql, _ in conditions), _values(conditions)


def _joined(walks: Sequence[Sql]) -> Sql:
    """One statement of several; what two of them find is found once."""
    if not walks:
        return f"SELECT {', '.join(f'NULL AS {name}' for name in COLUMNS)} WHERE 1 = 0", ()
    elif len(walks) == 1:
        return walks[0]
    else:
        sql = " UNION ".join(f"SELECT * FROM ({sql}) w{n}" for n, (sql, _) in enumerate(walks))  # noqa: S608
        return sql, _values(walks)


def _values(parts: Sequence[Sql]) -> tuple[Any, ...]:
    return tuple(value for _, values in parts for value in values)
