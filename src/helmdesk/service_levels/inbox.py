"""One's own notices: which clocks came where, newest first, those of a digest together; and that they were read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from helmdesk.access.viewer import Viewer
from helmdesk.service_levels import versions
from helmdesk.service_levels.models import Told
from helmdesk.tickets.models import Ticket

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A clock that came to a share of its target (`share` thousandths; 1000: it was missed), on a ticket."""

    ticket: int
    subject: str | None
    level: str
    name: dict[str, str]
    share: int
    at: datetime


@dataclass(slots=True)
class Line:
    """What is shown as one: a notice, or the many of a digest."""

    shown_at: datetime
    read: bool
    items: list[Item] = field(default_factory=list)


def lines(viewer: Viewer, *, at: datetime) -> list[Line]:
    """What this person was told, as far as they still see the tickets; three statements however much it is."""
    told = Told.objects.filter(person=viewer.person, show_at__lte=at).select_related("notice__level")
    rows = list(told.order_by("-show_at", "-notice")[:MOST])
    subjects = _subjects({row.notice.ticket_id for row in rows}, viewer)
    names = {term.level: term.described.name for term in versions.current()} if rows else {}
    found: dict[tuple[str, int], Line] = {}
    for row in rows:
        one = row.notice
        if one.ticket_id in subjects:
            key = ("digest", row.digest) if row.digest is not None else ("notice", one.pk)
            line = found.setdefault(key, Line(row.show_at, row.read_at is not None))
            name = names.get(one.level_id, {})
            line.items.append(Item(one.ticket_id, subjects[one.ticket_id], one.level.code, name, one.share, one.at))
    return list(found.values())


def mark_read(viewer: Viewer, *, at: datetime) -> int:
    """All that was shown by now was read; returns how much that was."""
    unread = Told.objects.filter(person=viewer.person, read_at__isnull=True, show_at__lte=at)
    return unread.update(read_at=at)


def _subjects(tickets: Iterable[int], viewer: Viewer) -> dict[int, str | None]:
    """Of the tickets that the viewer sees, the subject in the rendition that they may read."""
    rows = Ticket.objects.visible_to(viewer).filter(pk__in=tickets)
    said = rows.values_list("pk", "subject__body", "subject__masked_body")
    return {pk: body if viewer.unmasked or masked is None else masked for pk, body, masked in said}
