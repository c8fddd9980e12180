"""The tables of the ledger: events, their head, texts beside them, seals, the register of erasures."""

from django.db import models
from django.db.models import Q

from helmdesk.foundation.time import InstantField


class Stream(models.IntegerChoices):
    TICKET = 1, "ticket"
    PROVIDER = 2, "provider"
    PERSON = 3, "person"
    CONFIG = 4, "config"
    ACCESS = 5, "access"


class Hat(models.IntegerChoices):
    """In which capacity somebody acts."""

    SYSTEM = 0, "system"
    REQUESTER = 1, "requester"
    MEMBER = 2, "member"
    CLIENT = 3, "client"


class AppendOnly(models.Model):
    """Rows that are only ever inserted; triggers of the database refuse anything else (`ledger.triggers`)."""

    class Meta:
        abstract = True


class Event(AppendOnly):
    """One thing that happened. Every column but `hash` is repeated in `body`, the bytes that are hashed."""

    seq = models.BigIntegerField(primary_key=True)
    stream = models.SmallIntegerField(choices=Stream)
    stream_id = models.BigIntegerField()
    n = models.IntegerField()
    kind = models.CharField(max_length=40)
    v = models.SmallIntegerField(default=1)
    at = models.BigIntegerField()
    recorded_at = models.BigIntegerField()
    hat = models.SmallIntegerField(choices=Hat)
    person = models.BigIntegerField(null=True)
    hat_id = models.BigIntegerField(null=True)
    provider = models.BigIntegerField(null=True)
    team = models.BigIntegerField(null=True)
    operation = models.BigIntegerField(null=True)
    cause = models.BigIntegerField(null=True)
    batch = models.BigIntegerField(null=True)
    body = models.TextField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "stream_id", "n"], name="event_place")]
        indexes = [models.Index(fields=["batch"], name="event_batch", condition=Q(batch__isnull=False))]

    def __str__(self) -> str:
        return f"{self.seq} {Stream(self.stream).label}:{self.stream_id}#{self.n} {self.kind}"


class Head(models.Model):
    """Where the ledger ends: one row, changed with every append, so that a missing last event is noticed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32)


class Text(models.Model):
    """One revision of a free text, beside the ledger so that it can be forgotten.

    The event holds `{t, rev, len, c}` with `c = SHA-256(salt ‖ body)`; `t` is the id of the first revision. A
    redacted or erased revision has neither body, masked body nor salt, and its commitment can never be opened.
    """

    root = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    rev = models.IntegerField(default=1)
    owner = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20)
    salt = models.BinaryField(max_length=16, null=True)
    body = models.TextField(null=True)
    masked_body = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["root", "rev"], name="text_revision", condition=Q(root__isnull=False))
        ]
        indexes = [models.Index(fields=["owner"], name="text_owner", condition=Q(owner__isnull=False))]


class Seal(AppendOnly):
    """A day's promise: these events, in this order, signed by a key kept outside the database."""

    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField(unique=True)
    count = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    at = InstantField()
    previous = models.BinaryField(max_length=64, null=True)
    signature = models.BinaryField(max_length=64)


class Erasure(AppendOnly):
    """What has been forgotten, by id only; kept beside backups too, so that a restore forgets it again."""

    what = models.CharField(max_length=20)
    what_id = models.BigIntegerField()
    at = InstantField()
    seq = models.BigIntegerField()
