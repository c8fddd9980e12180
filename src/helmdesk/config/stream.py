"""`/live`: a page's open line to the desk (server-sent events), native ASGI; one watcher thread a process feeds all.

A client has at most one message a topic waiting, the latest, so a slow one costs nothing and misses nothing.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs

from django.conf import settings

from helmdesk.config import hearing
from helmdesk.foundation import live
from helmdesk.foundation.time import now

HEARTBEAT: Final = 15.0
MOST_STREAMS, MOST_A_SESSION = 2000, 6
HEADERS: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(eq=False, slots=True)
class Client:
    """One open stream: what it follows, and what it has not been told yet."""

    session_key: str
    topics: frozenset[str]
    ear: hearing.Ear
    waiting: dict[str, int] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    def tell(self, heard: Mapping[str, int]) -> None:
        if heard:
            self.waiting |= heard
            self.news.set()

    def end(self) -> None:
        self.over = True
        self.news.set()

    def take(self) -> bytes:
        """Everything that waits, in the order it happened, as events of the stream."""
        told, self.waiting = sorted(self.waiting.items(), key=lambda item: item[1]), {}
        self.news.clear()
        return b"".join(
            f"id: {seq}\nevent: changed\ndata: {json.dumps({'topic': topic, 'seq': seq})}\n\n".encode()
            for topic, seq in told
        )


class Streams:
    """All open streams of this process. Everything here runs in the event loop; the watcher calls in from outside."""

    def __init__(self, executor: Executor) -> None:
        self.clients: set[Client] = set()
        self.closing = False
        self._executor = executor
        self._a_session: Counter[str] = Counter()
        self._watcher: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_key, listener = asked(scope)
        if listener is None or live.session_digest(session_key) != listener.session:
            return await refuse(send, 403, "This page may not listen. Load it again.")
        if len(self.clients) >= MOST_STREAMS or self._a_session[session_key] >= MOST_A_SESSION or self.closing:
            return await refuse(send, 503, "Too many open pages. Close some.")
        self._a_session[session_key] += 1
        try:
            await self._listen(scope, receive, send, session_key=session_key, listener=listener)
        finally:
            self._a_session -= Counter([session_key])

    async def _listen(
        self, scope: Scope, receive: Receive, send: Send, *, session_key: str, listener: live.Listener
    ) -> None:
        loop = asyncio.get_running_loop()
        self._watch(loop)
        ear = await loop.run_in_executor(
            self._executor, lambda: hearing.admitted(listener, session_key=session_key, at=now())
        )
        if ear is None:
            return await refuse(send, 403, "This page may not listen. Load it again.")
        client = Client(session_key=session_key, topics=listener.topics, ear=ear)
        self.clients.add(client)
        try:
            since = max(listener.since, last_heard(scope))
            client.tell(await loop.run_in_executor(self._executor, missed, client, since))
            await self._tell(client, receive, send)
        finally:
            self.clients.discard(client)

    async def _tell(self, client: Client, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            while not gone.done():
                if client.over:
                    await send({"type": "http.response.body", "body": b"event: ended\ndata: {}\n\n", "more_body": True})
                    break
                if self.closing:
                    break
                if client.waiting:
                    await send({"type": "http.response.body", "body": client.take(), "more_body": True})
                elif not await something(client, gone):
                    await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._watcher is None:
            from helmdesk.config.watcher import Watcher

            self._watcher = Watcher(self, loop)
            self._watcher.start()

    def close(self) -> None:
        """Ends every stream; pages ask again in two seconds, of whoever is there then."""
        self.closing = True
        for client in self.clients:
            client.news.set()
        if self._watcher is not None:
            self._watcher.stop()


def asked(scope: Scope) -> tuple[str, live.Listener | None]:
    """Whose session asks, for what."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get(b"cookie", b"").decode("latin-1"))
        (token,) = parse_qs(scope["query_string"].decode("latin-1"))["topics"]
        return cookies[settings.SESSION_COOKIE_NAME].value, live.opened(token)
    except (CookieError, KeyError, ValueError):
        return "", None


def last_heard(scope: Scope) -> int:
    """Where a page that lost its line left off."""
    told = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    return int(told) if told.isdecimal() and len(told) < 19 else 0


def missed(client: Client, since: int) -> dict[str, int]:
    """What happened between the page's making and its listening."""
    return hearing.Round(hearing.news_since(since)).told(client.ear, client.topics)


async def something(client: Client, gone: "asyncio.Future[None]") -> bool:
    """Waits for news or the client's leaving; false when it is time for a sign of life."""
    news = asyncio.ensure_future(client.news.wait())
    done, _ = await asyncio.wait((news, gone), timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
    news.cancel()
    return bool(done)


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(send: Send, status: int, words: str) -> None:
    body = f"{words}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
