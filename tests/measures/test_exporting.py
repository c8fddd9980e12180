"""An export says what the report says, goes into the history before it is given out, and is harmless to open."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.models import Event, Stream
from helmdesk.measures import exporting, keeping
from helmdesk.measures.exporting import Export, csv_lines, harmless
from helmdesk.measures.names import Names
from helmdesk.measures.reports import report
from helmdesk.measures.tables import HEADER, table
from helmdesk.providers.models import Provider
from tests.measures.test_reports import busy, question  # noqa: F401 (a fixture)
from tests.world import World


def made(world: World, what: str = "figures", form: str = "csv", who: str = "max") -> Export:
    keeping.follow()
    return exporting.export(what, form, question(world, by="provider"), viewer=world.who(who), at=world.at)


def read(export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(b"".join(csv_lines(export)).decode())))


def test_the_history_is_told_who_exported_what_before_it_is_given_out(busy: World) -> None:  # noqa: F811
    made(busy, "tickets", "xlsx", "nora")

    event = Event.objects.filter(stream=Stream.ACCESS).get()
    told = json.loads(event.body)["what"]
    assert (event.kind, event.person) == ("exported", busy.people["nora"].pk)
    assert told == {
        "what": "tickets", "format": "xlsx", "first": "2026-02-20", "last": "2026-04-30", "by": "provider",
        "only": {}, "as_of": None,
    }  # fmt: skip


def test_csv_xlsx_and_parquet_hold_the_numbers_of_the_report(busy: World, tmp_path: Path) -> None:  # noqa: F811
    keeping.follow()
    found = list(table(report(question(busy, by="provider"), busy.who("max")), Names(busy.who("max"))))
    rows = [{name: "" if cell is None else str(cell) for name, cell in zip(HEADER, row, strict=True)} for row in found]
    assert read(made(busy)) == rows
    exporting.write(made(busy, form="xlsx"), "xlsx", tmp_path / "it.xlsx")
    sheet = cells(tmp_path / "it.xlsx")
    assert sheet[: len(HEADER)] == list(HEADER)
    parquet = pytest.importorskip("pyarrow.parquet")
    exporting.write(made(busy, form="parquet"), "parquet", tmp_path / "it.parquet")
    kept = parquet.read_table(tmp_path / "it.parquet").to_pylist()
    assert [row["n"] for row in kept] == [row[HEADER.index("n")] for row in found]
    assert [row["value"] for row in kept] == [row[HEADER.index("value")] for row in found]


def cells(path: Path) -> list[str]:
    """The texts of a workbook, row by row, as its XML has them."""
    import re

    with ZipFile(BytesIO(path.read_bytes())) as book:
        text = book.read("xl/worksheets/sheet1.xml").decode()
    return re.findall(r"<t[^>]*>([^<]*)</t>", text)


def test_every_ticket_is_exported_that_its_viewer_may_see_and_nothing_of_a_person(busy: World) -> None:  # noqa: F811
    rows = read(made(busy, "tickets", who="max"))
    guests = read(made(busy, "tickets", who="nora"))
    assert (len(rows), len(guests)) == (5, 1)
    assert guests[0]["provider"] == "Northwind"
    assert set(rows[0]) == set(exporting.TICKET_HEADER)
    every = "".join(value for row in rows for value in row.values())
    assert not any(person.name in every for person in busy.people.values())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula_to_a_spreadsheet(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("plain = text") == "plain = text"
    assert harmless(-3.5) == -3.5


def test_a_provider_named_like_a_formula_does_no_harm(busy: World) -> None:  # noqa: F811
    Provider.objects.filter(code="northwind").update(name='=HYPERLINK("http://evil.example")')
    assert {row["provider"][:2] for row in read(made(busy, "tickets"))} == {"In", "'="}


def test_rows_are_read_as_they_are_written() -> None:
    taken: list[int] = []

    def rows() -> Any:
        for n in range(3 * exporting.AT_ONCE):
            taken.append(n)
            yield (n,)

    lines = csv_lines(Export(("n",), rows()))
    first = next(lines)
    assert (first.count(b"\n"), len(taken)) == (exporting.AT_ONCE + 1, exporting.AT_ONCE)
    assert sum(part.count(b"\n") for part in lines) == 2 * exporting.AT_ONCE


def test_what_does_not_fit_a_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SHEET_ROWS", 10)
    exporting.write_xlsx(Export(("n",), ((n,) for n in range(25))), tmp_path / "it.xlsx")
    with ZipFile(tmp_path / "it.xlsx") as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 3


@pytest.mark.parametrize(("what", "form", "field"), [("people", "csv", "what"), ("figures", "pdf", "format")])
def test_what_cannot_be_exported_is_refused_and_not_told(world: World, what: str, form: str, field: str) -> None:
    with pytest.raises(BadEntry) as refused:
        made(world, what, form)
    assert refused.value.field == field
    assert not Event.objects.filter(stream=Stream.ACCESS).exists()


def test_parquet_is_offered_where_it_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)
    assert exporting.available() == ["csv", "xlsx"]
