"""Persons that a source names, and for whom its agents worked.

A name is a person brought in under it before, else the one whose e-mail address it holds, else somebody new: two
people may share a name, so a name alone never means somebody who was here already.

Nobody works for two providers at once, but histories show it. Whom the import brought in works for the provider they
were first seen with, in the teams that gave them tickets; for every other provider they get a membership that has
ended. Whoever was here already, or has an account, gets ended ones only: a file never gives anybody a new hat.
"""

import re
from datetime import datetime
from hashlib import blake2b
from typing import Final

from helmdesk.exchange.imports.entries import Register, key
from helmdesk.foundation.entries import checked_email, folded_email
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import from_us
from helmdesk.people.models import Account, Address, Person
from helmdesk.providers.models import Membership, TeamMembership
from helmdesk.tickets.conversation import known_names

LONGEST_REF: Final = 120
LONGEST_NAME: Final = 200
EMAIL: Final = re.compile(r"[^\s<>()\[\]\"',;:]{1,100}@[^\s<>()\[\]\"',;:]{1,150}")


class People:
    """Persons by the names of one source."""

    def __init__(self, source: str, register: Register) -> None:
        self.source, self.register = source, register
        self._prefix = f"{source}:"
        brought = Person.objects.filter(external_ref__startswith=self._prefix).values_list("external_ref", "pk")
        self._by_ref = {ref.removeprefix(self._prefix).casefold(): pk for ref, pk in brought}
        self.brought_in = set(self._by_ref.values())
        self._by_email: dict[str, int] = {}

    def find(self, name: str) -> int | None:
        """Whom the name means, where they are here."""
        pk = self._by_ref.get(self._ref(name).casefold())
        if pk is None and (email := _email(name)) is not None:
            pk = self._with_email(email)
            if pk is not None:
                self._by_ref[self._ref(name).casefold()] = pk
        return pk

    def of(self, name: str) -> int:
        """Whom the name means; somebody new where nobody is found."""
        pk = self.find(name)
        return self._add(name) if pk is None else pk

    def nobody(self) -> int:
        """Who asks on the rows of tickets whose source does not show it."""
        pk = self._by_ref.get("")
        return self._made("", f"Not shown by {self.source}") if pk is None else pk

    def words_of(self, name: str) -> list[str]:
        """What would tell who somebody is: their name, whole and in parts, and what else this desk knows."""
        pk = self.find(name)
        words = [name, *(part for part in name.split() if len(part) > 2)]
        return words if pk is None or pk in self.brought_in else [*words, *known_names(pk)]

    def _add(self, name: str) -> int:
        email = _email(name)
        shown = " ".join(EMAIL.sub(" ", name).strip(" <>()[]\"',;").split()) if email else " ".join(name.split())
        pk = self._made(self._ref(name), shown or name)
        if email is not None:
            folded = folded_email(email)
            address = self.register.add(Address(person_id=pk, kind=Address.Kind.EMAIL, value=email, folded=folded))
            what = {"person": pk, "address": address.pk, "kind": address.kind, "verified": False}
            self.register.tell("address.added", what, person=pk)
            self._by_email[folded] = pk
        return pk

    def _made(self, ref: str, name: str) -> int:
        person = self.register.add(Person(name=name[:LONGEST_NAME], external_ref=f"{self._prefix}{ref}"))
        what = {"person": person.pk, "department": None, "site": None}
        self.register.tell("person.added", what, person=person.pk, fresh=True)
        self._by_ref[ref.casefold()] = person.pk
        self.brought_in.add(person.pk)
        return int(person.pk)

    def _ref(self, name: str) -> str:
        """The name as `external_ref` holds it, behind its source; long ones by digest."""
        plain = " ".join(name.split())
        if len(plain) <= LONGEST_REF - len(self._prefix):
            return plain
        return f"#{blake2b(key(name).encode(), digest_size=16).hexdigest()}"

    def _with_email(self, email: str) -> int | None:
        folded = folded_email(email)
        if folded not in self._by_email:
            found = Address.objects.filter(kind=Address.Kind.EMAIL, folded=folded).values_list("person_id", flat=True)
            pk = found.first()
            if pk is None:
                return None
            self._by_email[folded] = pk
        return self._by_email[folded]


def _email(name: str) -> str | None:
    """The one e-mail address in a name."""
    found = EMAIL.findall(name) if "@" in name else []
    if len(found) != 1:
        return None
    try:
        return checked_email(found[0])
    except BadEntry:
        return None


class Crew:
    """Under which membership an agent works for a provider."""

    def __init__(self, people: People, register: Register, *, at: datetime) -> None:
        self.people, self.register, self.at = people, register, at
        rows = Membership.objects.order_by("ended_at", "pk").values_list("pk", "person_id", "provider_id", "ended_at")
        self._held: dict[tuple[int, int], int] = {}
        self._running: dict[int, int] = {}
        self._known: set[int] = set()
        for pk, person, provider, ended in rows:
            self._known.add(person)
            if ended is None:
                self._held[person, provider] = pk
                self._running[person] = provider
            else:
                self._held.setdefault((person, provider), pk)
        self._places = set(TeamMembership.objects.values_list("membership_id", "team_id"))
        self._accounts = set(Account.objects.filter(person__isnull=False).values_list("person_id", flat=True))

    def provider_of(self, person: int) -> int | None:
        """For whom they work now."""
        return self._running.get(person)

    def member(self, person: int, *, provider: int, team: int | None, at: int) -> int:
        """Their membership of a provider whose team gave them a ticket at an instant (µs)."""
        pk = self._held.get((person, provider))
        if pk is None:
            pk = self._began(person, provider, at=at)
        running = self._running.get(person) == provider
        if running and team is not None and self._is_ours(person) and (pk, team) not in self._places:
            self._places.add((pk, team))
            self.register.add(TeamMembership(membership_id=pk, team_id=team))
            what = {"membership": pk, "person": person, "team": team, "lead": False}
            self.register.tell("team.joined", what, person=person, provider=provider)
        return pk

    def _began(self, person: int, provider: int, *, at: int) -> int:
        first = self._is_ours(person) and person not in self._known
        row = self.register.add(
            Membership(
                person_id=person, provider_id=provider, started_at=from_us(at), ended_at=None if first else self.at
            )
        )
        what = {"membership": row.pk, "person": person, "provider": provider}
        self.register.tell("membership.started", what, person=person, provider=provider)
        if first:
            self._running[person] = provider
        else:
            self.register.tell("membership.ended", what, person=person, provider=provider)
        self._known.add(person)
        self._held[person, provider] = row.pk
        return int(row.pk)

    def _is_ours(self, person: int) -> bool:
        return person in self.people.brought_in and person not in self._accounts
