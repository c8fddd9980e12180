"""How an account that nobody at the company made gets its person: after its address has proved to be theirs."""

from datetime import datetime

from django.db import transaction

from helmdesk.access.viewer import system
from helmdesk.people.accounts import create_account
from helmdesk.people.addresses import add_address, person_with_email, verify_address
from helmdesk.people.models import Account, Person
from helmdesk.people.persons import PersonEntry, add_person


def join_as_verified(account: Account, *, at: datetime) -> None:
    """Ties a confirmed account to the person with this address, or to a new one."""
    if account.person_id is None:
        with transaction.atomic():
            person = person_of(account.email, name="", at=at)
            if not Account.objects.filter(person=person).exists():
                account.person = person
                account.save(update_fields=["person"])


def account_from_company(email: str, *, name: str, language: str, at: datetime) -> Account | None:
    """A new account for who the company's own sign-in has vouched for; none for a person who has ended."""
    with transaction.atomic():
        person = person_of(email, name=name, language=language, at=at)
        if not person.active or person.merged_into_id is not None or Account.objects.filter(person=person).exists():
            return None
        return create_account(person.pk, email=email, by=system().stamp, at=at)


def person_of(email: str, *, name: str, language: str = "en", at: datetime) -> Person:
    """Whose address it is; a new person when nobody's. The address counts as verified from now on."""
    by = system().stamp
    person = person_with_email(email)
    if person is None:
        entry = PersonEntry(name=name.strip() or email.partition("@")[0], language=language)
        person = add_person(entry, by=by, at=at)
    address = add_address(person.pk, email, verified=True, by=by, at=at)
    if address.verified_at is None:
        verify_address(address.pk, by=by, at=at)
    return person
