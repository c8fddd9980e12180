"""Tags: words that tickets are found by. They are added, and stay."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.catalogue.entries import add_tag
from helmdesk.catalogue.models import Tag
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form
from helmdesk.web.setup.lists import cut
from helmdesk.web.visitor import Request

guarded = needs("catalogue.manage")


@guarded
def tags(request: Request) -> HttpResponse:
    return show(request, Form({"code": ""}))


@guarded
def create(request: Request) -> HttpResponse:
    form = Form.typed(request)
    with form.saving():
        add_tag(form.text("code").lstrip("#"), by=signed(request.viewer, "catalogue.manage"), at=request.at)
    if form.failed:
        return show(request, form)
    messages.success(request, _("#%(tag)s can be used from now on.") % {"tag": form.text("code").lstrip("#")})
    return redirect("setup:tags")


def show(request: Request, form: Form) -> HttpResponse:
    found = cut(request, Tag.objects.all(), named=())
    return page(request, "setup/tags.html", here="tags", status=form.status, form=form, list=found)
