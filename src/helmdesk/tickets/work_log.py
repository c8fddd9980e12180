"""Time spent on a ticket, logged by those who spent it."""

from datetime import date, datetime

from helmdesk.access.viewer import Viewer
from helmdesk.tickets.acting import acting
from helmdesk.tickets.guards import is_own
from helmdesk.tickets.models import Ticket, TimeEntry
from helmdesk.tickets.refusals import Refused

LONGEST = 24 * 3600
KINDS = ("support", "travel", "research", "coordination")


def log_time(ticket: int, *, seconds: int, day: date, work: str = "support", by: Viewer, at: datetime) -> Ticket:
    """Records work of `by`, in seconds, on a day that has come already."""
    if isinstance(seconds, (bool, float)) or not 0 < seconds <= LONGEST:
        raise Refused("seconds", "Between a second and a day.", field="seconds", value=seconds)
    if work not in KINDS:
        raise Refused("work", "There is no such kind of work.", field="work", value=work, cure=", ".join(KINDS))
    if (day - at.date()).days > 1:
        raise Refused("day", "That day has not come yet.", field="day", value=day.isoformat())
    with acting(ticket, by=by, at=at) as act:
        if by.membership is None or not by.may("tickets.work") or is_own(by, act.ticket):
            raise Refused("not_at_work", "Only those who work on it log time.")
        TimeEntry.objects.create(
            ticket=act.ticket, membership_id=by.membership, seconds=seconds, day=day, work=work, at=act.at
        )
        act.record(act.ticket, "time.logged", seconds=seconds, day=day.isoformat(), work=work)
    return act.ticket
