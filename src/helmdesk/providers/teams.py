"""Teams: where work is queued. Each belongs to one provider for good."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helmdesk.foundation.entries import checked_code, checked_name
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing, must_be_new, update
from helmdesk.providers.models import Provider, Team


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamEntry:
    """What is known of a team; one marked `triage` gets what no rule places."""

    name: str
    triage: bool = False
    active: bool = True

    def values(self) -> dict[str, Any]:
        return {"name": checked_name(self.name, longest=120), "triage": self.triage, "active": self.active}


def add_team(code: str, entry: TeamEntry, *, provider: int, by: Stamp, at: datetime) -> Team:
    with changing(by=by, at=at) as change:
        must_be_new(Team, checked_code(code, longest=60))
        owner = existing(Provider, provider, field="provider")
        team = Team.objects.create(code=code, provider=owner, **entry.values())
        what = {"team": team.pk, "code": code, "provider": owner.pk, "triage": team.triage}
        change.record("team.added", what, provider=owner.pk)
    return team


def change_team(team: int, entry: TeamEntry, *, by: Stamp, at: datetime) -> Team:
    with changing(by=by, at=at) as change:
        row = existing(Team, team, field="team")
        if changed := update(row, entry.values()):
            what = {"team": row.pk, "changed": changed, "triage": row.triage, "active": row.active}
            change.record("team.changed", what, provider=row.provider_id)
    return row
