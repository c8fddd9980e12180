"""Persons: added, changed, ended, put under a legal hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helmdesk.foundation.announce import announce
from helmdesk.foundation.entries import checked_language, checked_name, checked_zone, optional_name
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, update
from helmdesk.people.facts import PeopleLeft
from helmdesk.people.models import Account, Department, Person, Site
from helmdesk.people.sessions import end_sessions, end_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntry:
    """What is known of a person, without addresses; department and site by id."""

    name: str
    language: str = "en"
    zone: str = ""
    title: str = ""
    department: int | None = None
    site: int | None = None
    external_ref: str = ""

    def values(self) -> dict[str, Any]:
        if self.department is not None:
            existing(Department, self.department, field="department")
        if self.site is not None:
            existing(Site, self.site, field="site")
        return {
            "name": checked_name(self.name, longest=200),
            "language": checked_language(self.language),
            "zone": checked_zone(self.zone) if self.zone else "",
            "title": optional_name(self.title, longest=200, field="title"),
            "department_id": self.department,
            "site_id": self.site,
            "external_ref": optional_name(self.external_ref, longest=120, field="external_ref"),
        }


def entry_of(person: Person) -> PersonEntry:
    """What is known now, to be changed in part with `dataclasses.replace`."""
    return PersonEntry(
        name=person.name, language=person.language, zone=person.zone, title=person.title,
        department=person.department_id, site=person.site_id, external_ref=person.external_ref,
    )  # fmt: skip


def add_person(entry: PersonEntry, *, by: Stamp, at: datetime) -> Person:
    with changing(by=by, at=at) as change:
        values = entry.values()
        _must_be_free(values["external_ref"], of=None)
        person = Person.objects.create(**values)
        what = {"person": person.pk, "department": person.department_id, "site": person.site_id}
        change.record("person.added", what, person=person.pk)
    return person


def change_person(person: int, entry: PersonEntry, *, by: Stamp, at: datetime) -> Person:
    with changing(by=by, at=at) as change:
        row = living(person)
        values = entry.values()
        _must_be_free(values["external_ref"], of=row)
        if changed := update(row, values):
            what = {"person": row.pk, "changed": changed, "department": row.department_id, "site": row.site_id}
            change.record("person.changed", what, person=row.pk)
    return row


def deactivate(person: int, *, by: Stamp, at: datetime) -> Person:
    """Ends a person's access at once: account, sessions, tokens, streams. What they did stays theirs."""
    with changing(by=by, at=at) as change:
        row = living(person)
        if update(row, {"active": False}):
            end_access(row)
            change.record("person.ended", {"person": row.pk}, person=row.pk)
    return row


def reactivate(person: int, *, by: Stamp, at: datetime) -> Person:
    """The person may be helped again. An account that was ended needs a new invitation."""
    with changing(by=by, at=at) as change:
        row = living(person)
        if update(row, {"active": True}):
            Account.objects.filter(person=row).update(is_active=True)
            change.record("person.returned", {"person": row.pk}, person=row.pk)
    return row


def hold(person: int, *, until: datetime | None, by: Stamp, at: datetime) -> Person:
    """A legal hold: until that day nothing of the person may be forgotten. None lifts it."""
    with changing(by=by, at=at) as change:
        row = living(person)
        if update(row, {"hold_until": until}):
            what = {"person": row.pk, "until": None if until is None else to_us(until)}
            change.record("person.held", what, person=row.pk)
    return row


def end_access(person: Person) -> None:
    """Within a change: nothing that lets this person in outlives it."""
    account = Account.objects.filter(person=person).first()
    if account is not None:
        account.is_active = False
        account.set_unusable_password()
        account.save(update_fields=["is_active", "password"])
        end_tokens(account.pk)
    end_sessions([person.pk])
    announce(PeopleLeft((person.pk,)))


def living(person: int) -> Person:
    """The person, unless erased: of those only the row is left."""
    row = existing(Person, person, field="person")
    if row.erased_at is not None:
        raise BadEntry("person", person, "This person was erased; nothing of them can change.")
    return row


def _must_be_free(external_ref: str, *, of: Person | None) -> None:
    if not external_ref or (of is not None and of.external_ref == external_ref):
        return
    if Person.objects.filter(external_ref=external_ref).exists():
        raise BadEntry("external_ref", external_ref, "Another person has it; each is given once.")
