"""How the columns of any ticket or event table become our fields: a TOML file, checked whole, and presets of it.

name = "Our old desk"
rows = "tickets"                    # one row a ticket; "events": one row a change
dates = ["%d/%m/%Y %H:%M", "iso"]   # tried in order; day-first or month-first is never guessed
zone = "Europe/Berlin"              # for dates without an offset
empty = ["", "-"]                   # values that mean nothing is there
group_held_throughout = false       # one row a ticket shows the last group only; true: take it as the only one
delimiter = ";"                     # both are found out where they can be
encoding = "cp1252"

[columns]                           # our field = their column, or the first there is of several
id = "Key"
opened = ["Created", "Created at"]

[fields]                            # own field = their column
invoice = "Invoice No."

[status]                            # their value = open, resolved, closed or wait:KIND; "*" for all others
"In progress" = "open"
"Pending customer" = "wait:requester"

[priority]                          # also impact, urgency (1 first), type, channel, resolution
"High" = 2
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping as Dictionary
from importlib import resources
from typing import Any, Final, Literal

import msgspec

from helmdesk.history.instants import EPOCH_SECONDS, ISO, BadInstant, zone_named

FIELDS: Final = {
    "id": "ticket (external reference)",
    "opened": "opening",
    "updated": "instant of the change",
    "resolved": "resolution",
    "closed": "closing",
    "status": "phase, waits, status",
    "requester": "requester",
    "opened_by": "opened by",
    "group": "team",
    "agent": "assignee",
    "third": "the third party that is waited for",
    "priority": "priority",
    "impact": "impact",
    "urgency": "urgency",
    "type": "type",
    "channel": "channel",
    "subject": "subject",
    "description": "first message",
    "resolution": "code of the resolution",
    "service": "service",
    "site": "site",
    "category": "category",
    "subcategory": "category, second level",
}
REQUIRED: Final = {"tickets": ("id", "opened"), "events": ("id", "updated")}
WAITS: Final = ("requester", "third", "parts", "change", "question", "child", "problem", "agreed")
STATUSES: Final = ("open", "resolved", "closed", *(f"wait:{kind}" for kind in WAITS))
TYPES: Final = ("incident", "request")
CHANNELS: Final = ("portal", "mail", "phone", "api", "chat", "monitoring", "import", "agent")
CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "status": STATUSES,
    "type": TYPES,
    "channel": CHANNELS,
    "priority": (1, 2, 3, 4, 5),
    "impact": (1, 2, 3),
    "urgency": (1, 2, 3),
}
CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
ANY: Final = "*"
PRESETS: Final = ("freshservice", "jira", "servicenow_table", "zammad", "zendesk")
MAX_TEXT: Final = 262_144


class BadMapping(ValueError):
    """A mapping that cannot be used; `faults` has one sentence for each thing wrong, with its cure."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Column(msgspec.Struct, frozen=True):
    """What one column of a file becomes, for the dry run; with a cure where something is wrong."""

    name: str
    meaning: str
    used: bool = True
    cure: str | None = None


class Mapping(msgspec.Struct, frozen=True):
    """A checked mapping. Value maps are keyed by the folded value (`folded`)."""

    columns: dict[str, list[str]]
    name: str = "table"
    rows: Literal["tickets", "events"] = "tickets"
    dates: list[str] = msgspec.field(default_factory=lambda: [ISO])
    zone: str | None = None
    empty: list[str] = []
    group_held_throughout: bool = False
    delimiter: str | None = None
    encoding: str | None = None
    fields: dict[str, list[str]] = {}
    status: dict[str, str] = {}
    priority: dict[str, int] = {}
    impact: dict[str, int] = {}
    urgency: dict[str, int] = {}
    type: dict[str, str] = {}
    channel: dict[str, str] = {}
    resolution: dict[str, str] = {}

    def values_of(self, field: str) -> dict[str, Any]:
        """The value map of a field, or none."""
        return getattr(self, field) if field in VALUE_MAPS else {}

    def column_for(self, field: str, header: list[str]) -> str | None:
        """The first of the field's columns that the header has."""
        wanted = self.columns.get(field) or self.fields.get(field.removeprefix("field."), [])
        return next((column for column in wanted if column in header), None)


VALUE_MAPS: Final = (*CHOICES, "resolution")


def folded(value: str) -> str:
    """How values are compared: without case or surrounding blanks."""
    return value.strip().casefold()


def preset(name: str) -> str:
    """The TOML text of a preset. Raises BadMapping."""
    if name not in PRESETS:
        raise BadMapping([f"{name!r} is no preset: {', '.join(PRESETS)}"])
    return resources.files("helmdesk.history").joinpath("presets", f"{name}.toml").read_text("utf-8")


def read(text: str, **changes: Any) -> Mapping:
    """The mapping that a TOML text says, with top-level keys replaced by `changes`. Raises BadMapping."""
    if len(text) > MAX_TEXT:
        raise BadMapping([f"longer than {MAX_TEXT:,} characters: is it a mapping?"])
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadMapping([f"not TOML: {fault}"]) from None
    said |= {key: value for key, value in changes.items() if value is not None}
    faults = [*_unknown_keys(said), *_bad_columns(said)]
    _fold_values(said, faults)
    try:
        mapping = msgspec.convert(said, Mapping)
    except msgspec.ValidationError as fault:
        raise BadMapping([*faults, str(fault)]) from None
    faults += [*_bad_choices(mapping), *_missing(mapping), *_bad_dates(mapping)]
    if faults:
        raise BadMapping(faults)
    return mapping


def describe(mapping: Mapping, header: list[str]) -> list[Column]:
    """What each column of the header becomes; then each mapped field whose column is not there."""
    chosen: dict[str, list[str]] = {}
    absent: list[Column] = []
    ours = {field: (FIELDS[field], columns) for field, columns in mapping.columns.items()}
    ours |= {f"field.{code}": (f"own field {code!r}", columns) for code, columns in mapping.fields.items()}
    for field, (meaning, columns) in ours.items():
        column = mapping.column_for(field, header)
        if column is None:
            absent.append(_absent(field, meaning, columns, header))
        else:
            chosen.setdefault(column, []).append(meaning)
    return [*_described(header, chosen), *absent]


def unusable(mapping: Mapping, header: list[str]) -> list[str]:
    """Why a file with this header cannot be read by this mapping: its required fields without a column."""
    return [
        f"columns.{field}: the file has no column {' or '.join(map(repr, mapping.columns[field]))}. "
        f"It has {', '.join(header)}"
        for field in REQUIRED[mapping.rows]
        if mapping.column_for(field, header) is None
    ]


def _absent(field: str, meaning: str, columns: list[str], header: list[str]) -> Column:
    near = difflib.get_close_matches(columns[0], header, n=1)
    cure = f"did you mean {near[0]!r}?" if near else f"change or remove {field} in the mapping"
    return Column(" or ".join(columns), f"{meaning}: no such column", used=False, cure=cure)


def _described(header: list[str], chosen: dict[str, list[str]]) -> list[Column]:
    described: list[Column] = []
    met: set[str] = set()
    for name in header:
        if not name:
            described.append(Column(name, "not understood", used=False, cure="give the column a name in the header"))
        elif name in met and name in chosen:
            cure = "rename one of them to use it"
            described.append(Column(name, "not used: the first of this name is", used=False, cure=cure))
        elif name in chosen:
            described.append(Column(name, "; ".join(chosen[name])))
        else:
            described.append(Column(name, "not used", used=False))
        met.add(name)
    return described


def _unknown_keys(said: Dictionary[str, Any]) -> list[str]:
    known = Mapping.__struct_fields__
    faults = [f"{key}: not known{_nearest(key, known)}" for key in said if key not in known]
    columns = said.get("columns")
    if isinstance(columns, dict):
        faults += [f"columns.{key}: no field of ours{_nearest(key, FIELDS)}" for key in columns if key not in FIELDS]
    own = said.get("fields")
    if isinstance(own, dict):
        faults += [
            f"fields.{code}: write the code in a-z, 0-9, - and _, at most 40"
            for code in own
            if not CODE.fullmatch(code)
        ]
    return faults


def _nearest(key: str, known: Any) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _bad_columns(said: dict[str, Any]) -> list[str]:
    """One name stands for a list of one, here and for dates."""
    faults: list[str] = []
    if isinstance(said.get("dates"), str):
        said["dates"] = [said["dates"]]
    for table in ("columns", "fields"):
        entries = said.get(table)
        if not isinstance(entries, dict):
            continue
        for key, names in entries.items():
            listed = [names] if isinstance(names, str) else names
            if isinstance(listed, list) and listed and all(isinstance(name, str) and name for name in listed):
                entries[key] = listed
            else:
                faults.append(f"{table}.{key}: {names!r} is no column; give its name in quotes, or a list of names")
    return faults


def _fold_values(said: dict[str, Any], faults: list[str]) -> None:
    for table in VALUE_MAPS:
        values = said.get(table)
        if not isinstance(values, dict):
            continue
        said[table] = {folded(value): ours for value, ours in values.items()}
        if len(said[table]) < len(values):
            faults.append(f"{table}: a value is there twice; case and blanks around it do not count")


def _bad_choices(mapping: Mapping) -> list[str]:
    faults = [
        f"{table}.{value!r}: {ours!r} is none of {', '.join(map(str, choices))}"
        for table, choices in CHOICES.items()
        for value, ours in mapping.values_of(table).items()
        if ours not in choices
    ]
    faults += [
        f"resolution.{value!r}: write the code {ours!r} in a-z, 0-9, - and _, at most 40"
        for value, ours in mapping.resolution.items()
        if not CODE.fullmatch(ours)
    ]
    for table in VALUE_MAPS:
        if table in mapping.columns and not mapping.values_of(table) and table not in {"type", "channel", "resolution"}:
            faults.append(f"{table}: the column is mapped, its values are not; add a table [{table}]")
    return faults


def _missing(mapping: Mapping) -> list[str]:
    needed = [field for field in REQUIRED[mapping.rows] if field not in mapping.columns]
    faults = [f'columns.{field}: missing; add {field} = "their column"' for field in needed]
    if mapping.delimiter is not None and (len(mapping.delimiter) != 1 or mapping.delimiter in '\r\n"'):
        faults.append(f'delimiter: {mapping.delimiter!r} is not one character; "," ";" "\\t" or "|"')
    return faults


def _bad_dates(mapping: Mapping) -> list[str]:
    known = '"iso", "epoch" or directives such as "%d/%m/%Y %H:%M"'
    faults = [f"dates: {form!r} is no format; {known}" for form in mapping.dates if not _is_format(form)]
    if not mapping.dates:
        faults.append(f"dates: empty; {known}")
    if mapping.zone is not None:
        try:
            zone_named(mapping.zone)
        except BadInstant as fault:
            faults.append(f"zone: {fault}")
    return faults


def _is_format(form: str) -> bool:
    return form in {ISO, EPOCH_SECONDS} or "%d" in form
