"""What the desk remembers of imports: each run, and of each source its tickets and the names it uses."""

from django.db import models
from django.db.models import Q

from helmdesk.foundation.time import InstantField
from helmdesk.tickets.models import Ticket


class Import(models.Model):
    """One run; its id is the `batch` of its events. `ended_at` stays empty while it runs, and where it was cut off.

    The counts are those written so far. `continues` is an earlier run over the same file that was cut off.
    """

    source = models.CharField(max_length=40)
    file = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    begun_at = InstantField()
    ended_at = InstantField(null=True)
    continues = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    rows = models.IntegerField(default=0)
    tickets = models.IntegerField(default=0)
    events = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["source", "digest"], name="import_cut_off", condition=Q(ended_at__isnull=True))]


class ImportedTicket(models.Model):
    """Which ticket one of the source is here, and what the source last showed of it (`history.Memory` as JSON).

    The memory names nobody: agents are kept by id, texts and rows as digests, those of rows under the salt. Where
    something of the ticket is forgotten, memory and salt go too, so that no digest can confirm a guess.
    """

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="+")
    memory = models.TextField()
    salt = models.BinaryField(max_length=16, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="imported_once")]


class ImportedName(models.Model):
    """What a name of a source stands for here, however that is called by now: a team, site, service, category, company.

    Persons are found by their `external_ref` instead, which is forgotten with them.
    """

    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=250)
    target = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "name"], name="one_meaning")]
