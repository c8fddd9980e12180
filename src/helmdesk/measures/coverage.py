"""Where nobody is on duty: when teams work in the days to come, laid over when tickets came in the last weeks.

Days and hours are those of a zone, as its people live them: an hour that clocks skip is not there, one that they
repeat lasts two. Arrivals are counted by quarters of an hour, of tickets that the viewer may see.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched
from helmdesk.foundation.time import EPOCH, from_us, to_us
from helmdesk.service_levels.duty import Duty, Spans
from helmdesk.tickets.conditions import seen_by

WEEKS: Final = 8
DAYS: Final = 7
QUARTER: Final = 900_000_000
URGENT: Final = 1


class Quarter(NamedTuple):
    """A quarter of an hour in which tickets came: its beginning (µs), how many, and how many of them were urgent."""

    at: int
    came: int
    urgent: int


class Hour(NamedTuple):
    """One hour of a day to come, from `start` to before `end` (µs; the same where clocks skip it).

    `on` are the parties that work in it, `part` those that do so for a part of it only. `came` and `urgent` are the
    tickets of that hour of that weekday in the last weeks.
    """

    start: int
    end: int
    on: tuple[int, ...]
    part: tuple[int, ...]
    came: int
    urgent: int

    @property
    def skipped(self) -> bool:
        return self.start == self.end


class Gap(NamedTuple):
    """A stretch in which nobody works, and what came at that time in each of the last weeks, the latest first."""

    start: int
    end: int
    came: tuple[int, ...]
    urgent: int

    @property
    def least(self) -> int:
        return min(self.came)

    @property
    def most(self) -> int:
        return max(self.came)


def arrivals(viewer: Viewer, *, since: int, until: int) -> list[Quarter]:
    """When tickets came between two instants (µs): of those that the viewer may see, a guest those of their teams."""
    seen, values = seen_by(viewer)
    ours = () if viewer.internal else (viewer.provider,)
    sql = f"""SELECT f.opened_at / {QUARTER} AS quarter, count(*),
    sum(CASE WHEN f.priority = {URGENT} THEN 1 ELSE 0 END)
    FROM helmdesk_ticketfigures f JOIN helmdesk_ticket ON helmdesk_ticket.id = f.ticket_id
    WHERE f.opened_at >= %s AND f.opened_at < %s AND {seen} {OURS if ours else ""}
    GROUP BY f.opened_at / {QUARTER} ORDER BY quarter"""  # noqa: S608
    rows = fetched(sql, [since, until, *values, *ours])
    return [Quarter(quarter * QUARTER, came, int(urgent)) for quarter, came, urgent in rows]


OURS: Final = "AND helmdesk_ticket.team_id IN (SELECT id FROM helmdesk_team WHERE provider_id = %s)"


def past(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """The last weeks up to now: the stretch of time whose arrivals are looked at (µs)."""
    today = at.astimezone(zone).date()
    return instant(today - timedelta(days=DAYS * WEEKS), 0, zone), to_us(at)


def week(
    parties: Mapping[int, Duty], came: Sequence[Quarter], *, at: datetime, zone: ZoneInfo
) -> dict[date, list[Hour]]:
    """The seven days from today on, hour by hour, with the parties (by id) whose teams work in it."""
    today = at.astimezone(zone).date()
    days = [today + timedelta(days=n) for n in range(DAYS)]
    start, end = instant(days[0], 0, zone), instant(days[-1], 24, zone)
    on = {party: duty.open(start, end) for party, duty in parties.items() if duty.known}
    by_hour = _by_hour(came, today, zone)
    return {day: [_hour(day, n, on, by_hour, zone) for n in range(24)] for day in days}


def gaps(duty: Duty, came: Sequence[Quarter], *, at: datetime, zone: ZoneInfo) -> list[Gap]:
    """When nobody of these works within seven days from now on; nothing is said of those whose hours are not known."""
    if not duty.known:
        return []
    closed = _closed(duty, to_us(at), instant(at.astimezone(zone).date(), 24 * DAYS, zone))
    return [_told(gap, came, zone) for gap in closed]


def instant(day: date, hour: int, zone: ZoneInfo) -> int:
    """When an hour of a day begins there (µs); where clocks skip it, when the next one does."""
    moment = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(hours=hour)
    return to_us(moment)


def _hour(
    day: date, hour: int, on: dict[int, Spans], came: dict[tuple[int, int], tuple[int, int]], zone: ZoneInfo
) -> Hour:
    start, end = instant(day, hour, zone), instant(day, hour + 1, zone)
    open_for = {party: _within(spans, start, end) for party, spans in on.items()} if start < end else {}
    return Hour(
        start, end, tuple(party for party, us in open_for.items() if us),
        tuple(party for party, us in open_for.items() if 0 < us < end - start),
        *came.get((day.weekday(), hour), (0, 0)),
    )  # fmt: skip


def _within(spans: Spans, start: int, end: int) -> int:
    return sum(max(0, min(ends, end) - max(begins, start)) for begins, ends in spans)


def _by_hour(came: Sequence[Quarter], today: date, zone: ZoneInfo) -> dict[tuple[int, int], tuple[int, int]]:
    """Arrivals of the last whole weeks by weekday and hour."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for one in came:
        there = from_us(one.at).astimezone(zone)
        if there.date() < today:
            key = there.weekday(), there.hour
            total, urgent = found.get(key, (0, 0))
            found[key] = total + one.came, urgent + one.urgent
    return found


def _closed(duty: Duty, start: int, end: int) -> Spans:
    """What lies between the open stretches; one that goes on at the end is followed to its own."""
    opened = duty.open(start, end)
    edges = [start, *(edge for span in opened for edge in span)]
    last = opened[-1][1] if opened else start
    again = duty.opens(end) if last < end else end
    edges.append(end if again is None else again)
    return [(begins, ends) for begins, ends in list(pairwise(edges))[::2] if begins < ends]


def _told(gap: tuple[int, int], came: Sequence[Quarter], zone: ZoneInfo) -> Gap:
    """What came at the same time of the same weekdays, in each of the last weeks."""
    weeks = [(back(gap[0], n, zone), back(gap[1], n, zone)) for n in range(1, WEEKS + 1)]
    places = [(bisect_left(came, (start,)), bisect_left(came, (end,))) for start, end in weeks]
    within = [came[first:last] for first, last in places]
    urgent = sum(one.urgent for some in within for one in some)
    return Gap(*gap, tuple(sum(one.came for one in some) for some in within), urgent)


def back(at: int, weeks: int, zone: ZoneInfo) -> int:
    """The same time by the clock on the wall, so many weeks before."""
    then = from_us(at).astimezone(zone).replace(tzinfo=None) - timedelta(weeks=weeks)
    return (then.replace(tzinfo=zone) - EPOCH) // timedelta(microseconds=1)
