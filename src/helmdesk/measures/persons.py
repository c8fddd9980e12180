"""Whose figures are shown to whom: the one place for the rule that works councils ask about.

Figures of one person are seen by that person. Others see teams of five people or more. Somebody with the permission
can open both up for everybody who may see figures, with a reason, and every such page repeats it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Value

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger import texts
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing
from helmdesk.measures.models import Openness
from helmdesk.providers.models import TeamMembership

SMALLEST_TEAM: Final = 5
LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one viewer now. `members` are the persons of each team, `opened` that all may see all."""

    person: int | None
    members: dict[int, frozenset[int]]
    opened: bool

    def shows_person(self, person: int | None) -> bool:
        return self.opened or (person is not None and person == self.person)

    def shows_team(self, team: int | None, worked: Collection[int | None] = ()) -> bool:
        """Whether enough people stand behind a team's figures: who belongs to it now, and who solved its tickets.

        A team of which nobody is known (brought in from elsewhere) says nothing about anybody.
        """
        people = self.members.get(team or 0, frozenset()) | {one for one in worked if one is not None}
        return self.opened or team is None or not 0 < len(people) < SMALLEST_TEAM


EVERYBODY: Final = Rule(None, {}, opened=True)
"""Where a question is about no team and no person."""


def rule_for(viewer: Viewer) -> Rule:
    rows = TeamMembership.objects.filter(membership__ended_at__isnull=True)
    opened_up = Openness.objects.filter(ended_at__isnull=True).values_list(Value(0), "pk")
    members: dict[int, set[int]] = {}
    for team, person in rows.values_list("team_id", "membership__person_id").union(opened_up, all=True):
        members.setdefault(team, set()).add(person)
    shown = members.pop(0, None) is not None
    return Rule(viewer.person, {team: frozenset(them) for team, them in members.items()}, opened=shown)


def opened() -> Openness | None:
    """The openness that is going on, with its reason; None as a rule."""
    return Openness.objects.select_related("reason").filter(ended_at__isnull=True).order_by("-pk").first()


def open_up(reason: str, *, by: Stamp, at: datetime) -> Openness:
    """From now on everybody who may see figures sees those of persons and small teams, and why."""
    words = " ".join(reason.split())
    if not words:
        raise BadEntry("reason", reason, "Say why, and who agreed: it is shown on every page with such figures.")
    if len(words) > LONGEST_REASON:
        raise BadEntry("reason", words, f"At most {LONGEST_REASON} characters.")
    with changing(by=by, at=at) as change:
        if opened() is not None:
            raise BadEntry("reason", reason, "These figures are shown already. Hide them first to give another reason.")
        text = texts.write(texts.Draft(words, "reason", owner=by.person))
        row = Openness.objects.create(reason=text, began_at=change.at)
        change.record("figures.opened", {"openness": row.pk, "reason": texts.commitment(text)})
    return row


def hide(*, by: Stamp, at: datetime) -> Openness | None:
    """Figures of persons and small teams are their own again; None where they were."""
    with changing(by=by, at=at) as change:
        row = opened()
        if row is not None:
            row.ended_at = change.at
            row.save(update_fields=["ended_at"])
            change.record("figures.hidden", {"openness": row.pk})
    return row
