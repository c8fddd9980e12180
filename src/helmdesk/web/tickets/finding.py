"""Finding a person by name or address, without script: a search whose answers are choices of a form."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q, QuerySet

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import first
from helmdesk.people.models import Person

MOST = 20
SHORTEST = 2


class Found(NamedTuple):
    """A person as a choice: the id, the name, and what tells them from others of that name."""

    pk: int
    name: str
    about: str


def people(typed: str, *, viewer: Viewer) -> list[Found]:
    """Those whose name or address was typed. Who may not read names finds only whose address they know, by number."""
    typed = " ".join(typed.split())[:200].replace("\x00", "")
    if len(typed) < SHORTEST:
        return []
    there = Person.objects.filter(active=True, erased_at__isnull=True, merged_into__isnull=True)
    known = Q(addresses__kind="email", addresses__folded=typed.casefold())
    if not viewer.unmasked:
        return [Found(pk, f"Person {pk}", "") for pk in there.filter(known).values_list("pk", flat=True)[:MOST]]
    named = Q()
    for word in typed.split():
        named &= Q(name__icontains=word)
    return _told(there.filter(Q(pk__in=there.filter(known).values("pk")) | named).order_by("name", "pk"))


ONE = """
SELECT p.id, p.name, p.title, d.name, s.name FROM helmdesk_person p
LEFT JOIN helmdesk_department d ON d.id = p.department_id LEFT JOIN helmdesk_site s ON s.id = p.site_id
WHERE p.id = %s AND p.active = %s AND p.erased_at IS NULL AND p.merged_into_id IS NULL
"""


def person(pk: int, *, viewer: Viewer) -> Found | None:
    """One person who was chosen before."""
    row = first(ONE, [pk, True])
    if row is None:
        return None
    _, name, *about = row
    return _found(pk, name, about) if viewer.unmasked else Found(pk, f"Person {pk}", "")


def _told(rows: QuerySet[Person]) -> list[Found]:
    columns = rows.values_list("pk", "name", "title", "department__name", "site__name")[:MOST]
    return [_found(pk, name, about) for pk, name, *about in columns]


def _found(pk: int, name: str, about: Iterable[str | None]) -> Found:
    return Found(pk, name, " · ".join(part for part in about if part))
