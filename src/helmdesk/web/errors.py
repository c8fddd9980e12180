"""What a person is told when a page cannot be shown: what happened, what was kept, what to do. Text for a fragment."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from helmdesk.access.allowed import NotAllowed
from helmdesk.catalogue.fields import BadFieldValue
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.files import FileRefused
from helmdesk.foundation.images import ImageRefused
from helmdesk.ledger.texts import TextTooLong
from helmdesk.tickets.refusals import NotThere, Overtaken, Refused

Words = str | Promise

UNFIT: Final = (BadEntry, BadFieldValue, FileRefused, ImageRefused, TextTooLong)
"""What a room raises for a value that it does not take; its text names the value and the cure."""

TYPED: Final = _("Go back; what you typed is still there.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of error page."""

    status: int
    title: Words
    what: Words
    cure: Words


BAD_REQUEST: Final = Trouble(
    400,
    _("We could not read that"),
    _("Something in the address or the form was not as expected. Nothing was changed."),
    _("Go back and try again. If it happens again, tell your help desk what you were about to do."),
)
SIGNED_OUT: Final = Trouble(
    401,
    _("You are signed out"),
    _("Your session has ended. Nothing was changed."),
    _("Sign in again; you will come back to where you were."),
)
SECOND_STEP: Final = Trouble(
    403,
    _("A second step is needed first"),
    _("Your company asks for a second step when signing in. Nothing was changed."),
    _("Add one on your profile, then go on."),
)
FORBIDDEN: Final = Trouble(
    403,
    _("This is not yours to do"),
    _("Your role does not include this. Nothing was changed."),
    _("Ask whoever set up the desk, if you should be able to do it."),
)
STALE_FORM: Final = Trouble(
    403,
    _("This page was open for too long"),
    _("For your safety a form is only accepted from a fresh page. Nothing was changed."),
    _("Go back, copy what you typed, reload the page and send it again."),
)
NOT_FOUND: Final = Trouble(
    404,
    _("There is nothing here for you"),
    _("The address may be mistyped, or what was here was moved, or it is not shared with you."),
    _("Check the number or the link, or start again from the first page."),
)
NOT_THIS_WAY: Final = Trouble(
    405,
    _("That does not work this way"),
    _("This address takes no request of that kind. Nothing was changed."),
    _("Go back and use the page's own buttons."),
)
TOO_LARGE: Final = Trouble(
    413,
    _("That was too much at once"),
    _("The text or the files together are larger than the desk accepts. Nothing was stored."),
    _("Go back (what you typed is still there), and send fewer or smaller files."),
)
TOO_MANY: Final = Trouble(
    429,
    _("That was too often in a short time"),
    _("To protect accounts, this can be tried only a few times in a row."),
    _("Wait a few minutes, then try again."),
)
OUR_FAULT: Final = Trouble(
    500,
    _("Something went wrong on our side"),
    _("This is not your fault. What you sent may not have been stored."),
    _("Go back (what you typed is still there) and try again in a minute."),
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return show(request, TOO_LARGE if too_much else BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, FORBIDDEN)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return show(request, STALE_FORM)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, NOT_FOUND)


def not_this_way(request: HttpRequest, answer: HttpResponseBase) -> HttpResponse:
    told = show(request, NOT_THIS_WAY)
    if "Allow" in answer:
        told["Allow"] = answer["Allow"]
    return told


def too_large(request: HttpRequest) -> HttpResponse:
    return show(request, TOO_LARGE)


def too_many(request: HttpRequest) -> HttpResponse:
    return show(request, TOO_MANY)


def our_fault(request: HttpRequest) -> HttpResponse:
    """Asks neither the database nor the session: they may be what failed."""
    if is_fragment(request):
        return plain(request, OUR_FAULT)
    else:
        return render(None, "error.html", context(OUR_FAULT), status=500)


def answer_to(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """What to say of an exception that is not a fault: a refusal of a room below that its page did not show itself."""
    if isinstance(exception, NotThere):
        return not_found(request, exception)
    elif isinstance(exception, Refused):
        return refused(request, exception)
    elif isinstance(exception, NotAllowed):
        return show(request, Trouble(403, FORBIDDEN.title, str(exception), FORBIDDEN.cure))
    elif isinstance(exception, UNFIT):
        return show(request, Trouble(422, _("This was not saved"), str(exception), TYPED))
    else:
        return None


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A verb's refusal that its page did not show by itself, in the refusal's own words."""
    title = _("Something happened meanwhile") if isinstance(refusal, Overtaken) else _("This was not done")
    cure = refusal.cure or TYPED
    return show(request, Trouble(status_of(refusal), title, refusal.message, cure))


def status_of(refusal: Refused) -> int:
    """422 when a field has to be changed, 409 when the state of things forbids it."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if refusal.field else HTTPStatus.CONFLICT


def show(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    if is_fragment(request):
        return plain(request, trouble)
    else:
        return render(request, "error.html", context(trouble), status=trouble.status)


def plain(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    words = f"{trouble.title}. {trouble.what} {trouble.cure}"
    return HttpResponse(words, status=trouble.status, content_type="text/plain; charset=utf-8")


def is_fragment(request: HttpRequest) -> bool:
    """Whether a part of a page is asked for by script, not a page by a browser."""
    asked = request.headers
    return "HX-Request" in asked and "HX-Boosted" not in asked and asked.get("HX-Request-Type") != "full"


def context(trouble: Trouble) -> dict[str, Any]:
    return {"trouble": trouble}
