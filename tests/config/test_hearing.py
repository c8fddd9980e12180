"""A live page is told that something changed only where its viewer may see what changed."""

from datetime import timedelta

import pytest

from helmdesk.access.models import Grant
from helmdesk.config import hearing
from helmdesk.foundation import live
from helmdesk.foundation.time import now
from helmdesk.people.models import Account
from helmdesk.tickets.assignment import take
from helmdesk.tickets.conversation import Words, note, reply
from helmdesk.tickets.models import Ticket
from tests.people.sessions import session_of
from tests.world import World

pytestmark = pytest.mark.django_db


def ear(world: World, name: str) -> hearing.Ear:
    return hearing.Ear(account=0, viewer=world.who(name), password="")


def hears(world: World, name: str, *topics: str, since: int) -> set[str]:
    return set(hearing.Round(hearing.news_since(since)).told(ear(world, name), frozenset(topics)))


def of(ticket: Ticket) -> str:
    return f"ticket:{ticket.pk}"


def test_a_reply_is_heard_by_requester_agent_and_the_provider_whose_grant_names_it(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    take(ticket.pk, by=world.who("ina"), at=world.tick())
    since = hearing.head()
    reply(ticket.pk, Words("We look into it."), by=world.who("ina"), at=world.tick())

    assert [
        name for name in ("alice", "arno", "ina", "nora", "bela") if hears(world, name, of(ticket), since=since)
    ] == [
        "alice",
        "ina",
        "nora",
    ]


def test_a_note_in_house_is_not_heard_by_requester_or_guest(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    since = hearing.head()
    note(ticket.pk, Words("She is the CFO."), by=world.who("ina"), at=world.tick())

    assert [name for name in ("alice", "ina", "ivo", "nora") if hears(world, name, of(ticket), since=since)] == [
        "ina",
        "ivo",
    ]


def test_a_note_on_an_agents_own_ticket_is_not_heard_by_them(world: World) -> None:
    ticket = world.ticket("ivo")
    since = hearing.head()
    note(ticket.pk, Words("Let him wait."), by=world.who("ina"), at=world.tick())

    assert not hears(world, "ivo", of(ticket), since=since)
    assert hears(world, "ina", of(ticket), since=since)


def test_lists_hear_of_tickets_that_their_viewer_may_see(world: World) -> None:
    since = hearing.head()
    world.ticket("alice", service="payroll", team="desk")
    desk = f"team:{world.teams['desk'].pk}"

    assert hears(world, "ina", "tickets", desk, since=since) == {"tickets", desk}
    assert hears(world, "nora", "tickets", desk, since=since) == set()


def test_nobody_follows_what_they_may_not_see(world: World) -> None:
    ticket = world.ticket("alice", service="payroll")
    refused = {
        name: not hearing.may_follow({of(ticket)}, viewer=world.who(name)) for name in ("alice", "arno", "ina", "nora")
    }

    assert refused == {"alice": False, "arno": True, "ina": False, "nora": True}
    assert not hearing.may_follow({"tickets"}, viewer=world.who("alice"))
    assert not hearing.may_follow({"person:1", "config:1"}, viewer=world.who("ina"))
    assert not hearing.may_follow({"ticket:x"}, viewer=world.who("ina"))


def test_very_many_events_are_told_as_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = world.ticket("alice")
    monkeypatch.setattr(hearing, "CATCH_UP_AT_MOST", 1)
    news = hearing.news_since(0)

    assert news.too_much
    assert hearing.Round(news).told(ear(world, "alice"), frozenset({of(ticket)})) == {of(ticket): hearing.head()}


def test_a_listener_is_admitted_with_the_session_that_the_page_was_made_in(world: World) -> None:
    ticket = world.ticket("alice")
    account = Account.objects.get(email="alice@company.example")
    key = session_of(account)
    listener = live.opened(live.signed([of(ticket)], account=account.pk, session_key=key, since=0))

    assert hearing.admitted(listener, session_key=key, at=now())
    other = session_of(Account.objects.get(email="arno@company.example"))
    assert hearing.admitted(listener, session_key=other, at=now()) is None
    account.set_password("a new password of hers")
    account.save()
    assert hearing.admitted(listener, session_key=key, at=now()) is None


def test_a_session_that_ended_or_an_account_that_did_is_noticed(world: World) -> None:
    account = Account.objects.get(email="alice@company.example")
    key = session_of(account)
    ears = {key: hearing.Ear(account=account.pk, viewer=world.who("alice"), password=account.password)}

    assert hearing.ended(ears, at=now()) == set()
    assert hearing.ended(ears, at=now() + timedelta(days=30)) == {key}
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert hearing.ended(ears, at=now()) == {key}


def test_rights_that_were_taken_are_noticed(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    account = Account.objects.get(email="nora@company.example")
    mine = hearing.Ear(account=account.pk, viewer=world.who("nora"), password="")
    assert hearing.may_follow({of(ticket)}, viewer=mine.viewer)
    Grant.objects.filter(provider=world.providers["northwind"]).update(revoked_at=world.at)

    again = hearing.looked_again(mine, at=world.tick())
    assert again is not None
    assert not hearing.may_follow({of(ticket)}, viewer=again.viewer)


def test_a_token_that_was_changed_is_no_token() -> None:
    token = live.signed(["ticket:1"], account=1, session_key="k", since=0)

    for bad in (token[:-1], token + "x", "", "a:b:c", token.replace(token[0], "A", 1)):
        with pytest.raises(live.NotListening):
            live.opened(bad)
    with pytest.raises(ValueError, match="topics"):
        live.signed([f"ticket:{n}" for n in range(51)], account=1, session_key="k", since=0)
