"""The tables of judgings: what was asked and how far it has come, and each turn that was counted; kept some days."""

from django.db import models

from helmdesk.foundation.time import InstantField
from helmdesk.people.models import Person


class Judging(models.Model):
    """One question of one person, and its answer as it grows.

    `rules` are one or two of `measures.judging.rules`, by codes and ids. Turns count that stopped from `start` to
    `until` (both included), or were open then. `told` is a `measures.judging.counting.Told`. While it goes on, `after`
    is the last ticket that was judged, so that whatever is killed goes on where it was.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    rules = models.JSONField()
    by = models.CharField(max_length=10)
    first = models.DateField()
    last = models.DateField()
    start = InstantField()
    until = InstantField()
    begun_at = InstantField()
    finished_at = InstantField(null=True)
    after = models.BigIntegerField(default=0)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    told = models.JSONField(default=dict)


class JudgedTurn(models.Model):
    """One turn of a judging: by which of its rules, on which ticket, and which part it counts for (nothing: unknown).

    The ticket is a plain number: a judging hinders nobody, and what is shown of it is asked of the ticket's own row.
    """

    judging = models.ForeignKey(Judging, on_delete=models.CASCADE, related_name="turns", db_index=False)
    rule = models.SmallIntegerField()
    part = models.CharField(max_length=20)
    verdict = models.SmallIntegerField()
    ticket = models.BigIntegerField()
    late = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["judging", "rule", "part", "verdict"], name="judged_turn")]
