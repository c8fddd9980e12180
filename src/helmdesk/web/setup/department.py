"""Departments: where people belong."""

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from helmdesk.people.models import Department
from helmdesk.people.places import DepartmentEntry, add_department, change_department
from helmdesk.web.setup.forms import Form
from helmdesk.web.setup.lists import Row
from helmdesk.web.setup.noun import Noun, Said

THERE = Q(person__active=True, person__erased_at__isnull=True)


def rows() -> QuerySet[Department]:
    return Department.objects.annotate(people=Count("person", filter=THERE))


def line(row: Department) -> Row:
    count = getattr(row, "people", 0)
    about = [row.legal_entity, ngettext("%(n)d person", "%(n)d people", count) % {"n": count}]
    return Row(reverse("setup:department", args=[row.pk]), row.name, about, code=row.code)


def entry(form: Form) -> DepartmentEntry:
    return DepartmentEntry(form.text("name"), form.text("legal_entity"))


DEPARTMENTS = Noun(
    one="department",
    many="departments",
    permission="people.manage",
    model=Department,
    said=Said(
        title=_("Departments"),
        about=_("Where people belong: it says who pays, and whose needs are alike."),
        add=_("Add a department"),
        empty=_("No department yet"),
        lesson=_("Departments show who needs what. Add them here, or bring them with people from a CSV file."),
    ),
    rows=rows,
    line=line,
    blank={"code": "", "name": "", "legal_entity": ""},
    shown=lambda row: {"name": row.name, "legal_entity": row.legal_entity},
    add=lambda form, act: add_department(form.text("code"), entry(form), by=act.stamp, at=act.at),
    change=lambda row, form, act: change_department(row.pk, entry(form), by=act.stamp, at=act.at),
)
