"""Whether anything was altered: verified each night and when somebody asks; the last answer is shown with its time."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from helmdesk.ledger.checking import check, last_check
from helmdesk.ledger.models import Seal
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request


@needs("ledger.view")
def show(request: Request) -> HttpResponse:
    return page(request, last_check())


@needs("ledger.view")
def create(request: Request) -> HttpResponse:
    """From the last good seal, or from the first event where `all` is asked."""
    return page(request, check(everything=request.POST.get("all") == "yes", at=request.at))


def page(request: Request, told: dict[str, Any] | None) -> HttpResponse:
    seals = Seal.objects.order_by("-last_seq")[:62]
    rows = [(seal, bytes(seal.root).hex()) for seal in seals]
    return render(request, "ledger/verification.html", {"checked": told, "seals": rows, "none": _("no seal yet")})
