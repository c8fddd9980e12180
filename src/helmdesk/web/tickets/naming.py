"""What people and parties are called on a page, for one viewer: "us", "Northwind", "Person 4711"."""

from dataclasses import dataclass

from helmdesk.access.viewer import Viewer
from helmdesk.tickets.parties import Parties, Side
from helmdesk.tickets.reading import Said
from helmdesk.web.phrases import gettext as _

GREY = 12


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who can have the ball: a name, and the hue that goes with it everywhere."""

    name: str
    hue: int


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads a message: the mark and class of LOOK.md, the words, and the hue of the furthest of them."""

    kind: str
    words: str
    hue: int

    @property
    def mark(self) -> str:
        return {"person": "person", "side": "side"}.get(self.kind, "us")

    @property
    def css(self) -> str:
        return "aud-person" if self.kind == "person" else f"p{self.hue} aud-{self.kind}"


@dataclass(frozen=True, slots=True)
class Names:
    """Names as one viewer may read them. `me`, `provider` and `teams` are the viewer's own."""

    viewer: Viewer
    parties: Parties
    unmasked: bool
    me: int | None
    provider: int | None
    teams: frozenset[int]

    @staticmethod
    def of(viewer: Viewer, parties: Parties) -> "Names":
        return Names(viewer, parties, viewer.unmasked, viewer.person, viewer.provider, viewer.teams)

    def person(self, pk: int | None, name: str | None, provider: int | None = None) -> str:
        """A name, or a number in its place where the viewer may not read names of people other than their own."""
        if pk is None:
            return _("the desk")
        elif name and (self.unmasked or (provider is not None and provider == self.provider) or pk == self.me):
            return name
        else:
            return _("Person %(number)s") % {"number": pk}

    def provider_of(self, team: int) -> int | None:
        place = self.parties.teams.get(team)
        return None if place is None else place.side.pk

    def side(self, provider: int | None) -> Party:
        """A provider by its name, or "us"."""
        side = self.parties.providers.get(provider or 0)
        if side is None:
            return Party(_("nobody we know"), GREY)
        return Party(_("us") if side.pk == self.provider else side.name, side.hue)

    def team(self, team: int | None) -> Party:
        """A team: of one's own by its own name, of others by their provider's."""
        place = self.parties.teams.get(team or 0)
        if place is None:
            return Party(_("nobody we know"), GREY)
        ours = place.side.pk == self.provider
        return Party(place.name if ours else place.side.name, place.side.hue)

    def team_in_full(self, team: int | None) -> str:
        place = self.parties.teams.get(team or 0)
        return _("a team that is gone") if place is None else f"{place.name} ({place.side.name})"

    def company(self, pk: int | None) -> str:
        return self.parties.companies.get(pk or 0) or _("another company")

    def readers(self, said: Said, asker: str) -> Readers:
        """Who reads a message; `asker` is what the requester is called."""
        if said.to_requester:
            wrote = said.hat == 1
            return Readers("person", (_("%(name)s wrote") if wrote else _("%(name)s reads")) % {"name": asker}, GREY)
        return self.circle(said.providers)

    def circle(self, providers: frozenset[int]) -> Readers:
        """The readers of a side thread of the house with these providers."""
        others = sorted((self._other(pk) for pk in providers), key=lambda side: side.name)
        house = self.parties.house
        if not others:
            return Readers("us", _("only us"), house.hue if house else 1)
        names = ", ".join(side.name for side in others)
        hue = self.parties.providers[min(providers)].hue if min(providers) in self.parties.providers else GREY
        return Readers("side", _("only us + %(names)s") % {"names": names}, hue)

    def _other(self, provider: int) -> Side:
        """For a guest the other side of their thread is the house."""
        house = self.parties.house
        if provider == self.provider and house is not None:
            return house
        return self.parties.providers.get(provider) or Side(provider, _("another provider"), GREY, False)
