"""Teams: where work is queued. Each belongs to one provider for good, and works by a calendar where one is named."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.uses import Use
from helmdesk.foundation.entries import checked_code, checked_name
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import Change, changing, existing, must_be_new, update
from helmdesk.providers.models import Provider, Team


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamEntry:
    """What is known of a team; one marked `triage` gets what no rule places. Without a calendar its hours are not
    known."""

    name: str
    triage: bool = False
    calendar: int | None = None
    active: bool = True

    def values(self, *, before: int | None = None) -> dict[str, Any]:
        """`before` is the calendar that the team has: it may keep one that is no longer in use."""
        if self.calendar is not None and self.calendar != before:
            calendar = existing(WorkingCalendar, self.calendar, field="calendar")
            if not calendar.active:
                raise BadEntry("calendar", calendar.code, "It is no longer in use; choose another.")
        return {
            "name": checked_name(self.name, longest=120),
            "triage": self.triage,
            "calendar_id": self.calendar,
            "active": self.active,
        }


def add_team(code: str, entry: TeamEntry, *, provider: int, by: Stamp, at: datetime) -> Team:
    with changing(by=by, at=at) as change:
        must_be_new(Team, checked_code(code, longest=60))
        owner = existing(Provider, provider, field="provider")
        team = Team.objects.create(code=code, provider=owner, **entry.values())
        what = {"team": team.pk, "code": code, "provider": owner.pk, "triage": team.triage}
        change.record("team.added", what, provider=owner.pk)
        if entry.calendar is not None:
            _tell(team, ["calendar"], change)
    return team


def change_team(team: int, entry: TeamEntry, *, by: Stamp, at: datetime) -> Team:
    with changing(by=by, at=at) as change:
        row = existing(Team, team, field="team")
        if changed := update(row, entry.values(before=row.calendar_id)):
            _tell(row, sorted(name.removesuffix("_id") for name in changed), change)
    return row


def uses_of_calendar(calendar: int, since: datetime) -> list[Use]:
    """Which teams work by a calendar, as its page tells it."""
    names = tuple(Team.objects.filter(calendar=calendar, active=True).order_by("name").values_list("name", flat=True))
    words = ngettext("team works by it", "teams work by it", len(names))
    return [Use(str(words), len(names), names)] if names else []


def _tell(team: Team, changed: list[str], change: Change) -> None:
    what = {"team": team.pk, "changed": changed, "triage": team.triage, "active": team.active}
    change.record("team.changed", what, provider=team.provider_id)
