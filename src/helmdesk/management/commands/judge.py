"""`helmdesk judge`: what would attainment have been, had another service level been in force?

Judges a foreign log, or the desk's own tickets, by a level and a calendar that need not be in force anywhere. Nothing
is written: live clocks and figures stay as they are.
"""

import io
import json
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any, Final, Protocol

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from helmdesk.calendars.loading import compiled
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.versions import of
from helmdesk.clocks.levels import TYPES, Described
from helmdesk.clocks.observed import Foreign
from helmdesk.clocks.reading import BadLevel, Names, described_from
from helmdesk.clocks.steps import Steps, steps
from helmdesk.clocks.tallies import Tally
from helmdesk.clocks.ticket import Standing, holdings, standing, turns
from helmdesk.exchange.imports.errors import CannotImport
from helmdesk.exchange.imports.sources import DATES, Source, audit_log, read_map_of_providers, read_mapping, table
from helmdesk.foundation.time import now, to_us
from helmdesk.measures.names import MODELS
from helmdesk.service_levels.codes import Codes
from helmdesk.service_levels.stories import group_at, stories
from helmdesk.tickets.models import Ticket
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import BadCalendar, calendar_from

BAD_INPUT: Final = 2
WIDTH: Final = 120
AT_ONCE: Final = 500
UNKNOWN: Final = "unknown"
BY: Final = ("all", "group", "team", "provider", "priority", "service", "category", "site", "type")
ALWAYS: Final = {"always": True}


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket to be judged."""

    steps: Steps
    group: int | None = None


class History(Protocol):
    """Where tickets come from, and what their numbers are called."""

    def names(self) -> Names: ...
    def cases(self, *, grouped: bool) -> Iterator[Case]: ...
    def provider_of(self) -> Mapping[int, int]: ...
    def called(self, kind: str, number: int) -> str: ...
    def counted(self) -> dict[str, int]: ...
    def now(self) -> int: ...


class Log:
    """A foreign log. It is read whole before the level, which may name only what is there."""

    def __init__(self, source: Source, options: Mapping[str, Any], until: int | None) -> None:
        self.foreign = Foreign(read_map_of_providers(options["providers"]))
        read = [self.foreign.ticket(rows) for rows in source.tickets()]
        self.tickets = [_until(one, until) for one in read if one.at and (until is None or one.at[0] <= until)]

    def names(self) -> Names:
        return self.foreign

    def cases(self, *, grouped: bool) -> Iterator[Case]:
        return (Case(one) for one in self.tickets)

    def provider_of(self) -> Mapping[int, int]:
        return self.foreign.provider_of

    def called(self, kind: str, number: int) -> str:
        return self.foreign.names[kind][number - 1]

    def counted(self) -> dict[str, int]:
        return {"tickets": len(self.tickets), "refused": self.foreign.refused}

    def now(self) -> int:
        """When the log ends: what is open then has been open until then."""
        return max((one.at[-1] for one in self.tickets), default=0)


class Desk:
    """The desk's own tickets, read from their events in pages."""

    def __init__(self, until: int | None) -> None:
        self.until = until
        self.at = to_us(now()) if until is None else until
        self.providers: dict[int, int] = {}
        self.count = 0
        self.codes: dict[str, dict[int, str]] = {}

    def names(self) -> Names:
        return Codes()

    def cases(self, *, grouped: bool) -> Iterator[Case]:
        """`grouped`: with the requester's department, which is one more question a ticket."""
        rows = Ticket.objects.unscoped(reason="the command judges every ticket, and tells counts only")
        pks = rows.order_by("pk").values_list("pk", flat=True).iterator(AT_ONCE)
        for some in batched(pks, AT_ONCE, strict=False):
            found, self.providers = stories(some)
            for story in found:
                told = steps(story.events, public=story.public, opened=story.merged, until=self.at, as_of=self.until)
                if told.at:
                    self.count += 1
                    yield Case(told, group_at(story) if grouped else None)

    def provider_of(self) -> Mapping[int, int]:
        return self.providers

    def called(self, kind: str, number: int) -> str:
        if kind not in self.codes:
            rows = MODELS[kind]._default_manager.values_list("pk", "code")
            self.codes[kind] = dict(rows)
        return self.codes[kind].get(number, str(number))

    def counted(self) -> dict[str, int]:
        return {"tickets": self.count}

    def now(self) -> int:
        return self.at


class Command(BaseCommand):
    help = "Judge a foreign log, or this desk's own tickets, by a service level that need not be in force."
    requires_system_checks = ()  # it needs no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "history", nargs="?", type=Path, metavar="HISTORY", help=".csv or .csv.gz; without it, the desk's own"
        )
        parser.add_argument("--level", type=Path, required=True, metavar="LEVEL.toml", help="the level to judge by")
        parser.add_argument("--calendar", type=Path, metavar="CALENDAR.toml", help="its working hours")
        parser.add_argument("--by", default="all", choices=BY, help="what to split by, as it was when a turn stopped")
        parser.add_argument("--as-of", metavar="INSTANT", help="as it stood then, such as 2026-03-31T23:59Z")
        parser.add_argument("--zone", help="where the log's clock stood; UTC: take its times as they are")
        parser.add_argument("--map", type=Path, metavar="MAP.toml", help="which column is what; else ServiceNow's log")
        parser.add_argument("--dates", choices=list(DATES), help="how dates are written; never guessed")
        parser.add_argument("--providers", type=Path, metavar="MAP.toml", help="which group is which provider's team")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = judge(options)
        except (CannotImport, BadLevel, BadCalendar, Unusable) as fault:
            raise CommandError(str(fault), returncode=BAD_INPUT) from fault
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2))
        else:
            self.show(told, options["by"])

    def show(self, told: dict[str, Any], by: str) -> None:
        self.stdout.write(
            f"{told['level']}, calendar {told['calendar']}: {told['tickets']:,} tickets, as of {told['as_of']}"
        )
        rows = Table(by, "met", "missed", "share", "from", "to", "open", "late", "unjudged")
        for name, tally in told["groups"].items():
            low, high = tally["interval"] or (None, None)
            shares = [_percent(value) for value in (tally["share"], low, high)]
            counts = [f"{tally[key]:,}" for key in ("met", "missed", "open", "late", "unjudged")]
            rows.add_row(name, *counts[:2], *shares, *counts[2:])
        out = io.StringIO()
        Console(file=out, width=WIDTH, markup=False, emoji=False, highlight=False).print(rows)
        self.stdout.write("\n".join(line.rstrip() for line in out.getvalue().splitlines()))
        self.stdout.write(
            f"{told['not_applied']:,} tickets without a turn; of {told['holder_unknown']:,} it is not known throughout "
            "who had the ball."
        )


class Unusable(ValueError):
    """A file or an option that cannot be used; the message says why, and what to do."""


def judge(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the command tells, as JSON has it. Raises CannotImport, BadLevel, BadCalendar, Unusable."""
    until = _instant(options["as_of"])
    history: History = Desk(until) if options["history"] is None else Log(_source(options), options, until)
    described = described_from(_toml("--level", options["level"]), history.names())
    at = history.now() if until is None else until
    named, calendar = _calendar(described, options, at)
    groups, counts = _tallied(history, described, calendar, by=options["by"], at=at)
    return {
        "level": described.level.code,
        "calendar": named,
        "as_of": datetime.fromtimestamp(at // 1_000_000, UTC).isoformat(),
        "by": options["by"],
        **history.counted(),
        **counts,
        "groups": {name: groups[name].as_dict() for name in sorted(groups)},
    }


def _tallied(
    history: History, described: Described, calendar: Calendar, *, by: str, at: int
) -> tuple[dict[str, Tally], dict[str, int]]:
    groups: dict[str, Tally] = {}
    counts = {"not_applied": 0, "holder_unknown": 0}
    grouped = any(target.groups is not None for target in described.level.targets)
    for case in history.cases(grouped=grouped):
        providers = history.provider_of()
        found = turns(case.steps, [(described.level, calendar)], provider_of=providers, group=case.group, now=at)
        counts["not_applied"] += not found
        counts["holder_unknown"] += any(one.party_kind == UNKNOWN for one in holdings(case.steps))
        for turn in found:
            stood = standing(case.steps, at if turn.stop is None else turn.stop, provider_of=providers)
            groups.setdefault(_key(history, stood, by), Tally()).add(turn.verdict)
    return groups, counts


def _key(history: History, stood: Standing, by: str) -> str:
    if by == "all":
        return "all"
    kind = "team" if by == "group" else by
    number: int | None = getattr(stood, kind)
    if number is None:
        return UNKNOWN
    elif kind == "priority":
        return str(number)
    elif kind == "type":
        return next(name for name, known in TYPES.items() if known == number)
    return history.called(kind, number)


def _calendar(described: Described, options: Mapping[str, Any], at: int) -> tuple[str, Calendar]:
    """The calendar of the file, else the desk's own by the level's code, else every hour of every day."""
    code = described.calendar_code
    if options["calendar"] is not None:
        return options["calendar"].stem, calendar_from(_toml("--calendar", options["calendar"]))
    elif code is None:
        return "always", calendar_from(ALWAYS)
    elif options["history"] is not None:
        raise Unusable(f"--calendar: missing; the level asks for {code!r}. Give the hours as a file.")
    found = WorkingCalendar.objects.filter(code=code).first()
    version = None if found is None else of(found, datetime.fromtimestamp(at / 1e6, UTC))
    if version is None:
        raise Unusable(f"calendar: {code!r} is not a calendar of this desk. Give one with --calendar.")
    return code, compiled(version)


def _source(options: Mapping[str, Any]) -> Source:
    if options["map"] is None:
        if options["zone"] is None:
            raise Unusable("--zone: missing; where the log's clock stood, or UTC to take its times as they are.")
        return audit_log(options["history"], zone=options["zone"])
    said = read_mapping(
        options["map"], None, zone=options["zone"], dates=options["dates"], encoding=None, delimiter=None
    )
    return table(options["history"], said)


def _until(told: Steps, until: int | None) -> Steps:
    """Without what came later: as the ticket stood then."""
    if until is None or told.at[-1] <= until:
        return told
    count = next(n for n, at in enumerate(told.at) if at > until)
    return Steps(told.at[:count], told.kind[:count], told.a[:count], told.b[:count], told.c[:count])


def _toml(option: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Unusable(
            f"{option}: {path}: {fault}. Give a TOML file as docs/reference/service-levels.md shows."
        ) from fault


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as fault:
        raise Unusable(f"--as-of: {text!r} is no instant. Write it as 2026-03-31T23:59Z.") from fault
    return to_us(at if at.tzinfo is not None else at.replace(tzinfo=UTC))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
