"""Who may hear of what: which topics a listener may follow, and which of the things that happened they are told of.

A live page is told only that something changed; what, it fetches under its own rights. Even that is told only to
those who may see the ticket and, for messages, the thread: by `visible_to`, like everything else.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from helmdesk.access.viewer import Viewer, viewer_of
from helmdesk.foundation.live import Listener
from helmdesk.ledger.models import Event, Hat, Head, Stream
from helmdesk.people.models import Account
from helmdesk.tickets.models import Message, Thread, Ticket

NOTHING = -1
CATCH_UP_AT_MOST = 2000
BETWEEN_TEAMS = {"handed_over", "hand_over.accepted", "hand_over.declined", "hand_over.recalled", "team.rerouted"}
TOLD_TO_THE_REQUESTER = frozenset(
    "ticket.opened assigned handed_over wait.started wait.ended resolved reopened closed message.added message.revised"
    " subject.revised prioritised ticket.merged ticket.unmerged participant.added participant.removed".split()
)
WHO_MAY_SEE = {Stream.CONFIG, Stream.PROVIDER, Stream.PERSON}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event on a ticket, as far as listeners are concerned."""

    seq: int
    ticket: int
    kind: str
    message: int | None = None
    thread: int | None = None
    teams: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What happened since the last look: changes, whether rights may have changed, and up to which event."""

    head: int
    changes: tuple[Change, ...] = ()
    rights: bool = False
    too_much: bool = False


@dataclass(slots=True)
class Ear:
    """One account that listens: as whom it looks, and the password its session was made with."""

    account: int
    viewer: Viewer
    password: str


def head() -> int:
    return Head.objects.filter(pk=1).values_list("seq", flat=True).first() or 0


def news_since(seq: int) -> News:
    """The events after `seq`; when they are very many, only that there were."""
    rows = list(
        Event.objects.filter(seq__gt=seq)
        .order_by("seq")
        .values_list("seq", "stream", "stream_id", "kind", "team", "body")[: CATCH_UP_AT_MOST + 1]
    )
    if not rows:
        return News(head=seq)
    if len(rows) > CATCH_UP_AT_MOST:
        return News(head=head(), rights=True, too_much=True)
    changes = tuple(
        change(seq, ticket, kind, team=team, body=body)
        for seq, stream, ticket, kind, team, body in rows
        if stream == Stream.TICKET
    )
    return News(head=rows[-1][0], changes=changes, rights=any(row[1] in WHO_MAY_SEE for row in rows))


def change(seq: int, ticket: int, kind: str, *, team: int | None, body: str) -> Change:
    what: Mapping[str, Any] = {}
    if kind in BETWEEN_TEAMS or kind.startswith(("message.", "thread.")):
        what = json.loads(body).get("what", {})
    teams = frozenset(t for t in (team, what.get("from"), what.get("to")) if isinstance(t, int))
    message = what.get("message") if kind.startswith("message.") else None
    thread = what.get("thread") if kind == "thread.opened" else None
    return Change(seq=seq, ticket=ticket, kind=kind, message=message, thread=thread, teams=teams)


def admitted(listener: Listener, *, session_key: str, at: datetime) -> Ear | None:
    """The ear of a listener whose session, account and topics are all good now."""
    account = Account.objects.filter(pk=listener.account, is_active=True, person__isnull=False).first()
    if account is None or not signed_in(account, session=SessionStore(session_key)):
        return None
    viewer = viewer_of(account.person_id or 0, at=at)
    if not may_follow(listener.topics, viewer=viewer):
        return None
    return Ear(account=listener.account, viewer=viewer, password=account.password)


def signed_in(account: Account, *, session: SessionStore) -> bool:
    """Whether this session was made by this account with the password that it has now."""
    mark = str(session.get(HASH_SESSION_KEY, ""))
    return str(session.get(SESSION_KEY)) == str(account.pk) and constant_time_compare(
        mark, account.get_session_auth_hash()
    )


def may_follow(topics: Collection[str], *, viewer: Viewer) -> bool:
    """Whether every one of these may be followed: `ticket:7`, `team:3`, `tickets`, `person:9`."""
    named = [topic.partition(":")[::2] for topic in topics]
    tickets = {int(number) for kind, number in named if kind == "ticket" and number.isdecimal()}
    rest = [(kind, number) for kind, number in named if kind != "ticket" or not number.isdecimal()]
    return all(_may_follow(kind, number, viewer) for kind, number in rest) and tickets == _visible(tickets, viewer)


def _may_follow(kind: str, number: str, viewer: Viewer) -> bool:
    if kind == "person":
        return number == str(viewer.person)
    return kind in ("team", "tickets") and viewer.hat == Hat.MEMBER


class Round:
    """What happened, told to many listeners: what one needs to know of the database is asked once for all like them."""

    def __init__(self, news: News) -> None:
        self._news = news
        self._of: dict[str, list[Change]] = {}
        for one in news.changes:
            for topic in concerned(one):
                self._of.setdefault(topic, []).append(one)
        self._lists: dict[Viewer, set[int]] = {}
        self._pages: dict[tuple[int, str], int] = {}

    def told(self, ear: Ear, topics: frozenset[str]) -> dict[str, int]:
        """What one listener hears: each topic with the last event that concerns it."""
        if self._news.too_much:
            return dict.fromkeys(topics, self._news.head)
        heard = {topic: self._last(ear, topic) for topic in topics & self._of.keys()}
        return {topic: seq for topic, seq in heard.items() if seq}

    def _last(self, ear: Ear, topic: str) -> int:
        if topic.startswith("ticket:"):
            key = (ear.account, topic)
            if key not in self._pages:
                self._pages[key] = max((one.seq for one in on_page(self._of[topic], ear.viewer)), default=0)
            return self._pages[key]
        seen = self._in_lists(ear.viewer)
        return max((one.seq for one in self._of[topic] if one.ticket in seen), default=0)

    def _in_lists(self, viewer: Viewer) -> set[int]:
        """The tickets that colleagues like this one have in their lists; their own are on their own pages."""
        like = Viewer(
            hat=viewer.hat,
            provider=viewer.provider,
            internal=viewer.internal,
            scopes=viewer.scopes,
            shares=viewer.shares,
        )
        if like not in self._lists:
            self._lists[like] = _visible({one.ticket for one in self._news.changes}, like)
        return self._lists[like]


def on_page(changes: Collection[Change], viewer: Viewer) -> list[Change]:
    """Those that show on a ticket's page to this viewer: not another thread's, and on one's own not the desk's work."""
    tickets = _visible({one.ticket for one in changes}, viewer)
    messages = _seen(Message, {one.message for one in changes}, viewer)
    threads = _seen(Thread, {one.thread for one in changes}, viewer)
    inner = {one.ticket for one in changes if one.kind not in TOLD_TO_THE_REQUESTER}
    own = _visible(inner, viewer.as_requester()) if viewer.hat == Hat.MEMBER else inner
    return [
        one
        for one in changes
        if one.ticket in tickets
        and (one.message is None or one.message in messages)
        and (one.thread is None or one.thread in threads)
        and (one.kind in TOLD_TO_THE_REQUESTER or one.ticket not in own)
    ]


def concerned(one: Change) -> frozenset[str]:
    """The topics a change belongs to: its ticket's page, the lists of its teams, the list of all."""
    return frozenset((f"ticket:{one.ticket}", "tickets", *(f"team:{team}" for team in one.teams)))


def ended(ears: Mapping[str, Ear], *, at: datetime) -> set[str]:
    """Of sessions with their ears, those that are no more: session gone, account ended, password changed."""
    live = set(
        Session.objects.filter(session_key__in=list(ears), expire_date__gt=at).values_list("session_key", flat=True)
    )
    accounts = dict(
        Account.objects.filter(pk__in={ear.account for ear in ears.values()}, is_active=True).values_list(
            "pk", "password"
        )
    )
    return {key for key, ear in ears.items() if key not in live or accounts.get(ear.account) != ear.password}


def looked_again(ear: Ear, *, at: datetime) -> Ear | None:
    """The same ear with the rights of now; None when there is nobody behind it any more."""
    person = Account.objects.filter(pk=ear.account, is_active=True).values_list("person", flat=True).first()
    if person is None:
        return None
    return Ear(account=ear.account, viewer=viewer_of(person, at=at), password=ear.password)


def _visible(tickets: set[int], viewer: Viewer) -> set[int]:
    return _seen(Ticket, tickets, viewer)


def _seen(kind: type[Ticket | Thread | Message], ids: Collection[int | None], viewer: Viewer) -> set[int]:
    asked = {pk for pk in ids if pk is not None}
    if not asked:
        return set()
    return set(kind.objects.visible_to(viewer).filter(pk__in=asked).values_list("pk", flat=True))
