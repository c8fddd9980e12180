"""Addresses: ways to reach a person. An e-mail address belongs to one person only, and is trusted once verified."""

from datetime import datetime

from helmdesk.foundation.entries import checked_email, checked_phone, folded_email, folded_phone
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, update
from helmdesk.people.models import Account, Address, Person
from helmdesk.people.persons import living


def add_address(
    person: int, value: str, *, kind: str = Address.Kind.EMAIL, verified: bool = False, by: Stamp, at: datetime
) -> Address:
    """Gives a person an address. One that they have already stays as it is."""
    with changing(by=by, at=at) as change:
        row = living(person)
        value, folded = _folded(kind, value)
        own = Address.objects.filter(person=row, kind=kind, folded=folded).first()
        if own is not None:
            return own
        if kind == Address.Kind.EMAIL and Address.objects.filter(kind=kind, folded=folded).exists():
            raise BadEntry("email", value, "Another person has this address; merge the two, or give another.")
        address = Address.objects.create(
            person=row, kind=kind, value=value, folded=folded, verified_at=change.at if verified else None
        )
        what = {"person": row.pk, "address": address.pk, "kind": address.kind, "verified": verified}
        change.record("address.added", what, person=row.pk)
    return address


def verify_address(address: int, *, by: Stamp, at: datetime) -> Address:
    """The person has shown that it is theirs."""
    with changing(by=by, at=at) as change:
        row = existing(Address, address, field="address")
        if row.verified_at is None:
            update(row, {"verified_at": change.at})
            change.record("address.verified", {"person": row.person_id, "address": row.pk}, person=row.person_id)
    return row


def remove_address(address: int, *, by: Stamp, at: datetime) -> None:
    """Takes an address away, unless somebody signs in with it."""
    with changing(by=by, at=at) as change:
        row = existing(Address, address, field="address")
        account = Account.objects.filter(person=row.person_id).first()
        if account is not None and folded_email(account.email) == row.folded and row.kind == Address.Kind.EMAIL:
            raise BadEntry("address", row.value, "They sign in with it; give the account another address first.")
        change.record("address.removed", {"person": row.person_id, "address": row.pk}, person=row.person_id)
        row.delete()


def person_with_email(value: str) -> Person | None:
    """Whose address this is, however it is spelled."""
    found = Address.objects.filter(kind=Address.Kind.EMAIL, folded=folded_email(value)).select_related("person")
    address = found.first()
    return None if address is None else address.person


def _folded(kind: str, value: str) -> tuple[str, str]:
    if kind == Address.Kind.EMAIL:
        value = checked_email(value)
        return value, folded_email(value)
    if kind == Address.Kind.PHONE:
        value = checked_phone(value)
        return value, folded_phone(value)
    raise BadEntry("kind", kind, f"One of: {', '.join(Address.Kind.values)}.")
