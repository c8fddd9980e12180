"""Links that arrive by mail: to choose a password, to confirm an address. Once, for a day, at one address."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helmdesk.access.viewer import system
from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.sealing import Sealed
from helmdesk.foundation.time import now
from helmdesk.people.accounts import invitation
from helmdesk.people.addresses import add_address
from helmdesk.people.models import Account, Address, Person
from helmdesk.web.account.mail import reset_link
from tests.web.signing_in import PASSWORD, RESET, deliver, link_in, newcomer, sign_in, signed_in, who

pytestmark = pytest.mark.django_db

NEW = "a much better sentence"


def test_dana_forgot_her_password_and_chooses_another() -> None:
    newcomer()

    link = asked_for_link()
    answer = choose(Client(), link)

    assert answer["Location"] == "/account/password/reset/key/done/"
    assert sign_in(Client(), password=NEW).status_code == 302
    assert sign_in(Client(), password=PASSWORD).status_code == 200


def test_a_link_works_once() -> None:
    newcomer()
    link = asked_for_link()
    choose(Client(), link)

    assert "does not work any more" in Client().get(link).content.decode()


def test_a_link_works_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    newcomer()
    link = asked_for_link()
    a_day_later = PasswordResetTokenGenerator()._now() + timedelta(days=1, minutes=1)

    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: a_day_later)

    assert "does not work any more" in Client().get(link).content.decode()


def test_a_link_ends_with_the_next_sign_in() -> None:
    newcomer()
    link = asked_for_link()

    sign_in(Client())

    assert "does not work any more" in Client().get(link).content.decode()


def test_a_link_leads_to_the_desk_whatever_host_was_asked() -> None:
    newcomer()

    refused = Client().post(RESET, {"email": "dana@company.example"}, headers={"host": "evil.example"})
    Client().post(RESET, {"email": "dana@company.example"}, headers={"host": "localhost:99"})
    deliver()

    assert refused.status_code == 400
    (sent,) = mail.outbox
    assert "http://127.0.0.1:8000/account/password/reset/key/" in sent.body
    assert "localhost" not in sent.body


def test_the_key_of_a_link_does_not_stay_in_the_address() -> None:
    newcomer()
    client = Client()

    answer = client.get(asked_for_link())

    assert answer["Location"].endswith("-set-password/")
    assert client.get(answer["Location"])["Referrer-Policy"] == "same-origin"


def test_a_new_password_signs_everybody_out() -> None:
    newcomer()
    client = signed_in()

    choose(Client(), asked_for_link())

    assert client.get("/account/").status_code == 302


def test_an_unknown_address_gets_the_same_answer_the_same_work_and_no_mail() -> None:
    newcomer()

    known, work_for_known = answer_and_work("dana@company.example", place="10.0.0.1")
    unknown, work_for_unknown = answer_and_work("nobody@company.example", place="10.0.0.2")
    deliver()

    assert known == unknown == (302, "/account/password/reset/done/")
    assert work_for_known == work_for_unknown
    assert [sent.to for sent in mail.outbox] == [["dana@company.example"]]


def test_what_waits_to_be_mailed_shows_neither_addresses_nor_links_and_goes_when_it_is_sent() -> None:
    newcomer()
    Client().post(RESET, {"email": "dana@company.example"})

    (kept,) = Sealed.objects.values_list("text", flat=True)
    (carried,) = Job.objects.values_list("args", flat=True)
    deliver()

    assert "dana" not in f"{kept} {carried}"
    assert len(mail.outbox) == 1
    assert not Sealed.objects.exists()


def test_links_are_not_sent_for_ever() -> None:
    newcomer()

    statuses = [Client().post(RESET, {"email": "dana@company.example"}).status_code for _ in range(6)]

    assert statuses == [302] * 5 + [429]


def test_who_was_invited_chooses_a_password_and_comes_in() -> None:
    account = newcomer(password=None)
    link = reset_link(invitation(account)).removeprefix("http://127.0.0.1:8000")

    choose(Client(), link)

    assert who(signed_in(password=NEW)) == "Dana Hofer"


def test_a_second_address_of_hers_finds_danas_account_and_mail_goes_to_where_she_signs_in() -> None:
    account = newcomer()
    add_address(account.person_id or 0, "dana@home.example", by=system().stamp, at=now())

    Client().post(RESET, {"email": "dana@home.example"})
    deliver()

    assert [sent.to for sent in mail.outbox] == [["dana@company.example"]]


def test_dana_is_told_when_her_password_changes() -> None:
    newcomer()
    client = signed_in()

    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    deliver()

    (sent,) = mail.outbox
    assert sent.subject == "Your password was changed"
    assert "127.0.0.1" in sent.body
    assert NEW not in sent.body


def test_her_other_devices_end_when_dana_changes_her_password() -> None:
    newcomer()
    client, phone = signed_in(), signed_in()

    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert who(client) == "Dana Hofer"
    assert phone.get("/account/").status_code == 302


@pytest.mark.parametrize("weak", ["short", "1234567890", "password123", "dana@company.example"])
def test_a_weak_password_is_refused_in_words(weak: str) -> None:
    newcomer()
    client = signed_in()

    answer = client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})

    assert "This was not saved" in answer.content.decode()
    assert sign_in(Client()).status_code == 302


def test_where_it_is_open_who_signs_up_becomes_a_person_once_the_address_is_theirs(settings: Any) -> None:
    settings.HELMDESK_SIGNUP = True
    client = Client()

    client.post("/account/signup/", {"email": "New@company.example", "password1": PASSWORD, "password2": PASSWORD})
    deliver()
    assert sign_in(Client(), email="new@company.example")["Location"] == "/account/confirm-email/"
    assert not Person.objects.exists()

    Client().post(link_in(mail.outbox[0].body))
    assert who(signed_in("new@company.example")) == "new"
    assert Address.objects.get().verified_at is not None


def test_who_signs_up_with_a_known_address_is_told_by_mail_alone(settings: Any) -> None:
    settings.HELMDESK_SIGNUP = True
    newcomer()

    answers = [
        Client().post("/account/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
        for email in ("dana@company.example", "other@company.example")
    ]
    deliver()

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/account/confirm-email/")] * 2
    assert [sent.subject for sent in mail.outbox] == [
        "You have an account already",
        "Confirm your address for Helmdesk",
    ]
    assert Account.objects.filter(email="dana@company.example").count() == 1


def asked_for_link() -> str:
    mail.outbox.clear()
    Client().post(RESET, {"email": "dana@company.example"})
    deliver()
    return link_in(mail.outbox[-1].body)


def choose(client: Client, link: str) -> Any:
    form = client.get(link)["Location"]
    return client.post(form, {"password1": NEW, "password2": NEW})


def answer_and_work(email: str, *, place: str) -> tuple[tuple[int, str], list[str]]:
    with CaptureQueriesContext(connection) as done:
        answer = Client(REMOTE_ADDR=place).post(RESET, {"email": email})
    work = [" ".join(query["sql"].split()[:3]) for query in done.captured_queries if "SAVEPOINT" not in query["sql"]]
    return (answer.status_code, answer["Location"]), work
