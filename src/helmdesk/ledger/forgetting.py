"""Texts emptied for good, and the register of it. The events stay as they are: their commitments open no more."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import batched

from django.db import connection
from django.db.models import Q

from helmdesk.ledger.models import Erasure, Text

SOME = 500
FULL = Q(body__isnull=False) | Q(masked_body__isnull=False) | Q(salt__isnull=False)


def root_of(text: Text) -> int:
    """The id that all revisions of a text share: what events call `t`."""
    return text.root_id or text.pk


def remembered(texts: Iterable[int]) -> list[int]:
    """Those revisions of these texts that still say something, or could be guessed."""
    found: list[int] = []
    for some in batched(with_revisions(texts), SOME, strict=False):
        found += Text.objects.filter(FULL, pk__in=some).order_by("pk").values_list("pk", flat=True)
    return found


def with_revisions(texts: Iterable[int]) -> list[int]:
    """Ids of every revision of these texts, whichever revision is named."""
    found: set[int] = set()
    for some in batched(sorted(set(texts)), SOME, strict=False):
        rows = Text.objects.filter(pk__in=some).values_list("pk", "root_id")
        roots = {root or pk for pk, root in rows}
        found |= set(Text.objects.filter(Q(pk__in=roots) | Q(root__in=roots)).values_list("pk", flat=True))
    return sorted(found)


def for_good() -> None:
    """From now on this connection overwrites what it deletes; PostgreSQL does so when it vacuums."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def empty(texts: Iterable[int]) -> list[int]:
    """Takes body, masked body and salt from these rows; returns those that had any."""
    for_good()
    emptied: list[int] = []
    for some in batched(sorted(set(texts)), SOME, strict=False):
        ids = list(Text.objects.filter(FULL, pk__in=some).values_list("pk", flat=True))
        Text.objects.filter(pk__in=ids).update(body=None, masked_body=None, salt=None)
        emptied += ids
    return emptied


def register(what: str, ids: Sequence[int], *, at: datetime, seq: int) -> None:
    """Notes what was forgotten by the event `seq`, so that a restore forgets it again."""
    Erasure.objects.bulk_create([Erasure(what=what, what_id=pk, at=at, seq=seq) for pk in ids])
