"""What a queue is narrowed by: a few allowed words in an address, as conditions and as names that can be taken away.

Codes of the catalogue are looked up for their names. A guest is shown the code as typed, known or not: a filter must
not tell them what there is.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from helmdesk.access.models import Scope
from helmdesk.access.viewer import Viewer
from helmdesk.people.models import Person
from helmdesk.tickets.models import TicketTag, TicketType

TABLES: Final = {
    "team": ("helmdesk_team", "name"),
    "service": ("helmdesk_service", "name"),
    "site": ("helmdesk_site", "name"),
    "department": ("helmdesk_department", "name"),
    "tag": ("helmdesk_tag", "code"),
}
PRIORITIES: Final = ("1", "2", "3", "4", "5")
NAMES: Final = ("team", "service", "site", "department", "tag", "priority", "type")
CODE = re.compile(r"[\w-]{1,60}")


@dataclass(frozen=True, slots=True)
class Filter:
    """One word of an address: its name, its value as typed, and what it is called (a text or `{language: text}`)."""

    name: str
    value: str
    label: Any
    condition: Q


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of an address that make sense, and those that do not as (name, value)."""

    given: tuple[Filter, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()

    @property
    def condition(self) -> Q:
        whole = Q()
        for one in self.given:
            whole &= one.condition
        return whole

    def __bool__(self) -> bool:
        return bool(self.given)


NONE: Final = Filters()


def read(asked: Mapping[str, str], *, viewer: Viewer) -> Filters:
    """The filters that an address names; at most one look at the database."""
    typed = {name: asked[name] for name in NAMES if asked.get(name)}
    codes = {name: code for name, code in typed.items() if name in TABLES and CODE.fullmatch(code)}
    found = _looked_up(codes) if codes else {}
    given, unknown = [], []
    for name, value in typed.items():
        one = _filter(name, value, found.get(name), viewer)
        if one is None:
            unknown.append((name, value[:60]))
        else:
            given.append(one)
    return Filters(tuple(given), tuple(unknown))


def _filter(name: str, value: str, found: tuple[int, Any] | None, viewer: Viewer) -> Filter | None:
    if name == "priority":
        return Filter(name, value, value, Q(priority=int(value))) if value in PRIORITIES else None
    elif name == "type":
        return Filter(name, value, value, Q(type=value)) if value in TicketType.values else None
    elif not viewer.internal:
        return Filter(name, value[:60], value[:60], Q(pk__in=[]) if found is None else _condition(name, found[0]))
    elif found is None:
        return None
    else:
        return Filter(name, value, found[1], _condition(name, found[0]))


def _condition(name: str, pk: int) -> Q:
    if name in ("service", "site"):
        return Q(scope__in=Scope.objects.filter(**{name: pk}).values("pk"))
    elif name == "tag":
        return Q(Exists(TicketTag.objects.filter(tag=pk, ticket=OuterRef("pk"))))
    elif name == "department":
        return Q(requester__in=Person.objects.filter(department=pk).values("pk"))
    else:
        return Q(team=pk)


def _looked_up(codes: dict[str, str]) -> dict[str, tuple[int, Any]]:
    parts = [
        f"SELECT '{name}', id, CAST({column} AS TEXT) FROM {table} WHERE code = %s"  # noqa: S608
        for name, (table, column) in TABLES.items()
        if name in codes
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [codes[name] for name in TABLES if name in codes])
        rows = cursor.fetchall()
    return {name: (pk, json.loads(label) if name == "service" else label) for name, pk, label in rows}
