"""What a page shows of hits: the ticket in a line, and the beginning of the message that answers."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched, listed
from helmdesk.tickets.search.asking import Hit

READ: Final = 4000


class Shown(NamedTuple):
    """A ticket that answers, in the rendition that the viewer may read; `said` is empty where its own words answer."""

    pk: int
    subject: str | None
    requester: int
    requester_name: str
    phase: int
    opened_at: int
    said: str | None


LINE: Final = "SELECT t.id, {subject}, t.requester_id, r.name, t.phase, t.opened_at"
OF_TICKETS: Final = """, '' FROM helmdesk_ticket t
JOIN helmdesk_text s ON s.id = t.subject_id JOIN helmdesk_person r ON r.id = t.requester_id WHERE t.id IN ({ids})
"""
OF_MESSAGES: Final = """, substr({said}, 1, {read}) FROM helmdesk_message m
JOIN helmdesk_ticket t ON t.id = m.ticket_id JOIN helmdesk_text b ON b.id = m.text_id
JOIN helmdesk_text s ON s.id = t.subject_id JOIN helmdesk_person r ON r.id = t.requester_id WHERE m.id IN ({ids})
"""
BODY: Final = {True: "{0}.body", False: "coalesce({0}.masked_body, {0}.body)"}


def shown(hits: Sequence[Hit], *, viewer: Viewer) -> list[Shown]:
    """The hits in their order. Not asked again who may see them: `search` has just done so for this viewer."""
    body, parts, values = BODY[viewer.unmasked], [], []
    line = LINE.format(subject=body.format("s"))
    for rest, ids in (
        (OF_TICKETS, {hit.ticket for hit in hits if hit.message is None}),
        (OF_MESSAGES, {hit.message for hit in hits if hit.message is not None}),
    ):
        if ids:
            marks, named = listed(ids)
            parts.append(line + rest.format(said=body.format("b"), read=READ, ids=marks))
            values += named
    rows: list[tuple[Any, ...]] = fetched(" UNION ALL ".join(parts), values) if parts else []
    found = {row[0]: Shown(*row) for row in rows}
    return [found[hit.ticket] for hit in hits if hit.ticket in found]
