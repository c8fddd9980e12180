"""The devices on which a person is signed in, seen and ended; and what they say of themselves on their profile."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from helmdesk.ledger.models import Event
from helmdesk.people.models import Person
from helmdesk.web.account.jobs import forget_expired_sessions
from helmdesk.web.account.offers import device
from tests.web.signing_in import LOGIN, PASSWORD, newcomer, sign_in, signed_in, who

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 Version/18.5 Mobile Safari/604.1"


def test_dana_sees_where_she_is_signed_in() -> None:
    newcomer()
    desk, phone = (
        Client(headers={"user-agent": FIREFOX}),
        Client(headers={"user-agent": IPHONE}, REMOTE_ADDR="10.1.2.3"),
    )
    sign_in(phone)
    sign_in(desk)

    page = " ".join(desk.get("/account/sessions/").content.decode().split())

    assert re.findall(r"<b>([^<]+)</b>", page) == ["Safari on iPhone", "Firefox on Windows"]
    assert "10.1.2.3" in page
    assert page.count("this one") == 1 + 1  # the chip, and the button for all but this one


def test_dana_signs_another_device_out_at_once() -> None:
    newcomer()
    desk, phone = signed_in(), signed_in()
    session = UserSession.objects.exclude(session_key=desk.session.session_key).get()

    desk.post(f"/account/sessions/{session.pk}/end/")

    assert (who(desk), who(phone)) == ("Dana Hofer", None)


def test_dana_signs_all_others_out() -> None:
    newcomer()
    desk, phone, tablet = signed_in(), signed_in(), signed_in()

    desk.post("/account/sessions/")

    assert [who(client) for client in (desk, phone, tablet)] == ["Dana Hofer", None, None]


def test_nobody_ends_the_session_of_somebody_else() -> None:
    newcomer()
    newcomer("eve@company.example", name="Eve")
    desk, eve = signed_in(), signed_in("eve@company.example")
    session = UserSession.objects.get(user__email="dana@company.example")

    assert eve.post(f"/account/sessions/{session.pk}/end/").status_code == 404
    assert eve.post(f"/account/sessions/{10**30}/end/").status_code == 404
    assert who(desk) == "Dana Hofer"


def test_what_has_expired_is_forgotten() -> None:
    newcomer()
    signed_in()
    staying = signed_in()
    gone = Session.objects.exclude(session_key=staying.session.session_key)
    gone.update(expire_date=timezone.now() - timedelta(days=1))

    forget_expired_sessions.call()

    assert [row.session_key for row in UserSession.objects.all()] == [staying.session.session_key]
    assert Session.objects.count() == 1


def test_dana_says_how_she_is_called_and_in_which_language_and_zone(settings: Any) -> None:
    settings.LANGUAGES = settings.HELMDESK_LANGUAGES
    newcomer()
    client = signed_in()

    client.post("/account/", {"name": "Dana  Hofer-Lang", "language": "de", "zone": "Europe/Lisbon"})

    person = Person.objects.get()
    assert (person.name, person.language, person.zone) == ("Dana Hofer-Lang", "de", "Europe/Lisbon")
    assert Event.objects.filter(kind="person.changed", person=person.pk).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 201), ("name", "\x00"), ("language", "de"), ("language", ""), ("zone", "Mars/Base"),
     ("zone", "../../etc/passwd"), ("zone", "\x00")],
)  # fmt: skip
def test_what_cannot_be_saved_is_told_and_what_was_typed_stays(field: str, value: str) -> None:
    newcomer()
    client = signed_in()

    answer = client.post("/account/", {"name": "Dana H.", "language": "en", "zone": "Europe/Lisbon", field: value})

    assert answer.status_code == 422
    assert f'id="f-{field}-err"' in answer.content.decode()
    assert Person.objects.get().name == "Dana Hofer"


def test_limits_count_who_stands_behind_the_proxy(settings: object) -> None:
    settings.HELMDESK_PROXIES = 1  # type: ignore[attr-defined]
    for n in range(30):
        forwarded(f"{n}@company.example", "9.9.9.9, 203.0.113.7")

    assert forwarded("dana@company.example", "8.8.8.8, 203.0.113.7") == 429
    assert forwarded("dana@company.example", "203.0.113.7, 198.51.100.1") == 200


def test_without_a_proxy_nobody_chooses_where_they_come_from() -> None:
    for n in range(30):
        forwarded(f"{n}@company.example", f"203.0.113.{n}")

    assert forwarded("dana@company.example", "198.51.100.1") == 429


@pytest.mark.parametrize(
    ("said", "called"),
    [(FIREFOX, "Firefox on Windows"), (IPHONE, "Safari on iPhone"), ("curl/8", "an unknown device")],
)
def test_how_a_device_is_called(said: str, called: str) -> None:
    assert device(said) == called


def forwarded(email: str, chain: str) -> int:
    answer = Client(headers={"x-forwarded-for": chain}).post(LOGIN, {"login": email, "password": PASSWORD})
    return int(answer.status_code)
