"""Grants: what a provider may see, given, changed and ended by somebody who may. The ledger keeps every version."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from helmdesk.access.allowed import signed
from helmdesk.access.models import Grant, Scope
from helmdesk.access.scopes import resolve
from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.models import Category, Service
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger.changing import Change, changing, existing, update
from helmdesk.people.models import Site
from helmdesk.providers.models import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a grant opens. Empty lists of services, sites or categories mean all of them; `starts_at` None means now."""

    services: Collection[int] = ()
    sites: Collection[int] = ()
    categories: Collection[int] = ()
    confidential: bool = False
    personal_data: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def give(provider: int, terms: Terms, *, by: Viewer, at: datetime) -> Grant:
    stamp = signed(by, "access.manage")
    with scopes_held_still(), changing(by=stamp, at=at) as change:
        owner = existing(Provider, provider, field="provider")
        named = _named(terms)
        starts = terms.starts_at or change.at
        _must_last(starts, terms.ends_at)
        grant = Grant.objects.create(
            provider=owner, confidential=terms.confidential, personal_data=terms.personal_data, starts_at=starts,
            ends_at=terms.ends_at, given_by=by.person,
        )  # fmt: skip
        for name, rows in named.items():
            getattr(grant, name).set(rows)
        resolve(grant)
        _record(change, "grant.given", grant, named)
    return grant


def change(grant: int, terms: Terms, *, by: Viewer, at: datetime) -> Grant:
    """A new version from now on; the same terms leave none. What a provider held it may go on seeing."""
    stamp = signed(by, "access.manage")
    with scopes_held_still(), changing(by=stamp, at=at) as doing:
        row = _live(grant)
        named = _named(terms)
        starts = terms.starts_at or row.starts_at
        _must_last(starts, terms.ends_at)
        values = {
            "confidential": terms.confidential,
            "personal_data": terms.personal_data,
            "starts_at": starts,
            "ends_at": terms.ends_at,
        }
        changed = [*update(row, values), *_set_lists(row, named)]
        if changed:
            update(row, {"version": row.version + 1})
            resolve(row)
            _record(doing, "grant.changed", row, named)
    return row


def revoke(grant: int, *, by: Viewer, at: datetime) -> Grant:
    """Ends a grant at once, and the streams of those who saw by it."""
    stamp = signed(by, "access.manage")
    with scopes_held_still(), changing(by=stamp, at=at) as doing:
        row = _live(grant)
        update(row, {"revoked_at": doing.at})
        resolve(row)
        doing.record("grant.revoked", {"grant": row.pk, "provider": row.provider_id}, provider=row.provider_id)
    return row


def give_default(provider: int, *, by: Viewer, at: datetime) -> Grant | None:
    """In-house people who never had a grant get the usual one: everything but the confidential, with personal data."""
    row = existing(Provider, provider, field="provider")
    if not row.internal or Grant.objects.filter(provider=row).exists():
        return None
    return give(row.pk, Terms(personal_data=True), by=by, at=at)


def terms_of(grant: Grant) -> Terms:
    """What a grant opens now, to be changed in part with `dataclasses.replace`."""
    return Terms(
        services=_ids(grant.services), sites=_ids(grant.sites), categories=_ids(grant.categories),
        confidential=grant.confidential, personal_data=grant.personal_data, starts_at=grant.starts_at,
        ends_at=grant.ends_at,
    )  # fmt: skip


@contextmanager
def scopes_held_still() -> Iterator[None]:
    """No scope is made meanwhile, or it would miss this grant. Taken before the ledger's lock, as its makers do."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {Scope._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        yield


def _named(terms: Terms) -> dict[str, list[int]]:
    lists: tuple[tuple[str, type[models.Model], Collection[int]], ...] = (
        ("services", Service, terms.services),
        ("sites", Site, terms.sites),
        ("categories", Category, terms.categories),
    )
    return {name: sorted({existing(model, pk, field=name).pk for pk in ids}) for name, model, ids in lists}


def _set_lists(grant: Grant, named: dict[str, list[int]]) -> list[str]:
    differing = [name for name, rows in named.items() if _ids(getattr(grant, name)) != rows]
    for name in differing:
        getattr(grant, name).set(named[name])
    return differing


def _ids(rows: Any) -> list[int]:
    return sorted(rows.values_list("pk", flat=True))


def _must_last(starts: datetime, ends: datetime | None) -> None:
    if ends is not None and ends <= starts:
        raise BadEntry("ends_at", ends.isoformat(), "A grant ends after it starts.")


def _live(grant: int) -> Grant:
    row = existing(Grant, grant, field="grant")
    if row.revoked_at is not None:
        raise BadEntry("grant", grant, "It was ended; give another.")
    return row


def _record(change: Change, kind: str, grant: Grant, named: dict[str, list[int]]) -> None:
    what: dict[str, Any] = {
        "grant": grant.pk, "provider": grant.provider_id, "version": grant.version, **named,
        "confidential": grant.confidential, "personal_data": grant.personal_data,
        "starts": to_us(grant.starts_at), "ends": None if grant.ends_at is None else to_us(grant.ends_at),
    }  # fmt: skip
    change.record(kind, what, provider=grant.provider_id)
