"""The ids behind the codes that a level's spec names, as `clocks.reading` asks for them."""

from helmdesk.catalogue.models import Category, Service
from helmdesk.people.models import Department, Site
from helmdesk.providers.models import Provider, Team


class Codes:
    """Looks each kind up once; codes never change."""

    def __init__(self) -> None:
        self._known: dict[type, dict[str, int]] = {}

    def team(self, code: str) -> int | None:
        return self._of(Team).get(code)

    def provider(self, code: str) -> int | None:
        return self._of(Provider).get(code)

    def service(self, code: str) -> int | None:
        return self._of(Service).get(code)

    def category(self, code: str) -> int | None:
        return self._of(Category).get(code)

    def site(self, code: str) -> int | None:
        return self._of(Site).get(code)

    def group(self, code: str) -> int | None:
        return self._of(Department).get(code)

    def _of(self, model: type) -> dict[str, int]:
        if model not in self._known:
            self._known[model] = dict(model._default_manager.values_list("code", "pk"))  # type: ignore[attr-defined]
        return self._known[model]
