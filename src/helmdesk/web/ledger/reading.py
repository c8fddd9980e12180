"""The newest events, page by page: by seq, in pieces of bounded size, however many there are."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Max, QuerySet

from helmdesk.ledger.models import Event, Stream

PAGE: Final = 50
PIECE: Final = 20_000
ALONE: Final = {Stream.CONFIG: 1, Stream.ACCESS: 1}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events are wanted: of a stream or all, of one kind or all."""

    stream: Stream | None = None
    stream_id: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Some events, newest first, and where to look on: `looked_to` when nothing more was found up to there."""

    events: list[Event]
    before: int | None
    looked_to: int | None = None


def part(asked: Asked, *, before: int | None) -> Part:
    """Events older than `before`. Rare ones are looked for in one piece of the ledger at a time."""
    rows = Event.objects.defer("body", "hash").order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    rows, scarce = _narrowed(rows, asked)
    if not scarce:
        return _cut(list(rows[: PAGE + 1]))
    last = before - 1 if before is not None else Event.objects.aggregate(last=Max("seq"))["last"] or 0
    floor = max(0, last - PIECE)
    found = list(rows.filter(seq__gt=floor)[: PAGE + 1])
    if len(found) > PAGE or floor == 0:
        return _cut(found)
    return Part(found, before=floor + 1, looked_to=floor + 1)


def _narrowed(rows: QuerySet[Event], asked: Asked) -> tuple[QuerySet[Event], bool]:
    """The condition, and whether what fits may be far between."""
    stream_id = asked.stream_id
    if asked.stream is not None:
        stream_id = ALONE.get(asked.stream, stream_id)
        rows = rows.filter(stream=asked.stream)
    if stream_id is not None:
        rows = rows.filter(stream_id=stream_id).order_by("-n")
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    many = asked.stream in (None, Stream.TICKET) or stream_id is not None
    return rows, not many or (bool(asked.kind) and stream_id is None)


def _cut(found: list[Event]) -> Part:
    return Part(found[:PAGE], before=found[PAGE - 1].seq if len(found) > PAGE else None)
