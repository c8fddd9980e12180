"""What this room keeps of a person is forgotten: names, addresses, account, sessions, tokens. The row stays."""

import secrets
from dataclasses import dataclass

from django.db.models import Q

from helmdesk.ledger.changing import Change
from helmdesk.people.models import Account, Address, Person
from helmdesk.people.persons import end_access

HEX_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What tells who somebody is: every name and every address of all their records."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        return [*self.names, *self.addresses]


def known_of(records: list[int]) -> Known:
    """To be asked before they are forgotten: afterwards nobody knows."""
    names = Person.objects.filter(pk__in=records, erased_at__isnull=True).values_list("name", flat=True)
    addresses = Address.objects.filter(person__in=records).values_list("value", flat=True)
    accounts = Account.objects.filter(person__in=records).values_list("email", flat=True)
    return Known(tuple(names), tuple(dict.fromkeys([*addresses, *accounts])))


def forget_record(person: Person, change: Change) -> int:
    """Within a change; returns how many addresses went. What hangs on the account goes with it."""
    end_access(person)
    emails = list(Address.objects.filter(person=person).values_list("folded", flat=True))
    Account.objects.filter(Q(person=person) | Q(person=None, email__in=emails)).delete()
    gone, _ = Address.objects.filter(person=person).delete()
    person.name = f"Former person {secrets.token_hex(HEX_DIGITS // 2)}"
    person.title = person.external_ref = person.zone = ""
    person.active, person.erased_at, person.hold_until = False, change.at, None
    person.save()
    return gone
