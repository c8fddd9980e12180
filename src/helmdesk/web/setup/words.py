"""Words and lists that several pages of setting up share."""

from functools import cache
from typing import Final
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from helmdesk.catalogue.models import Category, Service
from helmdesk.people.models import Department, Site
from helmdesk.web.setup.forms import Options
from helmdesk.web.templating import local

MOST: Final = 1000
CRITICALITY: Final[dict[int, str | Promise]] = {
    1: _("the company stands still"),
    2: _("many cannot work"),
    3: _("some work slower"),
    4: _("hardly anybody notices"),
}


@cache
def zones() -> list[str]:
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


def departments() -> Options:
    return list(Department.objects.order_by("name").values_list("pk", "name")[:MOST])


def sites() -> Options:
    return list(Site.objects.order_by("name").values_list("pk", "name")[:MOST])


def services() -> Options:
    rows = Service.objects.order_by("code").values_list("pk", "name", "active")[:MOST]
    return [(pk, local(name)) for pk, name, _active in rows]


def categories() -> Options:
    """All categories, a part behind the name of its whole."""
    rows = Category.objects.select_related("parent").order_by("code")[:MOST]
    return sorted(((row.pk, in_full(row)) for row in rows), key=lambda one: str(one[1]))


def in_full(category: Category) -> str:
    name = local(category.name)
    return name if category.parent is None else f"{local(category.parent.name)} › {name}"
