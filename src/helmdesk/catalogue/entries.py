"""What is supported, entry by entry: services, categories, tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from helmdesk.catalogue.models import Category, Service, Tag
from helmdesk.foundation.entries import checked_code, checked_words
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, must_be_new, update
from helmdesk.people.models import Department

MOST_COST = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """What the business uses. `criticality` 1 (stops the company) .. 4; `hour_cost` is what an hour's loss costs."""

    name: str | Mapping[str, str]
    criticality: int = 3
    hour_cost: Decimal | str | int | None = None
    currency: str = "EUR"
    owner_department: int | None = None
    active: bool = True

    def values(self) -> dict[str, Any]:
        if self.criticality not in (1, 2, 3, 4):
            raise BadEntry("criticality", self.criticality, "1 (stops the company), 2, 3 or 4.")
        if not (isinstance(self.currency, str) and self.currency.isascii() and self.currency.isalpha()):
            raise BadEntry("currency", self.currency, "Three letters, such as EUR.")
        if len(self.currency) != 3:
            raise BadEntry("currency", self.currency, "Three letters, such as EUR.")
        if self.owner_department is not None:
            existing(Department, self.owner_department, field="owner_department")
        return {
            "name": checked_words(self.name),
            "criticality": self.criticality,
            "hour_cost": checked_amount(self.hour_cost),
            "currency": self.currency.upper(),
            "owner_department_id": self.owner_department,
            "active": self.active,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryEntry:
    name: str | Mapping[str, str]
    parent: int | None = None
    active: bool = True


def checked_amount(value: Decimal | str | int | None) -> Decimal | None:
    """Money with at most two places; None for not known."""
    if value is None:
        return None
    try:
        amount = Decimal(value)
        exact = amount.is_finite() and amount == amount.quantize(Decimal("0.01")) and 0 <= amount <= MOST_COST
    except (InvalidOperation, ValueError, TypeError):
        exact = False
    if not exact:
        raise BadEntry("hour_cost", value, 'Give an amount with at most two places, such as "120.50".')
    return amount.quantize(Decimal("0.01"))


def add_service(code: str, entry: ServiceEntry, *, by: Stamp, at: datetime) -> Service:
    with changing(by=by, at=at) as change:
        must_be_new(Service, checked_code(code, longest=60))
        service = Service.objects.create(code=code, **entry.values())
        change.record("service.added", {"service": service.pk, "code": code, "criticality": service.criticality})
    return service


def change_service(service: int, entry: ServiceEntry, *, by: Stamp, at: datetime) -> Service:
    with changing(by=by, at=at) as change:
        row = existing(Service, service, field="service")
        if changed := update(row, entry.values()):
            what = {"service": row.pk, "changed": changed, "criticality": row.criticality, "active": row.active}
            change.record("service.changed", what)
    return row


def add_category(code: str, entry: CategoryEntry, *, by: Stamp, at: datetime) -> Category:
    with changing(by=by, at=at) as change:
        must_be_new(Category, checked_code(code, longest=60))
        category = Category.objects.create(code=code, **_values(entry, of=None))
        change.record("category.added", {"category": category.pk, "code": code, "parent": category.parent_id})
    return category


def change_category(category: int, entry: CategoryEntry, *, by: Stamp, at: datetime) -> Category:
    with changing(by=by, at=at) as change:
        row = existing(Category, category, field="category")
        if changed := update(row, _values(entry, of=row)):
            what = {"category": row.pk, "changed": changed, "parent": row.parent_id, "active": row.active}
            change.record("category.changed", what)
    return row


def add_tag(code: str, *, by: Stamp, at: datetime) -> Tag:
    with changing(by=by, at=at) as change:
        must_be_new(Tag, checked_code(code, longest=60))
        tag = Tag.objects.create(code=code)
        change.record("tag.added", {"tag": tag.pk, "code": code})
    return tag


def _values(entry: CategoryEntry, *, of: Category | None) -> dict[str, Any]:
    if entry.parent is not None:
        parent = existing(Category, entry.parent, field="parent")
        if of is not None and (parent.pk == of.pk or of.children.exists()):
            raise BadEntry("parent", parent.code, "Categories have two levels: one with parts is no part itself.")
        if parent.parent_id is not None:
            raise BadEntry("parent", parent.code, "Categories have two levels: this one is a part already.")
    return {"name": checked_words(entry.name), "parent_id": entry.parent, "active": entry.active}
