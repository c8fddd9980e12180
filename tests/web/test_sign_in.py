"""Signing in with a password, staying signed in, and being signed out."""

import subprocess
import sys
from time import process_time
from typing import Any

import pytest
from django.test import Client

from helmdesk.access.viewer import system
from helmdesk.foundation.time import now
from helmdesk.people.models import Account, Person
from helmdesk.people.persons import deactivate
from tests.databases import CommittedDatabase
from tests.web.signing_in import LOGIN, PASSWORD, newcomer, sign_in, signed_in, who

pytestmark = pytest.mark.django_db

WRONG = "This address and password do not go together."


def test_dana_signs_in_and_is_herself() -> None:
    newcomer()
    client = Client()

    answer = sign_in(client)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert who(client) == "Dana Hofer"


def test_a_stranger_is_led_to_the_sign_in_and_back() -> None:
    newcomer()
    client = Client()

    led = client.get("/account/sessions/")
    assert led["Location"] == "/account/login/?next=/account/sessions/"

    assert sign_in(client, next="/account/sessions/")["Location"] == "/account/sessions/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "http://localhost:9/", "data:1"])
def test_nobody_is_led_elsewhere(elsewhere: str) -> None:
    newcomer()

    assert sign_in(Client(), next=elsewhere)["Location"] == "/"


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer() -> None:
    newcomer()

    known = sign_in(Client(), password="not her password")
    unknown = sign_in(Client(), email="nobody@company.example", password="not her password")

    assert WRONG in known.content.decode()
    assert plain(known, "dana@company.example") == plain(unknown, "nobody@company.example")


def test_an_unknown_address_takes_as_long_as_a_known_one(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    newcomer()
    no_password = newcomer("sso@company.example", password=None)

    known, unknown, without = (
        min(seconds(email) for _ in range(5))
        for email in ("dana@company.example", "nobody@company.example", no_password.email)
    )

    assert 0.5 < unknown / known < 2
    assert 0.5 < without / known < 2


def test_a_password_is_not_tried_for_ever() -> None:
    newcomer()
    for _ in range(5):
        sign_in(Client(), password="a guess")

    answer = sign_in(Client())

    assert "tried too often" in answer.content.decode()
    assert sign_in(Client(), email="DANA@company.example").status_code == 200


def test_one_place_cannot_try_many_accounts() -> None:
    statuses = [sign_in(Client(), email=f"{n}@company.example", password="a guess").status_code for n in range(31)]

    assert statuses[:30] == [200] * 30
    assert statuses[30] == 429


def test_too_many_tries_are_answered_by_a_page_that_helps() -> None:
    for n in range(30):
        sign_in(Client(), email=f"{n}@company.example", password="a guess")

    page = sign_in(Client()).content.decode()

    assert "That was too often in a short time" in page
    assert "Wait a few minutes" in page


TRIES = """
import django; django.setup()
from django.conf import settings; settings.ALLOWED_HOSTS = ["*"]
from django.test import Client
for _ in range(5):
    Client().post("/account/login/", {"login": "dana@company.example", "password": "a guess"})
"""


def test_two_processes_count_together(committed_db: CommittedDatabase) -> None:
    newcomer()
    assert sign_in(Client()).status_code == 302

    subprocess.run([sys.executable, "-c", TRIES], env=committed_db.environment, check=True, timeout=60)

    assert "tried too often" in sign_in(Client()).content.decode()


def test_signing_in_gives_the_session_a_new_name() -> None:
    newcomer()
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = str(before)

    sign_in(client)

    assert client.session.session_key != before
    assert Client(headers={"cookie": f"sessionid={before}"}).get("/account/").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_other_sites(settings: Any) -> None:
    newcomer()
    client = signed_in()

    cookie = client.cookies["sessionid"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_signing_out_ends_the_session() -> None:
    newcomer()
    client = signed_in()
    key = client.cookies["sessionid"].value

    assert client.get("/account/logout/").status_code == 200
    assert who(client) == "Dana Hofer"
    client.post("/account/logout/")

    assert Client(headers={"cookie": f"sessionid={key}"}).get("/account/").status_code == 302


def test_a_person_who_has_ended_is_signed_out_at_their_next_request() -> None:
    account = newcomer()
    client = signed_in()
    assert who(client) == "Dana Hofer"

    deactivate(account.person_id or 0, by=system().stamp, at=now())

    assert client.get("/account/").status_code == 302
    assert sign_in(Client()).status_code == 200


@pytest.mark.parametrize("ended", [{"active": False}, {"erased_at": now()}])
def test_however_a_person_ends_no_session_outlives_it(ended: dict[str, Any]) -> None:
    person = newcomer().person_id or 0
    client = signed_in()
    key = client.session.session_key

    Person.objects.filter(pk=person).update(**ended)

    assert client.get("/account/").status_code == 302
    Person.objects.filter(pk=person).update(active=True, erased_at=None)
    assert Client(headers={"cookie": f"sessionid={key}"}).get("/account/").status_code == 302


def test_an_ended_account_is_told_nothing_by_a_wrong_password() -> None:
    account = newcomer()
    Account.objects.filter(pk=account.pk).update(is_active=False)

    wrong, right = sign_in(Client(), password="a guess"), sign_in(Client())

    assert WRONG in wrong.content.decode()
    assert right["Location"] == "/account/inactive/"


def test_nobody_makes_an_account_for_themselves_unless_it_was_opened(settings: Any) -> None:
    answers = [Client().get("/account/signup/"), Client().post("/account/signup/", SIGNUP)]

    assert ["Accounts are made by your company" in answer.content.decode() for answer in answers] == [True, True]
    assert not Account.objects.exists()


SIGNUP = {"email": "new@company.example", "password1": PASSWORD, "password2": PASSWORD}


def plain(answer: Any, email: str) -> str:
    """A page without what differs for every request."""
    text = answer.content.decode().replace(email, "ADDRESS")
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


def seconds(email: str) -> float:
    """Of CPU: the machine may be busy, and hashing is what takes the time."""
    client, start = Client(), process_time()
    sign_in(client, email=email, password="not the password")
    return process_time() - start
