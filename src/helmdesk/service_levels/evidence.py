"""What a clock's figure rests on: its turn told span by span, the rules it went by, and the events that it comes from.

Shown to whoever may read the clock as a whole (`reading`): what another provider was asked stays hidden here too.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from helmdesk.access.viewer import Viewer
from helmdesk.calendars.loading import compiled
from helmdesk.calendars.models import CalendarVersion
from helmdesk.clocks.account import Clocked, Line, account, merged
from helmdesk.clocks.levels import Described
from helmdesk.clocks.reading import described_from
from helmdesk.clocks.steps import steps
from helmdesk.clocks.ticket import Holding, turns
from helmdesk.clocks.turns import Turn
from helmdesk.foundation.time import from_us, to_us
from helmdesk.service_levels.codes import Codes
from helmdesk.service_levels.models import Clock, LevelVersion
from helmdesk.service_levels.reading import Reading, turn_seen
from helmdesk.service_levels.stories import TELLING, Story, group_at, stories
from helmdesk.tickets.parties import Parties, may_know_of_question
from helmdesk.tickets.reading import Opened

SCHEMA: Final = "helmdesk.clock-evidence/1"
MOST_DAYS: Final = 62
"""Lives longer than so many days are not cut at every midnight."""
AFTERWARDS: Final = frozenset({"wait.judged", "exclusion.approved"})
"""What changes a figure also when it comes after the clock has stopped."""
LATE: Final = 60_000_000
"""An event written down so much later than it happened is noted as back-dated."""


@dataclass(frozen=True, slots=True)
class Rest:
    """One event of the ticket that a figure rests on: its places in ledger and stream, and its hash."""

    seq: int
    n: int
    kind: str
    at: int
    recorded_at: int
    hash: str

    @property
    def backdated(self) -> bool:
        return self.recorded_at - self.at > LATE


@dataclass(frozen=True, slots=True)
class Evidence:
    """A clock as of `at` with its account. `doubled` and `disordered` count events that a rule had to put right."""

    reading: Reading
    described: Described
    version: LevelVersion
    calendar: CalendarVersion
    turn: Turn
    lines: list[Line]
    events: list[Rest]
    disordered: int
    doubled: int
    at: datetime

    @property
    def used(self) -> int:
        return self.lines[-1].sum if self.lines else 0


def evidence(
    ticket: Opened, code: str, n: int, *, viewer: Viewer, at: datetime, parties: Parties
) -> Evidence | None:  # fmt: skip
    """The n-th turn of a level on a ticket; None where this viewer may not read it as a whole, or there is none."""
    row = Clock.objects.select_related("version", "calendar_version__calendar").filter(
        ticket=ticket.pk, level__code=code, n=n
    ).first()  # fmt: skip
    reading = None if row is None else _reading(row, viewer, at=at)
    if row is None or reading is None:
        return None
    (story,), providers = stories([ticket.pk], proof=True)
    version, calendar = row.version, row.calendar_version
    described = described_from(version.spec, Codes())
    now = to_us(at)
    told = steps(story.events, public=story.public, opened=story.merged, until=now)
    clocked = Clocked(told, described.level, compiled(calendar), providers, _group(story, described), 0)
    found = turns(told, [(clocked.level, clocked.calendar)], provider_of=providers, group=clocked.group, now=now)
    nth = _nth(found, reading)
    if nth is None:
        return None
    turn = found[nth]
    days = _midnights(calendar.zone, turn.start, now if turn.stop is None else turn.stop)
    lines = account(msgspec.structs.replace(clocked, nth=nth), turn, now=now, cuts=days)
    seen = merged(_as_seen(lines, viewer, parties), days=frozenset(days))
    events = list(_events(story, seen, viewer=viewer, until=seen[-1].end if seen else now))
    return Evidence(
        reading, described, version, calendar, turn, seen, events, told.backdated, told.doubled, at,
    )  # fmt: skip


def _reading(row: Clock, viewer: Viewer, *, at: datetime) -> Reading | None:
    """The clock as this viewer reads it, where they may as a whole."""
    found = turn_seen(
        row.ticket_id,
        row.level_id,
        row.n,
        viewer,
        at=at,
        name=row.version.name,
        calendar=compiled(row.calendar_version),
    )
    return found if found is not None and found.whole else None


def document(one: Evidence) -> dict[str, Any]:
    """The evidence as plain data: instants ISO 8601 in UTC, durations integer microseconds."""
    reading, turn = one.reading, one.turn
    return {
        "schema": SCHEMA,
        "ticket": reading.ticket,
        "as_of": _iso(as_of(one)),
        "clock": {
            "turn": reading.n, "metric": reading.metric.name.lower(), "verdict": reading.verdict.name.lower(),
            "binds": reading.binds.name.lower(), "party": reading.party, "start": _iso(turn.start),
            "stop": _iso(turn.stop), "due_at": _iso(turn.due), "used_us": turn.used, "gross_us": turn.gross,
            "target_us": turn.target, "why": turn.why,
        },
        "level": {
            "code": reading.code, "version": one.version.n, "digest": one.version.digest,
            "valid_from": _iso(to_us(one.version.valid_from)), "recorded_at": _iso(to_us(one.version.recorded_at)),
            "spec": one.version.spec,
        },
        "calendar": {
            "code": one.calendar.calendar.code, "version": one.calendar.n, "digest": one.calendar.digest,
            "zone": one.calendar.zone, "tzdata": one.calendar.tzdata,
        },
        "lines": [_line(line) for line in one.lines],
        "events": [
            {"seq": event.seq, "n": event.n, "kind": event.kind, "at": _iso(event.at),
             "recorded_at": _iso(event.recorded_at), "hash": event.hash}
            for event in one.events
        ],
        "put_right": {"out_of_order": one.disordered, "doubled": one.doubled},
    }  # fmt: skip


def as_of(one: Evidence) -> int:
    """From when on the figure is this one: what was judged or left out after the clock had stopped counts too."""
    if one.turn.stop is None:
        return to_us(one.at)
    return max(one.turn.stop, *(event.recorded_at for event in one.events), 0)


def canonical(data: dict[str, Any]) -> bytes:
    """One text for one content: keys in order, no spaces, UTF-8."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fingerprint(data: dict[str, Any]) -> str:
    return sha256(canonical(data)).hexdigest()


def _line(line: Line) -> dict[str, Any]:
    holding = line.holding
    return {
        "from": _iso(line.start), "to": _iso(line.end), "open_us": line.open, "counted_us": line.counted,
        "sum_us": line.sum, "why": line.why, "cap_used_up": line.capped,
        "with": None if holding is None else {
            "kind": holding.party_kind, "id": holding.party, "wait": holding.wait, "overruled": holding.overruled,
        },
    }  # fmt: skip


def _iso(us: int | None) -> str | None:
    return None if us is None else from_us(us).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _group(story: Story, described: Described) -> int | None:
    by_group = any(target.groups is not None for target in described.level.targets)
    return group_at(story) if by_group else None


def _nth(found: Sequence[Turn], reading: Reading) -> int | None:
    """Which of the turns a row is: by when it began, of several by when it stopped."""
    stop = None if reading.stop is None else to_us(reading.stop)
    same = [n for n, turn in enumerate(found) if turn.start == to_us(reading.start)]
    return next((n for n in same if found[n].stop == stop), same[-1] if same else None)


def _midnights(zone: str, start: int, end: int) -> list[int]:
    place = ZoneInfo(zone)
    day = from_us(start).astimezone(place).date() + timedelta(days=1)
    found: list[int] = []
    while len(found) <= MOST_DAYS:
        midnight = to_us(datetime(day.year, day.month, day.day, tzinfo=place))
        if midnight >= end:
            return found
        found.append(midnight)
        day += timedelta(days=1)
    return []


def _as_seen(lines: Iterable[Line], viewer: Viewer, parties: Parties) -> Iterator[Line]:
    """What a team of another provider was asked is the responsible team's time, for who may not know of it."""
    responsible: Holding | None = None
    for line in lines:
        holding = line.holding
        if holding is not None and holding.wait == "question":
            if may_know_of_question(viewer, holding.party, parties):
                yield line
            else:
                yield msgspec.structs.replace(line, holding=responsible)
            continue
        if holding is not None and holding.party_kind == "team" and holding.wait is None:
            responsible = holding
        yield line


def _events(story: Story, lines: Sequence[Line], *, viewer: Viewer, until: int) -> Iterator[Rest]:
    """All that clocks read, up to the end of the turn; for a guest, what begins or ends a line of theirs."""
    at_lines = {at for line in lines for at in (line.start, line.end)}
    for one in story.events:
        in_time = one.at <= until or one.kind in AFTERWARDS
        if one.kind in TELLING and in_time and (viewer.internal or one.at in at_lines):
            yield Rest(one.seq, one.n, one.kind, one.at, one.recorded_at, bytes(one.hash).hex())
