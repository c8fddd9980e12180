"""What the parts of a report are called: names and hues of providers, teams, services and the rest."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.models import Category, Service
from helmdesk.people.models import Department, Person, Site
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.models import ThirdParty

MODELS: Final[dict[str, Any]] = {
    "provider": Provider, "team": Team, "service": Service, "site": Site, "category": Category,
    "department": Department,
}  # fmt: skip


@dataclass
class Names:
    """Looked up once, dimension by dimension, as they are asked for; a name is a text or `{language: text}`."""

    viewer: Viewer

    def of(self, dimension: str, key: Any) -> Any:
        """The name of a part; None for what has none."""
        if key is None or dimension in ("priority", "month"):
            return key
        elif dimension == "person":
            return self._person(key)
        return self.all(dimension).get(key, f"{dimension} {key}")

    def all(self, dimension: str) -> dict[int, Any]:
        """Every name of a dimension that can be asked for, by id."""
        if dimension not in self._kept:
            self._kept[dimension] = dict(MODELS[dimension].objects.order_by("pk").values_list("pk", "name"))
        return self._kept[dimension]

    @cached_property
    def _kept(self) -> dict[str, dict[int, Any]]:
        return {}

    @cached_property
    def hues(self) -> dict[int, int]:
        return dict(Provider.objects.values_list("pk", "hue"))

    @cached_property
    def provider_of(self) -> dict[int, int]:
        return dict(Team.objects.values_list("pk", "provider_id"))

    @cached_property
    def companies(self) -> dict[int, str]:
        return dict(ThirdParty.objects.values_list("pk", "name"))

    def _person(self, pk: int) -> str:
        """Whoever may not read names reads numbers, but their own."""
        if not self.viewer.unmasked and pk != self.viewer.person:
            return f"person {pk}"
        return Person.objects.filter(pk=pk).values_list("name", flat=True).first() or f"person {pk}"


def desk_zone() -> ZoneInfo:
    """The zone whose days figures count: that of the first in-house provider, so that everybody reads the same."""
    zone = Provider.objects.filter(kind=Provider.Kind.INTERNAL).order_by("pk").values_list("zone", flat=True).first()
    return ZoneInfo(zone or "UTC")


def spoken(name: Any, language: str = "en") -> str:
    """A name as one text: of `{language: text}` the one asked for, else English, else any."""
    if isinstance(name, dict):
        return str(name.get(language) or name.get("en") or next(iter(name.values()), ""))
    return "" if name is None else str(name)
