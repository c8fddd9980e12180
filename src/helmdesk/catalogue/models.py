"""The tables of what is supported. Names are `{language: text}`; the ledger stores ids and codes."""

from django.db import models

from helmdesk.foundation.time import InstantField, now
from helmdesk.people.models import Department


class Service(models.Model):
    """What the business uses. `criticality` 1 (stops the company) .. 4; `hour_cost` is what an hour of it costs."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    criticality = models.SmallIntegerField(default=3)
    hour_cost = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    owner_department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT)
    active = models.BooleanField(default=True)


class Category(models.Model):
    """What kind of work a ticket is; two levels at most."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    active = models.BooleanField(default=True)


class Tag(models.Model):
    code = models.SlugField(max_length=60, unique=True)


class OwnField(models.Model):
    """A field of the company's own, one row a version; `valid_from` and `recorded_at` as RECORDS.md 7 says."""

    class Kind(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        DATE = "date"
        CHOICE = "choice"
        YES_NO = "yes_no"

    code = models.SlugField(max_length=60)
    version = models.IntegerField(default=1)
    name = models.JSONField(default=dict)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(default=list)
    required_to_resolve = models.BooleanField(default=False)
    personal = models.BooleanField(default=False)
    searchable = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    valid_from = InstantField(default=now)
    recorded_at = InstantField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="own_field_version")]


class PriorityMatrix(models.Model):
    """Priority from impact and urgency, one row a version: `cells[impact-1][urgency-1]` is 1 (first) .. 5."""

    version = models.IntegerField(unique=True)
    cells = models.JSONField()
    valid_from = InstantField(default=now)
    recorded_at = InstantField(default=now)
