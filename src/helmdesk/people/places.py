"""Sites and departments: where people belong."""

from dataclasses import dataclass
from datetime import datetime

from helmdesk.foundation.entries import checked_code, checked_name, checked_zone, optional_name
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, must_be_new, update
from helmdesk.people.models import Department, Site


@dataclass(frozen=True, slots=True)
class SiteEntry:
    name: str
    zone: str = "UTC"

    def values(self) -> dict[str, object]:
        return {"name": checked_name(self.name, longest=120), "zone": checked_zone(self.zone)}


@dataclass(frozen=True, slots=True)
class DepartmentEntry:
    name: str
    legal_entity: str = ""

    def values(self) -> dict[str, object]:
        legal_entity = optional_name(self.legal_entity, longest=120, field="legal_entity")
        return {"name": checked_name(self.name, longest=120), "legal_entity": legal_entity}


def add_site(code: str, entry: SiteEntry, *, by: Stamp, at: datetime) -> Site:
    with changing(by=by, at=at) as change:
        must_be_new(Site, checked_code(code))
        site = Site.objects.create(code=code, **entry.values())
        change.record("site.added", {"site": site.pk, "code": code})
    return site


def change_site(site: int, entry: SiteEntry, *, by: Stamp, at: datetime) -> Site:
    with changing(by=by, at=at) as change:
        row = existing(Site, site, field="site")
        if changed := update(row, entry.values()):
            change.record("site.changed", {"site": row.pk, "changed": changed})
    return row


def add_department(code: str, entry: DepartmentEntry, *, by: Stamp, at: datetime) -> Department:
    with changing(by=by, at=at) as change:
        must_be_new(Department, checked_code(code))
        department = Department.objects.create(code=code, **entry.values())
        change.record("department.added", {"department": department.pk, "code": code})
    return department


def change_department(department: int, entry: DepartmentEntry, *, by: Stamp, at: datetime) -> Department:
    with changing(by=by, at=at) as change:
        row = existing(Department, department, field="department")
        if changed := update(row, entry.values()):
            change.record("department.changed", {"department": row.pk, "changed": changed})
    return row
