"""The priority matrix: how much stops and how soon it hurts make what goes first. Each saving is the next version."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.catalogue.definitions import set_matrix
from helmdesk.catalogue.matrix import current_matrix
from helmdesk.catalogue.models import PriorityMatrix
from helmdesk.foundation.time import now
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form, Values
from helmdesk.web.visitor import Request

guarded = needs("catalogue.manage")
THREE: Final = (1, 2, 3)


@guarded
def priority(request: Request) -> HttpResponse:
    return show(request, Form(shown()))


@guarded
def create(request: Request) -> HttpResponse:
    form, made = Form.typed(request), None
    with form.saving():
        form.must_still_be(shown)
        cells = [[form.whole(cell(impact, urgency)) for urgency in THREE] for impact in THREE]
        made = set_matrix(cells, by=signed(request.viewer, "catalogue.manage"), at=request.at)
    if form.failed:
        return show(request, form)
    said = _("Saved. New tickets follow it; those that are there keep their priority.")
    messages.success(request, said if made else _("It was so already."))
    return redirect("setup:priority")


def cell(impact: int, urgency: int) -> str:
    return f"cell_{impact}_{urgency}"


def shown() -> Values:
    cells = current_matrix(now()).cells
    return {cell(impact, urgency): cells[impact - 1][urgency - 1] for impact in THREE for urgency in THREE}


def show(request: Request, form: Form) -> HttpResponse:
    versions = list(PriorityMatrix.objects.order_by("-version")[:50])
    return page(
        request, "setup/priority.html", here="priority", status=form.status, form=form, versions=versions,
        impacts=[_("Much stops"), _("Some of it stops"), _("Little stops")],
        urgencies=[_("hurts at once"), _("hurts today"), _("can wait")],
        priorities=[(1, _("Urgent")), (2, _("High")), (3, _("Medium")), (4, _("Normal")), (5, _("Low"))],
    )  # fmt: skip
