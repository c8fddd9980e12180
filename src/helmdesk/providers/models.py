"""The tables of those who do the work: providers (in-house is one of them), teams, memberships."""

from django.db import models
from django.db.models import Q

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.foundation.time import InstantField, now
from helmdesk.people.models import Person, Role


class Provider(models.Model):
    """An organisation that does support work. `hue` (1..12) is its colour everywhere."""

    class Kind(models.TextChoices):
        INTERNAL = "internal"
        EXTERNAL = "external"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.EXTERNAL)
    zone = models.CharField(max_length=64, default="UTC")
    hue = models.SmallIntegerField(default=12)
    active = models.BooleanField(default=True)
    suspended_at = InstantField(null=True)
    fallback_team = models.ForeignKey("Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name

    @property
    def internal(self) -> bool:
        return self.kind == self.Kind.INTERNAL


class Team(models.Model):
    """Where work is queued. `triage` marks the team that gets what no rule places; `calendar` is when it works."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="teams")
    triage = models.BooleanField(default=False)
    calendar = models.ForeignKey(
        WorkingCalendar, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person at a provider, from then until then; one active a person. Teams and roles hang on it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="memberships")
    started_at = InstantField(default=now)
    ended_at = InstantField(null=True)
    teams = models.ManyToManyField(Team, through="TeamMembership", related_name="members")
    roles = models.ManyToManyField(Role, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], name="one_membership", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"


class TeamMembership(models.Model):
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    lead = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "team"], name="in_a_team_once")]
