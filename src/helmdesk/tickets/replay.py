"""Rebuilds phase, team, holder, wait and assignee of tickets from their events alone, and compares."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import Max

from helmdesk.foundation.time import from_us
from helmdesk.history.fold import WITHOUT_EFFECT, State, Unfoldable, fold
from helmdesk.history.fold import Event as Happened
from helmdesk.ledger.models import Event, Stream
from helmdesk.tickets.models import Ticket

AT_ONCE: Final = 2000


class _Body(msgspec.Struct):
    what: dict[str, Any]


_decode = msgspec.json.Decoder(_Body).decode


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of one ticket that its events do not account for."""

    ticket: int
    field: str
    row: Any
    events: Any


def folded(ticket: int) -> State | None:
    """The state that the recorded events of one ticket lead to."""
    return _states([ticket]).get(ticket, _NOTHING).state


PHASES = {"open": 1, "resolved": 2, "closed": 3}


def columns(state: State) -> dict[str, Any]:
    """The columns of a ticket that a folded state accounts for, as the database holds them."""
    wait = state.wait
    return {
        "phase": PHASES[state.phase],
        "holder": state.holder_kind,
        "holder_id": state.holder_id,
        "assignee_id": state.assignee,
        "offered_from_id": state.offered,
        "merged_into_id": state.merged_into,
        "wait": None if wait is None else wait.kind,
        "wait_on": None if wait is None else wait.on,
        "wait_since": None if wait is None else from_us(wait.since),
        "wait_until": None if wait is None or wait.until is None else from_us(wait.until),
        "wait_position": None if wait is None else wait.n,
        "resolved_at": None if state.resolved_at is None else from_us(state.resolved_at),
        "closed_at": None if state.closed_at is None else from_us(state.closed_at),
        **({} if state.team is None else {"team_id": state.team}),
    }


def put(state: State, ticket: Ticket) -> None:
    """Sets the columns of a ticket from a folded state."""
    for name, value in columns(state).items():
        setattr(ticket, name, value)


def differences(*, tickets: Iterable[int] | None = None) -> Iterator[Difference]:
    """Every column of every ticket that differs from what its events say; nothing when `replay == live`.

    Goes through the tickets some thousand at a time, in bounded memory and without a long transaction: what seems to
    differ because somebody is writing just then is looked at again under the ticket's lock.
    """
    for rows, states in _pages() if tickets is None else _named(tickets):
        for pk in sorted(rows.keys() | states.keys()):
            if _compared(pk, rows.get(pk), states.get(pk, _NOTHING)):
                yield from _settled(pk)


@dataclass(frozen=True, slots=True)
class _Folded:
    """What the events of one ticket lead to, or why they lead nowhere; `last` is the n of the last one."""

    state: State | None = None
    last: int = 0
    fault: str | None = None


_NOTHING: Final = _Folded()
_COLUMNS: Final = (
    "pk", "position", "phase", "holder", "holder_id", "assignee_id", "offered_from_id", "merged_into_id", "wait",
    "wait_on", "wait_since", "wait_until", "wait_position", "resolved_at", "closed_at", "team_id",
)  # fmt: skip

type _Rows = dict[int, dict[str, Any]]
type _Page = tuple[_Rows, dict[int, _Folded]]


def _rows(**which: Any) -> Any:
    return Ticket.objects.unscoped(reason="replay compares every ticket with its events").filter(**which).order_by("pk")


def _found(rows: Any) -> _Rows:
    return {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in rows.values_list(*_COLUMNS)}


def _pages() -> Iterator[_Page]:
    """All tickets and all ticket streams, in ascending order, page by page."""
    after = 0
    while rows := _found(_rows(pk__gt=after)[:AT_ONCE]):
        end = max(rows)
        yield rows, _states(range(after + 1, end + 1))
        after = end
    beyond = Event.objects.filter(stream=Stream.TICKET, stream_id__gt=after).values_list("stream_id", flat=True)
    for some in batched(beyond.order_by("stream_id").distinct().iterator(AT_ONCE), AT_ONCE, strict=False):
        yield {}, _states(some)


def _named(tickets: Iterable[int]) -> Iterator[_Page]:
    for some in batched(sorted(set(tickets)), AT_ONCE // 4, strict=False):
        yield _found(_rows(pk__in=some)), _states(some)


def _states(ids: Sequence[int]) -> dict[int, _Folded]:
    """The folded streams of these tickets: a range of them all, or each one that is named."""
    within = {"stream_id__range": (ids[0], ids[-1])} if isinstance(ids, range) else {"stream_id__in": list(ids)}
    events = Event.objects.filter(stream=Stream.TICKET, **within)
    lasts = dict(events.order_by().values_list("stream_id").annotate(last=Max("n")))
    telling = events.exclude(kind__in=sorted(WITHOUT_EFFECT), v=1).order_by("stream_id", "n")
    states: dict[int, State] = {}
    faults: dict[int, str] = {}
    for pk, n, kind, v, at, body in telling.values_list("stream_id", "n", "kind", "v", "at", "body").iterator(AT_ONCE):
        if pk not in faults:
            try:
                states[pk] = fold(states.get(pk), Happened(n, kind, at, _decode(body).what, v))
            except (Unfoldable, msgspec.MsgspecError) as fault:
                faults[pk] = str(fault)
    return {pk: _Folded(states.get(pk), last, faults.get(pk)) for pk, last in lasts.items()}


def _settled(pk: int) -> list[Difference]:
    """What differs still while nobody can write to the ticket."""
    with transaction.atomic():
        list(_rows(pk=pk).select_for_update().values_list("pk"))
        return _compared(pk, _found(_rows(pk=pk)).get(pk), _states([pk]).get(pk, _NOTHING))


def _compared(pk: int, row: dict[str, Any] | None, replayed: _Folded) -> list[Difference]:
    if row is None:
        return [Difference(pk, "ticket", None, "events without a ticket")] if replayed.last else []
    elif replayed.fault is not None:
        return [Difference(pk, "events", None, replayed.fault)]
    elif replayed.state is None:
        return [Difference(pk, "events", "a ticket", None)]
    expected = {"position": replayed.last, **columns(replayed.state)}
    return [Difference(pk, name, row[name], value) for name, value in expected.items() if row[name] != value]
