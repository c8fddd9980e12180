"""The watcher: whatever clocks have come to a share of their target, or past it, is noticed once.

It reads the clocks whose `next_at` has come, by an index that holds only those with something to come: what it costs
follows what is due, never how many clocks there are. A round is one transaction, so that a killed watcher has noticed
a clock wholly or not at all, and the next one goes on. Whom to tell is decided after (`telling`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from helmdesk.calendars.loading import calendar
from helmdesk.foundation.time import to_us
from helmdesk.service_levels import versions
from helmdesk.service_levels.shares import marks, next_after, reached

ROUND: Final = 500


class Due(NamedTuple):
    """A clock with something to be done, as its row has it."""

    pk: int
    ticket: int
    level: int
    n: int
    version: int
    calendar_version: int
    used: int
    target: int
    since: int | None
    due: int | None
    warned: int


_DUE: Final = """
SELECT id, ticket_id, level_id, n, version_id, calendar_version_id, used, target, since, due_at, warned
FROM helmdesk_clock WHERE next_at <= %s ORDER BY next_at, id LIMIT %s
"""
_NOTICE: Final = """
INSERT INTO helmdesk_notice (ticket_id, level_id, n, share, at) VALUES {rows}
ON CONFLICT (ticket_id, level_id, n, share) DO NOTHING
"""
_MOVE: Final = {
    "sqlite": """
UPDATE helmdesk_clock SET warned = v.column2, next_at = v.column3 FROM (VALUES {rows}) AS v WHERE id = v.column1
""",
    "postgresql": """
UPDATE helmdesk_clock SET warned = v.warned, next_at = v.next_at
FROM (VALUES {rows}) AS v (id, warned, next_at) WHERE helmdesk_clock.id = v.id
""",
}
_MOVED: Final = {"sqlite": "(%s, %s, %s)", "postgresql": "(%s::bigint, %s::smallint, %s::bigint)"}


def watch(*, at: datetime) -> int:
    """Notices everything that is due by `at`; returns how many clocks had something to be done."""
    done = 0
    while some := _round(to_us(at)):
        done += some
    return done


def _round(at: int) -> int:
    with transaction.atomic():
        due = _due(at)
        if due:
            _notice(due, at)
    return len(due)


def _due(at: int) -> list[Due]:
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_DUE + lock, [at, ROUND])
        return [Due(*row) for row in cursor.fetchall()]


def _notice(due: Sequence[Due], at: int) -> None:
    """One notice a clock, of the greatest share that has passed, and when to look at it again."""
    read = {term.version: term.read for term in versions.current()}
    notices: list[Any] = []
    moves: list[Any] = []
    for one in due:
        level = read.get(one.version)
        coming = marks(one, level.warn_at if level else (), calendar(one.calendar_version))
        passed = reached(coming, at)
        if passed is not None and passed.share > one.warned:
            notices += (one.ticket, one.level, one.n, passed.share, passed.at)
        warned = max(one.warned, passed.share if passed else 0)
        moves += (one.pk, warned, next_after(coming, warned))
    _insert(_NOTICE, notices, row="(%s, %s, %s, %s, %s)")
    _insert(_MOVE[connection.vendor], moves, row=_MOVED[connection.vendor])


def _insert(statement: str, values: Sequence[Any], *, row: str) -> None:
    if values:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(rows=", ".join([row] * (len(values) // row.count("%s")))), values)
