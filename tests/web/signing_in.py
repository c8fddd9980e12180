"""Accounts for the tests of signing in, and what a browser of theirs does."""

import re
from typing import Any

from django.test import Client

from helmdesk.access.viewer import system
from helmdesk.foundation.jobs.worker import Worker
from helmdesk.foundation.time import now
from helmdesk.people.accounts import create_account
from helmdesk.people.models import Account
from helmdesk.people.persons import PersonEntry, add_person

PASSWORD = "correct horse battery"
LOGIN = "/account/login/"
RESET = "/account/password/reset/"


def newcomer(email: str = "dana@company.example", *, name: str = "Dana Hofer", **account: Any) -> Account:
    by, at = system().stamp, now()
    person = add_person(PersonEntry(name=name, zone="Europe/Vienna"), by=by, at=at)
    return create_account(person.pk, email=email, by=by, at=at, **{"password": PASSWORD, **account})


def sign_in(client: Client, email: str = "dana@company.example", password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **more})


def signed_in(email: str = "dana@company.example", **how: str) -> Client:
    client = Client()
    assert sign_in(client, email, **how).status_code == 302
    return client


def who(client: Client) -> str | None:
    """The name in the bar of this browser's profile page, or nobody."""
    answer = client.get("/account/")
    found = re.search(r'class="name">([^<]+)<', answer.content.decode())
    return found[1] if found else None


def link_in(body: object) -> str:
    """The path of the one link in a mail."""
    (found,) = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", str(body))
    return str(found)


def deliver() -> None:
    """Runs what waits to be mailed."""
    Worker().drain()
