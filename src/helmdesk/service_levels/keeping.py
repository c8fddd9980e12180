"""Keeps the clocks in step: within every verb those of its tickets are judged anew, and what differs is written."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any, Final

from helmdesk.clocks.levels import Binds
from helmdesk.foundation.statements import fetched, listed, run
from helmdesk.foundation.time import from_us
from helmdesk.service_levels import versions
from helmdesk.service_levels.judging import OPEN, Judged, judged
from helmdesk.service_levels.models import BREACH
from helmdesk.service_levels.shares import marks, next_after
from helmdesk.service_levels.stories import TELLING, stories
from helmdesk.service_levels.versions import Term
from helmdesk.tickets.deadlines import set_next_due
from helmdesk.tickets.facts import TicketsChanged


def keep(changed: TicketsChanged) -> None:
    """Within a verb's transaction: the clocks of its tickets are as its events make them."""
    if TELLING.isdisjoint(changed.kinds):
        return
    if terms := versions.current():
        for some in batched(changed.tickets, _AT_ONCE, strict=False):
            retime(some, terms)


def retime(tickets: Collection[int], terms: Sequence[Term], *, brought_in: bool = False, silent_before: int = 0) -> int:
    """Judges tickets anew, as of their last event, and writes what differs; returns how many rows did.

    Their rows must be locked by the caller. A ticket that was brought in and never worked on here has no clocks unless
    `brought_in` says so. Nobody is told of what is due before `silent_before`.
    """
    told, providers = stories(tickets)
    there = rows_of(tickets)
    written: list[tuple[Any, ...]] = []
    gone: list[_Key] = []
    for story in told:
        if not (story.live or brought_in):
            continue
        found = judged(story, terms, providers=providers)
        silent = silent_before if brought_in else max(silent_before, story.live_since)
        written += _differing(story.ticket, found, there, silent)
        keys = {(story.ticket, one.term.level, one.turn.n) for one in found}
        gone += [key for key in there if key[0] == story.ticket and key not in keys]
        due = next_due(found)
        if due != story.next_due_at:
            set_next_due(story.ticket, None if due is None else from_us(due))
    _forget(gone)
    _write(written)
    return len(written) + len(gone)


def next_due(found: Iterable[Judged]) -> int | None:
    """When the next promise to the requester is used up, or was: what parties owe each other is not a ticket's due."""
    return min(
        (
            one.turn.due
            for one in found
            if one.turn.verdict in OPEN and one.turn.due is not None and one.term.read.binds == Binds.REQUESTER
        ),
        default=None,
    )


# --- rows, as the database holds them ---

type _Key = tuple[int, int, int]

KEY: Final = ("ticket_id", "level_id", "n")
FACTS: Final = (
    "version_id", "calendar_version_id", "metric", "binds", "party", "verdict", "start", "stop", "used", "gross",
    "target", "since", "due_at", "why", "judged_at",
)  # fmt: skip
WATCHED: Final = ("warned", "next_at")
COLUMNS: Final = (*KEY, *FACTS, *WATCHED)
_READ: Final = f"SELECT {', '.join(COLUMNS)} FROM helmdesk_clock WHERE ticket_id IN ({{tickets}})"  # noqa: S608 (our own names)
_UPSERT: Final = (
    f"INSERT INTO helmdesk_clock ({', '.join(COLUMNS)}) VALUES {{rows}} "  # noqa: S608 (our own names)
    f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*FACTS, *WATCHED))
)
_ROW: Final = f"({', '.join(['%s'] * len(COLUMNS))})"
_AT_ONCE: Final = 100


def facts(one: Judged) -> tuple[Any, ...]:
    """What a row says of a turn, in the order of FACTS: all that follows from events and versions alone."""
    term, turn = one.term, one.turn
    return (
        term.version, term.calendar_version, term.read.metric.value, term.read.binds.value, term.read.party,
        turn.verdict.value, turn.start, turn.stop, turn.used, turn.gross, turn.target, turn.since, turn.due, turn.why,
        one.judged_at,
    )  # fmt: skip


def rows_of(tickets: Collection[int]) -> dict[_Key, tuple[Any, ...]]:
    """The clocks of tickets by KEY: FACTS, then WATCHED."""
    marks, ids = listed(tickets)
    return {row[:3]: tuple(row[3:]) for row in fetched(_READ.format(tickets=marks), ids)}


def _differing(
    ticket: int, found: Iterable[Judged], there: dict[_Key, tuple[Any, ...]], silent: int
) -> Iterator[tuple[Any, ...]]:
    for one in found:
        key = (ticket, one.term.level, one.turn.n)
        was = there.get(key)
        says = facts(one)
        if was is None or was[: len(FACTS)] != says:
            warned = _unsaid(one, silent) if was is None else was[len(FACTS)]
            yield (*key, *says, warned, _next(one, warned))


def _unsaid(one: Judged, silent: int) -> int:
    """What was missed before anybody worked on the ticket here is nobody's to be told of."""
    return BREACH if one.turn.due is not None and one.turn.due < silent else 0


def _next(one: Judged, warned: int) -> int | None:
    if one.turn.stop is not None:
        return None
    return next_after(marks(one.turn, one.term.read.warn_at, one.term.calendar), warned)


def _write(rows: Sequence[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        run(_UPSERT.format(rows=", ".join([_ROW] * len(some))), [value for row in some for value in row])


def _forget(keys: Iterable[_Key]) -> None:
    """Turns that there were not after all: a judgement or another version made others of them."""
    for key in keys:
        run("DELETE FROM helmdesk_clock WHERE ticket_id = %s AND level_id = %s AND n = %s", list(key))
