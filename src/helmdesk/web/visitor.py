"""Who asks: puts the viewer and the time on each request, and lets nobody in who has not signed in."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from helmdesk.access.viewer import Viewer, nobody, viewer_of
from helmdesk.foundation.time import now
from helmdesk.people.models import Account
from helmdesk.web import errors
from helmdesk.web.languages import spoken


class Request(HttpRequest):
    """What every view of ours is given: who asks (`viewer`), and when (`at`)."""

    viewer: Viewer
    at: datetime
    user: Account


class Visitor:
    """The middleware behind `Request`; also speaks the person's language, keeps their time, and shows refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.at = now()
        account = request.user = get_user(request)
        request.viewer = seen_as(account, at=request.at)
        end_session_of_nobody(request)
        timezone.deactivate()
        if account.is_authenticated and account.person:
            translation.activate(spoken(account.person.language))
            keep_time_of(account.person.zone)
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response = errors.not_this_way(request, response)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.answer_to(request, exception)


class SignInFirst(LoginRequiredMiddleware):
    """A sign-in before every view that is not `login_not_required`; a fragment sends its whole page there."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        if owes_second_step(request):
            return away(request, reverse("mfa_index"), errors.SECOND_STEP)
        else:
            return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if errors.is_fragment(request):
            shown = urlsplit(request.headers.get("HX-Current-URL", "/"))
            back = quote(shown.path + (f"?{shown.query}" if shown.query else ""), safe="")
            return away(request, f"{settings.LOGIN_URL}?next={back}", errors.SIGNED_OUT)
        else:
            return super().handle_no_permission(request, view_func)


def seen_as(account: Any, *, at: datetime) -> Viewer:
    """The viewer that a signed-in account is; nobody when there is none, or no person behind it."""
    if account.is_authenticated and account.person_id is not None:
        return viewer_of(account.person_id, at=at)
    else:
        return nobody()


def owes_second_step(request: HttpRequest) -> bool:
    """Whether the company asks this account for a second step that it does not have; its own pages stay open."""
    account = request.user
    return (
        isinstance(account, Account)
        and account.must_use_second_factor
        and not request.path.startswith("/account/")
        and not is_mfa_enabled(account)
    )


def away(request: HttpRequest, address: str, why: errors.Trouble) -> HttpResponse:
    """To another page: all of it, even when only a part was asked for."""
    if errors.is_fragment(request):
        answer = errors.plain(request, why)
        answer["HX-Redirect"] = address
        return answer
    else:
        return redirect(address)


def end_session_of_nobody(request: HttpRequest) -> None:
    """A session whose account was ended, or whose password was changed elsewhere, is over for good."""
    if not request.user.is_authenticated and SESSION_KEY in request.session:
        request.session.flush()


def keep_time_of(zone: str) -> None:
    try:
        timezone.activate(ZoneInfo(zone) if zone else timezone.get_default_timezone())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        timezone.deactivate()
