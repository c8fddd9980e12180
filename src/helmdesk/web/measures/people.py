"""Whether figures of persons and small teams are shown to all who see figures: why, since when, and the switch."""

from django.http import HttpResponse
from django.shortcuts import redirect

from helmdesk.access.allowed import signed
from helmdesk.foundation.errors import BadEntry
from helmdesk.measures import persons
from helmdesk.web.measures.asking import page_of
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request


@needs("measures.open")
def show(request: Request, error: str = "", status: int = 200) -> HttpResponse:
    answer = page_of(request, {}).show(
        "people.html", error=error, given=request.POST.get("reason", ""), smallest=persons.SMALLEST_TEAM
    )
    answer.status_code = status
    return answer


@needs("measures.open")
def create(request: Request) -> HttpResponse:
    by = signed(request.viewer, "measures.open")
    try:
        persons.open_up(request.POST.get("reason", ""), by=by, at=request.at)
    except BadEntry as bad:
        return show(request, bad.cure, 422)
    return redirect("measures:people")


@needs("measures.open")
def destroy(request: Request) -> HttpResponse:
    persons.hide(by=signed(request.viewer, "measures.open"), at=request.at)
    return redirect("measures:people")
