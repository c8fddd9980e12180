"""Free texts beside the ledger: written once, revised by new rows, opened to check a commitment."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import batched
from typing import Any

from django.db.models import Max

from helmdesk.foundation.statements import insert
from helmdesk.ledger.models import Text

SALT_BYTES = 16
LONGEST = 500_000
AT_ONCE = 50
COLUMNS = tuple(str(field.column) for field in Text._meta.local_concrete_fields if not field.primary_key)


class TextTooLong(ValueError):
    """More than a text may hold; names how much there is and how much there may be."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text about to be written: whose it is, what it is, and its masked rendition where it has one."""

    body: str
    kind: str
    owner: int | None
    masked: str | None = None


def write(draft: Draft) -> Text:
    """Stores the first revision of a text."""
    return write_all([draft])[0]


def write_all(drafts: Sequence[Draft]) -> list[Text]:
    """Stores first revisions, in order."""
    rows = [_row(draft) for draft in drafts]
    for some in batched(rows, AT_ONCE):
        values = [[getattr(row, name) for name in COLUMNS] for row in some]
        for row, (pk,) in zip(some, insert(Text._meta.db_table, COLUMNS, values, returning="id"), strict=True):
            row.pk, row._state.adding = pk, False
    return rows


def _row(draft: Draft) -> Text:
    body = clean(draft.body)
    return Text(
        owner=draft.owner,
        kind=draft.kind,
        salt=secrets.token_bytes(SALT_BYTES),
        body=body,
        masked_body=None if draft.masked is None else clean(draft.masked),
    )


def clean(body: str) -> str:
    """What both databases can hold: no NUL, no lone surrogates; raises TextTooLong beyond LONGEST characters."""
    if len(body) > LONGEST:
        raise TextTooLong(f"text: {len(body)} characters, at most {LONGEST}. Attach it as a file instead.")
    return body.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def revise(text: Text, draft: Draft) -> Text:
    """Stores the next revision; the older ones stay until they are redacted.

    A text may stand in more than one message, each at a revision of its own: the number follows the newest of all.
    """
    row = _row(draft)
    row.root_id = text.root_id or text.pk
    Text.objects.select_for_update().get(pk=row.root_id)
    newest = Text.objects.filter(root=row.root_id).aggregate(newest=Max("rev"))["newest"]
    row.rev = (newest or 1) + 1
    row.save(force_insert=True)
    return row


def commitment(text: Text) -> dict[str, Any]:
    """What an event says of a text: `{t, rev, len, c}`."""
    assert text.salt is not None
    assert text.body is not None
    return {
        "t": text.root_id or text.pk,
        "rev": text.rev,
        "len": len(text.body),
        "c": sha256(bytes(text.salt) + text.body.encode()).hexdigest(),
    }


def opens(text: Text, committed: dict[str, Any]) -> bool | None:
    """Whether a text is the one that was committed to; None when it has been forgotten."""
    if text.body is None or text.salt is None:
        return None
    return commitment(text) == committed
