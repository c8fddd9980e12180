"""`helmdesk measures`: every figure for some days, for all or split, as a table, as JSON, or as a file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from helmdesk.access.viewer import system
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import now
from helmdesk.measures import exporting, keeping
from helmdesk.measures.names import MODELS, Names, spoken
from helmdesk.measures.questions import BY, NARROW, Question, asked
from helmdesk.measures.reports import Group, Report, report
from helmdesk.measures.tables import Told, as_json, told

HOUR: Final = 3600
DAY: Final = 24 * HOUR


class Command(BaseCommand):
    help = "Tell every figure of time and count for some days: attainment, answers, times, reopening, backlog."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", metavar="DAY", help="first day (default: three months before the last)")
        parser.add_argument("--to", metavar="DAY", help="last day (default: today)")
        parser.add_argument("--by", default="all", choices=BY, help="what to split by")
        parser.add_argument("--as-of", metavar="DAY", help="as it was recorded by then")
        for name in NARROW:
            parser.add_argument(f"--{name}", metavar="CODE", help=f"only this {name}")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--file", type=Path, help="write .csv, .xlsx or .parquet instead; logged as an export")
        parser.add_argument("--tickets", action="store_true", help="with --file: the tickets instead of the figures")
        parser.add_argument("--rebuild", action="store_true", help="first write all rows of figures anew from events")

    def handle(self, *args: Any, **options: Any) -> None:
        (keeping.rebuild if options["rebuild"] else keeping.follow)()
        viewer = system()
        try:
            question = self._question(options)
            if options["file"]:
                self._write(question, options["file"], "tickets" if options["tickets"] else "figures")
                return
        except BadEntry as bad:
            raise CommandError(f"--{str(bad.field).replace('_', '-')}: {bad}") from bad
        made, names = report(question, viewer), Names(viewer)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(made, names), indent=2))
        else:
            self._tell(made, names)

    def _question(self, options: dict[str, Any]) -> Question:
        given = {name: options[name] or "" for name in ("from", "to", "by", "as_of")}
        return asked(
            {**given, **{name: self._id(name, options[name]) for name in NARROW}}, at=now(), zone=Names(system()).zone
        )

    def _id(self, name: str, code: str | None) -> str:
        if not code or name not in MODELS:
            return code or ""
        found = MODELS[name].objects.filter(code=code).values_list("pk", flat=True).first()
        if found is None:
            raise BadEntry(name, code, "There is none of this code.")
        return str(found)

    def _write(self, question: Question, file: Path, what: str) -> None:
        form = file.suffix.removeprefix(".")
        made = exporting.export(what, form, question, viewer=system(), at=now())
        exporting.write(made, form, file)
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")

    def _tell(self, made: Report, names: Names) -> None:
        question = made.question
        shown = Table(title=f"{question.first} to {question.last}, days in {question.zone}")
        groups = [made.whole, *made.groups]
        shown.add_column("")
        for group in groups:
            shown.add_column("all" if group is made.whole else title(group, question.by, names), justify="right")
        for code in made.whole.figures:
            shown.add_row(code, *(cell(group, code) for group in groups))
        for one in made.whole.promises:
            shown.add_row(f"promise {one.code}", *(promised(group, one.code) for group in groups))
        Console(file=self.stdout, width=40 + 18 * len(groups), no_color=True).print(shown)  # type: ignore[arg-type]
        if made.hidden_people:
            self.stdout.write(f"{made.hidden_people} people are not shown: their figures are their own.")
        if any(group.withheld for group in groups):
            self.stdout.write("-: fewer than five people stand behind it.")


def title(group: Group, by: str, names: Names) -> str:
    return spoken(names.of(by, group.key)) or "none"


def cell(group: Group, code: str) -> str:
    return in_words(told(group.figures[code])) if code in group.figures else "-"


def promised(group: Group, code: str) -> str:
    found = next((one for one in group.promises if one.code == code), None)
    return "-" if found is None else in_words(told(found.share))


def in_words(one: Told) -> str:
    """A figure in few signs: "12", "83 % (1204)", "4 of 17", "2.4 h (95)", "7 values"."""
    if one.unit == "count" or one.n == 0:
        return f"{one.n:,}"
    elif one.unit == "share":
        return f"{one.met} of {one.n}" if one.value is None else f"{one.value:.1%} ({one.n})"
    elif one.unit == "rate":
        return f"{one.value:.2f} ({one.n})"
    return f"{one.n} values" if one.value is None else f"{lasted(one.value)} ({one.n})"


def lasted(seconds: float) -> str:
    if seconds < HOUR:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR:.1f} h" if seconds < 2 * DAY else f"{seconds / DAY:.1f} d"
