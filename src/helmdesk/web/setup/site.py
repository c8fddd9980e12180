"""Sites: where people are, and by which clock they live."""

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from helmdesk.people.models import Site
from helmdesk.people.places import SiteEntry, add_site, change_site
from helmdesk.web.setup.department import THERE
from helmdesk.web.setup.forms import Form
from helmdesk.web.setup.lists import Row
from helmdesk.web.setup.noun import Noun, Said
from helmdesk.web.setup.words import zones


def rows() -> QuerySet[Site]:
    return Site.objects.annotate(people=Count("person", filter=THERE))


def line(row: Site) -> Row:
    count = getattr(row, "people", 0)
    about = [row.zone, ngettext("%(n)d person", "%(n)d people", count) % {"n": count}]
    return Row(reverse("setup:site", args=[row.pk]), row.name, about, code=row.code)


def entry(form: Form) -> SiteEntry:
    return SiteEntry(form.text("name"), form.text("zone"))


SITES = Noun(
    one="site",
    many="sites",
    permission="people.manage",
    model=Site,
    said=Said(
        title=pgettext_lazy("of a company", "Sites"),
        about=_("Where people are. Its clock says when they work, and what may be shown can be named site by site."),
        add=_("Add a site"),
        empty=_("No site yet"),
        lesson=_("Add the places where your people work, each with its time zone."),
    ),
    rows=rows,
    line=line,
    blank={"code": "", "name": "", "zone": ""},
    shown=lambda row: {"name": row.name, "zone": row.zone},
    add=lambda form, act: add_site(form.text("code"), entry(form), by=act.stamp, at=act.at),
    change=lambda row, form, act: change_site(row.pk, entry(form), by=act.stamp, at=act.at),
    beside=lambda _request, _row: {"zones": zones()},
)
