"""Figures and tickets as files: CSV, XLSX and Parquet, row by row, however many there are.

Who exports, what and how much is in the ledger before the first byte is given out.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from itertools import batched, islice
from pathlib import Path
from typing import Any, Final, Literal

from django.db import transaction

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import from_us
from helmdesk.ledger.changing import never_before
from helmdesk.ledger.door import record_access
from helmdesk.measures.figures import Row
from helmdesk.measures.names import Names
from helmdesk.measures.questions import Question
from helmdesk.measures.reports import Material, report
from helmdesk.measures.tables import HEADER, SECOND, Cell, table

type What = Literal["figures", "tickets"]
type Format = Literal["csv", "xlsx", "parquet"]
WHAT: Final[tuple[What, ...]] = ("figures", "tickets")
FORMATS: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
TICKET_HEADER: Final = (
    "ticket", "type", "provider", "team", "first_team", "service", "site", "category", "department", "priority",
    "opened_at", "responded_at", "first_resolved_at", "resolved_at", "closed_at", "closed_how", "merged",
    "reopened_at", "moves", "returns", "asked", "exchanges", "worked_seconds",
)  # fmt: skip
SHEET_ROWS: Final = 1_048_575
AT_ONCE: Final = 5_000
RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Export:
    """A table about to be given out: its columns and its rows, read as they are written."""

    header: Sequence[str]
    rows: Iterable[tuple[Cell, ...]]


def available() -> list[Format]:
    """The formats that this installation can write: Parquet needs `pip install 'helmdesk[parquet]'`."""
    return [one for one in FORMATS if one != "parquet" or find_spec("pyarrow")]


def export(what: str, form: str, question: Question, *, viewer: Viewer, at: datetime) -> Export:
    """What the viewer may see of it, after the ledger has been told. Raises BadEntry for what cannot be written."""
    if what not in WHAT:
        raise BadEntry("what", what, f"One of: {', '.join(WHAT)}.")
    if form not in available():
        cure = "Install helmdesk[parquet]." if form == "parquet" else f"One of: {', '.join(available())}."
        raise BadEntry("format", form, cure)
    told = {
        "what": what, "format": form, "first": question.first.isoformat(), "last": question.last.isoformat(),
        "by": question.by, "only": dict(question.only), "as_of": question.as_of,
    }  # fmt: skip
    with transaction.atomic():
        record_access("exported", told, by=viewer.stamp, at=never_before(at))
    if what == "tickets":
        return Export(TICKET_HEADER, tickets(question, viewer))
    return Export(HEADER, table(report(question, viewer), Names(viewer)))


def tickets(question: Question, viewer: Viewer) -> Iterator[tuple[Cell, ...]]:
    """One row a ticket of the question; codes and names of things, nothing of a person."""
    names = Names(viewer)
    for row in Material.of(question, viewer).tickets:
        yield _ticket(row, names)


def _ticket(row: Row, names: Names) -> tuple[Cell, ...]:
    def name(dimension: str, pk: int | None) -> Cell:
        found = names.of(dimension, pk)
        return found.get("en") or next(iter(found.values()), "") if isinstance(found, dict) else found

    return (
        row.ticket, row.type, name("provider", row.provider), name("team", row.team), name("team", row.first_team),
        name("service", row.service), name("site", row.site), name("category", row.category),
        name("department", row.department), row.priority, _instant(row.opened_at), _instant(row.responded_at),
        _instant(row.first_resolved_at), _instant(row.resolved_at), _instant(row.closed_at), row.closed_how,
        bool(row.merged), _instant(row.reopened_at), row.moves, row.returns, row.asked, row.exchanges,
        None if row.worked is None else row.worked / SECOND,
    )  # fmt: skip


def _instant(us: int | None) -> str | None:
    return None if us is None else from_us(us).isoformat(timespec="seconds")


# --- the three ways to write ---


def csv_lines(made: Export) -> Iterator[bytes]:
    """A CSV with a header, in UTF-8, some thousand rows at a time; no cell is a formula to a spreadsheet."""
    sink = _Sink()
    writer = csv.writer(sink)
    writer.writerow(made.header)
    for some in batched(made.rows, AT_ONCE, strict=False):
        writer.writerows([[harmless(cell) for cell in row] for row in some])
        yield sink.taken()
    yield sink.taken()


class _Sink:
    """What csv.writer writes to, emptied as it goes."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        self._lines.append(line)

    def taken(self) -> bytes:
        lines, self._lines = self._lines, []
        return "".join(lines).encode()


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula is quoted with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY) else cell


def write_xlsx(made: Export, path: Path) -> None:
    """A workbook, written row by row in constant memory; what does not fit a sheet goes on in the next."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        rows = iter(made.rows)
        while True:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, made.header)
            count = 0
            for count, row in enumerate(islice(rows, SHEET_ROWS), 1):
                sheet.write_row(count, 0, [harmless(cell) for cell in row])
            if count < SHEET_ROWS:
                break


def write_parquet(made: Export, path: Path) -> None:
    """A Parquet file in groups of some thousand rows. Numbers in columns that also hold words become words."""
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema([(name, getattr(pyarrow, PARQUET.get(name, "string"))()) for name in made.header])
    with parquet.ParquetWriter(path, schema) as writer:
        for some in batched(made.rows, AT_ONCE, strict=False):
            columns = {
                field.name: [_typed(row[place], field.type) for row in some] for place, field in enumerate(schema)
            }
            writer.write_table(pyarrow.table(columns, schema=schema))


def _typed(cell: Cell, wanted: Any) -> Cell:
    return str(cell) if cell is not None and str(wanted) == "string" else cell


PARQUET: Final = {
    **dict.fromkeys(("n", "met", "ticket", "priority", "moves", "returns", "asked", "exchanges"), "int64"),
    **dict.fromkeys(("value", "low", "high", "p90", "mean", "worked_seconds"), "float64"),
    **dict.fromkeys(("few", "withheld", "merged"), "bool_"),
}
WRITERS: Final = {"xlsx": write_xlsx, "parquet": write_parquet}


def write(made: Export, form: str, path: Path) -> None:
    """The export as a file."""
    if form == "csv":
        with path.open("wb") as file:
            file.writelines(csv_lines(made))
    else:
        WRITERS[form](made, path)
