"""Tables of delimited text, plain or gzipped, streamed within bounds; a row that cannot be read is named, not lost.

Rows are numbered as a spreadsheet shows them: the header is row 1.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import msgspec

MAX_FIELD: Final = 1_048_576
MAX_LINE: Final = 4_194_304
MAX_COLUMNS: Final = 1_000
MAX_ROWS: Final = 50_000_000
SAMPLE: Final = 65_536
DELIMITERS: Final = (",", ";", "\t", "|")
GZIP: Final = b"\x1f\x8b"


class Unreadable(ValueError):
    """A file that cannot be read as a table at all, with what to do about it."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(f"{reason}. {cure}")
        self.reason = reason
        self.cure = cure


class Record(msgspec.Struct, frozen=True):
    """The fields of one row, or why they cannot be read (then `fields` is empty)."""

    number: int
    fields: list[str]
    fault: str | None = None
    cure: str | None = None


class Table:
    """One file: its header at once, its rows as often as they are asked for. Raises Unreadable."""

    def __init__(self, path: Path, *, delimiter: str | None = None, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding or _encoding(path)
        self.delimiter = delimiter or _delimiter(path, self.encoding)
        with self._opened() as stream:
            header = next(self._reader(stream, path), None)
        if not header:
            raise Unreadable(f"{path.name} has no header", "Its first line must name the columns")
        elif not _sound(header):
            raise Unreadable(f"the header of {path.name} is not {self.encoding} text", 'Name its encoding, as "cp1252"')
        elif len(header) > MAX_COLUMNS:
            raise Unreadable(f"{path.name} has {len(header)} columns", f"Leave at most {MAX_COLUMNS}")
        self.header = [name.strip() for name in header]

    def records(self) -> Iterator[Record]:
        """Every row that is not blank, from the file's beginning."""
        wide = len(self.header)
        with self._opened() as stream:
            rows = self._reader(stream, self.path)
            next(rows)
            number = 1
            while True:
                number += 1
                try:
                    fields = next(rows)
                except StopIteration:
                    return
                except csv.Error as fault:
                    yield Record(number, [], f"cannot be read: {fault}", "check its quotes: each must be closed")
                    continue
                if number > MAX_ROWS:
                    raise Unreadable(f"{self.path.name} has more than {MAX_ROWS:,} rows", "Split it")
                elif len(fields) == wide:
                    yield Record(number, fields) if _sound(fields) else self._undecoded(number, fields)
                elif fields:
                    yield self._uneven(number, fields)

    def column(self, name: str) -> int:
        """The place of the first column of this name. Raises Unreadable."""
        try:
            return self.header.index(name)
        except ValueError:
            raise Unreadable(f"{self.path.name} has no column {name!r}", f"It has {', '.join(self.header)}") from None

    def _uneven(self, number: int, fields: list[str]) -> Record:
        fault = f"has {len(fields)} columns where the header has {len(self.header)}"
        return Record(number, [], fault, f"quote every field that contains {self.delimiter!r} or a line break")

    def _undecoded(self, number: int, fields: list[str]) -> Record:
        name = next(name for name, field in zip(self.header, fields, strict=True) if not _sound([field]))
        if any("\0" in field for field in fields):
            return Record(number, [], f"{name!r} holds a zero byte", "remove it")
        else:
            return Record(number, [], f"{name!r} holds bytes that are not {self.encoding}", "export it in one encoding")

    def _opened(self) -> IO[str]:
        return _open_text(self.path, self.encoding)

    def _reader(self, stream: IO[str], path: Path) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_FIELD)
        return csv.reader(_lines(stream, path), delimiter=self.delimiter, strict=True)


def _sound(fields: list[str]) -> bool:
    """Whether no byte is zero and all were of the encoding: others were read as lone surrogates."""
    text = "".join(fields)
    if "\0" in text:
        return False
    elif text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _open_text(path: Path, encoding: str) -> IO[str]:
    try:
        if _begins(path, 2) == GZIP:
            return gzip.open(path, "rt", encoding=encoding, errors="surrogateescape", newline="")
        return path.open(encoding=encoding, errors="surrogateescape", newline="")
    except LookupError:
        raise Unreadable(f"{encoding!r} is no encoding", 'Give one such as "utf-8" or "cp1252"') from None


def _begins(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError as fault:
        raise Unreadable(f"{path} cannot be opened: {fault.strerror}", "Give a file that can be read") from None


def _lines(stream: IO[str], path: Path) -> Iterator[str]:
    try:
        while line := stream.readline(MAX_LINE):
            if len(line) == MAX_LINE:
                raise Unreadable(f"{path.name} has a line longer than {MAX_LINE:,} characters", "Is it a table?")
            yield line
    except (EOFError, gzip.BadGzipFile, OSError) as fault:
        raise Unreadable(f"{path.name} breaks off or is damaged: {fault}", "Fetch the file again") from None


def _encoding(path: Path) -> str:
    """The file's encoding where its first bytes prove it; an old 8-bit one is never guessed."""
    sample = _sample(path)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # A character may be cut at the sample's end.
        sample[: sample.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError as fault:
        shown = f"byte 0x{sample[fault.start]:02x} at {fault.start}"
        raise Unreadable(
            f"{path.name} is not UTF-8 ({shown})", 'Name its encoding, for example encoding = "cp1252"'
        ) from None
    if b"\0" in sample.partition(b"\n")[0]:
        raise Unreadable(f"{path.name} holds zero bytes", "Is it a table? Export it as CSV in UTF-8")
    return "utf-8-sig"


def _sample(path: Path) -> bytes:
    if _begins(path, 2) != GZIP:
        return _begins(path, SAMPLE)
    try:
        with gzip.open(path) as stream:
            return stream.read(SAMPLE)
    except (EOFError, OSError) as fault:
        raise Unreadable(f"{path.name} breaks off or is damaged: {fault}", "Fetch the file again") from None


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that cuts the header into most columns."""
    with _open_text(path, encoding) as stream:
        line = stream.readline(MAX_LINE)
    counts = {each: _columns(line, each) for each in DELIMITERS}
    best = max(counts, key=lambda each: counts[each])
    if counts[best] < 2 and line.strip():
        raise Unreadable(
            f"the header of {path.name} holds none of , ; tab |", 'Name the delimiter, for example delimiter = ";"'
        )
    return best


def _columns(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter, strict=True), []))
    except csv.Error:
        # The header goes on in the next line: a quoted name with a line break in it.
        return line.count(delimiter) + 1
