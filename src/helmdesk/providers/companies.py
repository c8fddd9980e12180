"""Providers: in-house and outside, added, changed, suspended and taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helmdesk.foundation.entries import checked_code, checked_name, checked_zone
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, must_be_new, update
from helmdesk.people.sessions import end_sessions
from helmdesk.providers.models import Membership, Provider, Team

HUES = range(1, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """What is known of a provider. `fallback_team` gets its open tickets when it is suspended."""

    name: str
    kind: str = Provider.Kind.EXTERNAL
    zone: str = "UTC"
    hue: int = 12
    fallback_team: int | None = None
    active: bool = True

    def values(self, *, of: int | None) -> dict[str, Any]:
        if self.kind not in Provider.Kind.values:
            raise BadEntry("kind", self.kind, f"One of: {', '.join(Provider.Kind.values)}.")
        if self.hue not in HUES:
            raise BadEntry("hue", self.hue, "A number from 1 to 12.")
        if self.fallback_team is not None:
            team = existing(Team, self.fallback_team, field="fallback_team")
            if team.provider_id == of:
                raise BadEntry("fallback_team", team.code, "A team of another provider takes over, not its own.")
        return {
            "name": checked_name(self.name, longest=120),
            "kind": self.kind,
            "zone": checked_zone(self.zone),
            "hue": self.hue,
            "fallback_team_id": self.fallback_team,
            "active": self.active,
        }


def add_provider(code: str, entry: ProviderEntry, *, by: Stamp, at: datetime) -> Provider:
    with changing(by=by, at=at) as change:
        must_be_new(Provider, checked_code(code))
        provider = Provider.objects.create(code=code, **entry.values(of=None))
        what = {"provider": provider.pk, "code": code, "internal": provider.internal}
        change.record("provider.added", what, provider=provider.pk)
    return provider


def change_provider(provider: int, entry: ProviderEntry, *, by: Stamp, at: datetime) -> Provider:
    """A provider that is no longer active loses its people's sessions at once."""
    with changing(by=by, at=at) as change:
        row = existing(Provider, provider, field="provider")
        values = entry.values(of=row.pk)
        if values["kind"] != row.kind and row.memberships.exists():
            raise BadEntry("kind", entry.kind, "It has people already; in-house stays in-house, outside stays outside.")
        if changed := update(row, values):
            what = {"provider": row.pk, "changed": changed, "active": row.active, "fallback": row.fallback_team_id}
            change.record("provider.changed", what, provider=row.pk)
        if "active" in changed and not row.active:
            end_sessions_of(row)
    return row


def suspend(provider: int, *, by: Stamp, at: datetime) -> Provider:
    """The provider and all its people are out at once. Its tickets are moved by `tickets.rerouting`."""
    with changing(by=by, at=at) as change:
        row = existing(Provider, provider, field="provider")
        if row.suspended_at is not None:
            raise BadEntry("provider", row.code, "It is suspended already.")
        update(row, {"suspended_at": change.at})
        end_sessions_of(row)
        change.record("provider.suspended", {"provider": row.pk}, provider=row.pk)
    return row


def resume(provider: int, *, by: Stamp, at: datetime) -> Provider:
    """The provider may work again. Tickets that were moved stay where they are."""
    with changing(by=by, at=at) as change:
        row = existing(Provider, provider, field="provider")
        if row.suspended_at is None:
            raise BadEntry("provider", row.code, "It is not suspended.")
        update(row, {"suspended_at": None})
        change.record("provider.resumed", {"provider": row.pk}, provider=row.pk)
    return row


def end_sessions_of(provider: Provider) -> None:
    """Within a change: everybody who works there has to come in anew, as what they are then."""
    members = Membership.objects.filter(provider=provider, ended_at__isnull=True)
    end_sessions(list(members.values_list("person_id", flat=True)))
