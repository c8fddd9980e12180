"""Whether anything was altered: verified when somebody asks, and the last answer is remembered with its time."""

from typing import Any, Final

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Seal
from helmdesk.ledger.verify import verify
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request

REMEMBERED: Final = "ledger.verified"
KEPT: Final = 60 * 60 * 24 * 40
MOST: Final = 100


def last_one() -> dict[str, Any] | None:
    """The last answer: `at`, `ok`, `events`, `sealed_to`, `faults` as words."""
    kept: dict[str, Any] | None = cache.get(REMEMBERED)
    return kept


@needs("ledger.view")
def show(request: Request) -> HttpResponse:
    return page(request, last_one())


@needs("ledger.view")
def create(request: Request) -> HttpResponse:
    """From the last good seal, or from the first event where `all` is asked."""
    report = verify(everything=request.POST.get("all") == "yes")
    told: dict[str, Any] = {
        "at": to_us(request.at),
        "ok": report.ok,
        "events": report.events,
        "tickets": report.tickets,
        "sealed_to": report.sealed_to,
        "faults": [fault.words for fault in report.faults[:MOST]],
        "count": len(report.faults),
    }
    cache.set(REMEMBERED, told, KEPT)
    return page(request, told)


def page(request: Request, told: dict[str, Any] | None) -> HttpResponse:
    seals = Seal.objects.order_by("-last_seq")[:62]
    rows = [(seal, bytes(seal.root).hex()) for seal in seals]
    return render(request, "ledger/verification.html", {"checked": told, "seals": rows, "none": _("no seal yet")})
