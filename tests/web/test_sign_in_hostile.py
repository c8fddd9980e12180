"""Broken and hostile values in every form and address of accounts: never a fault of ours, nothing changed."""

from typing import Any

import pytest
from django.test import Client

from helmdesk.people.models import Account, Person
from tests.web.signing_in import PASSWORD, newcomer, signed_in

pytestmark = pytest.mark.django_db

EMPTY_CREDENTIAL = (
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ", "clientDataJSON": "e30",'
    ' "attestationObject": "oA", "authenticatorData": "AA", "signature": "AA"}}'
)
HOSTILE = [
    "", "\x00", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "x" * 5000, "a\u202eb", "' OR 1=1 --",
    "<script>alert(1)</script>", "{{7*7}}", "-1", str(10**30), "null", "[]", '{"id": 1}',
    '{"response": {"userHandle": 7}}', EMPTY_CREDENTIAL,
    "../../etc/passwd", "١٢٣٤٥٦", "dana@company.example\r\nBcc: all@company.example",
]  # fmt: skip
FIELDS = [
    "login", "password", "email", "password1", "password2", "oldpassword", "code", "credential", "name", "language",
    "zone", "next", "passwordless", "remember",
]  # fmt: skip
OUTSIDE = [
    "/account/login/", "/account/signup/", "/account/password/reset/", "/account/password/reset/key/1-set-password/",
    "/account/second-factor/authenticate/", "/account/second-factor/passkeys/login/", "/account/confirm-email/x/",
    "/account/sso/company/login/",
]  # fmt: skip
INSIDE = [
    "/account/", "/account/reauthenticate/", "/account/password/change/", "/account/sessions/",
    "/account/second-factor/app/", "/account/second-factor/codes/new/", "/account/second-factor/passkeys/new/",
    "/account/second-factor/reauthenticate/", "/account/sessions/7/end/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.MFA_RATE_LIMITS = False
    settings.HELMDESK_SIGNUP = True


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_strangers_send_is_answered_in_words(address: str) -> None:
    newcomer()

    assert faults(Client(), address) == []
    assert Account.objects.count() == 1


@pytest.mark.parametrize("address", INSIDE)
def test_what_a_person_sends_is_answered_in_words(address: str) -> None:
    newcomer()
    client = signed_in()
    client.post("/account/reauthenticate/", {"password": PASSWORD})

    assert faults(client, address) == []
    assert Account.objects.get().check_password(PASSWORD)
    assert Person.objects.count() == 1


def test_addresses_are_answered_in_words() -> None:
    newcomer()
    client = signed_in()
    odd = ["%00", "%FF%FE", "a" * 3000, "..%2f..%2f", "1-" + "z" * 40, "0-0-0", str(10**30), "%E2%80%AE", "é"]
    places = [
        "/account/confirm-email/{}/", "/account/password/reset/key/{}/", "/account/sso/{}/login/",
        "/account/sso/company/callback/?state={}&code={}", "/account/second-factor/passkeys/{}/",
        "/account/sessions/{}/end/", "/account/login/?next={}", "/{}",
    ]  # fmt: skip

    told = {place: {client.get(place.replace("{}", value)).status_code for value in odd} for place in places}

    assert {place: {status for status in statuses if status >= 500} for place, statuses in told.items()} == {
        place: set() for place in places
    }


def faults(client: Client, address: str) -> list[tuple[str, int]]:
    """The hostile values that led to a fault of ours."""
    client.raise_request_exception = False
    answers = [(value, client.post(address, dict.fromkeys(FIELDS, value)).status_code) for value in HOSTILE]
    return [(value, status) for value, status in answers if status >= 500]
