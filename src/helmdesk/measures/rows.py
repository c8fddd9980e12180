"""The rows that figures are made of: from the tables that follow the ledger, or told anew as of an earlier day."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from django.db import connection
from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.query import QuerySet

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.time import from_us
from helmdesk.measures.figures import WATCHED, Beyond, Counted, Row
from helmdesk.measures.keeping import Beside, lives_of
from helmdesk.measures.lives import Held, Life
from helmdesk.measures.models import HeldSpan, OfTickets, TicketFigures
from helmdesk.measures.questions import Question
from helmdesk.measures.working import Lasting, Working
from helmdesk.people.models import Person
from helmdesk.providers.models import Membership
from helmdesk.tickets.models import Link, Ticket

COLUMNS: Final = (
    "ticket_id", "type", "requester_id", "requester__department_id", "service_id", "site_id", "category_id", "priority",
    "first_team_id", "team_id", "provider_id", "assignee__person_id", "opened_at", "responded_at", "first_resolved_at",
    "resolved_at", "closed_at", "closed_how", "merged", "reopened_at", "moves", "returns", "asked", "exchanges",
    "worked",
)  # fmt: skip
FIELDS: Final = {
    "provider": "provider_id", "team": "team_id", "service": "service_id", "site": "site_id",
    "category": "category_id", "priority": "priority", "department": "requester__department_id",
}  # fmt: skip


class Party(NamedTuple):
    """Who had the ball: a team (with its provider), the requester, another company, or nobody knows whom."""

    kind: str
    pk: int | None
    provider: int | None


@dataclass(frozen=True, slots=True)
class Had:
    """How long a party had the ball within the period, all time counted, and on how many tickets.

    `working` is what of it lay in the team's own hours; None where they are not known.
    """

    party: Party
    gross: int
    tickets: int
    working: int | None = None


class Rows(Protocol):
    """Where the rows of a question come from."""

    def tickets(self) -> list[Row]:
        """Tickets whose life touches the period, of those that the viewer may see and the question names."""

    def openings(self) -> Iterable[tuple[int, int | None, int | None, int]]:
        """(ticket, requester, category, opened_at) of every ticket seen that was opened in or just after the period."""

    def duplicates(self) -> Iterable[tuple[int, int]]:
        """Pairs of tickets that were linked as the same, in both directions."""

    def open_at_end(self) -> frozenset[int]:
        """Tickets that are open where the period ends, as far as the question names them."""

    def working(self) -> Working:
        """Whose each team is, and when it works."""

    def held(self) -> list[Had]:
        """How long each party had the ball of these tickets within the period."""

    def held_by(self, kind: str, provider: int | None) -> list[Counted]:
        """The same ticket by ticket, for holders of one kind and provider."""


def rows_for(question: Question, viewer: Viewer) -> Rows:
    return Live(question, viewer) if question.as_of is None else AsOf(question, viewer)


def beyond(question: Question, rows: Rows, tickets: Iterable[Row]) -> Beyond:
    """What other tickets, those that the viewer may see, say of these."""
    tickets = list(tickets)
    if question.until == question.known:
        still = frozenset(row.ticket for row in tickets if row.resolved_at is None and row.closed_at is None)
    else:
        still = rows.open_at_end()
    return Beyond(question.known, _again(tickets, rows), _repeated(tickets, rows), still)


def _again(tickets: Iterable[Row], rows: Rows) -> frozenset[int]:
    came: dict[tuple[int | None, int | None], list[int]] = {}
    for _ticket, requester, category, opened_at in rows.openings():
        came.setdefault((requester, category), []).append(opened_at)
    for openings in came.values():
        openings.sort()
    return frozenset(
        row.ticket
        for row in tickets
        if row.resolved_at is not None
        and row.requester is not None
        and _within(came.get((row.requester, row.category), []), row.resolved_at)
    )


def _within(openings: list[int], solved: int) -> bool:
    """Whether one of these comes after it was solved, and not later than seven days after."""
    place = bisect_right(openings, solved)
    return place < len(openings) and openings[place] <= solved + WATCHED["fcr"]


def _repeated(tickets: Iterable[Row], rows: Rows) -> frozenset[int]:
    opened = {ticket: opened_at for ticket, _requester, _category, opened_at in rows.openings()}
    solved = {row.ticket: row.resolved_at for row in tickets if row.resolved_at is not None}
    return frozenset(
        one
        for one, other in rows.duplicates()
        if one in solved and other in opened and solved[one] < opened[other] <= solved[one] + WATCHED["repeated"]
    )


@dataclass(slots=True)
class Live:
    """From the tables, as they stand."""

    question: Question
    viewer: Viewer
    _rows: list[Row] | None = None
    _held: list[tuple[Any, ...]] | None = None
    _working: Working | None = None

    def tickets(self) -> list[Row]:
        return [row for row in self._read() if touches(row, self.question) and named(row, self.question)]

    def openings(self) -> Iterator[tuple[int, int | None, int | None, int]]:
        last = self._last_opening()
        for row in self._read():
            if self.question.start <= row.opened_at <= last:
                yield row.ticket, row.requester, row.category, row.opened_at

    def _read(self) -> list[Row]:
        """The tickets of the question, and all that were opened in or just after the period, in one statement."""
        if self._rows is None:
            start, until = self.question.start, self.question.until
            touched = (Q(closed_at__gte=start) | Q(closed_at__isnull=True)) & Q(opened_at__lt=until) & self._only()
            opened = Q(opened_at__gte=start, opened_at__lte=self._last_opening())
            found = TicketFigures.objects.visible_to(self.viewer).filter(touched | opened)
            self._rows = [Row(*row) for row in fetched(found.values_list(*COLUMNS))]
        return self._rows

    def _last_opening(self) -> int:
        return min(self.question.until + WATCHED["repeated"], self.question.known)

    def duplicates(self) -> Iterator[tuple[int, int]]:
        since = TicketFigures.objects.visible_to(self.viewer).filter(opened_at__gte=self.question.start)
        links = Link.objects.filter(kind=Link.Kind.DUPLICATE)
        later = links.filter(Q(source__in=since.values("pk")) | Q(target__in=since.values("pk")))
        for source, target in later.values_list("source_id", "target_id"):
            yield source, target
            yield target, source

    def open_at_end(self) -> frozenset[int]:
        until = self.question.until
        return frozenset(ticket for *_party, ticket, _start, end in self._read_held() if end is None or end >= until)

    def held(self) -> list[Had]:
        return in_order(self._lasted(), self.working())

    def working(self) -> Working:
        if self._working is None:
            self._working = Working.of(None)
        return self._working

    def _lasted(self) -> Iterator[tuple[Party, int, Lasting]]:
        start, until = self.question.start, self.question.until
        for holder, pk, provider, ticket, began, end in self._read_held():
            party = Party(holder, pk if holder in ("team", "third") else None, provider)
            yield party, ticket, Lasting(pk or 0, began, max(began, start), until if end is None else min(end, until))

    def _read_held(self) -> list[tuple[Any, ...]]:
        """Every span that overlaps the period."""
        if self._held is None:
            columns = ("holder", "holder_id", "provider_id", "ticket_id", "start", "end")
            self._held = fetched(self._spans().order_by().values_list(*columns))
        return self._held

    def held_by(self, kind: str, provider: int | None) -> list[Counted]:
        spans = self._spans().filter(holder=kind, provider=provider).values("ticket_id").annotate(gross=self._lasting())
        found = fetched(spans.order_by().values_list("ticket_id", "gross"))
        return [Counted(ticket, int(gross)) for ticket, gross in found]

    def _lasting(self) -> Sum:
        """The time of spans within the period."""
        start, until = Value(self.question.start), Value(self.question.until)
        return Sum(Least(Coalesce(F("end"), until), until) - Greatest(F("start"), start))

    def _spans(self) -> OfTickets:
        overlapping = Q(end__gt=self.question.start) | Q(end__isnull=True)
        spans = HeldSpan.objects.visible_to(self.viewer).filter(self._only("ticket__figures__"))
        return spans.filter(overlapping, start__lt=self.question.until)

    def _only(self, prefix: str = "") -> Q:
        return Q(**{f"{prefix}{FIELDS[name]}": pk or None for name, pk in self.question.only})


@dataclass(slots=True)
class AsOf:
    """Told anew from the events that were recorded by a day; sees what the viewer may see today."""

    question: Question
    viewer: Viewer
    _lives: dict[int, Life] | None = None
    _named: dict[int, Row] | None = None
    _working: Working | None = None

    def tickets(self) -> list[Row]:
        return [row for row in self._rows().values() if touches(row, self.question)]

    def openings(self) -> Iterator[tuple[int, int | None, int | None, int]]:
        last = min(self.question.until + WATCHED["repeated"], self.question.known)
        for ticket, life in self.lives().items():
            if self.question.start <= life.opened_at <= last:
                yield ticket, life.requester, life.category, life.opened_at

    def duplicates(self) -> Iterator[tuple[int, int]]:
        for ticket, life in self.lives().items():
            for other in life.duplicates:
                yield ticket, other
                yield other, ticket

    def open_at_end(self) -> frozenset[int]:
        last = self.question.until - 1
        return frozenset(
            ticket
            for ticket in self._rows()
            if any(span.start <= last and (span.end is None or span.end > last) for span in self.lives()[ticket].held)
        )

    def held(self) -> list[Had]:
        return in_order(self._lasted(), self.working())

    def working(self) -> Working:
        if self._working is None:
            self._working = Working.of(self.question.as_of)
        return self._working

    def held_by(self, kind: str, provider: int | None) -> list[Counted]:
        total: dict[int, int] = {}
        for party, ticket, lasting in self._lasted():
            if (party.kind, party.provider) == (kind, provider):
                total[ticket] = total.get(ticket, 0) + lasting.end - lasting.start
        return [Counted(*one) for one in total.items()]

    def _lasted(self) -> Iterator[tuple[Party, int, Lasting]]:
        """Who had the ball, of which ticket, for how long within the period, span by span."""
        beside = Beside.now()
        for ticket in self._rows():
            for span in self.lives()[ticket].held:
                start = max(span.start, self.question.start)
                end = self.question.until if span.end is None else min(span.end, self.question.until)
                if start < end:
                    party = _party(span, beside)
                    yield party, ticket, Lasting(party.pk or 0, span.start, start, end)

    def lives(self) -> dict[int, Life]:
        """Every ticket that the viewer may see and that may have been touched in or after the period."""
        if self._lives is None:
            question = self.question
            seen = Ticket.objects.visible_to(self.viewer).filter(updated_at__gte=from_us(question.start))
            numbers = list(seen.values_list("pk", flat=True).order_by("pk"))
            self._lives = lives_of(numbers, Beside.now(), as_of=question.as_of)
        return self._lives

    def _rows(self) -> dict[int, Row]:
        """The tickets that the question names, each as a row."""
        if self._named is None:
            beside, people, members = Beside.now(), _departments(), _members()
            told = (_row(ticket, life, beside, people, members) for ticket, life in self.lives().items())
            self._named = {row.ticket: row for row in told if named(row, self.question)}
        return self._named


def touches(row: Row, question: Question) -> bool:
    """Whether a ticket's life touches the period."""
    return row.opened_at < question.until and (row.closed_at is None or row.closed_at >= question.start)


def named(row: Row, question: Question) -> bool:
    """Whether a ticket is one of those that the question names."""
    return all((getattr(row, name) or None) == (pk or None) for name, pk in question.only)


def in_order(lasted: Iterable[tuple[Party, int, Lasting]], working: Working) -> list[Had]:
    """What each party's spans come to, party by party."""
    total: dict[Party, dict[int, int]] = {}
    of_teams: list[Lasting] = []
    for party, ticket, lasting in lasted:
        of = total.setdefault(party, {})
        of[ticket] = of.get(ticket, 0) + lasting.end - lasting.start
        of_teams += [lasting] if party.kind == "team" else []
    net = working.total(of_teams)
    had = (
        Had(party, sum(of.values()), len(of), net.get(party.pk or 0) if party.kind == "team" else None)
        for party, of in total.items()
    )
    return sorted(had, key=lambda one: (one.party.kind, one.party.pk or 0))


def _party(span: Held, beside: Beside) -> Party:
    if span.holder in ("team", "third"):
        team = span.holder == "team"
        return Party(span.holder, span.holder_id, beside.providers.get(span.holder_id or 0) if team else None)
    return Party(span.holder, None, None)


def _departments() -> dict[int, int | None]:
    return dict(Person.objects.values_list("pk", "department_id"))


def _members() -> dict[int, int]:
    return dict(Membership.objects.values_list("pk", "person_id"))


def _row(ticket: int, life: Life, beside: Beside, people: dict[int, int | None], members: dict[int, int]) -> Row:
    return Row(
        ticket, life.type, life.requester, people.get(life.requester or 0), life.service, life.site, life.category,
        life.priority, life.first_team, life.team, beside.providers.get(life.team or 0),
        members.get(life.assignee or 0), life.opened_at, life.responded_at, life.first_resolved_at, life.resolved_at,
        life.closed_at, life.closed_how, life.merged, life.reopened_at, life.moves, life.returns, life.asked,
        life.exchanges, life.worked,
    )  # fmt: skip


def fetched(rows: "QuerySet[Any, Any]") -> list[tuple[Any, ...]]:
    """Narrow rows as the database holds them: instants stay numbers, which is what figures count with."""
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
