"""One person as a file states them: found by reference or address, added or changed, with account and membership."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from helmdesk.access.allowed import signed
from helmdesk.access.viewer import Viewer
from helmdesk.foundation.entries import checked_email
from helmdesk.foundation.errors import BadEntry
from helmdesk.people.accounts import create_account
from helmdesk.people.addresses import add_address, person_with_email
from helmdesk.people.merging import current_person
from helmdesk.people.models import Account, Address, Person
from helmdesk.people.persons import PersonEntry, add_person, change_person, entry_of
from helmdesk.providers.memberships import join, join_team, leave_team, set_roles
from helmdesk.providers.models import Membership, TeamMembership

KNOWN = tuple(field.name for field in fields(PersonEntry))


def set_person(stated: dict[str, Any], *, by: Viewer, at: datetime) -> Person:
    """Adds or changes a person; what is not stated stays. References are ids here.

    Beside the fields of `PersonEntry`: email, emails, phone, account, provider, teams, leads, roles.
    """
    sign = signed(by, "people.manage")
    emails = [checked_email(one) for one in (stated.get("email"), *stated.get("emails", ())) if one]
    person = _found(stated.get("external_ref", ""), emails)
    known = {key: stated[key] for key in KNOWN if key in stated}
    if person is None:
        person = add_person(PersonEntry(**{"name": "", **known}), by=sign, at=at)
    else:
        person = change_person(person.pk, replace(entry_of(person), **known), by=sign, at=at)
    for email in emails:
        if not _reaches(email, person):
            add_address(person.pk, email, verified=True, by=sign, at=at)
    if stated.get("phone"):
        add_address(person.pk, stated["phone"], kind=Address.Kind.PHONE, by=sign, at=at)
    if stated.get("account") and not Account.objects.filter(person=person).exists():
        create_account(person.pk, email=emails[0], by=sign, at=at)
    _set_membership(person, stated, by=by, at=at)
    return person


def _found(external_ref: str, emails: list[str]) -> Person | None:
    """Who is meant. Reference and addresses must not mean two people."""
    by_ref = Person.objects.filter(external_ref=external_ref).first() if external_ref else None
    meant = {current_person(by_ref.pk).pk: "external_ref"} if by_ref else {}
    for email in emails:
        owner = person_with_email(email)
        if owner is not None:
            meant.setdefault(current_person(owner.pk).pk, email)
    if len(meant) > 1:
        raise BadEntry("email", list(meant.values())[1], "It belongs to another person; merge the two first.")
    return Person.objects.get(pk=next(iter(meant))) if meant else None


def _reaches(email: str, person: Person) -> bool:
    """Whether it is an address of the person, or of a record that was merged into theirs."""
    owner = person_with_email(email)
    return owner is not None and current_person(owner.pk).pk == person.pk


def _set_membership(person: Person, stated: dict[str, Any], *, by: Viewer, at: datetime) -> None:
    if not stated.keys() & {"provider", "teams", "leads", "roles"}:
        return
    sign = signed(by, "providers.manage")
    row = Membership.objects.filter(person=person, ended_at__isnull=True).select_related("provider").first()
    if row is None:
        if "provider" not in stated:
            raise BadEntry("provider", "", "Name the provider that they work for: teams and roles hang on it.")
        row = join(person.pk, provider=stated["provider"], by=sign, at=at)
    elif stated.get("provider", row.provider_id) != row.provider_id:
        raise BadEntry(
            "provider", stated["provider"], f"They work for {row.provider.code}. A file moves nobody; move them first."
        )
    if "teams" in stated or "leads" in stated:
        _set_teams(row, set(stated.get("teams", ())), set(stated.get("leads", ())), by=by, at=at)
    if "roles" in stated:
        set_roles(row.pk, stated["roles"], by=signed(by, "roles.manage"), at=at)


def _set_teams(membership: Membership, teams: set[int], leads: set[int], *, by: Viewer, at: datetime) -> None:
    sign = signed(by, "providers.manage")
    there = set(TeamMembership.objects.filter(membership=membership).values_list("team_id", flat=True))
    for team in sorted(there - teams - leads):
        leave_team(membership.pk, team=team, by=sign, at=at)
    for team in sorted(teams | leads):
        join_team(membership.pk, team=team, lead=team in leads, by=sign, at=at)
