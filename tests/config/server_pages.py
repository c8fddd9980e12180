"""Pages for the tests of the server."""

import os
import time
from collections.abc import Callable, Iterator
from io import BytesIO

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from helmdesk.foundation import live
from helmdesk.people.models import Account
from tests.foundation.slow_tasks import slow


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def slowly(request: HttpRequest, milliseconds: int) -> HttpResponse:
    time.sleep(milliseconds / 1000)
    return HttpResponse("slow")


def fail(request: HttpRequest, secret: str) -> HttpResponse:
    raise ValueError(f"the password of eva@example.org is {secret}")


def echo(request: HttpRequest) -> HttpResponse:
    facts = {
        "size": len(request.body),
        "cookie": request.META.get("HTTP_COOKIE"),
        "forwarded": request.META.get("HTTP_X_FORWARDED_FOR"),
        "path": request.path,
        "query": request.GET.dict(),
    }
    return JsonResponse(facts)


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    def pieces() -> Iterator[str]:
        for number in range(50):
            yield f"{number}\n" * 1000

    return StreamingHttpResponse(pieces(), content_type="text/plain")


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(BytesIO(os.urandom(16) * 65536), filename="big.bin")


def job(request: HttpRequest, number: int, milliseconds: int) -> HttpResponse:
    slow.enqueue(number, milliseconds)
    return HttpResponse("queued")


def enter(request: HttpRequest, email: str) -> HttpResponse:
    login(request, Account.objects.get(email=email), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("in")


def token(request: HttpRequest, topic: str) -> HttpResponse:
    account = request.user.pk or 0
    key = request.session.session_key or ""
    since = int(request.GET.get("since", "0"))
    return HttpResponse(live.signed([topic], account=account, session_key=key, since=since))


def everybody(request: HttpRequest, rest: str) -> HttpResponse:
    return echo(request)


ROUTES: dict[str, tuple[Callable[..., HttpResponseBase], str]] = {
    "": (hello, "hello"),
    "slow/<int:milliseconds>/": (slowly, "slow"),
    "fail/<str:secret>/": (fail, "fail"),
    "echo/<path:rest>": (csrf_exempt(everybody), "echo"),
    "streamed/": (streamed, "streamed"),
    "file/": (file, "file"),
    "job/<int:number>/<int:milliseconds>/": (job, "job"),
    "enter/<str:email>/": (enter, "enter"),
    "token/<str:topic>/": (token, "token"),
}
urlpatterns = [path(route, login_not_required(view), name=name) for route, (view, name) in ROUTES.items()]
