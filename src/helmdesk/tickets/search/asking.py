"""Asks the index, for one viewer: newest first, or by relevance among the newest matches.

The viewer's scopes, shares and audiences are part of the question, so a guest who sees little is answered as fast as
anybody; every hit is checked again with `visible_to` before it is shown.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched, listed
from helmdesk.foundation.text import Query, key, parse, to_fts5, to_tsquery
from helmdesk.ledger.models import Hat
from helmdesk.tickets.conditions import Sql, said_to, seen_by
from helmdesk.tickets.search.tables import PLACES

PAGE = 50
RANKED = 2_000
WIDEST = 5_000
NARROW = 24
SEEMS_RARE = 20_000
GATHERED = 10_000
"""On PostgreSQL: expected matches from which on it walks at once, and matches at which gathering is given up."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that answers, and the message that does (None: the ticket's own words)."""

    ticket: int
    message: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of hits, one hit a ticket; `more_before` asks for the next page, None when this was the last.

    A page may be short although more follows: the search looked at `WIDEST` matches, most of them not the viewer's.
    """

    hits: list[Hit]
    more_before: int | None


def search(
    typed: str, *, viewer: Viewer, before: int | None = None, by_relevance: bool = False, limit: int = PAGE
) -> Answer:
    """Tickets that the viewer may see and that answer what was typed."""
    query = parse(typed)
    if not query or (viewer.person is None and viewer.hat != Hat.SYSTEM):
        return Answer([], None)
    asked = bounded(query, viewer)
    columns = ("plain", "whole") if viewer.unmasked else ("plain", "masked")
    if by_relevance:
        return Answer(_checked(_ranked(asked, columns), viewer)[:limit], None)
    return _newest(asked, columns, viewer, before=before, limit=limit)


def bounded(query: Query, viewer: Viewer) -> Query:
    """The same question, asked only of rows whose keys let this viewer find them, as far as that narrows it.

    Of the few tickets of a guest with few scopes most messages are for them; of all the messages that guests may read,
    a guest with many scopes sees much. What either may not see is passed over: every hit is checked.
    """
    if viewer.hat == Hat.SYSTEM:
        return query
    own = key("r", viewer.person or 0)
    if viewer.hat != Hat.MEMBER:
        return query.within(own)
    if viewer.internal:
        return query
    if viewer.scopes.few is not None and len(viewer.scopes.few) <= NARROW:
        return query.within(*(key("s", scope) for scope in sorted(viewer.scopes.few)), *_held(viewer), own)
    return query.within(key("a", 0), *(key("a", pk) for pk in _audiences(viewer)), own)


def _held(viewer: Viewer) -> list[str]:
    return [key("p", viewer.provider)] if viewer.shares and viewer.provider is not None else []


AUDIENCES = """
SELECT id FROM helmdesk_audience WHERE requester = %s
UNION SELECT audience_id FROM helmdesk_audience_providers WHERE provider_id = %s ORDER BY 1
"""


def _audiences(viewer: Viewer) -> list[int]:
    return [row[0] for row in fetched(AUDIENCES, [True, viewer.provider])]


def _newest(query: Query, columns: tuple[str, ...], viewer: Viewer, *, before: int | None, limit: int) -> Answer:
    """Walks matches from the newest ticket on until a page is full; what `viewer` may not see is passed over."""
    below = PLACES * (before if before is not None else 2**42)
    hits: dict[int, Hit] = {}
    looked, step = 0, limit * 2
    while looked < WIDEST:
        rows = _matches(query, columns, below=below, limit=step)
        for hit in _checked(rows, viewer):
            hits.setdefault(hit.ticket, hit)
        looked += len(rows)
        if len(rows) < step:
            return _page(hits, limit, last=True)
        below, step = rows[-1][0], min(step * 4, 1_000)
        if len(hits) > limit:
            return _page(hits, limit, last=False)
    reached = below // PLACES  # some of its rows may not have been looked at
    return Answer(_page(hits, limit, last=True).hits, reached if reached in hits else reached + 1)


def _page(hits: dict[int, Hit], limit: int, *, last: bool) -> Answer:
    page = sorted(hits.values(), key=lambda hit: -hit.ticket)[:limit]
    return Answer(page, None if last and len(hits) <= limit else page[-1].ticket)


def _checked(rows: list[tuple[int, int | None]], viewer: Viewer) -> list[Hit]:
    """The hits of rows that the viewer may see now, whatever the index says, one a ticket, in the rows' order."""
    if not rows:
        return []
    said = {message for _, message in rows if message is not None}
    named = {pk // PLACES for pk, message in rows if message is None}
    messages = _seen(MESSAGES, said, said_to(viewer))
    tickets = _seen(TICKETS, named, seen_by(viewer))
    hits: dict[int, Hit] = {}
    for pk, message in rows:
        ticket = pk // PLACES
        if (ticket in tickets) if message is None else (message in messages):
            hits.setdefault(ticket, Hit(ticket, message))
    return list(hits.values())


MESSAGES = """
SELECT helmdesk_message.id FROM helmdesk_message
JOIN helmdesk_audience ON helmdesk_audience.id = helmdesk_message.audience_id
JOIN helmdesk_ticket ON helmdesk_ticket.id = helmdesk_message.ticket_id
WHERE helmdesk_message.id IN ({ids}) AND {seen}
"""
TICKETS = "SELECT helmdesk_ticket.id FROM helmdesk_ticket WHERE helmdesk_ticket.id IN ({ids}) AND {seen}"


def _seen(statement: str, found: set[int], seen: Sql) -> set[int]:
    """Those of these messages or tickets that the viewer may see."""
    if not found:
        return set()
    marks, ids = listed(found)
    return {row[0] for row in fetched(statement.format(ids=marks, seen=seen[0]), [*ids, *seen[1]])}


def _matches(query: Query, columns: tuple[str, ...], *, below: int, limit: int) -> list[tuple[int, int | None]]:
    if connection.vendor == "sqlite":
        return _rows(
            "SELECT f.rowid, s.message FROM helmdesk_search_fts f JOIN helmdesk_search s ON s.id = f.rowid "
            "WHERE f.helmdesk_search_fts MATCH %s AND f.rowid < %s ORDER BY f.rowid DESC LIMIT %s",
            [to_fts5(query, columns), below, limit],
        )
    where, asked = _vectors(query, columns)
    if _seems_rare(where, asked):
        found = _rows(FEW.format(where=where, most=GATHERED + 1), [*asked, below, limit])
        if found[0][0] <= GATHERED:
            return [(pk, message) for _, pk, message in found if pk is not None]
    return _rows(
        f"SELECT id, message FROM helmdesk_search WHERE ({where}) AND id < %s ORDER BY id DESC LIMIT %s",  # noqa: S608
        [*asked, below, limit],
    )


def _ranked(query: Query, columns: tuple[str, ...]) -> list[tuple[int, int | None]]:
    """The best of the newest `RANKED` matches."""
    if connection.vendor == "sqlite":
        asked = to_fts5(query, columns)
        return _rows(
            "SELECT f.rowid, s.message FROM helmdesk_search_fts f JOIN helmdesk_search s ON s.id = f.rowid "
            "WHERE f.helmdesk_search_fts MATCH %s AND f.rowid >= (SELECT min(rowid) FROM (SELECT rowid FROM "
            "helmdesk_search_fts WHERE helmdesk_search_fts MATCH %s ORDER BY rowid DESC LIMIT %s)) "
            "ORDER BY f.rank LIMIT 200",
            [asked, asked, RANKED],
        )
    newest = _matches(query, columns, below=PLACES << 42, limit=RANKED)
    vector = f"coalesce(plain, {columns[1]})"
    return _rows(
        f"SELECT id, message FROM helmdesk_search WHERE id = ANY(%s) "  # noqa: S608
        f"ORDER BY ts_rank({vector}, %s::tsquery) DESC, id DESC LIMIT 200",
        [[pk for pk, _ in newest], to_tsquery(query)],
    )


def _vectors(query: Query, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    """The condition on PostgreSQL: each column's own index answers, and the two are or-ed."""
    asked = to_tsquery(query)
    return " OR ".join(f"{column} @@ %s::tsquery" for column in columns), [asked] * len(columns)


# All matches, if they are not more than can be gathered, and the newest of them below a place; or just their number.
FEW = """
WITH m AS MATERIALIZED (SELECT id, message FROM helmdesk_search WHERE {where} LIMIT {most})
SELECT c.n, w.id, w.message FROM (SELECT count(*) AS n FROM m) c
LEFT JOIN LATERAL (SELECT id, message FROM m WHERE id < %s ORDER BY id DESC LIMIT %s) w ON true ORDER BY w.id DESC
"""


def _seems_rare(where: str, asked: list[str]) -> bool:
    """Whether PostgreSQL expects so few matches that gathering them may beat walking down from the newest.

    It knows the commonest words only, and expects few of any other: whoever gathers has to stop at some number.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM helmdesk_search WHERE {where}", asked)  # noqa: S608
        plan = cursor.fetchone()[0]
    parsed = plan if isinstance(plan, list) else json.loads(plan)
    return bool(parsed[0]["Plan"]["Plan Rows"] < SEEMS_RARE)


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
