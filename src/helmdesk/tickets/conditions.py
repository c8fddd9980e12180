"""`visible_to` as a condition in SQL, for statements of our own: compiled by Django once for each kind of viewer."""

from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import Q

from helmdesk.access.viewer import Viewer, readable_audiences
from helmdesk.tickets.models import Message, Ticket
from helmdesk.tickets.seen import ScopedQuery

ANY: "Sql" = ("1 = 1", ())

type Sql = tuple[str, tuple[Any, ...]]
"""A condition or statement, and its values."""


def seen_by(viewer: Viewer) -> Sql:
    """What `visible_to` asks of a ticket."""
    return _seen_by(viewer, connection.vendor)


def said_to(viewer: Viewer) -> Sql:
    """What `visible_to` asks of a message, joined with its audience and its ticket under their tables' names."""
    return _said_to(viewer, connection.vendor)


def readable_by(viewer: Viewer) -> Sql:
    """What is left of `visible_to` for messages of a ticket that this viewer was just shown in their member's hat."""
    return _readable_by(viewer, connection.vendor)


def sql_of(condition: Q) -> Sql:
    """A condition on tickets, without joins."""
    return _sql_of(Ticket.objects.unscoped(reason="only its condition is used, beside another's").filter(condition))


@lru_cache(maxsize=1024)
def _seen_by(viewer: Viewer, _vendor: str) -> Sql:
    return _sql_of(Ticket.objects.visible_to(viewer))


@lru_cache(maxsize=1024)
def _said_to(viewer: Viewer, _vendor: str) -> Sql:
    return _sql_of(Message.objects.visible_to(viewer))


@lru_cache(maxsize=1024)
def _readable_by(viewer: Viewer, _vendor: str) -> Sql:
    messages = Message.objects.unscoped(reason="only its condition is used, on a ticket that was shown")
    return _sql_of(messages.filter(readable_audiences(viewer)))


def _sql_of(rows: ScopedQuery) -> Sql:
    try:
        sql, values = rows.query.get_compiler(connection=connection).compile(rows.query.where)
    except EmptyResultSet:
        return "1 = 0", ()
    except FullResultSet:
        return ANY
    return f"({sql})", tuple(values)
