"""Teams, providers and other companies by id: the few names that every page about tickets needs, read in one go."""

from dataclasses import dataclass, field
from typing import NamedTuple

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.statements import fetched
from helmdesk.tickets.models import Holder, Wait


class Side(NamedTuple):
    """A provider as pages name and colour it."""

    pk: int
    name: str
    hue: int
    internal: bool


class Place(NamedTuple):
    """A team, whose it is, the working calendar by which it says it works, and whether it still works here."""

    pk: int
    name: str
    side: Side
    calendar: int | None = None
    active: bool = True


@dataclass(slots=True)
class Parties:
    """Everybody who may have the ball but the requester."""

    teams: dict[int, Place] = field(default_factory=dict)
    providers: dict[int, Side] = field(default_factory=dict)
    companies: dict[int, str] = field(default_factory=dict)

    @property
    def house(self) -> Side | None:
        """The company's own support."""
        return next((side for side in self.providers.values() if side.internal), None)


ALL = """
SELECT 1, p.id, p.name, p.hue, p.kind = 'internal', p.id, p.name, NULL, p.active FROM helmdesk_provider p
UNION ALL
SELECT 2, p.id, p.name, p.hue, p.kind = 'internal', t.id, t.name, t.calendar_id, t.active AND p.active
FROM helmdesk_team t JOIN helmdesk_provider p ON p.id = t.provider_id
UNION ALL
SELECT 3, 0, '', 0, 1 = 0, c.id, c.name, NULL, 1 = 1 FROM helmdesk_thirdparty c
"""


def all_parties() -> Parties:
    """One statement over three small tables."""
    parties = Parties()
    for kind, provider, provider_name, hue, internal, pk, name, calendar, active in fetched(ALL):
        if kind == 1:
            parties.providers[pk] = Side(pk, name, hue, bool(internal))
        elif kind == 2:
            side = Side(provider, provider_name, hue, bool(internal))
            parties.teams[pk] = Place(pk, name, side, calendar, bool(active))
        else:
            parties.companies[pk] = name
    return parties


def may_know_of_question(viewer: Viewer, asked: int | None, parties: Parties) -> bool:
    """Whether this viewer may know that this team was asked: a question is a side thread, and a guest reads only
    those of their own."""
    place = parties.teams.get(asked or 0)
    return viewer.internal or place is None or place.side.internal or place.side.pk == viewer.provider


def holder_as_seen(
    viewer: Viewer, *, holder: str, holder_id: int | None, wait: str | None, team: int, parties: Parties
) -> tuple[str, int | None, str | None]:
    """Holder and wait as far as this viewer may know: what another provider was asked stays between those who read
    it, and for others the responsible team has the ball."""
    if wait == Wait.QUESTION.value and not may_know_of_question(viewer, holder_id, parties):
        return Holder.TEAM, team, None
    return holder, holder_id, wait
