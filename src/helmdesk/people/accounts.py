"""Accounts: how a person signs in. Made with a password, or with an invitation to choose one."""

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, update
from helmdesk.people.addresses import add_address, person_with_email
from helmdesk.people.models import Account
from helmdesk.people.persons import living
from helmdesk.people.sessions import end_sessions, end_tokens


def create_account(
    person: int, *, email: str, password: str | None = None, second_factor: bool = False, by: Stamp, at: datetime
) -> Account:
    """Lets a person sign in under one of their addresses; without a password they need the `invitation`."""
    with changing(by=by, at=at) as change:
        row = living(person)
        if Account.objects.filter(person=row).exists():
            raise BadEntry("person", person, "They have an account already.")
        if not row.active or row.merged_into_id is not None:
            raise BadEntry("person", person, "Only an active person signs in; a merged one is another.")
        address = add_address(row.pk, email, verified=True, by=by, at=at)
        _must_be_free(address.folded)
        account = Account(person=row, email=address.folded, must_use_second_factor=second_factor, created_at=change.at)
        _set_password(account, password)
        account.save(force_insert=True)
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
        change.record("account.created", {"person": row.pk, "account": account.pk}, person=row.pk)
    return account


def change_sign_in(account: int, *, email: str, by: Stamp, at: datetime) -> Account:
    """Moves an account to another address of its person; sessions and links under the old one end."""
    with changing(by=by, at=at) as change:
        row = _of_a_person(account)
        assert row.person_id is not None
        address = add_address(row.person_id, email, by=by, at=at)
        if row.email != address.folded:
            _must_be_free(address.folded)
        if update(row, {"email": address.folded}):
            EmailAddress.objects.filter(user=row).delete()
            EmailAddress.objects.create(user=row, email=row.email, verified=True, primary=True)
            end_tokens(row.pk)
            end_sessions([row.person_id])
            change.record("account.moved", {"person": row.person_id, "account": row.pk}, person=row.person_id)
    return row


def require_second_factor(account: int, *, required: bool, by: Stamp, at: datetime) -> Account:
    with changing(by=by, at=at) as change:
        row = _of_a_person(account)
        if update(row, {"must_use_second_factor": required}):
            what = {"person": row.person_id, "account": row.pk, "required": required}
            change.record("account.second_factor", what, person=row.person_id)
    return row


def invitation(account: Account) -> str:
    """The key of a link to choose a password: used once, and only while it is fresh.

    It is what `account_reset_password_from_key` takes as `<uidb36>-<key>`.
    """
    return f"{user_pk_to_url_str(account)}-{default_token_generator.make_token(account)}"


def account_for(email: str) -> Account | None:
    """The account behind an address of its person, whichever of them was given."""
    person = person_with_email(email)
    return None if person is None else Account.objects.filter(person=person, is_active=True).first()


def _must_be_free(email: str) -> None:
    if Account.objects.filter(email=email).exists():
        raise BadEntry("email", email, "Another account has this address.")


def _set_password(account: Account, password: str | None) -> None:
    if password is None:
        account.set_unusable_password()
        return
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise BadEntry("password", "…", " ".join(error.messages)) from error
    account.set_password(password)


def _of_a_person(account: int) -> Account:
    row = existing(Account, account, field="account")
    if row.person_id is None or not row.is_active:
        raise BadEntry("account", account, "This account has ended.")
    return row
