"""Makes the demo desk: founds the company, tells its half year, indexes it; or fills the desk in bulk."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from helmdesk.access import grants
from helmdesk.access.viewer import system
from helmdesk.catalogue.matrix import current_matrix
from helmdesk.exchange.demo.bulk import NARROW_SERVICE, bulk
from helmdesk.exchange.demo.company import Company, company
from helmdesk.exchange.demo.filling import fill
from helmdesk.exchange.demo.founding import SYSTEM, Ids, found
from helmdesk.exchange.demo.promises import keep_clocks, promise
from helmdesk.exchange.demo.story import story
from helmdesk.exchange.demo.telling import tell
from helmdesk.exchange.observing import Observed, write
from helmdesk.ledger.door import Observation
from helmdesk.people.accounts import create_account
from helmdesk.people.models import Person
from helmdesk.people.persons import PersonEntry, add_person
from helmdesk.providers.companies import ProviderEntry, add_provider
from helmdesk.providers.memberships import join, join_team, set_roles
from helmdesk.providers.models import Provider
from helmdesk.providers.teams import TeamEntry, add_team
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.search.index import reindex

BATCH = 250
DAYS = 182
BULK_DAYS = 730
NARROW_GUEST = ("Gil Narrow", "gil.narrow@specialist.example")

Progress = Callable[[str, int, int], None]


class NotEmpty(RuntimeError):
    """The desk has a company already; a demo is never mixed into it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: the logins (role, name, address, what it shows) and their one password."""

    company: str
    tickets: int
    password: str
    logins: list[tuple[str, str, str, str]]


def make(*, seed: str, now: datetime, password: str | None, tickets: int | None, progress: Progress) -> Made:
    """The demo company with its half year of tickets, the last still open, relative to `now`. All or nothing."""
    who, secret = company(seed), password or secrets.token_urlsafe(9)
    with transaction.atomic():
        must_be_empty()
        progress("company", 0, len(who.persons))
        ids = found(who, at=now - timedelta(days=DAYS + 1), password=secret)
        promise(at=now - timedelta(days=DAYS + 1))
        count = _tell(who, ids, seed=seed, now=now, tickets=tickets, progress=progress)
    return Made(who.name, count, secret, _logins(who))


@dataclass(frozen=True, slots=True)
class Bulk:
    """How many tickets are drawn, the share still open, and the messages of each (0: two events a ticket)."""

    tickets: int
    open_share: float = 0.02
    messages: int = 3


def make_in_bulk(*, seed: str, now: datetime, password: str | None, shape: Bulk, progress: Progress) -> Made:
    """The same company with very many drawn tickets, and a guest who may see one in a thousand."""
    who, secret = company(seed), password or secrets.token_urlsafe(9)
    began = now - timedelta(days=BULK_DAYS + 1)
    with transaction.atomic():
        must_be_empty()
        ids = found(who, at=began, password=secret)
        _narrow_guest(ids, at=began, password=secret)
    drawn = bulk(
        who, seed, tickets=shape.tickets, open_share=shape.open_share, messages=shape.messages, now=now, days=BULK_DAYS
    )
    fill(drawn, ids, at=now, batch=1, progress=lambda done: progress("tickets", done, shape.tickets))
    return Made(who.name, shape.tickets, secret, [*_logins(who), ("guest", *NARROW_GUEST, "one ticket in a thousand")])


def must_be_empty() -> None:
    tickets = Ticket.objects.unscoped(reason="a demo goes only into a desk without any")
    if Person.objects.exists() or Provider.objects.exists() or tickets.exists():
        raise NotEmpty(
            "This desk has people in it already. A demo needs an empty one: set HELMDESK_HOME to a new folder."
        )


def _tell(who: Company, ids: Ids, *, seed: str, now: datetime, tickets: int | None, progress: Progress) -> int:
    matrix = current_matrix(now)
    told = tell(story(who, seed, now=now, days=DAYS, tickets=tickets), who, ids, matrix)
    under, known = Observation(batch=1, recorded_at=now), {}  # type: ignore[var-annotated]
    done = 0
    for some in together(told, BATCH):
        numbers = write(some, under=under, known=known)
        reindex(numbers)
        keep_clocks(numbers, at=now)
        done += len(numbers)
        progress("tickets", done, len(told))
    return len(told)


def together(told: Sequence[Observed], most: int) -> Iterator[Sequence[Observed]]:
    """Some tickets at a time, in their order; none is parted from a later one that its events name."""
    places = {ticket.ref: place for place, ticket in enumerate(told)}
    first = reach = 0
    for place, ticket in enumerate(told):
        named = (happening.other[1] for happening in ticket.happenings if happening.other is not None)
        reach = max(reach, *(places.get(ref, 0) for ref in named), 0)
        if place + 1 - first >= most and reach <= place:
            yield told[first : place + 1]
            first = place + 1
    if first < len(told):
        yield told[first:]


def _logins(who: Company) -> list[tuple[str, str, str, str]]:
    people = ((who.person[login.person], login) for login in who.logins)
    return [(login.role, person.name, person.email, login.shows) for person, login in people]


def _narrow_guest(ids: Ids, *, at: datetime, password: str) -> None:
    """A third provider with a grant on the one service that holds a thousandth of the tickets."""
    name, email = NARROW_GUEST
    provider = add_provider("specialist", ProviderEntry(name="Specialist", hue=4), by=SYSTEM, at=at)
    team = add_team("specialists", TeamEntry(name="Specialists"), provider=provider.pk, by=SYSTEM, at=at)
    person = add_person(PersonEntry(name=name), by=SYSTEM, at=at)
    create_account(person.pk, email=email, password=password, by=SYSTEM, at=at)
    membership = join(person.pk, provider=provider.pk, by=SYSTEM, at=at)
    join_team(membership.pk, team=team.pk, by=SYSTEM, at=at)
    set_roles(membership.pk, [ids.roles["agent"]], by=SYSTEM, at=at)
    grants.give(provider.pk, grants.Terms(services=[ids.services[NARROW_SERVICE]]), by=system(), at=at)
