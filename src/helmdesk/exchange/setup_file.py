"""A company as a TOML file: its tables and keys, read and checked for shape before anything is written."""

import difflib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from helmdesk.foundation.errors import shown

LARGEST: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong entry: in which table, which entry, under which key, with what value, and the cure."""

    table: str
    entry: str
    key: str
    value: str
    cure: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.table, self.entry) if part)
        what = f"{self.key} = {self.value}" if self.key and self.value else self.key or self.value
        return ": ".join(part for part in (where, what, self.cure) if part)


class BadSetup(ValueError):
    """A file that cannot be applied; nothing was. `faults` name every wrong entry that was found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: its table, how a person would point at it, and what it says."""

    table: str
    name: str
    says: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a key may hold: a test, and how to say what is wanted."""

    holds: Callable[[Any], bool]
    cure: str


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_words(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and all(isinstance(one, str) for one in value.values()))


def _is_date(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


TEXT: Final = Kind(lambda value: isinstance(value, str), 'Give a text in quotes: "…".')
WORDS: Final = Kind(_is_words, 'Give a text, or one a language: {en = "…", de = "…"}.')
TEXTS: Final = Kind(_is_texts, 'Give a list of texts: ["…", "…"].')
FLAG: Final = Kind(lambda value: isinstance(value, bool), "true or false, without quotes.")
NUMBER: Final = Kind(lambda value: type(value) is int, "Give a whole number, without quotes.")
AMOUNT: Final = Kind(lambda value: type(value) in (int, str, Decimal), 'Give an amount, such as "120.50".')
DATE: Final = Kind(_is_date, "Give a date without quotes: 2027-01-31.")
SHARES: Final = Kind(
    lambda value: isinstance(value, list) and all(type(one) in (int, Decimal) for one in value),
    "Give a list of numbers: [0.5, 0.75].",
)
OR_NEVER: Final = Kind(
    lambda value: value is False or type(value) is int, "Give a number of days, or false: never closed by itself."
)
PARTS: Final = Kind(
    lambda value: isinstance(value, list | dict | str), "Write it as docs/reference/company.toml shows."
)
YEARS: Final = Kind(
    lambda value: isinstance(value, list) and all(type(one) is int for one in value),
    "Give the first and the last: [2026, 2031].",
)
WEEK: Final = Kind(
    lambda value: isinstance(value, dict) and all(_is_texts(one) for one in value.values()),
    'Give the hours of each open day: {mon = ["08:00-12:00", "13:00-17:00"]}.',
)
DAYS: Final = Kind(lambda value: isinstance(value, list), 'Give a list: [{day = 2026-12-31, name = "Stocktaking"}].')
CELLS: Final = Kind(lambda value: isinstance(value, list), "Three rows of three: [[1, 2, 3], [2, 3, 4], [3, 4, 5]].")

TABLES: Final[dict[str, dict[str, Kind]]] = {
    "sites": {"code": TEXT, "name": TEXT, "zone": TEXT},
    "departments": {"code": TEXT, "name": TEXT, "legal_entity": TEXT},
    "roles": {"code": TEXT, "name": WORDS, "permissions": TEXTS},
    "services": {
        "code": TEXT, "name": WORDS, "criticality": NUMBER, "hour_cost": AMOUNT, "currency": TEXT,
        "owner_department": TEXT, "active": FLAG,
    },
    "categories": {"code": TEXT, "name": WORDS, "parent": TEXT, "active": FLAG},
    "tags": {"codes": TEXTS},
    "fields": {
        "code": TEXT, "name": WORDS, "kind": TEXT, "choices": TEXTS, "required_to_resolve": FLAG, "personal": FLAG,
        "searchable": FLAG, "active": FLAG,
    },
    "matrix": {"cells": CELLS},
    "providers": {
        "code": TEXT, "name": TEXT, "kind": TEXT, "zone": TEXT, "hue": NUMBER, "fallback_team": TEXT, "active": FLAG,
    },
    "teams": {"code": TEXT, "name": TEXT, "provider": TEXT, "triage": FLAG, "calendar": TEXT, "active": FLAG},
    "people": {
        "name": TEXT, "email": TEXT, "emails": TEXTS, "phone": TEXT, "department": TEXT, "site": TEXT,
        "language": TEXT, "zone": TEXT, "title": TEXT, "external_ref": TEXT, "account": FLAG, "provider": TEXT,
        "teams": TEXTS, "leads": TEXTS, "roles": TEXTS,
    },
    "grants": {
        "provider": TEXT, "services": TEXTS, "sites": TEXTS, "categories": TEXTS, "confidential": FLAG,
        "personal_data": FLAG, "from": DATE, "until": DATE,
    },
    "calendars": {
        "code": TEXT, "name": WORDS, "active": FLAG, "zone": TEXT, "week": WEEK, "holidays": TEXTS, "language": TEXT,
        "years": YEARS, "days": DAYS, "any": TEXTS, "all": TEXTS, "always": FLAG, "valid_from": DATE, "reason": TEXT,
    },
    "levels": {
        "code": TEXT, "name": WORDS, "metric": TEXT, "binds": PARTS, "calendar": TEXT, "until": TEXT, "targets": PARTS,
        "pauses": PARTS, "on_change": TEXT, "on_hand_over": TEXT, "on_decline": TEXT, "on_reopen": TEXT,
        "on_merge": TEXT, "warn_at": SHARES, "form": PARTS, "notices_any_hour": FLAG, "valid_from": DATE,
    },
    "closing": {"incident": OR_NEVER, "request": OR_NEVER},
    "third_parties": {"name": TEXT, "active": FLAG},
}  # fmt: skip
NEEDED: Final = {
    "matrix": ("cells",),
    "tags": ("codes",),
    "closing": (),
    "people": ("email",),
    "grants": ("provider",),
    "third_parties": ("name",),
}
ONE_FOR_ALL: Final = ("matrix", "tags", "closing")


def read(path: Path) -> list[Row]:
    """Every entry of a file, in the order in which they can be applied. Raises BadSetup."""
    return rows(_parsed(path))


def rows(told: dict[str, Any]) -> list[Row]:
    faults = [
        Fault("", "", table, "", f"There is no such table. {_meant(table, TABLES)}") for table in told.keys() - TABLES
    ]
    found: list[Row] = []
    for table in TABLES:
        entries, wrong = _entries(table, told.get(table, []))
        faults += [*wrong, *_told_twice(entries)]
        for row in entries:
            wrong = list(_faults_of(row))
            faults += wrong
            found += [] if wrong else [row]
    if faults:
        raise BadSetup(*faults)
    return found


def _parsed(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise BadSetup(Fault("", path.name, "", "", f"The file is larger than {LARGEST // 1024 // 1024} MB."))
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise BadSetup(Fault("", str(path), "", "", f"It cannot be read: {error.strerror}.")) from error
    except UnicodeDecodeError as error:
        raise BadSetup(Fault("", path.name, "", "", "It is not UTF-8. Save it as UTF-8.")) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSetup(Fault("", path.name, "", "", f"It is not TOML: {error}.")) from error


def _entries(table: str, told: Any) -> tuple[list[Row], list[Fault]]:
    if table in ONE_FOR_ALL and isinstance(told, dict):
        told = [told]
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        heading = f"[{table}]" if table in ONE_FOR_ALL else f"[[{table}]]"
        return [], [Fault(table, "", "", "", f"Write each entry under its own heading {heading}.")]
    return [Row(table, _name(one, place), one) for place, one in enumerate(told, 1)], []


def _told_twice(entries: list[Row]) -> Iterator[Fault]:
    seen: set[str] = set()
    for row in entries:
        key = _KNOWN_BY.get(row.table, "code")
        value = str(row.says.get(key, "")).casefold()
        if key and value and value in seen:
            yield Fault(row.table, row.name, key, shown(row.says[key]), "It stands in the file twice; say it once.")
        seen.add(value)


_KNOWN_BY: Final = {"people": "email", "third_parties": "name", "grants": "", "matrix": "", "tags": "", "closing": ""}


def _name(says: dict[str, Any], place: int) -> str:
    """How an entry is called: by its code, address or name, else by its place."""
    for key in ("code", "email", "name", "provider"):
        if isinstance(says.get(key), str) and says[key].strip():
            return str(says[key])
    return f"entry {place}"


def _faults_of(row: Row) -> Iterator[Fault]:
    keys = TABLES[row.table]
    for key, value in row.says.items():
        if key not in keys:
            yield Fault(row.table, row.name, key, "", f"There is no such key. {_meant(key, keys)}")
        elif not keys[key].holds(value):
            yield Fault(row.table, row.name, key, shown(value), keys[key].cure)
    for key in NEEDED.get(row.table, ("code",)):
        if key not in row.says:
            yield Fault(row.table, row.name, key, "", "It is missing.")


def _meant(given: str, known: dict[str, Any]) -> str:
    close = difflib.get_close_matches(given, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
