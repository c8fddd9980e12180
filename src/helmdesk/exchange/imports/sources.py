"""The files that history comes in: opened by a reader of `history`, within bounds; every fault names its cure."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from helmdesk.exchange.imports.entries import slug
from helmdesk.exchange.imports.errors import CannotImport
from helmdesk.history import mapping
from helmdesk.history.delimited import GZIP, Unreadable
from helmdesk.history.grouping import Survey
from helmdesk.history.instants import BadInstant
from helmdesk.history.mapping import BadMapping, Column, folded
from helmdesk.history.observation import Refused, Row
from helmdesk.history.providers_map import BadProviders, ProvidersMap, read_providers
from helmdesk.history.servicenow import FIELDS, STATES, AuditLog
from helmdesk.history.tables import MappedTable

BLOCK: Final = 1 << 20
UNSUSPICIOUS: Final = 256 << 20
STEEPEST: Final = 200
DATES: Final = {
    "d/m/y": ["%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %I:%M %p", "%d/%m/%Y", "%d/%m/%y %H:%M"],
    "m/d/y": ["%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y", "%m/%d/%y %H:%M"],
    "d.m.y": ["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "%d.%m.%y %H:%M"],
    "iso": ["iso"],
}
STATUS: Final = "status"


class Reader(Protocol):
    """What the readers of `history` have in common."""

    def describe(self) -> list[Column]: ...
    def survey(self) -> Survey: ...
    def tickets(self) -> Iterator[list[Row | Refused]]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One file with its reader. `name` is a code: ids and names are remembered under it, whatever the file is called.

    `fields` are its own fields, code to name; `statuses` those of its statuses (folded) that an event may repeat.
    """

    name: str
    path: Path
    digest: str
    zone: str | None
    reader: Reader
    fields: Mapping[str, str]
    statuses: frozenset[str]

    def survey(self) -> Survey:
        """Rows and tickets, by a pass over the whole file. Raises CannotImport."""
        with readable(self.path):
            return self.reader.survey()

    def tickets(self) -> Iterator[list[Row | Refused]]:
        """What the rows of each ticket show, ticket by ticket. Raises CannotImport."""
        tickets = self.reader.tickets()
        while True:
            with readable(self.path):
                ticket = next(tickets, None)
            if ticket is None:
                return
            yield ticket


def audit_log(path: Path, *, zone: str, name: str | None = None) -> Source:
    """ServiceNow's audit log of incidents. Raises CannotImport."""
    digest = fingerprint(path)
    try:
        with readable(path, options=False):
            reader = AuditLog(path, zone=zone)
    except BadInstant as fault:
        raise CannotImport(f"--zone: {fault}.") from fault
    fields = {code: _title(code) for column, code in FIELDS.items() if column in reader.table.header}
    statuses = frozenset(folded(status) for status in STATES)
    return Source(named(name or reader.name), path, digest, zone, reader, {**fields, STATUS: "Status there"}, statuses)


def table(path: Path, said: mapping.Mapping, *, name: str | None = None) -> Source:
    """Any table of tickets or of changes, by a mapping. Raises CannotImport."""
    digest = fingerprint(path)
    try:
        with readable(path):
            reader = MappedTable(path, said)
    except BadMapping as fault:
        raise CannotImport(*(f"{path.name}, {each}" for each in fault.faults)) from fault
    fields = {code: _title(code) for code in said.fields}
    if "status" in said.columns:
        fields.setdefault(STATUS, "Status there")
    return Source(named(name or said.name), path, digest, said.zone, reader, fields, frozenset(said.status))


def read_mapping(
    file: Path | None, preset: str | None, *, zone: str | None, dates: str | None, encoding: str | None,
    delimiter: str | None,
) -> mapping.Mapping:  # fmt: skip
    """The mapping that a file or a preset says, with what the command line says instead. Raises CannotImport."""
    where = str(file) if file is not None else f"preset {preset}"
    try:
        text = mapping.preset(preset or "") if file is None else _toml(file)
        formats = None if dates is None else DATES[dates]
        said = mapping.read(text, zone=zone, dates=formats, encoding=encoding, delimiter=delimiter)
    except BadMapping as fault:
        raise CannotImport(*(f"{where}: {each}" for each in fault.faults)) from fault
    if encoding is not None or said.encoding is not None:
        _must_be_encoding(said.encoding or "")
    return said


def read_map_of_providers(file: Path | None) -> ProvidersMap | None:
    """Which group is which team of which provider, where a file says so. Raises CannotImport."""
    if file is None:
        return None
    try:
        return read_providers(_toml(file))
    except BadProviders as fault:
        raise CannotImport(*(f"{file}: {each}" for each in fault.faults)) from fault


def named(name: str) -> str:
    """The code of a source."""
    code = slug(name, longest=40)
    if not code:
        raise CannotImport(f"--name: {name!r} holds no letter or digit. Give a name such as servicenow-europe.")
    return code


@contextmanager
def readable(path: Path, *, options: bool = True) -> Iterator[None]:
    """Tells what is wrong with a file while it is read; `options`: whether the command line can say how to read it."""
    try:
        yield
    except Unreadable as fault:
        where = fault.reason if path.name in fault.reason else f"{path}: {fault.reason}"
        cure = fault.cure.replace('encoding = "cp1252"', "--encoding cp1252")
        cure = cure.replace('delimiter = ";"', '--delimiter ";"')
        if "for example --" in cure and not options:
            cure = "Export it as CSV in UTF-8, with commas"
        raise CannotImport(f"{where}. {cure}.") from fault
    except UnicodeError as fault:
        raise CannotImport(f"{path} is not text in the encoding that it begins in. Export it as UTF-8.") from fault


def fingerprint(path: Path) -> str:
    """The digest of the file as it is. What unpacks to very much more than that is refused before it is read."""
    if not path.is_file():
        raise CannotImport(f"{path} is no file. Give the path of a .csv or .csv.gz file.")
    try:
        digest = _digest(path)
        _must_unpack_soundly(path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise CannotImport(f"{path} breaks off or is damaged: {fault}. Fetch the file again.") from fault
    except OSError as fault:
        raise CannotImport(f"{path} cannot be read: {fault.strerror}. Give a file that can be read.") from fault
    return digest


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _must_unpack_soundly(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as stream:
        if stream.read(2) != GZIP:
            return
    unpacked = 0
    with gzip.open(path) as stream:
        while block := stream.read(BLOCK):
            unpacked += len(block)
            if unpacked > max(UNSUSPICIOUS, size * STEEPEST):
                raise CannotImport(
                    f"{path} unpacks to more than {STEEPEST} times its size: no table does. "
                    "Unpack it yourself where it is sound, and give the plain file."
                )


def _toml(file: Path) -> str:
    try:
        if file.stat().st_size > mapping.MAX_TEXT * 4:
            raise CannotImport(f"{file} is too large to be a map. Give the TOML file.")
        return file.read_text("utf-8")
    except OSError as fault:
        raise CannotImport(f"{file} cannot be read: {fault.strerror}. Give a TOML file.") from fault
    except UnicodeDecodeError as fault:
        raise CannotImport(f"{file} is not UTF-8. Save it as UTF-8.") from fault


def _must_be_encoding(encoding: str) -> None:
    try:
        "".encode(encoding)
    except LookupError as fault:
        raise CannotImport(f'encoding: {encoding!r} is no encoding. Give one such as "utf-8" or "cp1252".') from fault


def _title(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").strip().capitalize() or code
