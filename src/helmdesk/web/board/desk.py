"""What every page of the board begins with: whose work it is about, how it stands, and what parties are called."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from helmdesk.foundation.time import to_us
from helmdesk.measures.coverage import instant
from helmdesk.measures.standing import Charge, Standing
from helmdesk.tickets.parties import all_parties
from helmdesk.web.tickets.naming import Names
from helmdesk.web.visitor import Request


@dataclass(frozen=True, slots=True)
class Desk:
    """A lead's open work at one moment (`present`, µs), in their own zone."""

    charge: Charge
    names: Names
    zone: ZoneInfo
    present: int
    standings: list[Standing]

    def of_provider(self, provider: int) -> list[Standing]:
        return [one for one in self.standings if self.names.provider_of(one.team) == provider]


def desk_of(request: Request) -> Desk:
    zone = ZoneInfo(str(timezone.get_current_timezone()))
    present = to_us(request.at)
    midnight = instant(request.at.astimezone(zone).date() + timedelta(days=1), 0, zone)
    charge = Charge(request.viewer, present, midnight)
    return Desk(charge, Names.of(request.viewer, all_parties()), zone, present, charge.standings())
