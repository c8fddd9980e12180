"""Accounts, and how they end: after the change nothing that let a person in lets them in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session

from helmdesk.foundation import announce
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Event, Stream
from helmdesk.people.accounts import account_for, change_sign_in, create_account, invitation, require_second_factor
from helmdesk.people.addresses import remove_address
from helmdesk.people.facts import PeopleLeft
from helmdesk.people.merging import merge_persons
from helmdesk.people.models import Account, Address, Person
from helmdesk.people.persons import PersonEntry, add_person, deactivate, reactivate
from tests.people.sessions import comes_in, session_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DANA = Stamp(hat=2, person=77, hat_id=7, provider=1)
PASSWORD = "a quiet river 47"

pytestmark = pytest.mark.django_db


def test_an_account_is_made_under_an_address_of_its_person() -> None:
    account = signed_up("Ana@Company.Example")

    assert (account.email, account.check_password(PASSWORD)) == ("ana@company.example", True)
    assert Address.objects.get().person == account.person
    assert account_for("ANA@company.example") == account
    assert EmailAddress.objects.get().verified
    what = Event.objects.get(kind="account.created", stream=Stream.CONFIG).body
    assert "ana" not in what


def test_without_a_password_nobody_comes_in_before_they_used_the_invitation() -> None:
    account = signed_up("ana@company.example", password=None)

    key = invitation(account)

    assert not account.has_usable_password()
    uid, _, token = key.partition("-")
    assert uid
    assert works(account, token)
    account.set_password(PASSWORD)
    account.save()
    assert not works(account, token)


@pytest.mark.parametrize("password", ["kurz", "password1234", "ana@company.example"])
def test_a_weak_password_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(BadEntry) as refused:
        signed_up("ana@company.example", password=password)

    assert refused.value.field == "password"
    assert password not in str(refused.value)
    assert (Account.objects.count(), Address.objects.count()) == (0, 0)


def test_a_person_has_one_account_and_an_address_signs_in_one_person() -> None:
    ana = signed_up("ana@company.example")
    assert ana.person is not None

    with pytest.raises(BadEntry, match="an account already"):
        create_account(ana.person.pk, email="ana2@company.example", by=DANA, at=AT)
    with pytest.raises(BadEntry, match="Another person has this address"):
        signed_up("ana@company.example", name="Ben")


def test_the_address_one_signs_in_with_stays() -> None:
    signed_up("ana@company.example")

    with pytest.raises(BadEntry, match="sign in with it"):
        remove_address(Address.objects.get().pk, by=DANA, at=AT)


def test_deactivation_ends_sessions_password_and_links_at_once() -> None:
    ana, ben = signed_up("ana@company.example"), signed_up("ben@company.example", name="Ben")
    listed, unlisted, other = session_of(ana), session_of(ana, listed=False), session_of(ben)
    token = invitation(ana).partition("-")[2]
    told: list[PeopleLeft] = []
    announce.listen_within(PeopleLeft, told.append)
    assert ana.person is not None

    deactivate(ana.person.pk, by=DANA, at=AT)

    announce._within[PeopleLeft].remove(told.append)
    assert set(Session.objects.values_list("pk", flat=True)) == {other}
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [other]
    assert [comes_in(key) for key in (listed, unlisted)] == [None, None]
    assert comes_in(other) == ben
    assert authenticate(None, email="ana@company.example", password=PASSWORD) is None
    ana.refresh_from_db()
    assert not works(ana, token)
    assert told == [PeopleLeft((ana.person.pk,))]


def test_who_returns_needs_a_new_invitation() -> None:
    ana = signed_up("ana@company.example")
    assert ana.person is not None
    deactivate(ana.person.pk, by=DANA, at=AT)
    reactivate(ana.person.pk, by=DANA, at=AT)

    ana.refresh_from_db()
    assert (ana.is_active, ana.has_usable_password()) == (True, False)


def test_moving_an_account_to_another_address_ends_its_sessions() -> None:
    ana = signed_up("ana@company.example")
    session_of(ana)

    moved = change_sign_in(ana.pk, email="ana.ruiz@company.example", by=DANA, at=AT)

    assert moved.email == "ana.ruiz@company.example"
    assert list(EmailAddress.objects.values_list("email", "primary")) == [("ana.ruiz@company.example", True)]
    assert Session.objects.count() == 0


def test_nobody_moves_to_an_address_of_somebody_else() -> None:
    ana = signed_up("ana@company.example")
    signed_up("ben@company.example", name="Ben")

    with pytest.raises(BadEntry):
        change_sign_in(ana.pk, email="ben@company.example", by=DANA, at=AT)


def test_a_second_factor_can_be_required() -> None:
    ana = signed_up("ana@company.example")
    for _ in range(2):
        require_second_factor(ana.pk, required=True, by=DANA, at=AT)

    assert Account.objects.get().must_use_second_factor
    assert Event.objects.filter(kind="account.second_factor", stream=Stream.CONFIG).count() == 1


def test_who_signs_in_is_not_merged_away() -> None:
    ana = signed_up("ana@company.example")
    doubled = add_person(PersonEntry(name="A. Ruiz"), by=DANA, at=AT)
    assert ana.person is not None

    with pytest.raises(BadEntry, match="sign in as this person"):
        merge_persons(ana.person.pk, into=doubled.pk, by=DANA, at=AT)
    merge_persons(doubled.pk, into=ana.person.pk, by=DANA, at=AT)


def signed_up(email: str, *, name: str = "Ana", password: str | None = PASSWORD) -> Account:
    person: Person = add_person(PersonEntry(name=name), by=DANA, at=AT)
    return create_account(person.pk, email=email, password=password, by=DANA, at=AT)


def works(account: Account, token: str) -> bool:
    from allauth.account.forms import default_token_generator

    return default_token_generator.check_token(account, token)
