"""Scopes: the interned combination a ticket carries, and which of them a set of grants opens.

What a grant opens is written down scope by scope (`GrantScope`), in the transaction that makes the scope or changes
the grant: a scope without its row is not seen, whatever any process remembers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched

from django.db.models import Exists, OuterRef, Q, QuerySet

from helmdesk.access.models import CONFIDENTIAL, Audience, Grant, GrantScope, Scope
from helmdesk.foundation.loading import loaded
from helmdesk.foundation.statements import fetched, listed
from helmdesk.providers.models import Provider

FEW = 200


@dataclass(frozen=True, slots=True)
class Combination:
    """What a ticket is about, as far as seeing goes."""

    service: int | None = None
    site: int | None = None
    category: int | None = None
    flags: int = 0

    @property
    def key(self) -> str:
        return f"{self.service or 0}.{self.site or 0}.{self.category or 0}.{self.flags}"

    @property
    def confidential(self) -> bool:
        return bool(self.flags & CONFIDENTIAL)

    def as_dict(self) -> dict[str, int | None]:
        """The form that events hold."""
        return {"service": self.service, "site": self.site, "category": self.category, "flags": self.flags}


@dataclass(frozen=True, slots=True)
class ScopeSet:
    """The scopes that some grants open, as a condition; `few` lists them where that is the cheaper way to ask."""

    grants: tuple[int, ...] = ()
    confidential: bool = False
    few: frozenset[int] | None = None
    all: bool = False

    def __contains__(self, scope: int) -> bool:
        return self.all or self.rows().filter(scope=scope).exists()

    def rows(self) -> QuerySet[GrantScope]:
        rows = GrantScope.objects.filter(grant__in=self.grants)
        return rows if self.confidential else rows.filter(confidential=False)

    def as_q(self, field: str = "scope") -> Q | None:
        """The condition on a ticket; None where there is nothing to hold back."""
        if self.all:
            return None
        if self.few is not None:
            return Q(**{f"{field}__in": sorted(self.few)})
        return Q(Exists(self.rows().filter(scope=OuterRef(field))))


NOTHING = ScopeSet(few=frozenset())
EVERYTHING = ScopeSet(all=True)


OPENED = """
SELECT DISTINCT scope_id FROM helmdesk_grantscope
WHERE grant_id IN ({grants}) AND (%s OR confidential = %s) LIMIT {limit}
"""


def opened_by(grants: Iterable[int], *, confidential: bool, list_few: bool) -> ScopeSet:
    """What these grants open; `list_few` asks for the list when it is short (guests with narrow grants)."""
    scopes = ScopeSet(tuple(grants), confidential)
    if not scopes.grants:
        return NOTHING
    if list_few:
        marks, ids = listed(scopes.grants)
        rows = fetched(OPENED.format(grants=marks, limit=FEW + 1), [*ids, confidential, False])
        if len(rows) <= FEW:
            return ScopeSet(scopes.grants, confidential, few=frozenset(scope for (scope,) in rows))
    return scopes


def intern(what: Combination) -> Scope:
    """The scope of a combination, made when it is met for the first time, and opened to the grants that name it."""
    found = loaded(Scope, "key = %s", [what.key])
    if found is not None:
        return found
    scope, made = Scope.objects.get_or_create(
        key=what.key,
        defaults={
            "service_id": what.service,
            "site_id": what.site,
            "category_id": what.category,
            "flags": what.flags,
        },
    )
    if made:
        grants = Grant.objects.filter(revoked_at__isnull=True).prefetch_related("services", "sites", "categories")
        _open([(grant, scope) for grant in grants if _Opens.by(grant).opens(what)])
    return scope


def intern_all(combinations: Iterable[Combination]) -> dict[str, Scope]:
    """The scopes of many combinations, by key; those that are new are made and opened together."""
    wanted = {what.key: what for what in combinations}
    found = _with_keys(wanted)
    fresh = [what for key, what in wanted.items() if key not in found]
    if fresh:
        rows = [
            Scope(key=what.key, service_id=what.service, site_id=what.site, category_id=what.category, flags=what.flags)
            for what in fresh
        ]
        Scope.objects.bulk_create(rows, ignore_conflicts=True)
        found |= _with_keys(what.key for what in fresh)
        grants = Grant.objects.filter(revoked_at__isnull=True).prefetch_related("services", "sites", "categories")
        tests = [(grant, _Opens.by(grant)) for grant in grants]
        _open([(grant, found[what.key]) for what in fresh for grant, test in tests if test.opens(what)])
    return found


def _with_keys(keys: Iterable[str]) -> dict[str, Scope]:
    return {scope.key: scope for some in batched(keys, FEW) for scope in Scope.objects.filter(key__in=some)}


def combination_of(scope: Scope) -> Combination:
    return Combination(scope.service_id, scope.site_id, scope.category_id, scope.flags)


def resolve(grant: Grant) -> None:
    """Writes down which scopes a grant opens now; called within every change of a grant."""
    GrantScope.objects.filter(grant=grant).delete()
    if grant.revoked_at is None:
        test = _Opens.by(grant)
        _open([(grant, scope) for scope in Scope.objects.all() if test.opens(combination_of(scope))])


def _open(pairs: Iterable[tuple[Grant, Scope]]) -> None:
    GrantScope.objects.bulk_create(
        [GrantScope(grant=grant, scope=scope, confidential=bool(scope.flags & CONFIDENTIAL)) for grant, scope in pairs],
        ignore_conflicts=True,
    )


@dataclass(frozen=True, slots=True)
class _Opens:
    services: frozenset[int]
    sites: frozenset[int]
    categories: frozenset[int]
    confidential: bool

    @staticmethod
    def by(grant: Grant) -> "_Opens":
        return _Opens(
            frozenset(service.pk for service in grant.services.all()),
            frozenset(site.pk for site in grant.sites.all()),
            frozenset(category.pk for category in grant.categories.all()),
            grant.confidential,
        )

    def opens(self, what: Combination) -> bool:
        """An empty list means all; a list that names some never opens a ticket without any."""
        return (
            (not self.services or what.service in self.services)
            and (not self.sites or what.site in self.sites)
            and (not self.categories or what.category in self.categories)
            and (self.confidential or not what.confidential)
        )


def intern_audience(
    *, requester: bool = False, in_house: bool = True, providers: frozenset[int] = frozenset()
) -> Audience:
    """The audience of a thread, made when it is met for the first time and never changed after."""
    key = f"{int(requester)}{int(in_house)}:{','.join(map(str, sorted(providers)))}"
    found = loaded(Audience, "key = %s", [key])
    if found is not None:
        return found
    audience, made = Audience.objects.get_or_create(key=key, defaults={"requester": requester, "in_house": in_house})
    if made:
        audience.providers.set(Provider.objects.filter(pk__in=providers))
    return audience
