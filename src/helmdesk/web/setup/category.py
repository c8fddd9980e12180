"""Categories: what kind of work a ticket is, in two levels."""

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from helmdesk.catalogue.entries import CategoryEntry, add_category, change_category
from helmdesk.catalogue.models import Category
from helmdesk.web.setup.forms import Form, Options, Values, names_shown
from helmdesk.web.setup.lists import Row, spoken
from helmdesk.web.setup.noun import Noun, Said
from helmdesk.web.setup.words import MOST
from helmdesk.web.templating import local


def rows() -> QuerySet[Category]:
    return Category.objects.select_related("parent").annotate(parts=Count("children"))


def line(row: Category) -> Row:
    parts = getattr(row, "parts", 0)
    if row.parent is not None:
        about = gettext("part of %(name)s") % {"name": local(row.parent.name)}
    else:
        about = ngettext("%(n)d part", "%(n)d parts", parts) % {"n": parts} if parts else ""
    address = reverse("setup:category", args=[row.pk])
    return Row(
        address, local(row.name), [about], off=not row.active, within="part" if row.parent else "", code=row.code
    )


def shown(row: Category) -> Values:
    return {**names_shown(row.name), "parent": row.parent_id or "", "active": row.active}


def entry(form: Form, row: Category | None) -> CategoryEntry:
    names = form.names(row.name if row else None)
    return CategoryEntry(name=names, parent=form.chosen("parent"), active=form.ticked("active"))


def choices(row: Category | None) -> dict[str, Options]:
    """Categories that this one can be a part of."""
    whole = Category.objects.filter(parent=None).order_by("code").values_list("pk", "name")[:MOST]
    return {"parent": [(pk, local(name)) for pk, name in whole if row is None or pk != row.pk]}


CATEGORIES = Noun(
    one="category",
    many="categories",
    permission="catalogue.manage",
    model=Category,
    said=Said(
        title=_("Categories"),
        about=_("What kind of work a ticket is, in two levels: a device, and that it is a printer."),
        add=_("Add a category"),
        empty=_("No category yet"),
        lesson=_("A handful is enough to begin with. People who ask never see them."),
    ),
    rows=rows,
    line=line,
    named=spoken(),
    blank={"code": "", **names_shown({}), "parent": "", "active": True},
    shown=shown,
    choices=choices,
    add=lambda form, act: add_category(form.text("code"), entry(form, None), by=act.stamp, at=act.at),
    change=lambda row, form, act: change_category(row.pk, entry(form, row), by=act.stamp, at=act.at),
)
