"""Who comes in: those who lead a team, or may lead; for others there is no board."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import Http404, HttpResponse

from helmdesk.web.places import leads
from helmdesk.web.visitor import Request


def for_leads[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not leads(request.viewer):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
