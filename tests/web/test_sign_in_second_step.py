"""The second step: codes of an app, recovery codes; and that nobody changes a sign-in who is not there in person."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.utils import timezone

from helmdesk.people.models import Account
from tests.web.signing_in import PASSWORD, deliver, newcomer, sign_in, signed_in, who

pytestmark = pytest.mark.django_db

HUB, APP, ASK = "/account/second-factor/", "/account/second-factor/app/", "/account/second-factor/authenticate/"


def test_dana_adds_an_app_and_is_asked_for_its_code_from_then_on() -> None:
    newcomer()
    secret = with_app(signed_in())
    client = Client()

    led = sign_in(client)
    assert led["Location"] == ASK
    assert who(client) is None

    client.post(ASK, {"code": code(secret)})
    assert who(client) == "Dana Hofer"


def test_a_code_works_once() -> None:
    newcomer()
    secret = with_app(signed_in())
    now = code(secret)
    first, second = Client(), Client()
    sign_in(first)
    sign_in(second)

    first.post(ASK, {"code": now})
    answer = second.post(ASK, {"code": now})

    assert who(first) == "Dana Hofer"
    assert "That code is not right" in answer.content.decode()
    assert who(second) is None


def test_codes_are_not_guessed_for_ever() -> None:
    newcomer()
    secret = with_app(signed_in())
    client = Client()
    sign_in(client)
    for _ in range(6):
        client.post(ASK, {"code": "000000"})

    client.post(ASK, {"code": code(secret)})

    assert who(client) is None


def test_a_recovery_code_opens_the_account_once() -> None:
    newcomer()
    client = signed_in()
    with_app(client)
    page = client.get("/account/second-factor/codes/").content.decode()
    codes = re.findall(r"<li><code>(\d+)</code>", page)
    assert len(codes) == 10

    lost, thief = Client(), Client()
    sign_in(lost)
    lost.post(ASK, {"code": codes[0]})
    sign_in(thief)
    thief.post(ASK, {"code": codes[0]})

    assert who(lost) == "Dana Hofer"
    assert who(thief) is None


def test_the_secret_lies_sealed_in_the_database() -> None:
    newcomer()
    secret = with_app(signed_in())

    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP).data

    assert secret not in str(kept)


def test_dana_is_told_by_mail_when_a_second_step_is_added_or_removed(
    django_capture_on_commit_callbacks: Any,
) -> None:
    newcomer()
    client = signed_in()
    with django_capture_on_commit_callbacks(execute=True):
        with_app(client)
    client.post("/account/second-factor/app/removal/")
    deliver()

    assert {sent.subject for sent in mail.outbox} == {
        "An authenticator app was added to your account",
        "The authenticator app was removed from your account",
    }


GUARDED = [
    APP,
    "/account/second-factor/codes/new/",
    "/account/second-factor/passkeys/new/",
]


@pytest.mark.parametrize("page", GUARDED)
def test_who_finds_danas_desk_unlocked_changes_nothing_without_her_password(page: str) -> None:
    newcomer()
    client = signed_in()

    for answer in (client.get(page), client.post(page, {"code": "123456"})):
        assert answer["Location"].startswith("/account/reauthenticate/?next=")
    assert not Authenticator.objects.exists()


def test_with_her_password_she_goes_on_where_she_was() -> None:
    newcomer()
    client = signed_in()
    led = client.get(APP)["Location"]

    wrong = client.post(led, {"password": "a guess", "next": APP})
    right = client.post(led, {"password": PASSWORD, "next": APP})

    assert "That is not your password." in wrong.content.decode()
    assert right["Location"] == APP
    assert client.get(APP).status_code == 200


def test_where_the_company_asks_for_a_second_step_nothing_opens_without() -> None:
    newcomer(second_factor=True)
    client = signed_in()

    assert client.get("/")["Location"] == HUB
    assert "Your company asks for a second step" in client.get(HUB).content.decode()
    fragment = client.get("/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (403, HUB)

    with_app(client)
    assert client.get("/")["Location"] != HUB


def test_where_the_company_asks_for_it_the_last_second_step_stays() -> None:
    newcomer(second_factor=True)
    client = signed_in()
    with_app(client)

    page = client.post("/account/second-factor/app/removal/").content.decode()

    assert "cannot deactivate" in page
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_each_person_sees_their_own_second_step_only() -> None:
    newcomer()
    eve = newcomer("eve@company.example", name="Eve")
    key = Authenticator.objects.create(
        user=Account.objects.get(email="dana@company.example"),
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Dana's"},
    )
    client = signed_in(eve.email)
    client.post("/account/reauthenticate/", {"password": PASSWORD})

    assert client.get(f"/account/second-factor/passkeys/{key.pk}/").status_code == 404
    assert client.post(f"/account/second-factor/passkeys/{key.pk}/removal/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def with_app(client: Client) -> str:
    """Adds an authenticator app, and says its secret."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get(APP).content.decode()
    (secret,) = re.findall(r"<code>([A-Z2-7]+)</code>", page)
    answer = client.post(APP, {"code": code(secret, at=-30)})
    assert answer.status_code == 302, answer.content.decode()
    return str(secret)


def code(secret: str, *, at: int = 0) -> str:
    """What the app shows, `at` seconds from now."""
    counter = int((timezone.now() + timedelta(seconds=at)).timestamp()) // 30
    return str(format_hotp_value(hotp_value(secret, counter)))
