"""The thread that watches the ledger for a process's open streams, and ends those whose session or rights are gone."""

import asyncio
import logging
import threading
from time import monotonic
from typing import Any, Protocol

from django.db import DatabaseError, connection

from helmdesk.config import hearing
from helmdesk.foundation.time import now
from helmdesk.foundation.tracebacks import outline
from helmdesk.ledger.door import CHANNEL

log = logging.getLogger("helmdesk.live")

GLANCE = 0.25
SESSIONS_EVERY, RIGHTS_EVERY = 0.9, 60.0


class Listening(Protocol):
    """A stream, as the watcher sees it."""

    session_key: str
    topics: frozenset[str]
    ear: hearing.Ear

    def tell(self, heard: dict[str, int], /) -> None: ...
    def end(self) -> None: ...


class Watcher(threading.Thread):
    """Looks four times a second whether anything was written (SQLite), or is woken (PostgreSQL)."""

    def __init__(self, streams: Any, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="live-watcher", daemon=True)
        self._streams, self._loop = streams, loop
        self._stopping = threading.Event()
        self._listening = False
        self._seen, self._version = hearing.NOTHING, 0
        self._sessions_at = self._rights_at = monotonic()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except DatabaseError as error:
                log.warning("live pages wait for the database", extra={"fault": outline(error)})
                connection.close()
                self._listening = False
                self._stopping.wait(1)
        connection.close()

    def _look(self) -> None:
        if not self._listening or self._changed():
            self._listen()
            news = hearing.news_since(self._seen)
            self._seen = news.head
            self._spread(news)
        self._check(monotonic())

    def _listen(self) -> None:
        """Asks PostgreSQL to be woken, before the first look and again after its connection was lost."""
        if not self._listening and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
        if self._seen == hearing.NOTHING:
            self._seen = hearing.head()
        self._listening = True

    def _changed(self) -> bool:
        """Waits a moment; true when something may have been written meanwhile."""
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors:
                return bool(list(connection.connection.notifies(timeout=GLANCE, stop_after=1)))
        self._stopping.wait(GLANCE)
        with connection.cursor() as cursor:
            version: int = cursor.execute("PRAGMA data_version").fetchone()[0]
        changed, self._version = version != self._version, version
        return changed

    def _spread(self, news: hearing.News) -> None:
        if news.rights:
            self._rights_at = 0.0
        told = hearing.Round(news).told
        heard = [(client, told(client.ear, client.topics)) for client in self._clients()]
        self._loop.call_soon_threadsafe(tell_all, [(client, said) for client, said in heard if said])

    def _check(self, clock: float) -> None:
        if clock - self._sessions_at >= SESSIONS_EVERY:
            self._sessions_at = clock
            self._end_those_signed_out()
        if clock - self._rights_at >= RIGHTS_EVERY:
            self._rights_at = clock
            self._look_again_at_rights()

    def _end_those_signed_out(self) -> None:
        clients = self._clients()
        if not clients:
            return
        gone = hearing.ended({client.session_key: client.ear for client in clients}, at=now())
        for client in clients:
            if client.session_key in gone:
                self._loop.call_soon_threadsafe(client.end)

    def _look_again_at_rights(self) -> None:
        for client in self._clients():
            ear = hearing.looked_again(client.ear, at=now())
            if ear is None or not hearing.may_follow(client.topics, viewer=ear.viewer):
                self._loop.call_soon_threadsafe(client.end)
            else:
                client.ear = ear

    def _clients(self) -> list[Listening]:
        """A copy: the event loop adds and removes while this thread looks."""
        return list(self._streams.clients.copy())


def tell_all(heard: list[tuple[Listening, dict[str, int]]]) -> None:
    """In the event loop."""
    for client, said in heard:
        client.tell(said)
