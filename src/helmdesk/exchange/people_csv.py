"""People from a table: each row adds or changes one person; a row that cannot be taken is listed with its reason.

Tables of Excel are read as they are: semicolons, byte order mark, UTF-16. An old 8-bit encoding is never guessed, since
a wrong guess spoils names: it is refused until it is named.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import models, transaction
from django.utils.text import slugify

from helmdesk.access.allowed import signed
from helmdesk.access.viewer import Viewer
from helmdesk.exchange.setup_people import set_person
from helmdesk.foundation.entries import folded_email
from helmdesk.foundation.errors import BadEntry, shown
from helmdesk.foundation.text import fold
from helmdesk.history.delimited import Record, Table, Unreadable
from helmdesk.ledger.changing import Change, changing
from helmdesk.people.models import Department, Site
from helmdesk.people.places import DepartmentEntry, SiteEntry, add_department, add_site

COLUMNS: Final = {
    "name": ("full name", "display name", "vollständiger name", "anzeigename", "nombre", "nombre completo"),
    "email": ("e-mail", "mail", "e-mail address", "email address", "e-mail-adresse", "correo", "correo electrónico"),
    "phone": ("telephone", "telefon", "teléfono", "mobile", "business phone"),
    "department": ("abteilung", "departamento"),
    "site": ("location", "office", "standort", "büro", "sede", "oficina"),
    "language": ("sprache", "idioma", "locale"),
    "title": ("job title", "position", "cargo", "puesto"),
    "external_ref": ("employee id", "employee number", "personalnummer", "id", "número de empleado"),
}
PLACES: Final[dict[str, type[models.Model]]] = {"department": Department, "site": Site}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its number as a spreadsheet shows it, the column, the value, and what to do."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Imported:
    """What became of a table; rows = added + changed + unchanged + refused."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to read and what may be made. `create` makes departments and sites that are not there, in `zone`."""

    create: bool = False
    zone: str = "UTC"
    encoding: str | None = None
    delimiter: str | None = None
    dry_run: bool = False


def import_people(path: Path, options: Options, *, by: Viewer, at: datetime) -> Imported:
    """Takes every row that can be taken. Raises Unreadable where the file is no such table."""
    table = Table(path, delimiter=options.delimiter, encoding=options.encoding)
    columns = _columns(table)
    with transaction.atomic():
        with changing(by=signed(by, "people.manage"), at=at) as change:
            taking = _Taking(columns, options, by, change)
            for record in table.records():
                taking.take(record)
        transaction.set_rollback(options.dry_run)
    taking.done.ignored = [name for place, name in enumerate(table.header) if place not in columns.values() and name]
    return taking.done


def _columns(table: Table) -> dict[str, int]:
    """Which column of the file holds what, by its name or a usual one."""
    meaning = {fold(name): column for column, others in COLUMNS.items() for name in (column, *others)}
    meaning |= {fold(column.replace("_", " ")): column for column in COLUMNS}
    found: dict[str, int] = {}
    for place, name in enumerate(table.header):
        column = meaning.get(fold(name.strip()))
        if column is not None:
            found.setdefault(column, place)
    if not found.keys() & {"email", "external_ref"}:
        raise Unreadable(
            f"{table.path.name} says nowhere who is who", f"It needs a column email or external_ref; it has: "
            f"{', '.join(table.header[:20])}. Known columns: {', '.join(COLUMNS)}",
        )  # fmt: skip
    return found


class _Taking:
    """One import under way."""

    def __init__(self, columns: dict[str, int], options: Options, by: Viewer, change: Change) -> None:
        self.columns, self.options, self.by, self.change, self.at = columns, options, by, change, change.at
        self.done = Imported()
        self.met: dict[str, int] = {}
        self.places = {column: _known_places(model) for column, model in PLACES.items()}

    def take(self, record: Record) -> None:
        self.done.rows += 1
        if record.fault is not None:
            self.done.refused.append(RefusedRow(record.number, "", "", f"It {record.fault}; {record.cure}."))
            return
        before, places = len(self.change.entries), {column: dict(known) for column, known in self.places.items()}
        made = len(self.done.made)
        try:
            with transaction.atomic():
                self.set(record)
        except BadEntry as bad:
            self.places = places
            del self.done.made[made:], self.change.entries[before:]
            self.done.refused.append(RefusedRow(record.number, bad.field, shown(bad.value), bad.cure))
        else:
            self.count(before)

    def set(self, record: Record) -> None:
        says = {column: record.fields[place].strip() for column, place in self.columns.items()}
        stated: dict[str, Any] = {column: value for column, value in says.items() if value}
        self.refuse_twice(record.number, stated)
        for column in PLACES:
            if column in stated:
                stated[column] = self.place(column, stated[column])
        set_person(stated, by=self.by, at=self.at)

    def refuse_twice(self, number: int, stated: dict[str, Any]) -> None:
        """Two rows about one person would change each other's words at every run."""
        keys = [folded_email(stated["email"])] if "email" in stated else []
        keys += [f"ref {stated['external_ref']}"] if "external_ref" in stated else []
        if not keys:
            raise BadEntry("email", "", "Give an address or a reference, so that the person is found again.")
        for key in keys:
            if key in self.met:
                raise BadEntry("email", stated.get("email", ""), f"Row {self.met[key]} is about the same person.")
        self.met |= dict.fromkeys(keys, number)

    def place(self, column: str, value: str) -> int:
        known = self.places[column].get(fold(value))
        if known is not None:
            return known
        if not self.options.create:
            raise BadEntry(column, value, f"There is no such {column}. Add it first, or let them be made: --create.")
        made = self.make(column, value)
        self.places[column][fold(value)] = made
        self.done.made.append(f"{column} {value}")
        return made

    def make(self, column: str, name: str) -> int:
        by, code = signed(self.by, "people.manage"), _free_code(PLACES[column], name)
        if column == "site":
            return add_site(code, SiteEntry(name, self.options.zone), by=by, at=self.at).pk
        return add_department(code, DepartmentEntry(name), by=by, at=self.at).pk

    def count(self, before: int) -> None:
        kinds = Counter(entry.kind for entry in self.change.entries[before:])
        if kinds["person.added"]:
            self.done.added += 1
        elif sum(kinds.values()):
            self.done.changed += 1
        else:
            self.done.unchanged += 1


def _known_places(model: type[models.Model]) -> dict[str, int]:
    rows = list(model._default_manager.order_by("-pk").values_list("pk", "code", "name"))
    return {fold(name): pk for pk, _, name in rows} | {fold(code): pk for pk, code, _ in rows}


def _free_code(model: type[models.Model], name: str) -> str:
    stem = slugify(fold(name)).replace("_", "-").strip("-")[:34].strip("-") or "place"
    codes = set(model._default_manager.values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if code not in codes)
