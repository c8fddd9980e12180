"""This desk as one source sees it: whom and what each of its names means here, and which names cannot be used."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db import models

from helmdesk.access.models import Audience
from helmdesk.exchange.imports.about import About
from helmdesk.exchange.imports.entries import Register, reserved
from helmdesk.exchange.imports.fields import Fields
from helmdesk.exchange.imports.people import Crew, People
from helmdesk.exchange.imports.sources import Source
from helmdesk.exchange.imports.teams import Teams
from helmdesk.foundation.entries import checked_name
from helmdesk.foundation.errors import BadEntry
from helmdesk.history.observation import OWN_FIELD, Refused, Row
from helmdesk.history.providers_map import ProvidersMap
from helmdesk.ledger.chain import Stamp

LONGEST: Final = {"group": 120, "agent": 200, "requester": 200, "opened_by": 200, "third": 120, "service": 120,
                  "site": 120}  # fmt: skip
CATEGORY: Final = 120


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a whole import: its hat, the team for what no group shows, the audience of first messages."""

    stamp: Stamp
    triage: int
    audience: Audience


class Desk:
    """Names of one source to ids; what is new gathers in `register`."""

    def __init__(
        self,
        source: Source,
        placed: ProvidersMap | None,
        *,
        at: datetime,
        ids: Callable[[type[models.Model]], Iterator[int]] = reserved,
    ) -> None:
        self.source = source
        self.register = Register(ids)
        self.people = People(source.name, self.register)
        self.crew = Crew(self.people, self.register, at=at)
        self.teams = Teams(source.name, placed, self.register)
        self.about = About(source.name, self.register, zone=source.zone)
        self.fields = Fields(source.statuses)
        self._compared: dict[str, Callable[[str], int]] = {
            "group": self.teams.of,
            "agent": self.people.of,
            "third": self.about.company,
            "service": self.about.service,
            "site": self.about.site,
        }

    def understood(self, row: Row | Refused) -> Row | Refused:
        """The row with ids for the names that it is compared by (as text), or why it is left out.

        So two spellings are no change, nor are two groups that are one team here, and what is remembered names nobody.
        """
        if isinstance(row, Refused):
            return row
        fault = self._fault(row.values)
        if fault is not None:
            field, value, cure = fault
            return Refused(row.number, row.external_id, field, value[:200], "cannot be used", cure)
        values = {**row.values}
        for field, id_of in self._compared.items():
            if (name := values.get(field)) is not None:
                values[field] = str(id_of(name))
        if values.get("category") is not None:
            values["category"] = tuple(map(str, self.about.categories_on(values["category"])))
        return Row(row.number, row.external_id, row.digest, row.at, values, row.note)

    def _fault(self, values: dict[str, Any]) -> tuple[str, str, str] | None:
        """The first field whose value cannot be used, that value, and the cure."""
        for field, longest in LONGEST.items():
            name = values.get(field)
            if name is not None and (cure := _cure(name, longest)) is not None:
                return field, name, cure
        for name in values.get("category") or ():
            if (cure := _cure(name, CATEGORY)) is not None:
                return "category", name, cure
        for code in self.fields.strict:
            text = values.get(f"{OWN_FIELD}{code}")
            if text is not None and (cure := self.fields.fault(code, text)) is not None:
                return f"{OWN_FIELD}{code}", text, cure
        return None


@lru_cache(65_536)
def _cure(name: str, longest: int) -> str | None:
    try:
        checked_name(name, longest=longest)
    except BadEntry as bad:
        return bad.cure
    return None
