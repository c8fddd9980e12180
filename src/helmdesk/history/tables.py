"""Any table of tickets (one row each) or of changes (many rows each) to rows of what they show, by a mapping.

A table of tickets shows opening, last group and agent, resolution and closing. Who held the ball in between stays
unknown, unless the mapping says `group_held_throughout`. The digest covers the mapped columns only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from helmdesk.history.delimited import Record, Table
from helmdesk.history.grouping import Survey, by_ticket, survey
from helmdesk.history.instants import BadInstant, Instants, zone_named
from helmdesk.history.mapping import ANY, VALUE_MAPS, BadMapping, Column, Mapping, describe, folded, unusable
from helmdesk.history.observation import Refused, Row

INSTANTS: Final = ("opened", "resolved", "closed", "updated")
PERSONS: Final = ("group", "agent")
NAMES: Final = ("requester", "opened_by", "third", "subject", "description", "service", "site")
LONGEST: Final = {"description": 262_144, "subject": 500, "id": 120}
LONGEST_NAME: Final = 200


class BadValue(ValueError):
    """One value of a row that cannot be read."""

    def __init__(self, field: str, value: str, reason: str, cure: str) -> None:
        super().__init__(f"{field} {value!r}: {reason}; {cure}")
        self.field = field
        self.value = value
        self.reason = reason
        self.cure = cure


class MappedTable:
    """One file read by a mapping. Raises Unreadable, BadMapping."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self.name = mapping.name
        self.mapping = mapping
        self.table = Table(path, delimiter=mapping.delimiter, encoding=mapping.encoding)
        faults = unusable(mapping, self.table.header)
        if faults:
            raise BadMapping(faults)
        self.instants = Instants(mapping.dates, zone_named(mapping.zone) if mapping.zone else None)
        self._places = _places(mapping, self.table)
        self._empty = frozenset(folded(value) for value in [*mapping.empty, ""])
        self._survey: Survey | None = None

    def describe(self) -> list[Column]:
        """What each column becomes."""
        return describe(self.mapping, self.table.header)

    def survey(self) -> Survey:
        """Rows and tickets of the file, by one quick pass."""
        if self._survey is None:
            self._survey = survey(self.table, self._places["id"])
        return self._survey

    def tickets(self) -> Iterator[list[Row | Refused]]:
        """What the rows of each ticket show, in order of time (rows of one instant in file order), ticket by ticket."""
        together = self.survey().together
        for records in by_ticket(self.table, self._places["id"], together=together):
            rows = [self._row(record) for record in records]
            refused = [row for row in rows if isinstance(row, Refused)]
            yield [*refused, *sorted((row for row in rows if isinstance(row, Row)), key=lambda row: row.at)]

    def _row(self, record: Record) -> Row | Refused:
        if record.fault is not None:
            return Refused(record.number, "", "row", "", record.fault, record.cure or "")
        shown = {field: record.fields[place].strip() for field, place in self._places.items()}
        number = shown["id"]
        try:
            if folded(number) in self._empty:
                raise BadValue("id", number, "is missing", "each row names its ticket")
            values = self._values(shown)
            at = self._at(values)
        except BadValue as bad:
            return Refused(record.number, number, bad.field, bad.value[:200], bad.reason, bad.cure)
        digest = hashlib.blake2b("\x1f".join(shown.values()).encode(), digest_size=16).digest()
        return Row(record.number, number, digest, at, values)

    def _values(self, shown: dict[str, str]) -> dict[str, Any]:
        present = {field: text for field, text in shown.items() if folded(text) not in self._empty}
        for field, text in present.items():
            longest = LONGEST.get(field, LONGEST_NAME)
            if len(text) > longest:
                raise BadValue(field, text, f"is longer than {longest:,} characters", "shorten it")
        values: dict[str, Any] = {field: present.get(field) for field in PERSONS if field in shown}
        values |= {field: present[field] for field in NAMES if field in present}
        values |= {field: text for field, text in present.items() if field.startswith("field.")}
        values |= {f"{field}_at": self._instant(field, present[field]) for field in INSTANTS if field in present}
        self._choose(present, values)
        if "category" in present:
            values["category"] = tuple(present[field] for field in ("category", "subcategory") if field in present)
        return values

    def _choose(self, present: dict[str, str], values: dict[str, Any]) -> None:
        """Values that stand for a choice of ours."""
        for field in VALUE_MAPS:
            if field not in present:
                continue
            ours = self._choice(field, present[field])
            if field == "status":
                phase, _, wait = ours.partition(":")
                values["phase"] = "open" if wait else phase
                values["wait"] = wait or None
                values["status"] = present[field]
            else:
                values[field] = ours

    def _choice(self, field: str, text: str) -> Any:
        known = self.mapping.values_of(field)
        ours = known.get(folded(text), known.get(ANY))
        if ours is not None:
            return ours
        elif field == "channel":
            return "import"
        elif field == "type":
            return "incident"
        elif field == "resolution":
            return "other"
        raise BadValue(field, text, f"has no entry in [{field}]", f'add "{text}" = … to [{field}] of the mapping')

    def _instant(self, field: str, text: str) -> int:
        try:
            return self.instants.read(text)
        except BadInstant as bad:
            raise BadValue(field, text, bad.reason, bad.cure) from None

    def _at(self, values: dict[str, Any]) -> int:
        """The instant of the row: its change, or the latest that it names."""
        updated: int | None = values.pop("updated_at", None)
        if self.mapping.rows == "events":
            if updated is None:
                raise BadValue("updated", "", "is missing", "each row says when it happened")
            values.setdefault("phase", _phase(values, until=updated))
            # The instants of rest are those of the ticket's end, not of this change.
            values.pop("resolved_at", None)
            values.pop("closed_at", None)
            return updated
        if "opened_at" not in values:
            raise BadValue("opened", "", "is missing", "each row says when its ticket was opened")
        values.setdefault("phase", _phase(values))
        values["held"] = self.mapping.group_held_throughout
        return max(at for at in (updated, *_named(values)) if at is not None)


def _places(mapping: Mapping, table: Table) -> dict[str, int]:
    """Our fields (own ones as `field.code`) and the place of the column that each is read from."""
    fields = [*mapping.columns, *(f"field.{code}" for code in mapping.fields)]
    chosen = {field: mapping.column_for(field, table.header) for field in fields}
    return {field: table.column(column) for field, column in chosen.items() if column is not None}


def _named(values: dict[str, Any]) -> Iterator[int | None]:
    return (values.get(name) for name in ("opened_at", "resolved_at", "closed_at"))


def _phase(values: dict[str, Any], until: int | None = None) -> str:
    """Without a status, the instants up to `until` say the phase."""
    for phase in ("closed", "resolved"):
        at = values.get(f"{phase}_at")
        if at is not None and (until is None or at <= until):
            return phase
    return "open"
