"""What every page has: the viewer, places, no inline code, answers that are not kept, errors that help."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings as desk
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, path

from helmdesk.access.allowed import NotAllowed
from helmdesk.config.urls import *  # noqa: F403 (the desk's routes, and a few that go wrong)
from helmdesk.config.urls import urlpatterns as of_desk
from helmdesk.foundation.errors import BadEntry
from helmdesk.people.models import Person
from helmdesk.tickets.refusals import NotThere, Overtaken, Refused
from helmdesk.web.visitor import Request
from tests.web.signing_in import newcomer, signed_in

pytestmark = pytest.mark.django_db

WEB = desk.PACKAGE / "web"
TEMPLATES = sorted(path for path in WEB.rglob("*.html"))


def seen(request: Request) -> HttpResponse:
    return HttpResponse(f"{request.viewer.person} {request.at.tzinfo} {request.viewer.hat.name}")


def wrong(kind: Any) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            request.POST.get("text")
        raise kind

    return login_not_required(view)


WRONG = {
    "not-there": NotThere("ticket", 7),
    "refused": Refused("closed", "Ticket 7 is closed.", cure="Reopen it first."),
    "field": Refused("empty", "There is no text.", field="text", cure="Write something."),
    "overtaken": Overtaken("Ben took it"),
    "not-allowed": NotAllowed("roles.manage"),
    "unfit": BadEntry("zone", "Mars/Base", "Give a time zone by its name."),
    "forbidden": PermissionDenied(),
    "fault": ZeroDivisionError("secret detail"),
}
urlpatterns = [
    *of_desk,
    path("seen", seen),
    *(path(f"wrong/{name}", wrong(kind)) for name, kind in WRONG.items()),
]


@pytest.fixture
def going_wrong(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def test_a_view_knows_who_asks_and_when(going_wrong: Client) -> None:
    account = newcomer()

    assert signed_in().get("/seen").content.decode() == f"{account.person_id} UTC REQUESTER"


def test_a_new_page_is_closed_to_strangers_unless_it_says_otherwise(going_wrong: Client) -> None:
    assert going_wrong.get("/seen")["Location"] == "/account/login/?next=/seen"


def test_a_fragment_sends_a_stranger_to_the_sign_in_and_back_to_the_whole_page(going_wrong: Client) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/tickets/7?q=a&b=c"}

    answer = going_wrong.get("/seen", headers=asked)

    assert answer["HX-Redirect"] == "/account/login/?next=%2Ftickets%2F7%3Fq%3Da%26b%3Dc"
    assert answer.status_code == 401


def test_the_viewer_costs_nothing_until_a_page_asks() -> None:
    newcomer()
    client = signed_in()

    with CaptureQueriesContext(connection) as done:
        client.get("/account/nowhere")

    assert len(done) <= 2 + 4  # session, account with person; the bar asks for the viewer


def test_no_answer_is_kept_by_a_browser_or_a_proxy() -> None:
    newcomer()

    assert [signed_in().get(page)["Cache-Control"] for page in ("/account/", "/nowhere")] == ["no-store", "no-store"]
    assert "no-store" in Client().get("/account/login/")["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("not-there", 404, "There is nothing here for you"),
        ("refused", 409, "Reopen it first."),
        ("field", 422, "Write something."),
        ("overtaken", 409, "Meanwhile Ben took it."),
        ("not-allowed", 403, "Change roles and who has them"),
        ("unfit", 422, "Give a time zone by its name."),
        ("forbidden", 403, "Your role does not include this"),
        ("fault", 500, "Something went wrong on our side"),
    ],
)
def test_what_goes_wrong_is_told_in_words(going_wrong: Client, name: str, status: int, words: str) -> None:
    page = going_wrong.get(f"/wrong/{name}")
    fragment = going_wrong.get(f"/wrong/{name}", headers={"HX-Request": "true"})

    assert (page.status_code, fragment.status_code) == (status, status)
    assert words in page.content.decode()
    assert words in fragment.content.decode()
    assert "<h1>" in page.content.decode()
    assert (fragment["Content-Type"], "<" in fragment.content.decode()) == ("text/plain; charset=utf-8", False)
    assert "secret detail" not in page.content.decode()


def test_what_is_not_there_and_what_one_may_not_see_are_the_same(going_wrong: Client) -> None:
    pages = [going_wrong.get(address).content for address in ("/wrong/not-there", "/nowhere")]

    assert pages[0] == pages[1]


def test_too_much_at_once_is_told_in_words(going_wrong: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = going_wrong.post("/wrong/refused", {"text": "x" * 2000}, content_type="application/x-www-form-urlencoded")
    many = going_wrong.post("/wrong/refused", {f"f{n}": "x" for n in range(600)})

    assert [answer.status_code, many.status_code] == [413, 413]
    assert "send fewer or smaller files" in many.content.decode()


def test_a_form_from_elsewhere_is_refused_in_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a@b.example", "password": "x"})

    assert answer.status_code == 403
    assert "only accepted from a fresh page" in answer.content.decode()


def test_a_wrong_method_is_told_in_words() -> None:
    answer = Client().get("/account/sso/company/login/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "That does not work this way" in answer.content.decode()


def test_a_person_reads_their_own_language_and_zone(settings: Any) -> None:
    settings.LANGUAGES = settings.HELMDESK_LANGUAGES
    newcomer()
    Person.objects.update(language="de")

    assert '<html lang="de">' in signed_in().get("/account/").content.decode()


def test_only_known_pages_are_open_to_strangers() -> None:
    """Every route that a stranger can open, by name: a new one has to be added here on purpose."""
    opened = set()
    for name, address in addresses():
        answer = Client().get(address)
        if answer.status_code != 302 or not answer["Location"].startswith("/account/login/?next="):
            opened.add(name)

    assert opened == {
        "account_confirm_email", "account_email_verification_sent", "account_inactive", "account_login",
        "account_logout", "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
        "account_reset_password_from_key_done", "account_signup", "mfa_authenticate", "mfa_login_webauthn",
        "openid_connect_callback", "openid_connect_login", "socialaccount_login_cancelled",
    }  # fmt: skip


def addresses() -> Iterator[tuple[str, str]]:
    """Each route of the accounts with some value for its parts."""
    for name, route in get_resolver().reverse_dict.items():
        if isinstance(name, str):
            ((pattern, parts), *_) = cast("Any", route)[0]
            yield name, "/" + pattern % dict.fromkeys(parts, "1")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_a_template_holds_no_inline_code_or_style(template: Path) -> None:
    text = template.read_text()
    markup = re.sub(r"\{[{%#].*?[}%#]\}", "", text, flags=re.DOTALL)

    assert not re.search(r"<script(?![^>]*\bsrc=)", markup)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", markup)
    assert not re.search(r"\|\s*safe\b", text)
    assert len(text.splitlines()) <= 150


def test_every_template_that_allauth_shows_is_ours() -> None:
    named = set(TEMPLATE_NAMES.findall("".join(source.read_text() for source in allauth_views())))
    ours = engines["jinja2"]

    missing = {name for name in named if not exists(ours, f"{name}.html")}

    assert missing == NEVER_SHOWN


TEMPLATE_NAMES = re.compile(r'f?"((?:account|mfa|usersessions|socialaccount)/[a-z_/]+)\.\{')
NEVER_SHOWN = {
    "account/confirm_login_code", "account/confirm_password_reset_code", "account/email", "account/email_change",
    "account/confirm_email_verification_code", "account/phone_change", "account/request_login_code",
    "account/password_reset_help_text", "account/signup_by_passkey", "account/confirm_phone_verification_code",
    "mfa/trust", "mfa/webauthn/authenticator_list", "mfa/webauthn/signup_form", "socialaccount/connections",
    "socialaccount/signup",
}  # fmt: skip


def allauth_views() -> Iterator[Path]:
    import allauth

    root = Path(allauth.__file__).parent
    for folder in ("account", "mfa", "usersessions", "socialaccount"):
        yield from (path for path in (root / folder).rglob("*.py") if "providers" not in path.parts)


def exists(engine: Any, name: str) -> bool:
    try:
        engine.get_template(name)
    except TemplateDoesNotExist:
        return False
    return True
