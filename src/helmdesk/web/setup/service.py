"""Services: what the business uses, what happens when one stops, and what an hour without it costs."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helmdesk.catalogue.entries import ServiceEntry, add_service, change_service
from helmdesk.catalogue.models import Service
from helmdesk.web.setup import words
from helmdesk.web.setup.forms import Form, Options, Values, names_shown
from helmdesk.web.setup.lists import Row, spoken
from helmdesk.web.setup.noun import Noun, Said
from helmdesk.web.templating import local


def rows() -> QuerySet[Service]:
    return Service.objects.select_related("owner_department")


def line(row: Service) -> Row:
    owner = row.owner_department.name if row.owner_department else ""
    stops = gettext("if it stops, %(what)s") % {"what": words.CRITICALITY.get(row.criticality, "")}
    return Row(
        reverse("setup:service", args=[row.pk]), local(row.name), [owner, stops], off=not row.active, code=row.code
    )


def shown(row: Service) -> Values:
    return {
        **names_shown(row.name),
        "criticality": row.criticality,
        "hour_cost": "" if row.hour_cost is None else str(row.hour_cost),
        "currency": row.currency,
        "owner_department": row.owner_department_id or "",
        "active": row.active,
    }


def entry(form: Form, row: Service | None) -> ServiceEntry:
    return ServiceEntry(
        name=form.names(row.name if row else None),
        criticality=form.whole("criticality"),
        hour_cost=form.text("hour_cost").replace(",", ".") or None,
        currency=form.text("currency"),
        owner_department=form.chosen("owner_department"),
        active=form.ticked("active"),
    )


def choices(_row: Service | None) -> dict[str, Options]:
    return {"criticality": list(words.CRITICALITY.items()), "owner_department": words.departments()}


SERVICES = Noun(
    one="service",
    many="services",
    permission="catalogue.manage",
    model=Service,
    said=Said(
        title=_("Services"),
        about=_("What the business uses. Each says who sees its tickets, and what an hour without it costs."),
        add=_("Add a service"),
        empty=_("No service yet"),
        lesson=_("Start with the ten that would be missed first: mail, network, the ones that bring in money."),
    ),
    rows=rows,
    line=line,
    named=spoken(),
    blank={"code": "", **names_shown({}), "criticality": 3, "hour_cost": "", "currency": "EUR", "owner_department": "",
           "active": True},
    shown=shown,
    choices=choices,
    add=lambda form, act: add_service(form.text("code"), entry(form, None), by=act.stamp, at=act.at),
    change=lambda row, form, act: change_service(row.pk, entry(form, row), by=act.stamp, at=act.at),
)  # fmt: skip
