"""The tables of working calendars: what one is called, and its versions, none of which ever changes."""

from datetime import datetime
from typing import Any

from django.db import models

from helmdesk.foundation.time import EPOCH, InstantField
from helmdesk.ledger.models import AppendOnly, Text


class WorkingCalendar(models.Model):
    """When somebody works, under a short name that levels and files know. Its hours are in its versions."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    active = models.BooleanField(default=True)


class CalendarVersion(AppendOnly):
    """Hours from `valid_from` on, as they were recorded at `recorded_at`.

    `spec` is all that `worktime` reads, holidays written out as dates; `digest` is the SHA-256 of its canonical text.
    `written` says how it was put together, every source with its days; `named` what a day is called, by ISO date.
    """

    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.PROTECT, related_name="versions")
    n = models.IntegerField()
    valid_from = InstantField()
    recorded_at = InstantField()
    spec = models.JSONField()
    written = models.JSONField()
    named = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    tzdata = models.CharField(max_length=20)
    person = models.BigIntegerField(null=True)
    reason = models.ForeignKey(Text, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "n"], name="calendar_version")]

    @property
    def zone(self) -> str:
        return zone_of(self.spec)

    @property
    def since_ever(self) -> bool:
        """Whether no date was said: a first version holds for all the past."""
        return bool(self.valid_from == BEGINNING)


BEGINNING: datetime = EPOCH


def zone_of(spec: dict[str, Any]) -> str:
    """The zone in which a calendar is thought of: its own, or that of the first it is composed of."""
    for part in (*spec.get("any", ()), *spec.get("all", ())):
        if (zone := zone_of(part)) != "UTC":
            return zone
    return str(spec.get("zone", "UTC"))
