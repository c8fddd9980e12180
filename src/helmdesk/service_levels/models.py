"""The tables of service levels: what was promised, version by version, one clock a turn, and who was told of it."""

from typing import Any

from django.db import models
from django.db.models import Q

from helmdesk.calendars.models import CalendarVersion, WorkingCalendar
from helmdesk.clocks.levels import Binds, Metric
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.time import InstantField
from helmdesk.ledger.models import AppendOnly
from helmdesk.people.models import Person
from helmdesk.tickets.models import Ticket

BREACH = 1000
RUNS_OUT = Q(stop__isnull=True, due_at__isnull=False)


class ServiceLevel(models.Model):
    """A promise under a short name that figures, files and events know. What it promises is in its versions."""

    code = models.SlugField(max_length=60, unique=True)
    active = models.BooleanField(default=True)


class LevelVersion(AppendOnly):
    """What is promised from `valid_from` on, as it was recorded at `recorded_at`; an empty `spec` ends the level.

    `spec` is what `clocks.reading` reads, with codes for names; `digest` is the SHA-256 of its canonical text.
    """

    level = models.ForeignKey(ServiceLevel, on_delete=models.PROTECT, related_name="versions")
    n = models.IntegerField()
    valid_from = InstantField()
    recorded_at = InstantField()
    spec = models.JSONField()
    digest = models.CharField(max_length=64)
    calendar = models.ForeignKey(WorkingCalendar, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "n"], name="level_version")]

    @property
    def ended(self) -> bool:
        return not self.spec

    @property
    def name(self) -> Any:
        return self.spec.get("name", {})


class Clock(models.Model):
    """The n-th turn of one level on one ticket, judged as of `judged_at` by the versions of the day it began.

    Every column but the last two follows from the ticket's events (`helmdesk replay` compares). While open (`stop` is
    empty) `used` and `gross` are those at `judged_at`, and a RUNNING clock whose `due_at` has passed is late. `warned`
    is the share of the target, in thousandths, up to which notices were written; `next_at` when there is more to do.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    level = models.ForeignKey(ServiceLevel, on_delete=models.PROTECT, related_name="+", db_index=False)
    n = models.IntegerField()
    version = models.ForeignKey(LevelVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    calendar_version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    metric = models.SmallIntegerField(choices=[(one.value, one.name.lower()) for one in Metric])
    binds = models.SmallIntegerField(choices=[(one.value, one.name.lower()) for one in Binds])
    party = models.BigIntegerField(null=True)
    verdict = models.SmallIntegerField(choices=[(one.value, one.name.lower()) for one in Verdict])
    start = InstantField()
    stop = InstantField(null=True)
    used = models.BigIntegerField()
    gross = models.BigIntegerField()
    target = models.BigIntegerField()
    since = InstantField(null=True)
    due_at = InstantField(null=True)
    why = models.CharField(max_length=30, null=True)
    judged_at = InstantField()
    warned = models.SmallIntegerField(default=0)
    next_at = InstantField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "level", "n"], name="clock_once")]
        indexes = [
            models.Index(fields=["next_at"], name="clock_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["level", "ticket"], name="clock_open", condition=Q(stop__isnull=True)),
            models.Index(fields=["due_at", "id"], name="clock_due", condition=RUNS_OUT),
        ]


class Notice(models.Model):
    """That a clock has used a share of its target (`share` thousandths; 1000: it is missed), noticed once.

    `at` is when that was so, `told_at` when it was decided whom to tell.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.ForeignKey(ServiceLevel, on_delete=models.PROTECT, related_name="+", db_index=False)
    n = models.IntegerField()
    share = models.SmallIntegerField()
    at = InstantField()
    told_at = InstantField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "level", "n", "share"], name="noticed_once")]
        indexes = [models.Index(fields=["id"], name="notice_untold", condition=Q(told_at__isnull=True))]

    @property
    def breach(self) -> bool:
        return self.share >= BREACH


class Told(models.Model):
    """A notice as one person has it: shown from `show_at` on. Those of one `digest` are shown as one."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="told")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    show_at = InstantField()
    read_at = InstantField(null=True)
    digest = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "notice"], name="told_once")]
        indexes = [models.Index(fields=["person", "show_at"], name="unread", condition=Q(read_at__isnull=True))]


class Retiming(models.Model):
    """Open clocks judged anew after a level or a calendar changed: how far it has come, so that it can go on."""

    level = models.ForeignKey(ServiceLevel, null=True, on_delete=models.PROTECT, related_name="+")
    calendar = models.ForeignKey(WorkingCalendar, null=True, on_delete=models.PROTECT, related_name="+")
    valid_from = InstantField()
    begun_at = InstantField()
    after = models.BigIntegerField(default=0)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    finished_at = InstantField(null=True)

    @property
    def what(self) -> str:
        """The short name of what was changed."""
        changed = self.level or self.calendar
        return changed.code if changed else ""
