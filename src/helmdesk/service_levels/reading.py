"""A ticket's clocks as one viewer may read them, as they stand at an instant.

In-house people read all of them. A provider's people read their own provider's and their own teams', and of the
promise to the requester only until when and what became of it (`whole` is False); another provider's do not exist for
them. Whoever asked for help reads the promise to them, in the same way.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from helmdesk.access.viewer import Viewer
from helmdesk.calendars.loading import calendar
from helmdesk.clocks.levels import Binds, Metric
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.statements import fetched, listed
from helmdesk.foundation.time import from_us, to_us
from helmdesk.ledger.models import Hat
from helmdesk.service_levels import versions
from helmdesk.service_levels.versions import Term
from helmdesk.tickets.models import Ticket
from helmdesk.worktime.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One clock. Durations are µs; `used`, `gross` and `target` are None where only the date is to be read.

    `name` is `{language: text}`. `verdict` is LATE as soon as `due_at` has passed, PAUSED while nothing is counted.
    """

    ticket: int
    level: int
    code: str
    name: dict[str, str]
    n: int
    metric: Metric
    binds: Binds
    party: int | None
    verdict: Verdict
    start: datetime
    stop: datetime | None
    due_at: datetime | None
    why: str | None
    used: int | None
    gross: int | None
    target: int | None
    version: int
    calendar_version: int

    @property
    def whole(self) -> bool:
        return self.used is not None

    @property
    def open(self) -> bool:
        return self.stop is None


_COLUMNS: Final = (
    "c.ticket_id", "c.level_id", "l.code", "c.n", "c.metric", "c.binds", "c.party", "c.verdict", "c.start", "c.stop",
    "c.used", "c.gross", "c.target", "c.since", "c.due_at", "c.why", "c.judged_at", "c.version_id",
    "c.calendar_version_id", "t.requester_id",
)  # fmt: skip
_CLOCKS: Final = f"""
SELECT {", ".join(_COLUMNS)} FROM helmdesk_clock c JOIN helmdesk_servicelevel l ON l.id = c.level_id
JOIN helmdesk_ticket t ON t.id = c.ticket_id WHERE c.ticket_id IN ({{tickets}}) {{which}}
ORDER BY c.ticket_id, c.binds, c.metric, l.code, c.n
"""  # noqa: S608 (names of our own)


def clocks_of(ticket: int, viewer: Viewer, *, at: datetime) -> list[Reading]:
    """Every turn of every clock on a ticket that this viewer may read; none where they do not see the ticket."""
    if not Ticket.objects.visible_to(viewer).filter(pk=ticket).exists():
        return []
    return of_seen([ticket], viewer, at=at).get(ticket, [])


def of_seen(
    tickets: Collection[int], viewer: Viewer, *, at: datetime, open_only: bool = False,
    terms: Sequence[Term] | None = None,
) -> dict[int, list[Reading]]:  # fmt: skip
    """As `clocks_of`, in one statement for tickets that were read through this viewer just before (a queue's page).

    `terms` spares asking for those of now where the caller has them.
    """
    if not tickets:
        return {}
    rows = _rows(tickets, viewer, "AND c.stop IS NULL" if open_only else "")
    named = () if not rows else versions.current() if terms is None else terms
    names = {term.level: term.described.name for term in named}
    calendars = {term.calendar_version: term.calendar for term in named}
    found: dict[int, list[Reading]] = defaultdict(list)
    for row in rows:
        one = _read(row, viewer, names, calendars, to_us(at))
        if one is not None:
            found[one.ticket].append(one)
    return dict(found)


def turn_seen(
    ticket: int, level: int, n: int, viewer: Viewer, *, at: datetime, name: dict[str, str], calendar: Calendar
) -> Reading | None:  # fmt: skip
    """One turn on a ticket that was read through this viewer just before, by a caller who has what it went by."""
    for row in _rows([ticket], viewer, "AND c.level_id = %s AND c.n = %s", level, n):
        return _read(row, viewer, {level: name}, {row["calendar_version_id"]: calendar}, to_us(at))
    return None


def _rows(tickets: Collection[int], viewer: Viewer, more: str, *wanted: int) -> list[dict[str, Any]]:
    which, values = readable(viewer)
    marks, ids = listed(tickets)
    rows = fetched(_CLOCKS.format(tickets=marks, which=f"{which} {more}"), [*ids, *values, *wanted])
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


_NAMES: Final = tuple(column.partition(".")[2] for column in _COLUMNS)


def readable(viewer: Viewer) -> tuple[str, list[Any]]:
    """Which clocks (`c`) may be read, as a condition that begins with AND, and its values."""
    requester = f"c.binds = {Binds.REQUESTER.value}"
    if viewer.hat == Hat.SYSTEM or (viewer.hat == Hat.MEMBER and viewer.internal):
        return "", []
    if viewer.hat != Hat.MEMBER:
        return f"AND {requester}", []
    own_team = f"c.binds = {Binds.TEAM.value} AND c.party IN (SELECT id FROM helmdesk_team WHERE provider_id = %s)"  # noqa: S608
    own = f"c.binds = {Binds.PROVIDER.value} AND c.party = %s"
    return f"AND ({requester} OR ({own}) OR ({own_team}))", [viewer.provider, viewer.provider]


def _read(
    row: dict[str, Any], viewer: Viewer, names: dict[int, dict[str, str]], calendars: dict[int, Calendar], at: int
) -> Reading | None:
    binds = Binds(row["binds"])
    asked = viewer.hat == Hat.REQUESTER or viewer.person == row["requester_id"]
    if asked and binds != Binds.REQUESTER:
        return None
    whole = not asked and (viewer.internal or binds != Binds.REQUESTER)
    used, gross = _as_of(row, calendars, at)
    return Reading(
        ticket=row["ticket_id"], level=row["level_id"], code=row["code"], name=names.get(row["level_id"], {}),
        n=row["n"], metric=Metric(row["metric"]), binds=binds, party=row["party"], verdict=_verdict(row, at),
        start=from_us(row["start"]), stop=_instant(row["stop"]), due_at=_instant(row["due_at"]), why=row["why"],
        used=used if whole else None, gross=gross if whole else None, target=row["target"] if whole else None,
        version=row["version_id"], calendar_version=row["calendar_version_id"],
    )  # fmt: skip


def _verdict(row: dict[str, Any], at: int) -> Verdict:
    verdict = Verdict(row["verdict"])
    if row["stop"] is not None:
        return verdict
    elif row["due_at"] is not None and row["due_at"] <= at:
        return Verdict.LATE
    elif verdict == Verdict.PAUSED and row["since"] is not None and row["since"] <= at:
        return Verdict.RUNNING
    return verdict


def _as_of(row: dict[str, Any], calendars: dict[int, Calendar], at: int) -> tuple[int, int]:
    """What is used, and all time, up to the instant; a clock that has stopped stays as it is."""
    if row["stop"] is not None or at <= row["judged_at"]:
        return row["used"], row["gross"]
    since, version = row["since"], row["calendar_version_id"]
    more = 0
    if since is not None and since < at:
        more = (calendars.get(version) or calendar(version)).elapsed(since, at)
    return row["used"] + more, row["gross"] + at - row["judged_at"]


def _instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)
