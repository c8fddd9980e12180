"""Who comes in: pages of work are for members, and nobody works on what they asked for themselves."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from helmdesk.foundation import live
from helmdesk.ledger.models import Hat
from helmdesk.tickets.reading import is_theirs, opened
from helmdesk.web.visitor import Request


def for_workers[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of those who do support work; for others it does not exist."""

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.viewer.hat != Hat.MEMBER:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def on_a_ticket(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of one ticket; who asked for help on it is led to their own page of it."""

    @wraps(view)
    def guarded(request: Request, ticket: int, **kwargs: Any) -> HttpResponse:
        if is_theirs(ticket, viewer=request.viewer):
            return redirect("portal:show", ticket)
        return for_workers(view)(request, ticket, **kwargs)

    return guarded


def on_an_opened_ticket(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `on_a_ticket`, for a page that needs the ticket itself: it is read once, and given in place of its number."""

    @wraps(view)
    def guarded(request: Request, ticket: int, **kwargs: Any) -> HttpResponse:
        shown = opened(ticket, viewer=request.viewer)
        if shown.own or request.viewer.hat == Hat.REQUESTER:
            return redirect("portal:show", ticket)
        return for_workers(view)(request, shown, **kwargs)

    return guarded


def stream_of(request: Request, *topics: str, since: int) -> str:
    """The address on which a page hears that something changed; empty without a session."""
    key = request.session.session_key
    if not key:
        return ""
    return f"/live?topics={live.signed(topics, account=request.user.pk, session_key=key, since=since)}"
