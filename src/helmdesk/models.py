"""Registers the models of every room with the one Django app."""

from helmdesk.access import models as access
from helmdesk.calendars import models as calendars
from helmdesk.catalogue import models as catalogue
from helmdesk.exchange import models as exchange
from helmdesk.foundation import cache, sealing
from helmdesk.foundation.jobs import models as jobs
from helmdesk.ledger import models as ledger
from helmdesk.measures import models as measures
from helmdesk.measures.judging import models as judging
from helmdesk.people import models as people
from helmdesk.providers import models as providers
from helmdesk.service_levels import models as service_levels
from helmdesk.tickets import models as tickets

__all__ = [
    "access",
    "cache",
    "calendars",
    "catalogue",
    "exchange",
    "jobs",
    "judging",
    "ledger",
    "measures",
    "people",
    "providers",
    "sealing",
    "service_levels",
    "tickets",
]
