"""A whole import: rows come in by whole tickets, some at a time, each time in one transaction with what is remembered.

Killed anywhere, everything written is whole and remembered, and the same command goes on from there. Nobody is
mailed and no rule runs; the tickets can be searched for as soon as they are in.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max

from helmdesk.exchange.imports.alone import alone
from helmdesk.exchange.imports.desk import Desk, Standing
from helmdesk.exchange.imports.entries import imagined
from helmdesk.exchange.imports.report import Counts, Report, count
from helmdesk.exchange.imports.setting_up import IN_HOUSE, SERVICE_DESK, SYSTEM, check, set_up
from helmdesk.exchange.imports.sources import Source
from helmdesk.exchange.imports.telling import tell
from helmdesk.exchange.imports.watching import Shown, Watched, chunks, watch
from helmdesk.exchange.models import Import, ImportedTicket
from helmdesk.exchange.observing import StillLive, write
from helmdesk.foundation.rows import insert_many
from helmdesk.history.grouping import Survey
from helmdesk.history.observation import Refused
from helmdesk.history.providers_map import ProvidersMap
from helmdesk.ledger.changing import changing
from helmdesk.ledger.door import Observation
from helmdesk.ledger.models import Event
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.search.index import reindex

TRIES: Final = 3
REMEMBERED: Final = ("source", "external_id", "ticket_id", "memory", "salt")

type Clock = Callable[[], datetime]
type Told = Callable[[int, int, list[Refused]], None]


def try_out(source: Source, placed: ProvidersMap | None, *, clock: Clock, told: Told) -> Report:
    """What an import would do. Writes nothing, and takes no lock. Raises CannotImport."""
    report = Report(founds=check(source, placed).founds)
    desk = Desk(source, placed, at=clock(), ids=imagined)
    if report.founds:
        desk.teams.expect(Provider(**IN_HOUSE), Team(**SERVICE_DESK))

    def imagine(chunk: list[Shown]) -> tuple[list[Watched], Counts]:
        tickets = watch(chunk, desk)
        events = sum(tell(ticket, desk, None).events() for ticket in tickets if ticket.made)
        desk.register.drop()
        return tickets, count(tickets, events=events)

    _go_through(source, imagine, report, told)
    report.made, report.unplaced = desk.register.made, len(desk.teams.unplaced)
    return report


def bring_in(source: Source, placed: ProvidersMap | None, *, clock: Clock, told: Told) -> Report:
    """Writes everything that the source shows and this desk does not have yet. Raises CannotImport."""
    with alone():
        report = Report(founds=check(source, placed).founds)
        survey = source.survey()  # what breaks off does so here, before anything is written
        standing = set_up(source, at=clock())
        batch = _begin(source, survey, at=clock())
        report.batch = batch.pk
        writer = _Writer(source, placed, standing, batch, clock)
        _go_through(source, writer.bring_in, report, told)
        writer.tally(report)
        _end(batch, report, at=clock())
    return report


def _go_through(
    source: Source, take: Callable[[list[Shown]], tuple[list[Watched], Counts]], report: Report, told: Told
) -> None:
    """Takes every ticket of the file in turn, and tells how many rows are done of how many, and which were refused."""
    total = source.survey().rows
    told(0, total, [])
    for chunk in chunks(source.tickets()):
        tickets, counts = take(chunk)
        refused = report.add(counts, tickets)
        told(report.counts.rows, total, refused)


def _begin(source: Source, survey: Survey, *, at: datetime) -> Import:
    with changing(by=SYSTEM, at=at) as change:
        cut_off = Import.objects.filter(source=source.name, digest=source.digest, ended_at__isnull=True)
        last = Import.objects.aggregate(last=Max("pk"))["last"] or 0
        noted = Event.objects.filter(batch__isnull=False).aggregate(last=Max("batch"))["last"] or 0
        batch = Import.objects.create(
            pk=max(last, noted) + 1, source=source.name, file=source.path.name[:255], digest=source.digest,
            begun_at=at, continues=cut_off.order_by("-pk").first(),
        )  # fmt: skip
        what = {"batch": batch.pk, "source": source.name, "rows": survey.rows, "tickets": survey.tickets}
        change.record("import.begun", {**what, "continues": batch.continues_id})
    return batch


def _end(batch: Import, report: Report, *, at: datetime) -> None:
    with changing(by=SYSTEM, at=at) as change:
        batch.ended_at = at
        batch.save(update_fields=["ended_at"])
        change.record("import.ended", {"batch": batch.pk, **report.as_dict()})


class _Writer:
    """Writes some tickets after the other, and remembers what was shown of them."""

    def __init__(
        self, source: Source, placed: ProvidersMap | None, standing: Standing, batch: Import, clock: Clock
    ) -> None:
        self.source, self.placed, self.standing, self.batch, self.clock = source, placed, standing, batch, clock
        self.desk = Desk(source, placed, at=clock())
        self.made: dict[str, int] = {}
        self.unplaced: set[str] = set()

    def bring_in(self, chunk: list[Shown]) -> tuple[list[Watched], Counts]:
        """One transaction; again where somebody worked on one of the tickets, or made an entry of one of the names."""
        for _ in range(TRIES - 1):
            try:
                return self._write(chunk)
            except (StillLive, IntegrityError):
                self._keep_count()
                self.desk = Desk(self.source, self.placed, at=self.clock())
        return self._write(chunk)

    def tally(self, report: Report) -> None:
        """How many entries are new on this desk."""
        self._keep_count()
        report.made, report.unplaced = self.made, len(self.unplaced)

    def _keep_count(self) -> None:
        for name, number in self.desk.register.written.items():
            self.made[name] = self.made.get(name, 0) + number
        self.unplaced |= self.desk.teams.unplaced

    def _write(self, chunk: list[Shown]) -> tuple[list[Watched], Counts]:
        with transaction.atomic():
            tickets = watch(chunk, self.desk)
            changed = [ticket for ticket in tickets if ticket.made]
            observed = [tell(ticket, self.desk, self.standing) for ticket in changed]
            entries = self.desk.register.write()
            under = Observation(self.batch.pk, self.clock())
            numbers = write(observed, under=under, by=self.standing.stamp, first=entries)
            self._remember(tickets, dict(zip((ticket.external_id for ticket in changed), numbers, strict=True)))
            reindex(numbers)
            counts = count(tickets, events=sum(ticket.events() for ticket in observed))
            self._note(counts)
        return tickets, counts

    def _remember(self, tickets: list[Watched], numbers: dict[str, int]) -> None:
        fresh: list[tuple[str, str, int, str, bytes]] = []
        for ticket in tickets:
            if ticket.memory is None:
                continue
            memory = ticket.memory.to_json()
            if ticket.here is None:
                number = numbers[ticket.external_id]
                fresh.append((self.source.name, ticket.external_id, number, memory, ticket.salt))
            elif memory != ticket.here.memory and not ticket.here.live:
                ImportedTicket.objects.filter(ticket=ticket.here.ticket).update(memory=memory)
        insert_many(ImportedTicket._meta.db_table, REMEMBERED, fresh)

    def _note(self, counts: Counts) -> None:
        """The counts so far, in the row of this run."""
        now = Counts(*(getattr(self.batch, name) for name in Counts.__slots__))
        now.add(counts)
        for name in Counts.__slots__:
            setattr(self.batch, name, getattr(now, name))
        self.batch.save(update_fields=Counts.__slots__)
