"""Follows the ledger: tickets whose streams grew are told anew, in batches of bounded size, from where it stopped."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched, groupby
from operator import itemgetter
from typing import Any, Final

import msgspec
from django.db import connection, transaction
from django.db.models import Max

from helmdesk.access.models import Audience
from helmdesk.foundation.rows import insert_many
from helmdesk.history.fold import Unfoldable
from helmdesk.ledger.models import Event, Stream
from helmdesk.measures.lives import Held, Life, Noted, life_of
from helmdesk.measures.models import Followed, HeldSpan, TicketFigures
from helmdesk.providers.models import Team

EVENTS: Final = 5_000
TICKETS: Final = 500

FIGURES: Final = (
    "ticket_id", "position", "type", "requester_id", "service_id", "site_id", "category_id", "priority", "phase",
    "first_team_id", "team_id", "provider_id", "assignee_id", "opened_at", "responded_at", "first_resolved_at",
    "resolved_at", "closed_at", "closed_how", "merged", "reopened_at", "reopens", "moves", "returns", "asked",
    "exchanges", "worked",
)  # fmt: skip
SPANS: Final = ("ticket_id", "n", "start", "end", "holder", "holder_id", "provider_id", "wait", "overruled")

type Row = tuple[Any, ...]


class _Body(msgspec.Struct):
    what: dict[str, Any]


_decode: Final = msgspec.json.Decoder(_Body).decode


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the events: which audiences the requester belongs to, and whose each team is."""

    to_requester: frozenset[int]
    providers: dict[int, int]

    @classmethod
    def now(cls) -> "Beside":
        audiences = Audience.objects.filter(requester=True).values_list("pk", flat=True)
        return cls(frozenset(audiences), dict(Team.objects.values_list("pk", "provider_id")))


def follow(*, most: int | None = None) -> int:
    """Goes on from where it stopped until the end of the ledger; returns how many events were passed.

    Each batch is one transaction with its place in the ledger, so it can stop at any time. `most` bounds the batches.
    """
    passed, batches = 0, 0
    while most is None or batches < most:
        here = _batch()
        if not here:
            break
        passed, batches = passed + here, batches + 1
    return passed


def _batch() -> int:
    with transaction.atomic():
        place, _made = Followed.objects.select_for_update().get_or_create(pk=1)
        events = Event.objects.filter(seq__gt=place.seq)
        last = place.seq + EVENTS
        end = events.filter(seq__lte=last).aggregate(end=Max("seq"))["end"]
        if end is None:
            return 0
        grown = events.filter(seq__lte=end, stream=Stream.TICKET).values_list("stream_id", flat=True).distinct()
        write(sorted(grown))
        passed: int = end - place.seq
        Followed.objects.filter(pk=1).update(seq=end)
        return passed


def rebuild() -> int:
    """Forgets all rows and writes them anew from the first event; returns how many events were passed."""
    with transaction.atomic():
        Followed.objects.update_or_create(pk=1, defaults={"seq": 0})
        for model in (HeldSpan, TicketFigures):
            model.objects.unscoped(reason="written anew from the events").delete()
    return follow()


def behind() -> int:
    """How many events the rows have not followed yet."""
    last = Event.objects.aggregate(last=Max("seq"))["last"] or 0
    return int(last) - (Followed.objects.filter(pk=1).values_list("seq", flat=True).first() or 0)


def write(tickets: Iterable[int]) -> None:
    """Writes the rows of these tickets anew from their events, in the caller's transaction."""
    beside = Beside.now()
    for some in batched(tickets, TICKETS, strict=False):
        lives = lives_of(some, beside)
        _forget(some)
        table = TicketFigures._meta.db_table
        insert_many(table, FIGURES, [figures_row(ticket, life, beside) for ticket, life in lives.items()])
        spans = [row for ticket, life in lives.items() for row in span_rows(ticket, life.held, beside)]
        insert_many(HeldSpan._meta.db_table, SPANS, spans)


def _forget(tickets: Sequence[int]) -> None:
    marks = ", ".join(["%s"] * len(tickets))
    with connection.cursor() as cursor:
        for model in (HeldSpan, TicketFigures):
            sql = f"DELETE FROM {model._meta.db_table} WHERE ticket_id IN ({marks})"  # noqa: S608 (our own names)
            cursor.execute(sql, list(tickets))


def lives_of(tickets: Collection[int], beside: Beside, *, as_of: int | None = None) -> dict[int, Life]:
    """The lives of these tickets, as far as they were recorded by `as_of` (µs); those that cannot be told are left out.

    What is wrong with such a stream is told by `helmdesk replay`.
    """
    return {
        ticket: life
        for ticket, events in streams(tickets, as_of=as_of)
        if (life := told(events, beside)) is not None
    }  # fmt: skip


def told(events: Sequence[Noted], beside: Beside) -> Life | None:
    try:
        return life_of(events, beside.to_requester)
    except Unfoldable:
        return None


def streams(tickets: Collection[int], *, as_of: int | None = None) -> Iterator[tuple[int, list[Noted]]]:
    """The events of each of these tickets, in order, bounded in memory."""
    for some in batched(sorted(tickets), TICKETS, strict=False):
        events = Event.objects.filter(stream=Stream.TICKET, stream_id__in=some).order_by("stream_id", "n")
        if as_of is not None:
            events = events.filter(recorded_at__lte=as_of)
        columns = events.values_list("stream_id", "n", "kind", "at", "body", "v", "hat", "person", "provider")
        for ticket, rows in groupby(columns.iterator(10_000), key=itemgetter(0)):
            yield (
                ticket,
                [
                    Noted(n, kind, at, _decode(body).what, v, hat, person, provider)
                    for _, n, kind, at, body, v, hat, person, provider in rows
                ],
            )


def figures_row(ticket: int, life: Life, beside: Beside) -> Row:
    """The values of FIGURES, as the database stores them."""
    return (
        ticket, life.n, life.type, life.requester, life.service, life.site, life.category, life.priority, life.phase,
        life.first_team, life.team, beside.providers.get(life.team or 0), life.assignee, life.opened_at,
        life.responded_at, life.first_resolved_at, life.resolved_at, life.closed_at, life.closed_how, life.merged,
        life.reopened_at, life.reopens, life.moves, life.returns, life.asked, life.exchanges, life.worked,
    )  # fmt: skip


def span_rows(ticket: int, held: Sequence[Held], beside: Beside) -> list[Row]:
    """The values of SPANS, one row a span."""
    return [
        (
            ticket, n, span.start, span.end, span.holder, span.holder_id,
            beside.providers.get(span.holder_id or 0) if span.holder == "team" else None, span.wait, span.overruled,
        )
        for n, span in enumerate(held, 1)
    ]  # fmt: skip
