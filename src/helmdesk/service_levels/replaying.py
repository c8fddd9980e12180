"""Rebuilds the clocks of tickets from their events and the versions of the day, and compares with the rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import batched
from typing import Any, Final

from django.db import transaction

from helmdesk.service_levels import versions
from helmdesk.service_levels.judging import judged
from helmdesk.service_levels.keeping import FACTS, facts, next_due, rows_of
from helmdesk.service_levels.models import ServiceLevel
from helmdesk.service_levels.stories import stories
from helmdesk.service_levels.versions import Term
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.replay import Difference

AT_ONCE: Final = 500

type _Clocks = dict[tuple[int, int], tuple[Any, ...]]


def differences(*, tickets: Iterable[int] | None = None) -> Iterator[Difference]:
    """Every column of every clock that differs from what events and versions say, and every due date that does.

    Some tickets at a time; what seems to differ while somebody is writing is looked at again under its lock.
    """
    everything = Ticket.objects.unscoped(reason="replay compares every clock with its events").order_by("pk")
    ids = everything.values_list("pk", flat=True).iterator(AT_ONCE) if tickets is None else sorted(set(tickets))
    terms = versions.terms()
    codes = dict(ServiceLevel.objects.values_list("pk", "code"))
    for some in batched(ids, AT_ONCE, strict=False):
        suspects = sorted({one.ticket for one in _compared(some, terms, codes)})
        for pk in suspects:
            with transaction.atomic():
                list(everything.filter(pk=pk).select_for_update().values_list("pk"))
                yield from list(_compared([pk], terms, codes))


def _compared(tickets: Collection[int], terms: tuple[Term, ...], codes: dict[int, str]) -> Iterator[Difference]:
    there: dict[int, _Clocks] = defaultdict(dict)
    for (ticket, level, n), row in rows_of(tickets).items():
        there[ticket][level, n] = row
    told, providers = stories(tickets)
    for story in told:
        rows = there[story.ticket]
        if not (story.live or rows):
            continue
        found = judged(story, terms, providers=providers)
        expected = {(one.term.level, one.turn.n): facts(one) for one in found}
        for level, n in sorted(rows.keys() | expected.keys()):
            named = f"clock {codes[level]} {n}"
            yield from _differing(story.ticket, named, rows.get((level, n)), expected.get((level, n)))
        if story.next_due_at != next_due(found):
            yield Difference(story.ticket, "next_due_at", story.next_due_at, next_due(found))


def _differing(
    ticket: int, named: str, row: tuple[Any, ...] | None, expected: tuple[Any, ...] | None
) -> Iterator[Difference]:
    if row is None or expected is None:
        yield Difference(ticket, named, None if row is None else "a row", None if expected is None else "a turn")
        return
    for column, has, should in zip(FACTS, row, expected, strict=False):
        if has != should:
            yield Difference(ticket, f"{named} {column}", has, should)
