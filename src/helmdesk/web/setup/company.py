"""Other companies: without an account here, but a ticket can wait for them."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from helmdesk.tickets.models import ThirdParty
from helmdesk.tickets.third_parties import add_third_party, change_third_party
from helmdesk.web.setup.forms import Form
from helmdesk.web.setup.lists import Row
from helmdesk.web.setup.noun import Acting, Noun, Said


def line(row: ThirdParty) -> Row:
    return Row(reverse("setup:company", args=[row.pk]), row.name, [], off=not row.active)


def change(row: ThirdParty, form: Form, act: Acting) -> None:
    name, active = form.text("name"), form.ticked("active")
    change_third_party(row.pk, name=name, active=active, by=act.viewer, at=act.at)


COMPANIES = Noun(
    one="company",
    many="companies",
    permission="providers.manage",
    model=ThirdParty,
    said=Said(
        title=_("Other companies"),
        about=_("Without an account here: a maker of printers, a carrier. A ticket can wait for one by its name."),
        add=_("Add a company"),
        empty=_("No other company yet"),
        lesson=_("Add those that your teams call: then the time that they take is theirs, not your team's."),
    ),
    rows=ThirdParty.objects.all,
    line=line,
    key="name",
    named=(),
    blank={"name": ""},
    shown=lambda row: {"name": row.name, "active": row.active},
    add=lambda form, act: add_third_party(form.text("name"), by=act.viewer, at=act.at),
    change=change,
)
