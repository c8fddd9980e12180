"""ServiceNow's audit log of incidents (one row a change, as UCI 498 has it) to rows of what each change shows.

Local times are `day/month/year hour:minute`; instants.py says how repeated and skipped hours are read. "?" is missing:
of group and agent it means that nobody is shown from then on (the log counts these as reassignments), of all else
that the row says nothing. The log is ordered by its own count of changes, and that order is trusted over its clock:
a row out of time takes the minute of its neighbour, and says so in its note. Columns that the log holds in their final
state on every row (`made_sla`, `closed_code`, `resolved_by`, `resolved_at`, `closed_at`) are not part of the digest, so
that a later and longer log of the same incidents is recognised; the final code is told with the last resolution.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from helmdesk.history.delimited import Record, Table
from helmdesk.history.grouping import Survey, by_ticket, survey
from helmdesk.history.instants import BadInstant, Instants, zone_named
from helmdesk.history.mapping import Column
from helmdesk.history.observation import Refused, Row

MISSING: Final = "?"
LONGEST: Final = 120
DATES: Final = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "iso")

STATES: Final[dict[str, dict[str, str | None]]] = {
    "New": {"phase": "open", "wait": None},
    "Active": {"phase": "open", "wait": None},
    "Awaiting User Info": {"phase": "open", "wait": "requester"},
    "Awaiting Vendor": {"phase": "open", "wait": "third"},
    "Awaiting Problem": {"phase": "open", "wait": "problem"},
    # Evidence of whom, the log does not say: a question to somebody not shown.
    "Awaiting Evidence": {"phase": "open", "wait": "question"},
    "Resolved": {"phase": "resolved"},
    "Closed": {"phase": "closed"},
}
CHANNELS: Final = {
    "Phone": "phone",
    "IVR": "phone",
    "Email": "mail",
    "Self service": "portal",
    "Direct opening": "agent",
}
RANKS: Final = {"impact": range(1, 4), "urgency": range(1, 4), "priority": range(1, 6)}
NAMES: Final = {"caller_id": "requester", "opened_by": "opened_by", "location": "site", "vendor": "third"}
FIELDS: Final = {
    "u_symptom": "symptom",
    "cmdb_ci": "configuration_item",
    "problem_id": "problem",
    "rfc": "change",
    "caused_by": "caused_by_change",
}
FINAL: Final = frozenset({"made_sla", "closed_code", "resolved_by", "resolved_at", "closed_at"})
REQUIRED: Final = ("number", "incident_state", "sys_updated_at", "opened_at", "assignment_group")
MEANINGS: Final = {
    "number": "ticket (external reference)",
    "incident_state": "phase, waits, status",
    "sys_updated_at": "instant of the change",
    "opened_at": "opening",
    "assignment_group": "team",
    "assigned_to": "assignee",
    "caller_id": "requester",
    "opened_by": "opened by",
    "contact_type": "channel",
    "location": "site",
    "category": "category",
    "subcategory": "category, second level",
    "impact": "impact",
    "urgency": "urgency",
    "priority": "priority",
    "vendor": "the third party that is waited for",
    "closed_code": "code of the last resolution",
    **{column: f"own field {field!r}" for column, field in FIELDS.items()},
}


class AuditLog:
    """One audit log, `.csv` or `.csv.gz`, with its local times in `zone`. Raises Unreadable, BadInstant."""

    name: Final = "servicenow"

    def __init__(self, path: Path, *, zone: str) -> None:
        self.table = Table(path)
        for column in REQUIRED:
            self.table.column(column)
        self.instants = Instants(DATES, zone_named(zone))
        self._places = {name: place for place, name in reversed(list(enumerate(self.table.header)))}
        kept = [place for place, name in enumerate(self.table.header) if name not in FINAL]
        self._kept = itemgetter(*kept)
        self._survey: Survey | None = None

    def describe(self) -> list[Column]:
        """What each column becomes."""
        return [Column(name, MEANINGS.get(name, "not used"), used=name in MEANINGS) for name in self.table.header]

    def survey(self) -> Survey:
        """Rows and tickets of the file, by one quick pass."""
        if self._survey is None:
            self._survey = survey(self.table, self._places["number"])
        return self._survey

    def tickets(self) -> Iterator[list[Row | Refused]]:
        """What the rows of each ticket show, in order of time, ticket by ticket."""
        together = self.survey().together
        for records in by_ticket(self.table, self._places["number"], together=together):
            yield self._ticket(records)

    def _ticket(self, records: list[Record]) -> list[Row | Refused]:
        rows: list[Row | Refused] = []
        before = None
        for record in records:
            shown = self._row(record, before)
            rows.append(shown)
            if isinstance(shown, Row):
                before = shown.at
        self._tell_resolution(records, rows)
        return in_time(rows)

    def _row(self, record: Record, before: int | None) -> Row | Refused:
        if record.fault is not None:
            return Refused(record.number, "", "row", "", record.fault, record.cure or "")
        fields = record.fields
        if max(map(len, fields)) > LONGEST:
            name, field = max(zip(self.table.header, fields, strict=True), key=lambda pair: len(pair[1]))
            reason = f"is longer than {LONGEST} characters"
            return Refused(record.number, "", name, field[:LONGEST], reason, "shorten it")
        column = "number"
        try:
            number = self._field(fields, column)
            if not number:
                raise ValueError("is missing")
            column = "sys_updated_at"
            at = self.instants.read(fields[self._places[column]], not_before=before)
            column = "opened_at"
            opened = self._field(fields, column)
            values: dict[str, Any] = {} if opened is None else {"opened_at": self.instants.read(opened)}
            column = "incident_state"
            values |= STATES[fields[self._places[column]]]
            for column, known in RANKS.items():
                if (text := self._field(fields, column)) is not None:
                    values[column] = known[known.index(int(text[:1]))]
        except (BadInstant, ValueError, KeyError) as fault:
            return self._refused(record, column, fault)
        self._name(fields, values)
        return Row(record.number, fields[self._places["number"]], self._digest(fields), at, values)

    def _name(self, fields: list[str], values: dict[str, Any]) -> None:
        """Everything whose value is a name, and cannot be bad."""
        field = self._field
        values["status"] = field(fields, "incident_state")
        values["group"] = field(fields, "assignment_group")
        if "assigned_to" in self._places:
            values["agent"] = field(fields, "assigned_to")
        for column, key in NAMES.items():
            if (name := field(fields, column)) is not None:
                values[key] = name
        for column, key in FIELDS.items():
            if (name := field(fields, column)) is not None:
                values[f"field.{key}"] = name
        if "field.problem" in values:
            values["problem"] = values["field.problem"]
        if (channel := field(fields, "contact_type")) is not None:
            values["channel"] = CHANNELS.get(channel, "import")
        if (category := field(fields, "category")) is not None:
            below = field(fields, "subcategory")
            values["category"] = (category,) if below is None else (category, below)

    def _field(self, fields: list[str], column: str) -> str | None:
        place = self._places.get(column)
        if place is None:
            return None
        text = fields[place]
        return None if text in {MISSING, ""} else text

    def _digest(self, fields: list[str]) -> bytes:
        return hashlib.blake2b("\x1f".join(self._kept(fields)).encode(), digest_size=16).digest()

    def _refused(self, record: Record, column: str, fault: Exception) -> Refused:
        value = record.fields[self._places[column]]
        number = record.fields[self._places["number"]]
        if isinstance(fault, BadInstant):
            reason, cure = fault.reason, fault.cure
        elif column == "incident_state":
            reason, cure = "is no state of an incident", f"one of {', '.join(STATES)}"
        elif column == "number":
            reason, cure = "is missing", "each row names its incident"
        else:
            reason, cure = "is no rank", f'begins with {RANKS[column][0]} to {RANKS[column][-1]}, as "2 - Medium"'
        return Refused(record.number, number, column, value, reason, cure)

    def _tell_resolution(self, records: list[Record], rows: list[Row | Refused]) -> None:
        """The log writes the final code on every row; it belongs to the row that resolved for the last time."""
        last = None
        before = None
        for record, row in zip(records, rows, strict=True):
            if isinstance(row, Row):
                if row.values["phase"] == "resolved" and before != "resolved":
                    last = record, row
                before = row.values["phase"]
        if last is not None and (code := self._field(last[0].fields, "closed_code")) is not None:
            last[1].values["resolution"] = re.sub(r"[^a-z0-9]+", "-", code.casefold()).strip("-")[:32]


def in_time(rows: Sequence[Row | Refused]) -> list[Row | Refused]:
    """The rows in their order, with instants that never go back, changing as few of them as either way can."""
    at = [row.at for row in rows if isinstance(row, Row)]
    if all(earlier <= later for earlier, later in pairwise(at)):
        return list(rows)
    down = [*accumulate(reversed(at), min)][::-1]
    up = [*accumulate(at, max)]
    fixed = iter(min(down, up, key=lambda way: sum(a != b for a, b in zip(way, at, strict=True))))
    return [_moved(row, next(fixed)) if isinstance(row, Row) else row for row in rows]


def _moved(row: Row, at: int) -> Row:
    if row.at == at:
        return row
    way = "later than the row after it" if row.at > at else "earlier than the row before it"
    return Row(row.number, row.external_id, row.digest, at, row.values, f"its time is {way}, whose time it takes")
