"""Open pages on a real server: told within a second, ended with session or rights, none lost, none too many."""

import json
import os
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session

from helmdesk.access.grants import revoke
from helmdesk.access.models import Grant
from helmdesk.config import hearing
from helmdesk.foundation import live
from helmdesk.people.models import Account
from helmdesk.tickets.conversation import Words, reply
from helmdesk.tickets.models import Ticket
from tests.config.serving import Desk, until
from tests.databases import CommittedDatabase
from tests.people.sessions import session_of
from tests.world import World, build


class Page:
    """A page with an open line."""

    def __init__(self, desk: Desk, key: str, token: str, **headers: str) -> None:
        self.line = desk.connection(timeout=6)
        cookie = f"other=1; sessionid={key}"
        self.line.request("GET", f"/live?topics={token}", headers={"Cookie": cookie, **headers})
        self.response: HTTPResponse = self.line.getresponse()

    def events(self) -> Iterator[tuple[str, dict[str, object]]]:
        """What is told, until the stream ends."""
        kind = ""
        for raw in self.response:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield kind, json.loads(line.removeprefix("data: "))

    def close(self) -> None:
        assert isinstance(self.line.sock, socket.socket) or self.line.sock is None
        self.response.close()
        self.line.close()


class Office:
    """The small company on a served database, and who is signed in."""

    def __init__(self, desk: Desk, world: World) -> None:
        self.desk, self.world, self.keys = desk, world, dict[str, str]()

    def key(self, name: str) -> str:
        if name not in self.keys:
            self.keys[name] = session_of(self.account(name))
        return self.keys[name]

    def account(self, name: str) -> Account:
        return Account.objects.get(email=f"{name}@company.example")

    def page(self, name: str, ticket: Ticket, *, since: int | None = None, **headers: str) -> Page:
        seen = hearing.head() if since is None else since
        key, account = self.key(name), self.account(name).pk
        token = live.signed([f"ticket:{ticket.pk}"], account=account, session_key=key, since=seen)
        return Page(self.desk, key, token, **headers)


@pytest.fixture
def office(committed_db: CommittedDatabase, tmp_path: Path) -> Iterator[Office]:
    world = build()
    desk = Desk(committed_db.environment, tmp_path, "--workers", "1", "--no-jobs").wait_until_up()
    yield Office(desk, world)
    desk.kill()


def test_an_open_page_is_told_within_a_second_or_so(office: Office) -> None:
    ticket = office.world.ticket("alice")
    page = office.page("alice", ticket)
    time.sleep(0.6)
    begun = time.monotonic()
    reply(ticket.pk, Words("And the scanner too."), by=office.world.who("alice"), at=office.world.tick())

    assert next(page.events()) == ("changed", {"topic": f"ticket:{ticket.pk}", "seq": hearing.head()})
    assert time.monotonic() - begun < 1.5


def test_what_happened_before_the_page_listened_is_told_at_once(office: Office) -> None:
    ticket = office.world.ticket("alice")
    before = hearing.head()
    reply(ticket.pk, Words("And the scanner too."), by=office.world.who("alice"), at=office.world.tick())

    told = next(office.page("alice", ticket, since=before).events())
    assert told[1]["seq"] == hearing.head()
    lost = office.page("alice", ticket, since=0, **{"Last-Event-ID": str(before)})
    assert next(lost.events()) == told


def test_a_stream_ends_with_the_session(office: Office) -> None:
    ticket = office.world.ticket("alice")
    page = office.page("alice", ticket)
    Session.objects.filter(pk=office.key("alice")).delete()
    begun = time.monotonic()

    assert list(page.events()) == [("ended", {})]
    assert time.monotonic() - begun < 2
    assert office.page("alice", ticket).response.status == 403


def test_a_stream_ends_with_the_account(office: Office) -> None:
    page = office.page("alice", office.world.ticket("alice"))
    Account.objects.filter(email="alice@company.example").update(is_active=False)

    assert list(page.events()) == [("ended", {})]


def test_a_stream_ends_with_the_grant(office: Office) -> None:
    ticket = office.world.ticket("alice", service="network")
    page = office.page("nora", ticket)
    time.sleep(0.5)
    grant = Grant.objects.get(provider=office.world.providers["northwind"])
    revoke(grant.pk, by=office.world.who("max"), at=office.world.tick())

    assert list(page.events()) == [("ended", {})]


def test_strangers_forgers_and_thieves_hear_nothing(office: Office) -> None:
    ticket = office.world.ticket("alice", service="payroll")
    alice = office.account("alice")
    token = live.signed([f"ticket:{ticket.pk}"], account=alice.pk, session_key=office.key("alice"), since=0)
    hers = office.key("arno")
    attempts = {
        "another session": Page(office.desk, hers, token),
        "no session": Page(office.desk, "", token),
        "forged": Page(office.desk, office.key("alice"), token[:-3] + "abc"),
        "not theirs": office.page("nora", ticket),
    }

    assert {name: page.response.status for name, page in attempts.items()} == dict.fromkeys(attempts, 403)


def test_a_session_has_at_most_six_streams_and_gets_them_back(office: Office) -> None:
    ticket = office.world.ticket("alice")
    pages = [office.page("alice", ticket) for _ in range(7)]
    assert [page.response.status for page in pages] == [200] * 6 + [503]
    pages[0].close()

    until(lambda: office.page("alice", ticket).response.status == 200, seconds=10)


def test_a_stop_ends_streams_at_once(office: Office) -> None:
    page = office.page("alice", office.world.ticket("alice"))
    begun = time.monotonic()

    assert office.desk.stop() == 0
    assert list(page.events()) == []
    assert time.monotonic() - begun < 5


def test_a_page_process_that_is_killed_is_followed_by_one_that_catches_up(office: Office) -> None:
    ticket = office.world.ticket("alice")
    office.page("alice", ticket)
    before = hearing.head()
    for pid in office.desk.children():
        os.kill(pid, 9)
    reply(ticket.pk, Words("And the scanner too."), by=office.world.who("alice"), at=office.world.tick())
    until(office.desk.is_up)

    assert next(office.page("alice", ticket, since=before).events())[1]["seq"] == hearing.head()
