"""Who helps, and what happens next, in a requester's words; no numbers, priorities or categories."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from helmdesk.tickets.parties import Parties
from helmdesk.web.templating import initials
from helmdesk.web.times import when


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who helps: a name or a house, and its hue."""

    name: str
    house: str
    hue: int

    @property
    def initials(self) -> str:
        return initials(self.name or self.house)


def helper_of(team: int, name: str | None, parties: Parties) -> Helper:
    place = parties.teams.get(team)
    return helper_from(place.side.pk if place else None, name, parties)


def helper_from(provider: int | None, name: str | None, parties: Parties) -> Helper:
    side = parties.providers.get(provider or 0)
    if side is None:
        return Helper(name or "", _("the help desk"), 12)
    return Helper(name or "", _("our own IT") if side.internal else side.name, side.hue)


def what_next(wait: str | None, until: datetime | None) -> str:
    """Why it does not go on, where that is so and the requester should know."""
    date = when(until) if until else ""
    if wait == "agreed":
        return _("We wait until %(date)s, as agreed.") % {"date": date}
    elif wait == "third":
        return _("We wait for another company.")
    elif wait == "parts":
        return _("We wait for parts, until %(date)s.") % {"date": date}
    elif wait == "change":
        return _("It is done on %(date)s.") % {"date": date}
    else:
        return ""
