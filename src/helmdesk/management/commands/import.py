"""`helmdesk import`: bring the history of another desk in, or see what would come of it."""
# ruff: noqa: N999 (the command is called import)

import io
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from helmdesk.exchange.imports.alone import is_running
from helmdesk.exchange.imports.errors import CannotImport
from helmdesk.exchange.imports.progress import COLUMNS, cells, kept, shown
from helmdesk.exchange.imports.report import Report
from helmdesk.exchange.imports.running import bring_in, try_out
from helmdesk.exchange.imports.sources import DATES, Source, audit_log, read_map_of_providers, read_mapping, table
from helmdesk.exchange.models import Import
from helmdesk.foundation.time import now
from helmdesk.history.mapping import PRESETS

BAD_INPUT = 2
WIDTH = 120
LONGEST_CELL = 200


class Command(BaseCommand):
    help = "Bring in the history of another desk: ServiceNow's audit log, or any table of tickets or changes."
    requires_system_checks = ()  # it needs no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="servicenow | csv | list", required=True)
        log = acts.add_parser("servicenow", help="an audit log of incidents, one row a change")
        log.add_argument("file", type=Path, metavar="FILE", help=".csv or .csv.gz")
        log.add_argument("--zone", required=True, help="where its clock stood, such as America/Sao_Paulo")
        any_table = acts.add_parser("csv", help="any table of tickets or of changes, read by a mapping")
        any_table.add_argument("file", type=Path, metavar="FILE", help=".csv or .csv.gz")
        how = any_table.add_mutually_exclusive_group(required=True)
        how.add_argument("--map", type=Path, metavar="MAP.toml", help="which column is what")
        how.add_argument("--preset", choices=PRESETS, help="the mapping of a usual export")
        any_table.add_argument("--zone", help="the time zone of dates that name none")
        any_table.add_argument("--dates", choices=list(DATES), help="how dates are written; never guessed")
        any_table.add_argument("--encoding", help="such as cp1252; UTF-8 and UTF-16 are recognised")
        any_table.add_argument("--delimiter", help="the sign between columns, where it is not recognised")
        for act in (log, any_table):
            act.add_argument("--providers", type=Path, metavar="MAP.toml", help="which group is which provider's team")
            act.add_argument("--name", help="what the source is called, where there are several of its kind")
            act.add_argument("--dry-run", action="store_true", help="tell what would happen, and write nothing")
            act.add_argument("--json", action="store_true", help="the counts alone, for programs")
            act.add_argument("--refused", type=Path, metavar="OUT.csv", help="write every refused row there")
        listing = acts.add_parser("list", help="imports so far")
        listing.add_argument("--json", action="store_true")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "list":
            self.list(as_json=options["json"])
            return
        try:
            self.bring_in(audit_log_of(options) if act == "servicenow" else table_of(options), **options)
        except CannotImport as fault:
            raise CommandError(str(fault), returncode=BAD_INPUT) from fault

    def bring_in(self, source: Source, *, dry_run: bool, json: bool, refused: Path | None, **options: Any) -> None:
        placed = read_map_of_providers(options["providers"])
        if dry_run and not json:
            self.describe(source)
        work = try_out if dry_run else bring_in
        with shown(sys.stderr) as told, kept(told, refused) as also_kept:
            report = work(source, placed, clock=now, told=also_kept)
        if json:
            self.tell(report.as_dict())
        else:
            self.sum_up(report, dry_run=dry_run, all_refused=refused)

    def describe(self, source: Source) -> None:
        columns = Table("column", "becomes", title=f"{source.path.name}, read as {source.name}", title_justify="left")
        for column in source.reader.describe():
            columns.add_row(column.name, f"{column.meaning}; {column.cure}" if column.cure else column.meaning)
        self.show(columns)

    def sum_up(self, report: Report, *, dry_run: bool, all_refused: Path | None) -> None:
        counts = report.counts
        if report.founds:
            self.stdout.write(
                f"An empty desk {'would get' if dry_run else 'got'} In-house, with the triage team Service desk."
            )
        self.stdout.write("Dry run, nothing was written:" if dry_run else f"Import {report.batch}:")
        made = counts.rows - counts.unchanged - counts.refused
        self.stdout.write(
            f"  {counts.rows:,} rows = {made:,} that made events + {counts.unchanged:,} unchanged "
            f"+ {counts.refused:,} refused\n  {counts.tickets:,} tickets opened, {counts.events:,} events"
        )
        if report.made:
            entries = [f"{n:,} {SAID[name][n > 1]}" for name, n in sorted(report.made.items()) if name in SAID]
            self.stdout.write(f"  new on this desk: {', '.join(entries)}")
        if report.unplaced:
            self.stdout.write(
                f"  groups that no map places, and that count as in-house (--providers): {report.unplaced:,}"
            )
        if report.moved:
            self.stdout.write(f"  out of order, so that they took the time of a neighbour: {report.moved:,}")
        self.show_refused(report, all_refused)

    def show_refused(self, report: Report, all_refused: Path | None) -> None:
        if not report.first:
            return
        rows = Table(*COLUMNS, title="Refused rows", title_justify="left")
        for refused in report.first:
            rows.add_row(*(cell[:LONGEST_CELL] for cell in cells(refused)))
        self.show(rows)
        more = report.counts.refused - len(report.first)
        if all_refused is not None:
            self.stdout.write(f"All {report.counts.refused:,} are in {all_refused}.")
        elif more:
            self.stdout.write(f"{more:,} more: --refused OUT.csv writes them all.")

    def list(self, *, as_json: bool) -> None:
        running = is_running()
        rows = [described(row, running=running) for row in Import.objects.order_by("pk")]
        if as_json:
            self.tell(rows)
            return
        imports = Table(*LISTED)
        for row in rows:
            imports.add_row(*(f"{value:,}" if isinstance(value, int) else value for value in row.values()))
        self.show(imports)

    def show(self, what: Table) -> None:
        out = io.StringIO()
        Console(file=out, width=WIDTH, markup=False, emoji=False, highlight=False).print(what)
        self.stdout.write("\n".join(line.rstrip() for line in out.getvalue().splitlines()))

    def tell(self, value: Any) -> None:
        self.stdout.write(json.dumps(value))


LISTED = ("batch", "state", "begun", "source", "file", "rows", "tickets", "events", "unchanged", "refused")
SAID = {
    "category": ("category", "categories"),
    "membership": ("membership", "memberships"),
    "person": ("person", "persons"),
    "provider": ("provider", "providers"),
    "service": ("service", "services"),
    "site": ("site", "sites"),
    "team": ("team", "teams"),
    "third party": ("other company", "other companies"),
}


def audit_log_of(options: dict[str, Any]) -> Source:
    return audit_log(options["file"], zone=options["zone"], name=options["name"])


def table_of(options: dict[str, Any]) -> Source:
    said = read_mapping(
        options["map"], options["preset"], zone=options["zone"], dates=options["dates"], encoding=options["encoding"],
        delimiter=options["delimiter"],
    )  # fmt: skip
    return table(options["file"], said, name=options["name"])


def described(row: Import, *, running: bool) -> dict[str, Any]:
    shown = {"batch": row.pk, "state": state(row, running=running), "begun": row.begun_at.isoformat(timespec="seconds")}
    return shown | {name: getattr(row, name) for name in LISTED if name not in shown}


def state(row: Import, *, running: bool) -> str:
    """Of those without an end only the newest can be running."""
    if row.ended_at is not None:
        return "done"
    elif running and not Import.objects.filter(pk__gt=row.pk).exists():
        return "running"
    elif Import.objects.filter(source=row.source, digest=row.digest, pk__gt=row.pk, ended_at__isnull=False).exists():
        return "cut off, done since"
    else:
        return "cut off: run it again"
