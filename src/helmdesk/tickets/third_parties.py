"""Other companies that a ticket can wait for: the maker of the printer, the carrier of the line."""

from datetime import datetime

from helmdesk.access.allowed import signed
from helmdesk.access.viewer import Viewer
from helmdesk.foundation.entries import checked_name
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.changing import changing, existing, update
from helmdesk.tickets.models import ThirdParty


def add_third_party(name: str, *, by: Viewer, at: datetime) -> ThirdParty:
    with changing(by=signed(by, "providers.manage"), at=at) as change:
        name = checked_name(name, longest=120)
        if ThirdParty.objects.filter(name=name).exists():
            raise BadEntry("name", name, "There is one already.")
        company = ThirdParty.objects.create(name=name)
        change.record("third_party.added", {"third_party": company.pk})
    return company


def change_third_party(company: int, *, name: str, active: bool = True, by: Viewer, at: datetime) -> ThirdParty:
    with changing(by=signed(by, "providers.manage"), at=at) as change:
        row = existing(ThirdParty, company, field="third_party")
        name = checked_name(name, longest=120)
        if ThirdParty.objects.filter(name=name).exclude(pk=row.pk).exists():
            raise BadEntry("name", name, "There is one already.")
        if changed := update(row, {"name": name, "active": active}):
            change.record("third_party.changed", {"third_party": row.pk, "changed": changed, "active": row.active})
    return row
