"""Private wishes, which are no events: follow, snooze."""

from datetime import datetime

from helmdesk.access.viewer import Viewer
from helmdesk.tickets.models import Follow, Snooze, Ticket
from helmdesk.tickets.refusals import NotThere, Refused


def follow(ticket: int, *, on: bool = True, by: Viewer) -> None:
    """Hear of what happens on a ticket that one may see, or no longer."""
    person = _who_sees(ticket, by)
    if on:
        Follow.objects.get_or_create(ticket_id=ticket, person_id=person)
    else:
        Follow.objects.filter(ticket=ticket, person=person).delete()


def snooze(ticket: int, *, until: datetime | None, by: Viewer, at: datetime) -> None:
    """Out of my sight until then; None wakes it. The ball stays where it is."""
    person = _who_sees(ticket, by)
    if until is None:
        Snooze.objects.filter(ticket=ticket, person=person).delete()
        return
    if until <= at:
        raise Refused("past", "The date has passed.", field="until", value=until.isoformat(), cure="Give a later one.")
    Snooze.objects.update_or_create(ticket_id=ticket, person_id=person, defaults={"until": until})


def _who_sees(ticket: int, by: Viewer) -> int:
    if by.person is None or not Ticket.objects.visible_to(by).filter(pk=ticket).exists():
        raise NotThere("ticket", ticket)
    return by.person
