"""How far an import is: a bar for a person at a terminal, a line now and then for a log."""

import csv
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from helmdesk.exchange.imports.errors import CannotImport
from helmdesk.exchange.imports.running import Told
from helmdesk.history.observation import Refused

EVERY: Final = 5.0
COLUMNS: Final = ("row", "ticket", "field", "value", "reason", "cure")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def shown(stream: IO[str]) -> Iterator[Told]:
    """Tells on `stream` how many rows are done."""
    if stream.isatty():
        with _bar(stream) as told:
            yield told
    else:
        yield _lines(stream)


@contextmanager
def _bar(stream: IO[str]) -> Iterator[Told]:
    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream)) as progress:
        task = progress.add_task("rows", total=None)

        def told(done: int, total: int, refused: list[Refused]) -> None:
            progress.update(task, completed=done, total=total)

        yield told


def _lines(stream: IO[str]) -> Told:
    last = time.monotonic()

    def told(done: int, total: int, refused: list[Refused]) -> None:
        nonlocal last
        if done and (done == total or time.monotonic() - last >= EVERY):
            last = time.monotonic()
            stream.write(f"{done:,} of {total:,} rows\n")

    return told


@contextmanager
def kept(told: Told, file: Path | None) -> Iterator[Told]:
    """Writes every refused row into a table, where one is asked for. Raises CannotImport."""
    if file is None:
        yield told
        return
    try:
        stream = file.open("w", encoding="utf-8", newline="")
    except OSError as fault:
        raise CannotImport(f"--refused: {file} cannot be written: {fault.strerror}. Name another file.") from fault
    with stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)

        def also_kept(done: int, total: int, refused: list[Refused]) -> None:
            table.writerows([_not_a_formula(cell) for cell in cells(row)] for row in refused)
            told(done, total, refused)

        yield also_kept


def cells(refused: Refused) -> list[str]:
    """A refused row as it is shown, in the order of COLUMNS."""
    return [
        str(refused.number), refused.external_id, refused.field, refused.value, refused.reason, refused.cure,
    ]  # fmt: skip


def _not_a_formula(cell: str) -> str:
    """What a spreadsheet would take for a formula is quoted."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
