"""The tables behind `visible_to`: interned scopes and audiences, grants, and what a grant resolves to."""

from django.db import models
from django.db.models import Q

from helmdesk.catalogue.models import Category, Service
from helmdesk.foundation.time import InstantField, now
from helmdesk.people.models import Site
from helmdesk.providers.models import Provider

CONFIDENTIAL = 1


class Scope(models.Model):
    """One combination of service, site, category and flags, interned: a ticket carries its id."""

    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT)
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT)
    flags = models.SmallIntegerField(default=0)
    key = models.CharField(max_length=80, unique=True)


class Audience(models.Model):
    """Who may read a thread: the requester's side or not, in-house or not, and which providers. Immutable, interned."""

    requester = models.BooleanField(default=False)
    in_house = models.BooleanField(default=True)
    providers = models.ManyToManyField(Provider, related_name="+")
    key = models.CharField(max_length=200, unique=True)


class Grant(models.Model):
    """What a provider may see and do, from then until then, by whom given. Empty lists of services or sites mean all.

    In-house people too see only what a grant names; the default one is everything but the confidential.
    """

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="grants")
    services = models.ManyToManyField(Service, related_name="+")
    sites = models.ManyToManyField(Site, related_name="+")
    categories = models.ManyToManyField(Category, related_name="+")
    confidential = models.BooleanField(default=False)
    personal_data = models.BooleanField(default=False)
    starts_at = InstantField(default=now)
    ends_at = InstantField(null=True)
    given_by = models.BigIntegerField(null=True)
    revoked_at = InstantField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["provider"], name="grant_live", condition=Q(revoked_at__isnull=True))]


class GrantScope(models.Model):
    """A scope that a grant opens: written with the scope or with the grant, so that no row means not seen."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="+", db_index=False)
    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="+")
    confidential = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "scope"], name="opened_once")]
