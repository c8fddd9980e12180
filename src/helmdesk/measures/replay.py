"""Compares the rows that figures are made of with what the events say: none differs."""

from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any, Final

from django.db import connection

from helmdesk.ledger.models import Event, Stream
from helmdesk.measures.keeping import FIGURES, SPANS, Beside, figures_row, lives_of, span_rows
from helmdesk.measures.models import Followed, HeldSpan, TicketFigures
from helmdesk.tickets.replay import Difference

AT_ONCE: Final = 500


def differences(*, tickets: Iterable[int] | None = None) -> Iterator[Difference]:
    """Every column that differs from what the events say, of tickets whose every event was followed already."""
    followed = Followed.objects.filter(pk=1).values_list("seq", flat=True).first() or 0
    for some in batched(_all(followed) if tickets is None else sorted(set(tickets)), AT_ONCE, strict=False):
        waiting = Event.objects.filter(stream=Stream.TICKET, stream_id__in=some, seq__gt=followed)
        yield from _compared(sorted(set(some) - set(waiting.values_list("stream_id", flat=True))))


def _all(followed: int) -> Iterator[int]:
    """The tickets that there are rows or events of, in ascending order."""
    rows = TicketFigures.objects.unscoped(reason="replay compares every row with its events")
    streams = Event.objects.filter(stream=Stream.TICKET, seq__lte=followed, n=1).values_list("stream_id", flat=True)
    alone = rows.exclude(pk__in=streams).values_list("pk", flat=True)
    yield from sorted({*streams.iterator(10_000), *alone.iterator(10_000)})


def _compared(tickets: list[int]) -> Iterator[Difference]:
    if not tickets:
        return
    beside = Beside.now()
    lives = lives_of(tickets, beside)
    figures = {row[0]: row for row in _fetched(TicketFigures._meta.db_table, FIGURES, tickets)}
    spans: dict[int, list[tuple[Any, ...]]] = {}
    for row in _fetched(HeldSpan._meta.db_table, SPANS, tickets):
        spans.setdefault(row[0], []).append(row)
    for ticket in tickets:
        life = lives.get(ticket)
        there, says = figures.get(ticket), None if life is None else figures_row(ticket, life, beside)
        yield from _columns(ticket, there, says)
        held = [] if life is None else span_rows(ticket, life.held, beside)
        if spans.get(ticket, []) != held:
            yield Difference(ticket, "held", len(spans.get(ticket, [])), len(held))


def _columns(ticket: int, there: Any, says: Any) -> Iterator[Difference]:
    if there is None or says is None:
        if there is not says:
            yield Difference(ticket, "figures", there and "a row", says and "a ticket")
        return
    for name, row, events in zip(FIGURES, there, says, strict=True):
        if row != events:
            yield Difference(ticket, f"figures.{name}", row, events)


def _fetched(table: str, columns: Iterable[str], tickets: list[int]) -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join(["%s"] * len(tickets))
    order = "ticket_id, n" if '"n"' in names else "ticket_id"
    with connection.cursor() as cursor:
        sql = f"SELECT {names} FROM {table} WHERE ticket_id IN ({marks}) ORDER BY {order}"  # noqa: S608 (our own names)
        cursor.execute(sql, tickets)
        return [tuple(row) for row in cursor.fetchall()]
