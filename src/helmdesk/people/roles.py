"""Roles: named permissions, which memberships carry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from helmdesk.foundation.entries import checked_code, checked_words
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, must_be_new, update
from helmdesk.people.models import Role
from helmdesk.people.permissions import PERMISSIONS


@dataclass(frozen=True, slots=True)
class RoleEntry:
    name: str | Mapping[str, str]
    permissions: Iterable[str]

    def values(self) -> dict[str, object]:
        return {"name": checked_words(self.name), "permissions": checked_permissions(self.permissions)}


def checked_permissions(codes: Iterable[str]) -> list[str]:
    given = set(codes)
    unknown = sorted(given - PERMISSIONS.keys())
    if unknown:
        raise BadEntry("permissions", unknown[0], f"One of: {', '.join(PERMISSIONS)}.")
    return sorted(given)


def add_role(code: str, entry: RoleEntry, *, by: Stamp, at: datetime) -> Role:
    with changing(by=by, at=at) as change:
        must_be_new(Role, checked_code(code))
        values = entry.values()
        role = Role.objects.create(code=code, **values)
        change.record("role.added", {"role": role.pk, "code": code, "permissions": values["permissions"]})
    return role


def change_role(role: int, entry: RoleEntry, *, by: Stamp, at: datetime) -> Role:
    with changing(by=by, at=at) as change:
        row = existing(Role, role, field="role")
        values = entry.values()
        if changed := update(row, {**values, "permissions": _kept_in_order(row, values)}):
            what = {"role": row.pk, "changed": changed, "permissions": values["permissions"]}
            change.record("role.changed", what)
    return row


def _kept_in_order(row: Role, values: dict[str, object]) -> object:
    """The same permissions in another order are no change."""
    return row.permissions if sorted(row.permissions) == values["permissions"] else values["permissions"]
