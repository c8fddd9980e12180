"""The tables of figures: one row a ticket with typed columns, one a span of who had the ball; both follow the ledger.

Nothing here is a record: `measures.keeping` can write all of it anew from the events, and `helmdesk replay` compares.
"""

from typing import Self

from django.db import models
from django.db.models import Q

from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.models import Category, Service
from helmdesk.foundation.time import InstantField
from helmdesk.ledger.models import Text
from helmdesk.people.models import Person, Site
from helmdesk.providers.models import Membership, Provider, Team
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.seen import ScopedQuery, may_see


class OfTickets(ScopedQuery):
    def visible_to(self, viewer: Viewer) -> Self:
        """Rows of tickets that the viewer may see now, whatever the row says."""
        condition = may_see(viewer, "ticket__")
        return (self if condition is None else self.filter(condition))._seen(f"{viewer.hat.label}")


class TicketFigures(models.Model):
    """One ticket as figures need it, as of its event `position`. Durations are microseconds.

    `team` (and its `provider`) is the one responsible when it was last solved, or now while it is not; `worked` is how
    long teams had the ball until then. docs/reference/measures.md says what each column means.
    """

    ticket = models.OneToOneField(Ticket, primary_key=True, on_delete=models.CASCADE, related_name="figures")
    position = models.IntegerField()
    type = models.CharField(max_length=8)
    requester = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    priority = models.SmallIntegerField(null=True)
    phase = models.SmallIntegerField()
    first_team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = InstantField()
    responded_at = InstantField(null=True)
    first_resolved_at = InstantField(null=True)
    resolved_at = InstantField(null=True)
    closed_at = InstantField(null=True)
    closed_how = models.CharField(max_length=10, null=True)
    merged = models.BooleanField(default=False)
    reopened_at = InstantField(null=True)
    reopens = models.SmallIntegerField(default=0)
    moves = models.SmallIntegerField(default=0)
    returns = models.SmallIntegerField(default=0)
    asked = models.SmallIntegerField(default=0)
    exchanges = models.SmallIntegerField(default=0)
    worked = models.BigIntegerField(null=True)

    objects = OfTickets.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["closed_at", "opened_at"], name="figures_period"),
            models.Index(fields=["opened_at"], name="figures_opened"),
            models.Index(fields=["requester", "opened_at"], name="figures_requester"),
        ]


class HeldSpan(models.Model):
    """Who had the ball of an open ticket from `start` to before `end` (empty: still). `provider` is the team's."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    n = models.SmallIntegerField()
    start = InstantField()
    end = InstantField(null=True)
    holder = models.CharField(max_length=9)
    holder_id = models.BigIntegerField(null=True)
    provider = models.ForeignKey(Provider, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    wait = models.CharField(max_length=9, null=True)
    overruled = models.BooleanField(default=False)

    objects = OfTickets.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "n"], name="held_once")]
        indexes = [
            models.Index(fields=["end", "start"], name="held_until"),
            models.Index(fields=["start"], name="held_still", condition=Q(end__isnull=True)),
        ]


class Followed(models.Model):
    """How far the rows above have followed the ledger: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)


class Openness(models.Model):
    """A time during which figures of persons and of small teams are shown to more than those they are about.

    Given with a reason, which every page that shows such figures repeats; `measures.persons` lets one go on at a time.
    """

    reason = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    began_at = InstantField()
    ended_at = InstantField(null=True)
