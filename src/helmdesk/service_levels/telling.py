"""Who is told of a notice, and when they see it; many at once, as after an outage, are one digest for each person."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from helmdesk.access.viewer import viewer_of
from helmdesk.calendars.loading import calendar
from helmdesk.clocks.levels import Binds
from helmdesk.foundation.time import from_us, to_us
from helmdesk.people.models import Role
from helmdesk.providers.models import Membership, TeamMembership
from helmdesk.service_levels import versions
from helmdesk.service_levels.duty import Duty
from helmdesk.service_levels.hours import hours
from helmdesk.service_levels.models import Clock, Notice, Told
from helmdesk.service_levels.versions import Term
from helmdesk.tickets.deadlines import record_notices
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.parties import all_parties
from helmdesk.worktime.horizon import NeverOpen

ROUND: Final = 500
MANY: Final = 5
GATHERS: Final = timedelta(minutes=10)
"""More than so many for one person at once are a digest; what comes within this time belongs to it."""


def tell(*, at: datetime) -> int:
    """Tells of every notice that nobody was told of yet; returns how many there were. Each round stands by itself."""
    done = 0
    while some := _round(at):
        done += some
    return done


def _round(at: datetime) -> int:
    with transaction.atomic():
        untold = Notice.objects.filter(told_at__isnull=True).order_by("pk")
        notices = list(
            untold.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)[:ROUND]
        )
        if notices:
            _tell(notices, at)
    return len(notices)


def _tell(notices: Sequence[Notice], at: datetime) -> None:
    matters = list(_matters(notices))
    people = _Desk(matters).recipients()
    seen = _seen(people, at)
    opens = _opens({person for some in people.values() for person in some}, at)
    rows = [
        Told(notice=matter.notice, person_id=person, show_at=_shown(matter, opens.get(person), at))
        for matter in matters
        for person in sorted(people[matter.notice.pk])
        if matter.ticket.pk in seen[person]
    ]
    _gather(rows, at)
    Told.objects.bulk_create(rows, ignore_conflicts=True)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(told_at=at)
    record_notices(_events(matters, rows), at=at)


@dataclass(frozen=True, slots=True)
class _Matter:
    """A notice that still means something, with its clock and ticket."""

    notice: Notice
    clock: Clock
    ticket: Ticket
    term: Term | None


def _matters(notices: Sequence[Notice]) -> Iterator[_Matter]:
    """A warning of a clock that has stopped meanwhile is told to nobody; a miss is told whatever came after."""
    ids = {notice.ticket_id for notice in notices}
    named = Clock.objects.filter(
        ticket__in=ids, level__in={one.level_id for one in notices}, n__in={one.n for one in notices}
    )
    clocks = {(one.ticket_id, one.level_id, one.n): one for one in named}
    rows = Ticket.objects.unscoped(reason="whom to tell; each is asked after whether they see it")
    tickets = {one.pk: one for one in rows.filter(pk__in=ids).select_related("assignee", "team")}
    terms = {term.version: term for term in versions.current()}
    for notice in notices:
        clock = clocks.get((notice.ticket_id, notice.level_id, notice.n))
        if clock is not None and (notice.breach or clock.stop is None):
            yield _Matter(notice, clock, tickets[notice.ticket_id], terms.get(clock.version_id))


@dataclass(slots=True)
class _Desk:
    """Who is where, looked up once for all the notices of a round."""

    matters: Sequence[_Matter]
    leads: Mapping[tuple[str, int | None], set[int]] = field(init=False)
    of_company: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        here = TeamMembership.objects.filter(lead=True, membership__ended_at__isnull=True, team__active=True)
        leads: dict[tuple[str, int | None], set[int]] = defaultdict(set)
        for team, provider, person in here.values_list("team", "team__provider", "membership__person"):
            leads["team", team].add(person)
            leads["provider", provider].add(person)
        self.leads = leads
        self.of_company = frozenset(_company_leads())

    def recipients(self) -> dict[int, set[int]]:
        """By notice, the persons who should hear of it, as far as they see the ticket."""
        return {matter.notice.pk: self._of(matter) for matter in self.matters}

    def _of(self, matter: _Matter) -> set[int]:
        """Who works on it, else who leads those who promised; of a broken promise to the requester, the company too."""
        ticket, clock = matter.ticket, matter.clock
        found: set[int] = set()
        if ticket.assignee is not None and self._works_for(ticket, clock):
            found = {ticket.assignee.person_id}
        else:
            found = set(self.leads[self._party(ticket, clock)])
        if not found or (matter.notice.breach and clock.binds == Binds.REQUESTER):
            found |= self.of_company
        return found - {ticket.requester_id}

    def _works_for(self, ticket: Ticket, clock: Clock) -> bool:
        party = {Binds.TEAM: ticket.team_id, Binds.PROVIDER: ticket.team.provider_id}.get(Binds(clock.binds))
        return clock.binds == Binds.REQUESTER or party == clock.party

    def _party(self, ticket: Ticket, clock: Clock) -> tuple[str, int | None]:
        if clock.binds == Binds.TEAM:
            return "team", clock.party
        elif clock.binds == Binds.PROVIDER and ticket.team.provider_id != clock.party:
            return "provider", clock.party
        return "team", ticket.team_id


def _company_leads() -> Iterable[int]:
    roles = [pk for pk, codes in Role.objects.values_list("pk", "permissions") if "tickets.company_lead" in codes]
    here = Membership.objects.filter(ended_at__isnull=True, provider__kind="internal", roles__in=roles)
    return here.values_list("person", flat=True).distinct()


def _seen(people: Mapping[int, set[int]], at: datetime) -> dict[int, set[int]]:
    """By person, those of the tickets in question that they see at work. One statement or two a person."""
    wanted: dict[int, set[int]] = defaultdict(set)
    tickets = dict(Notice.objects.filter(pk__in=list(people)).values_list("pk", "ticket"))
    for notice, persons in people.items():
        for person in persons:
            wanted[person].add(tickets[notice])
    return {person: _at_work(person, some, at) for person, some in wanted.items()}


def _at_work(person: int, tickets: set[int], at: datetime) -> set[int]:
    viewer = viewer_of(person, at=at)
    if not viewer.working:
        return set()
    return set(Ticket.objects.visible_to(viewer).filter(pk__in=tickets).values_list("pk", flat=True))


def _opens(people: set[int], at: datetime) -> dict[int, int]:
    """By person, when the first of their teams works, from now on (µs); of those whose teams say by which calendar."""
    here = TeamMembership.objects.filter(membership__ended_at__isnull=True, team__calendar__isnull=False)
    teams = dict[int, set[int]]()
    for person, team in here.filter(membership__person__in=people).values_list("membership__person", "team"):
        teams.setdefault(person, set()).add(team)
    if not teams:
        return {}
    own = hours(versions.known(), all_parties().teams.values())
    found = {person: Duty({team: own.own_of(team, to_us(at)) for team in some}) for person, some in teams.items()}
    return {person: opens for person, of in found.items() if (opens := of.opens(to_us(at))) is not None}


def _shown(matter: _Matter, opens: int | None, at: datetime) -> datetime:
    """Now, or when one's team works again, else the level's hours: nobody is called at midnight unless the level says
    so."""
    if matter.term is not None and matter.term.described.notices_any_hour:
        return at
    elif opens is not None:
        return from_us(opens)
    try:
        return from_us(calendar(matter.clock.calendar_version_id).next_open(to_us(at)))
    except NeverOpen:
        return at


def _gather(rows: Sequence[Told], at: datetime) -> None:
    """Marks what one person gets as one digest: it bears the number of its first notice."""
    of: dict[int, list[Told]] = defaultdict(list)
    for row in rows:
        of[row.person_id].append(row)
    begun = Told.objects.filter(person__in=list(of), digest__isnull=False, notice__told_at__gt=at - GATHERS)
    going_on = dict(begun.order_by("pk").values_list("person", "digest"))
    for person, some in of.items():
        digest = going_on.get(person) or (some[0].notice_id if len(some) > MANY else None)
        for row in some:
            row.digest = digest


def _events(matters: Iterable[_Matter], rows: Iterable[Told]) -> dict[int, list[dict[str, Any]]]:
    """What a ticket's history says: which promise, how much of it was used, who was told. Ids and numbers."""
    told: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        told[row.notice_id].append(row.person_id)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for matter in matters:
        if persons := told[matter.notice.pk]:
            one = matter.notice
            what = {"level": one.level_id, "turn": one.n, "share": one.share, "at": to_us(one.at), "to": persons}
            found[one.ticket_id].append(what)
    return found
