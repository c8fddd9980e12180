"""The viewer: who is looking, under which hat, and what follows from it. Built once a request."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from helmdesk.access.models import Audience, Grant
from helmdesk.access.scopes import EVERYTHING, NOTHING, ScopeSet, opened_by
from helmdesk.foundation.statements import fetched
from helmdesk.foundation.time import to_us
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Hat
from helmdesk.people.permissions import GUEST_MAY, PERMISSIONS
from helmdesk.providers.models import Membership, Provider


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person (or client, or the system itself) under one hat, with everything that `visible_to` needs."""

    hat: Hat
    person: int | None = None
    membership: int | None = None
    client: int | None = None
    provider: int | None = None
    internal: bool = False
    teams: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()
    permissions: frozenset[str] = frozenset()
    scopes: ScopeSet = NOTHING
    shares: bool = False
    unmasked: bool = False

    @property
    def stamp(self) -> Stamp:
        """How this viewer's acts are signed in the ledger."""
        return Stamp(
            hat=self.hat.value, person=self.person, hat_id=self.membership or self.client, provider=self.provider
        )

    @property
    def working(self) -> bool:
        """Whether this viewer does support work at all: a member whose provider may see something."""
        return self.hat == Hat.MEMBER

    def may(self, permission: str) -> bool:
        if permission not in PERMISSIONS:
            raise KeyError(f"permission: {permission!r} is not in people.permissions")
        return self.hat == Hat.SYSTEM or permission in self.permissions

    def as_requester(self) -> "Viewer":
        """The same person in the requester's hat: what they are on a ticket of their own."""
        return Viewer(hat=Hat.REQUESTER, person=self.person, unmasked=True)


def system() -> Viewer:
    """The desk itself: timers, rules, repairs."""
    return Viewer(hat=Hat.SYSTEM, internal=True, scopes=EVERYTHING, unmasked=True)


def nobody() -> Viewer:
    """Not signed in: sees nothing."""
    return Viewer(hat=Hat.REQUESTER, person=None)


def viewer_of(person_id: int, *, at: datetime) -> Viewer:
    """The viewer that a person is now: a member with a live membership at an active provider, else a requester.

    A member of a provider without a live grant keeps the hat but sees no ticket. Asked at every request, so in plain
    SQL: two statements; a third for guests, whose scopes are listed when they are few.
    """
    found = fetched(MEMBER, [person_id, True, True])
    if not found:
        return Viewer(hat=Hat.REQUESTER, person=person_id, unmasked=True)
    membership, provider, kind = found[0]
    us = to_us(at)
    parts = fetched(PARTS, [membership, True, membership, provider, us, us])
    return _member(person_id, membership, provider, parts, internal=kind == Provider.Kind.INTERNAL)


MEMBER = """
SELECT m.id, m.provider_id, p.kind FROM helmdesk_membership m JOIN helmdesk_provider p ON p.id = m.provider_id
JOIN helmdesk_person h ON h.id = m.person_id
WHERE m.person_id = %s AND m.ended_at IS NULL AND p.active = %s AND p.suspended_at IS NULL AND h.active = %s
"""
TEAM, ROLE, GRANT = 1, 2, 3
PARTS = f"""
SELECT {TEAM}, t.id, CASE WHEN tm.lead THEN 1 ELSE 0 END, NULL FROM helmdesk_teammembership tm
JOIN helmdesk_team t ON t.id = tm.team_id WHERE tm.membership_id = %s AND t.active = %s
UNION ALL SELECT {ROLE}, r.id, 0, CAST(r.permissions AS TEXT) FROM helmdesk_membership_roles mr
JOIN helmdesk_role r ON r.id = mr.role_id WHERE mr.membership_id = %s
UNION ALL SELECT {GRANT}, g.id, CASE WHEN g.personal_data THEN 1 ELSE 0 END, NULL FROM helmdesk_grant g
WHERE g.provider_id = %s AND g.revoked_at IS NULL AND g.starts_at <= %s AND (g.ends_at IS NULL OR g.ends_at > %s)
"""  # noqa: S608 (numbers of our own)


def _member(person: int, membership: int, provider: int, parts: list[Any], *, internal: bool) -> Viewer:
    teams = [(pk, lead) for part, pk, lead, _ in parts if part == TEAM]
    grants = sorted((pk, personal) for part, pk, personal, _ in parts if part == GRANT)
    codes = {code for part, _, _, listed in parts if part == ROLE for code in json.loads(listed)}
    permissions = frozenset(codes & PERMISSIONS.keys() if internal else codes & GUEST_MAY)
    return Viewer(
        hat=Hat.MEMBER,
        person=person,
        membership=membership,
        provider=provider,
        internal=internal,
        teams=frozenset(team for team, _ in teams),
        leads=frozenset(team for team, lead in teams if lead),
        permissions=permissions,
        scopes=opened_by(
            [pk for pk, _ in grants], confidential="tickets.confidential" in permissions, list_few=not internal
        ),
        shares=bool(grants),
        unmasked="people.view" in permissions or any(personal for _, personal in grants),
    )


def permissions_of(membership: int) -> frozenset[str]:
    """The union of what the roles of a membership allow."""
    lists = Membership.roles.through.objects.filter(membership_id=membership).values_list(
        "role__permissions", flat=True
    )
    return frozenset(code for codes in lists for code in codes) & PERMISSIONS.keys()


def live_grants(provider: int, *, at: datetime) -> list[tuple[int, bool]]:
    """The grants of a provider that hold now, by id, and whether each shows personal data."""
    return list(
        Grant.objects.filter(provider=provider, revoked_at__isnull=True, starts_at__lte=at)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
        .order_by("pk")
        .values_list("pk", "personal_data")
    )


def opened_to(provider: int, *, at: datetime) -> ScopeSet:
    """What a provider's grants open now, whoever of its people looks."""
    return opened_by([pk for pk, _ in live_grants(provider, at=at)], confidential=True, list_few=False)


def readable_audiences(viewer: Viewer) -> Q:
    """Which audiences this viewer belongs to, on tickets that they may see, in their member's hat."""
    if viewer.hat == Hat.SYSTEM:
        return Q()
    if viewer.hat == Hat.MEMBER:
        if viewer.internal:
            return Q(audience__requester=True) | Q(audience__in_house=True)
        named = Audience.providers.through.objects.filter(provider=viewer.provider).values("audience")
        return Q(audience__requester=True) | Q(audience__in=named)
    return Q(audience__requester=True)
