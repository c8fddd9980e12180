"""What tickets of a source are about: sites, services, categories, and the companies that they wait for."""

from collections.abc import Sequence

from helmdesk.catalogue.models import Category, Service
from helmdesk.exchange.imports.entries import Codes, Meanings, Register
from helmdesk.people.models import Site
from helmdesk.tickets.models import ThirdParty


class About:
    """Ids by the names of one source. A site that is made lies in the zone that the source's clock is in."""

    def __init__(self, source: str, register: Register, *, zone: str | None) -> None:
        self.register, self.zone = register, zone or "UTC"
        self.sites, self.services = Meanings(source, "site", register), Meanings(source, "service", register)
        self.categories, self.companies = Meanings(source, "category", register), Meanings(source, "company", register)
        self._codes = {
            Site: Codes(Site, 40),
            Service: Codes(Service, 60),
            Category: Codes(Category, 60),
        }
        for site in Site.objects.all():
            self.sites.borne(site.pk, {site.name, site.code})
        for service in Service.objects.all():
            self.services.borne(service.pk, {*service.name.values(), service.code})
        self._matters: dict[int, str] = {}
        for category in Category.objects.all():
            self._matters[category.pk] = next(iter(category.name.values()), category.code)
            self.categories.borne(category.pk, set(category.name.values()), within=_within(category.parent_id))
        for company in ThirdParty.objects.all():
            self.companies.borne(company.pk, {company.name})

    def service(self, name: str) -> int:
        return self.services.of(name, lambda: self._new_service(name))

    def site(self, name: str) -> int:
        return self.sites.of(name, lambda: self._new_site(name))

    def categories_on(self, path: Sequence[str]) -> list[int]:
        """The categories on a path, outermost first. There are two levels here; what lies deeper is left out."""
        ids: list[int] = []
        for name in path[:2]:
            ids.append(self._below(name, ids[-1] if ids else None))
        return ids

    def matter(self, path: Sequence[str] | None) -> str:
        """What the categories on a path of ids are called."""
        return ", ".join(self._matters[int(pk)] for pk in path or ())

    def company(self, name: str) -> int:
        def make() -> int:
            row = self.register.add(ThirdParty(name=" ".join(name.split())))
            self.register.tell("third_party.added", {"third_party": row.pk})
            return int(row.pk)

        return self.companies.of(name, make)

    def _below(self, name: str, parent: int | None) -> int:
        return self.categories.of(name, lambda: self._new_category(name, parent), within=_within(parent))

    def _new_category(self, name: str, parent: int | None) -> int:
        row = Category(code=self._codes[Category].fresh(name), name=_words(name), parent_id=parent)
        self.register.add(row)
        self._matters[row.pk] = row.name["en"]
        self.register.tell("category.added", {"category": row.pk, "code": row.code, "parent": parent})
        return int(row.pk)

    def _new_service(self, name: str) -> int:
        row = self.register.add(Service(code=self._codes[Service].fresh(name), name=_words(name)))
        what = {"service": row.pk, "code": row.code, "criticality": row.criticality}
        self.register.tell("service.added", what)
        return int(row.pk)

    def _new_site(self, name: str) -> int:
        row = Site(code=self._codes[Site].fresh(name), name=" ".join(name.split()), zone=self.zone)
        self.register.add(row)
        self.register.tell("site.added", {"site": row.pk, "code": row.code})
        return int(row.pk)


def _within(parent: int | None) -> str:
    return "" if parent is None else f"{parent}/"


def _words(name: str) -> dict[str, str]:
    return {"en": " ".join(name.split())}
