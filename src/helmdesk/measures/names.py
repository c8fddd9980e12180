"""What the parts of a report are called: names and hues of providers, teams, services and the rest."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.models import Category, Service
from helmdesk.people.models import Department, Person, Site
from helmdesk.providers.models import Membership, Provider, Team

MODELS: Final[dict[str, Any]] = {
    "provider": Provider, "team": Team, "service": Service, "site": Site, "category": Category,
    "department": Department,
}  # fmt: skip
ALL: Final = """
SELECT 'provider', id, name, hue FROM helmdesk_provider
UNION ALL SELECT 'zone', id, zone, 0 FROM helmdesk_provider WHERE kind = 'internal'
UNION ALL SELECT 'level', n, CAST(spec AS TEXT), 0 FROM helmdesk_levelversion
UNION ALL SELECT 'openness', o.id, s.body, o.began_at FROM helmdesk_openness o
  JOIN helmdesk_text s ON s.id = o.reason_id WHERE o.ended_at IS NULL
UNION ALL SELECT 'team', id, name, provider_id FROM helmdesk_team
UNION ALL SELECT 'service', id, CAST(name AS TEXT), 0 FROM helmdesk_service
UNION ALL SELECT 'site', id, name, 0 FROM helmdesk_site
UNION ALL SELECT 'category', id, CAST(name AS TEXT), 0 FROM helmdesk_category
UNION ALL SELECT 'department', id, name, 0 FROM helmdesk_department
UNION ALL SELECT 'third', id, name, 0 FROM helmdesk_thirdparty
ORDER BY 1, 2
"""
READ_AS_JSON: Final = ("service", "category", "level")


@dataclass
class Names:
    """Looked up once, all in one statement, when the first is asked for; a name is a text or `{language: text}`."""

    viewer: Viewer

    def of(self, dimension: str, key: Any) -> Any:
        """The name of a part; None for what has none."""
        if key is None or dimension in ("priority", "month"):
            return key
        elif dimension == "person":
            return self._person(key)
        return self.all(dimension).get(key, f"{dimension} {key}")

    def all(self, dimension: str) -> dict[int, Any]:
        """Every name of a dimension, by id."""
        return {pk: name for pk, (name, _more) in self._kept.get(dimension, {}).items()}

    @cached_property
    def hues(self) -> dict[int, int]:
        return {pk: hue for pk, (_name, hue) in self._kept.get("provider", {}).items()}

    @cached_property
    def provider_of(self) -> dict[int, int]:
        """The provider of each team."""
        return {pk: provider for pk, (_name, provider) in self._kept.get("team", {}).items()}

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose days figures count: that of the first in-house provider, so that everybody reads the same."""
        zones = self.all("zone")
        return ZoneInfo(zones[min(zones)] if zones else "UTC")

    @property
    def opened(self) -> tuple[str, int] | None:
        """Why figures of persons are shown to all who see figures, and since when (µs); None as a rule."""
        return next(iter(self._kept.get("openness", {}).values()), None)

    @cached_property
    def levels(self) -> dict[str, Any]:
        """The name of each service level by its code, as its last version has it."""
        specs = [name for dimension, _n, name, _more in self._rows if dimension == "level" and name]
        return {spec["code"]: spec.get("name") or spec["code"] for spec in specs}

    @cached_property
    def _kept(self) -> dict[str, dict[int, tuple[Any, int]]]:
        found: dict[str, dict[int, tuple[Any, int]]] = {}
        for dimension, pk, name, more in self._rows:
            found.setdefault(dimension, {})[pk] = (name, more)
        return found

    @cached_property
    def _rows(self) -> list[tuple[str, int, Any, int]]:
        with connection.cursor() as cursor:
            cursor.execute(ALL)
            return [
                (dimension, pk, msgspec.json.decode(name) if dimension in READ_AS_JSON else name, more)
                for dimension, pk, name, more in cursor.fetchall()
            ]

    def _person(self, pk: int) -> str:
        """Whoever may not read names reads numbers, but their own."""
        if not self.viewer.unmasked and pk != self.viewer.person:
            return f"person {pk}"
        return self._people.get(pk, f"person {pk}")

    @cached_property
    def _people(self) -> dict[int, str]:
        workers = Membership.objects.values("person")
        return dict(Person.objects.filter(pk__in=workers).values_list("pk", "name"))


def spoken(name: Any, language: str = "en") -> str:
    """A name as one text: of `{language: text}` the one asked for, else English, else any."""
    if isinstance(name, dict):
        return str(name.get(language) or name.get("en") or next(iter(name.values()), ""))
    return "" if name is None else str(name)
