"""Groups of a source become teams here: where a map of providers says, else the one team that is called so, else a new
one of a provider for what nobody has placed. That one counts as in-house, so that no company is charged by mistake.
"""

from collections.abc import Iterable

from helmdesk.exchange.imports.entries import Codes, Meanings, Register, key
from helmdesk.exchange.imports.errors import CannotImport
from helmdesk.history.providers_map import Placement, ProvidersMap
from helmdesk.providers.models import Provider, Team

HUES = 12
NOT_YET = -(2**62)


class Teams:
    """Teams and their providers by the groups of one source."""

    def __init__(self, source: str, placed: ProvidersMap | None, register: Register) -> None:
        self.source, self.map, self.register = source, placed, register
        self.meanings = Meanings(source, "team", register)
        self.codes, self.provider_codes = Codes(Team, 60), Codes(Provider, 40)
        self.provider_of: dict[int, int] = {}
        self.external: set[int] = set()
        self.unplaced: set[str] = set()
        self._providers: dict[str, set[int]] = {}
        self._teams: dict[tuple[int, str], set[int]] = {}
        self._by_map: dict[str, int] = {}
        self._hues = 0
        for provider in Provider.objects.order_by("pk"):
            self._know_provider(provider)
        for team in Team.objects.order_by("pk"):
            self._know_team(team)

    def of(self, group: str) -> int:
        """The team that the group is here."""
        if self.map is not None:
            named = key(group)
            if named in self._by_map:
                return self._by_map[named]
            placement = self.map.placement(group)
            if placement is not None:
                team = self._by_map[named] = self._placed(placement)
                self.meanings.means(group, team)
                return team
        return self.meanings.of(group, lambda: self._unplaced(group))

    def provider_without_place(self) -> int:
        """The provider of teams that nobody has placed, and of agents whose team is not shown."""
        name = f"Unplaced ({self.source})"
        found = self._providers.get(key(name))
        return min(found) if found else self._new_provider(name, internal=True)

    def expect(self, provider: Provider, team: Team) -> None:
        """In a dry run: these will be here by the time the import begins."""
        provider.pk = team.pk = team.provider_id = NOT_YET
        self._know_provider(provider)
        self._know_team(team)

    def _placed(self, placement: Placement) -> int:
        found = self._providers.get(key(placement.provider), set())
        provider = next(iter(found)) if found else self._new_provider(placement.provider, internal=placement.internal)
        teams = self._teams.get((provider, key(placement.team)), set())
        return min(teams) if teams else self._new_team(placement.team, provider)

    def _unplaced(self, group: str) -> int:
        self.unplaced.add(group)
        return self._new_team(group, self.provider_without_place())

    def _new_provider(self, name: str, *, internal: bool) -> int:
        kind = Provider.Kind.INTERNAL if internal else Provider.Kind.EXTERNAL
        code, hue = self.provider_codes.fresh(name), self._hues % HUES + 1
        provider = self.register.add(Provider(code=code, name=" ".join(name.split()), kind=kind, hue=hue))
        what = {"provider": provider.pk, "code": code, "internal": internal}
        self.register.tell("provider.added", what, provider=provider.pk)
        self._know_provider(provider)
        return int(provider.pk)

    def _new_team(self, name: str, provider: int) -> int:
        code = self.codes.fresh(name)
        team = self.register.add(Team(code=code, name=" ".join(name.split()), provider_id=provider))
        what = {"team": team.pk, "code": code, "provider": provider, "triage": False}
        self.register.tell("team.added", what, provider=provider)
        self._know_team(team)
        return int(team.pk)

    def _know_provider(self, provider: Provider) -> None:
        self._hues += 1
        for name in {key(provider.name), key(provider.code)}:
            self._providers.setdefault(name, set()).add(provider.pk)
        if not provider.internal:
            self.external.add(provider.pk)

    def _know_team(self, team: Team) -> None:
        self.provider_of[team.pk] = team.provider_id
        for name in {key(team.name), key(team.code)}:
            self._teams.setdefault((team.provider_id, name), set()).add(team.pk)
        self.meanings.borne(team.pk, {key(team.name), key(team.code)})


def must_fit(placed: ProvidersMap | None) -> None:
    """Refuses a map that contradicts the desk, before anything is written. Raises CannotImport."""
    if placed is not None:
        faults = [fault for name in sorted(_providers_in(placed)) for fault in _faults(name, placed)]
        if faults:
            raise CannotImport(*faults)


def _providers_in(placed: ProvidersMap) -> set[str]:
    return {entry["provider"] for entry in placed.groups.values()}


def _faults(name: str, placed: ProvidersMap) -> Iterable[str]:
    found = [p for p in Provider.objects.order_by("pk") if key(name) in (key(p.name), key(p.code))]
    internal = name in placed.internal
    if len(found) > 1:
        codes = ", ".join(provider.code for provider in found)
        yield f"groups: provider {name!r} can be any of {codes}. Give one of these codes as its name."
    elif found and found[0].internal != internal:
        here, there = ("in-house", "outside") if found[0].internal else ("outside", "in-house")
        cure = "add" if found[0].internal else "remove"
        yield (
            f"providers: {name!r} is {here} on this desk and {there} in the map. "
            f'To go on with it, {cure} [providers] "{name}" = {{ internal = true }}.'
        )
