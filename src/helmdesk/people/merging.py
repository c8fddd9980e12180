"""Two records of one person: a pointer from one to the other, and back again."""

from datetime import datetime

from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, update
from helmdesk.people.models import Account, Person
from helmdesk.people.persons import living

LONGEST_CHAIN = 20


def merge_persons(person: int, *, into: int, by: Stamp, at: datetime) -> Person:
    """From now on `person` means `into`. Nothing moves, so it can be undone; one of the two may have an account."""
    with changing(by=by, at=at) as change:
        source, target = living(person), current_person(into)
        if source.pk == target.pk:
            raise BadEntry("into", into, "That is the same person.")
        if source.merged_into_id is not None:
            raise BadEntry("person", person, "This person is merged already; undo that first.")
        if target.erased_at is not None:
            raise BadEntry("into", into, "That person was erased.")
        if Account.objects.filter(person=source, is_active=True).exists():
            raise BadEntry("person", person, "They sign in as this person; merge the other into this one.")
        update(source, {"merged_into_id": target.pk})
        change.record("person.merged", {"person": source.pk, "into": target.pk}, person=source.pk)
    return source


def unmerge_person(person: int, *, by: Stamp, at: datetime) -> Person:
    with changing(by=by, at=at) as change:
        row = living(person)
        if row.merged_into_id is None:
            raise BadEntry("person", person, "This person is not merged.")
        change.record("person.unmerged", {"person": row.pk, "into": row.merged_into_id}, person=row.pk)
        update(row, {"merged_into_id": None})
    return row


def current_person(person: int) -> Person:
    """Who a person is now, after every merge."""
    row = Person.objects.filter(pk=person).first()
    for _ in range(LONGEST_CHAIN):
        if row is None or row.merged_into is None:
            break
        row = row.merged_into
    if row is None:
        raise BadEntry("person", person, "There is no such person.")
    return row


def records_of(person: int) -> list[int]:
    """Ids of all records that mean this person: their own, and those merged into it."""
    found, fresh = {person}, {person}
    while fresh:
        fresh = set(Person.objects.filter(merged_into__in=fresh).values_list("pk", flat=True)) - found
        found |= fresh
    return sorted(found)
