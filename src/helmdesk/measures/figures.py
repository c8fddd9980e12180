"""Every figure of a ticket's life, defined once: which tickets it is about, when they count, and what each adds.

docs/reference/measures.md says the same in words, and a test holds the two together. Durations are µs, gross of every
calendar unless said; what working calendars and promises say of a ticket is in `measures.attainment`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from helmdesk.inference.means import mean
from helmdesk.inference.proportions import Interval, wilson
from helmdesk.inference.quantiles import Estimate, percentile

FEW: Final = 30
"""Below so many tickets a figure is a list, or "n of m", and no percentage."""

DAY: Final = 86_400_000_000
WATCHED: Final = {"fcr": 7 * DAY, "reopened": 7 * DAY, "repeated": 30 * DAY}
"""How long a solved ticket is watched before these count it."""

type Unit = Literal["count", "share", "duration", "rate"]


class Row(NamedTuple):
    """One ticket as the figures read it; instants and durations in µs."""

    ticket: int
    type: str
    requester: int | None
    department: int | None
    service: int | None
    site: int | None
    category: int | None
    priority: int | None
    first_team: int | None
    team: int | None
    provider: int | None
    person: int | None
    opened_at: int
    responded_at: int | None
    first_resolved_at: int | None
    resolved_at: int | None
    closed_at: int | None
    closed_how: str | None
    merged: bool
    reopened_at: int | None
    moves: int
    returns: int
    asked: int
    exchanges: int
    worked: int | None


@dataclass(frozen=True, slots=True)
class Beyond:
    """What other tickets say of one: those that came again, and up to when all that is known.

    `again` are tickets whose requester came back within seven days about the same category; `repeated` those of which
    a duplicate was opened within thirty days of their solving; `open_at_end` those open where the period ends.
    """

    known: int
    again: frozenset[int] = frozenset()
    repeated: frozenset[int] = frozenset()
    open_at_end: frozenset[int] = frozenset()


def _every(row: Row, beyond: Beyond) -> bool:
    return True


def _one(row: Row, beyond: Beyond) -> int:
    return 1


def _still_open(row: Row, beyond: Beyond) -> bool:
    return row.ticket in beyond.open_at_end


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: `when` a ticket counts (the column of an instant), `among` which, and what it adds."""

    code: str
    unit: Unit
    when: str
    of: Callable[[Row, Beyond], Any]
    among: Callable[[Row, Beyond], bool] = _every
    good: Literal["more", "less", ""] = ""


def _watched(code: str) -> Callable[[Row, Beyond], bool]:
    """Tickets that were solved long enough ago to know."""

    def long_enough(row: Row, beyond: Beyond) -> bool:
        solved = row.first_resolved_at if code == "reopened" else row.resolved_at
        return solved is not None and solved + WATCHED[code] <= beyond.known

    return long_enough


def _first_contact(row: Row, beyond: Beyond) -> bool:
    """Solved by the first team without asking another, the requester had to write once, and it stayed solved."""
    return not (row.moves or row.asked or row.exchanges or row.reopened_at or row.ticket in beyond.again)


def _came_back(row: Row, beyond: Beyond) -> bool:
    solved, again = row.first_resolved_at, row.reopened_at
    return solved is not None and again is not None and again - solved <= WATCHED["reopened"]


def _since(name: str) -> Callable[[Row, Beyond], int]:
    def lasted(row: Row, beyond: Beyond) -> int:
        until: int = getattr(row, name)
        return until - row.opened_at

    return lasted


MEASURES: Final[tuple[Measure, ...]] = (
    Measure("opened", "count", "opened_at", _one),
    Measure("resolved", "count", "resolved_at", _one),
    Measure("withdrawn", "share", "closed_at", lambda row, _: row.closed_how == "withdrawn",
            lambda row, _: not row.merged, "less"),
    Measure("first_response", "duration", "opened_at", _since("responded_at"),
            lambda row, _: row.responded_at is not None, "less"),
    Measure("restore_gross", "duration", "resolved_at", _since("resolved_at"), good="less"),
    Measure("restore_net", "duration", "resolved_at", lambda row, _: row.worked or 0, good="less"),
    Measure("fcr", "share", "resolved_at", _first_contact, _watched("fcr"), "more"),
    Measure("contained", "share", "resolved_at", lambda row, _: not (row.moves or row.asked), good="more"),
    Measure("reopened", "share", "first_resolved_at", _came_back, _watched("reopened"), "less"),
    Measure("repeated", "share", "resolved_at", lambda row, beyond: row.ticket in beyond.repeated,
            _watched("repeated"), "less"),
    Measure("moves", "rate", "resolved_at", lambda row, _: row.moves, good="less"),
    Measure("ping_pong", "share", "resolved_at", lambda row, _: row.returns > 0, good="less"),
    Measure("backlog", "count", "", _one, _still_open),
    Measure("backlog_age", "duration", "", _one, _still_open, "less"),
)  # fmt: skip
BY_CODE: Final = {one.code: one for one in MEASURES}


class Counted(NamedTuple):
    """What one ticket adds to a figure: 0 or 1 for a share, µs for a duration."""

    ticket: int
    value: int


def counted(measure: Measure, rows: Iterable[Row], beyond: Beyond, window: tuple[int, int]) -> list[Counted]:
    """The tickets behind a figure, each with what it adds. The window is from the first to before the second µs."""
    start, end = window
    if measure.code == "backlog_age":
        return [Counted(row.ticket, end - row.opened_at) for row in rows if measure.among(row, beyond)]
    elif not measure.when:
        return [Counted(row.ticket, 1) for row in rows if measure.among(row, beyond)]
    place = Row._fields.index(measure.when)
    found = []
    for row in rows:
        at: Any = row[place]
        if at is not None and start <= at < end and measure.among(row, beyond):
            found.append(Counted(row.ticket, int(measure.of(row, beyond))))
    return found


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with what it stands on: `n` tickets, of which `met` for a share. µs for a duration.

    `value` is the count, the share, the median of a duration, the mean of a rate; None of nothing, and for shares and
    durations below thirty tickets (`few`), where `values` lists durations instead.
    """

    code: str
    unit: Unit
    n: int
    value: float | None
    met: int | None = None
    interval: Interval | None = None
    p90: Estimate | None = None
    mean: Estimate | None = None
    values: tuple[int, ...] = field(default=())

    @property
    def few(self) -> bool:
        return self.unit in ("share", "duration") and 0 < self.n < FEW


def figure(measure: Measure, found: Sequence[Counted]) -> Figure:
    """The figure that these tickets make."""
    n = len(found)
    if measure.unit == "count":
        return Figure(measure.code, "count", n, n)
    elif measure.unit == "share":
        return share(measure.code, sum(one.value for one in found), n)
    elif measure.unit == "rate":
        return rate(measure.code, [one.value for one in found])
    return duration(measure.code, sorted(one.value for one in found))


def share(code: str, met: int, n: int) -> Figure:
    """A share with its Wilson interval; below thirty only "n of m"."""
    if n < FEW:
        return Figure(code, "share", n, None, met=met)
    return Figure(code, "share", n, met / n, met=met, interval=wilson(met, n))


def rate(code: str, values: Sequence[int]) -> Figure:
    """How many a ticket, with the interval of the mean."""
    told = mean(values)
    if told is None:
        return Figure(code, "rate", 0, None)
    return Figure(code, "rate", told.n, told.value, interval=told.interval)


def duration(code: str, ordered: Sequence[int]) -> Figure:
    """Median with interval, 90th percentile and mean; below thirty only the list, in ascending order."""
    n = len(ordered)
    if n < FEW:
        return Figure(code, "duration", n, None, values=tuple(ordered))
    middle = percentile(ordered, 50)
    assert middle is not None
    return Figure(
        code, "duration", n, middle.value, interval=middle.interval, p90=percentile(ordered, 90), mean=mean(ordered)
    )
