"""The tables of the desk: tickets, threads, messages, and what hangs on them. Only verbs write here."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from helmdesk.access.models import Audience, Scope
from helmdesk.catalogue.models import Tag
from helmdesk.foundation.time import InstantField
from helmdesk.ledger.models import Hat, Text
from helmdesk.people.models import Person
from helmdesk.providers.models import Membership, Provider, Team
from helmdesk.tickets.seen import MessageQuery, ThreadQuery, TicketQuery

OPEN = Q(closed_at__isnull=True)
NOBODY = OPEN & Q(assignee__isnull=True)
NEVER = 2**62
"""In the place of a due time that there is not, so that it comes last."""
QUEUE = (
    Coalesce(F("next_due_at"), Value(NEVER), output_field=models.BigIntegerField()),
    F("updated_at").desc(),
    F("id").desc(),
)
"""The order of every queue: what is due next, then what changed last."""


class Phase(models.IntegerChoices):
    OPEN = 1, "open"
    RESOLVED = 2, "resolved"
    CLOSED = 3, "closed"


class Holder(models.TextChoices):
    """Who has the ball. A ticket is open exactly when its holder is not `rest`."""

    TEAM = "team"
    REQUESTER = "requester"
    THIRD = "third"
    UNKNOWN = "unknown"
    REST = "rest"


class Wait(models.TextChoices):
    """Why the ball is with someone else, or why a team waits while it keeps it."""

    REQUESTER = "requester"
    THIRD = "third"
    PARTS = "parts"
    CHANGE = "change"
    QUESTION = "question"
    CHILD = "child"
    PROBLEM = "problem"
    AGREED = "agreed"


class TicketType(models.TextChoices):
    INCIDENT = "incident"
    REQUEST = "request"


class Channel(models.TextChoices):
    PORTAL = "portal"
    MAIL = "mail"
    PHONE = "phone"
    API = "api"
    CHAT = "chat"
    MONITORING = "monitoring"
    IMPORT = "import"
    AGENT = "agent"


class ThirdParty(models.Model):
    """Another company that a ticket can wait for, without an account here."""

    name = models.CharField(max_length=120, unique=True)
    active = models.BooleanField(default=True)


class Ticket(models.Model):
    """The present state of one matter; every column can be rebuilt from its events (`replay`).

    `id` is the number that people say aloud: a sequence, never reused, with gaps. `position` is the n of its last
    event, `ball_position` that of the last event that moved the ball: a verb shown an older one is refused.
    """

    type = models.CharField(max_length=8, choices=TicketType, default=TicketType.INCIDENT)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.PORTAL)
    subject = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+", db_index=False)
    phase = models.SmallIntegerField(choices=Phase, default=Phase.OPEN)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    offered_from = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = models.CharField(max_length=9, choices=Holder, default=Holder.TEAM)
    holder_id = models.BigIntegerField(null=True)
    wait = models.CharField(max_length=9, choices=Wait, null=True)
    wait_on = models.BigIntegerField(null=True)
    wait_since = InstantField(null=True)
    wait_until = InstantField(null=True)
    wait_position = models.IntegerField(null=True)
    impact = models.SmallIntegerField(default=3)
    urgency = models.SmallIntegerField(default=3)
    said_urgency = models.SmallIntegerField(null=True)
    priority = models.SmallIntegerField(default=4)
    priority_reason = models.CharField(max_length=40, default="matrix")
    matrix_version = models.IntegerField(default=1)
    fields = models.JSONField(default=dict)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = InstantField()
    updated_at = InstantField()
    resolved_at = InstantField(null=True)
    closed_at = InstantField(null=True)
    next_due_at = InstantField(null=True)
    position = models.IntegerField(default=0)
    ball_position = models.IntegerField(default=0)
    live = models.BooleanField(default=True)
    external_ref = models.CharField(max_length=120, blank=True)
    tags = models.ManyToManyField(Tag, through="TicketTag")

    objects = TicketQuery.as_manager()

    class Meta:
        indexes = [
            models.Index(F("team"), *QUEUE, name="open_team", condition=OPEN),
            models.Index(F("assignee"), *QUEUE, name="open_assignee", condition=OPEN),
            models.Index(F("scope"), *QUEUE, name="open_scope", condition=OPEN),
            models.Index(*QUEUE, name="open_newest", condition=OPEN),
            models.Index(F("team"), *QUEUE, name="open_nobody", condition=NOBODY),
            models.Index(fields=["next_due_at", "id"], name="open_due", condition=OPEN),
            models.Index(fields=["wait_until"], name="open_wait", condition=OPEN & Q(wait_until__isnull=False)),
            models.Index(fields=["requester", "-id"], name="of_requester"),
            models.Index(fields=["resolved_at"], name="resting", condition=OPEN & Q(resolved_at__isnull=False)),
            models.Index(fields=["parent"], name="of_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["merged_into"], name="of_target", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["external_ref"], name="of_source", condition=~Q(external_ref="")),
        ]

    @property
    def open(self) -> bool:
        return self.phase == Phase.OPEN


class Thread(models.Model):
    """One conversation on a ticket. Its audience never changes: another audience is another thread."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="threads")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = InstantField()

    objects = ThreadQuery.as_manager()


class Message(models.Model):
    """One contribution to a thread, under the hat and for the provider of its moment."""

    class As(models.TextChoices):
        REPLY = "reply"
        NOTE = "note"
        QUESTION = "question"
        CALL = "call"
        ORIGINAL = "original"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages", db_index=False)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    said_as = models.CharField(max_length=8, choices=As, default=As.REPLY)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    hat = models.SmallIntegerField(choices=Hat)
    provider = models.ForeignKey(Provider, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    automatic = models.BooleanField(default=False)
    at = InstantField()

    objects = MessageQuery.as_manager()


class Attachment(models.Model):
    """A file of a message: stored under a random key, its name a text that can be forgotten."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    name = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32)
    erased_at = InstantField(null=True)


class Share(models.Model):
    """One ticket that a provider may see beside its grants: it held it, was asked, or was given just this one."""

    class Why(models.TextChoices):
        HELD = "held"
        ASKED = "asked"
        GIVEN = "given"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="shares")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+", db_index=False)
    why = models.CharField(max_length=5, choices=Why, default=Why.HELD)
    closed_at = InstantField(null=True)
    ended_at = InstantField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "provider"], name="shared_once")]
        indexes = [
            models.Index(fields=["provider", "-ticket"], name="shared"),
            models.Index(fields=["provider", "-ticket"], name="shared_open", condition=OPEN),
        ]


class Participant(models.Model):
    """Somebody beside the requester who reads and writes in the requester's thread."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="takes_part_once")]


class TicketTag(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "tag"], name="tagged_once")]


class Link(models.Model):
    """Two tickets that have to do with each other."""

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate"
        RELATED = "related"
        CAUSE = "cause"

    source = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links")
    target = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "target", "kind"], name="linked_once")]


class Closing(models.Model):
    """After how many days a solved ticket of a type is closed by itself; without days never."""

    type = models.CharField(max_length=8, choices=TicketType, unique=True)
    days = models.SmallIntegerField(null=True)


class TimeEntry(models.Model):
    """Work logged on a ticket, in seconds, on a day."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="time_entries")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    seconds = models.IntegerField()
    day = models.DateField()
    work = models.CharField(max_length=20, default="support")
    at = InstantField()


class Follow(models.Model):
    """A private wish to hear of a ticket; not an event."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="followed_once")]


class Snooze(models.Model):
    """A personal "not before then"; the ball stays where it is."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    until = InstantField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="snoozed_once")]


class SearchQueue(models.Model):
    """Tickets whose search rows are out of date: written within a verb, emptied by a job."""

    ticket = models.BigIntegerField()
