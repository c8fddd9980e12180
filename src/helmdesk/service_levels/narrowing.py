"""Queues narrowed by how promises stand: late, due soon, due today, paused, nothing promised."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from helmdesk.clocks.levels import Binds
from helmdesk.clocks.turns import Verdict
from helmdesk.service_levels.models import Clock


class Stands(StrEnum):
    """How the promises to the requester of a ticket stand."""

    LATE = "late"
    SOON = "soon"
    TODAY = "today"
    PAUSED = "paused"
    NONE = "none"


def standing(how: Stands, *, at: datetime) -> Q:
    """The condition on tickets; a day ends at midnight of whoever asks."""
    if how == Stands.LATE:
        return Q(next_due_at__lte=at)
    elif how == Stands.SOON:
        return Q(next_due_at__gt=at, next_due_at__lte=at + timedelta(hours=1))
    elif how == Stands.TODAY:
        return Q(next_due_at__gt=at, next_due_at__lt=_midnight(at))
    promised = Clock.objects.filter(ticket=OuterRef("pk"), stop__isnull=True, binds=Binds.REQUESTER)
    if how == Stands.PAUSED:
        return Q(Exists(promised.filter(verdict=Verdict.PAUSED)), next_due_at__isnull=True)
    return Q(~Exists(promised), next_due_at__isnull=True)


def _midnight(at: datetime) -> datetime:
    here = timezone.localtime(at)
    return (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
