"""The front of the server: streams, static files and signs of life natively, pages in threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.conf import settings

from helmdesk.config import bridge, health, metrics
from helmdesk.config.bridge import Receive, Scope, Send
from helmdesk.config.stream import Streams
from helmdesk.foundation.static import PREFIX, shelf

THREADS: Final = 4


class Front:
    """One process's ASGI application; knows how many requests are under way, so that a stop can wait for them."""

    def __init__(self, pages: bridge.Wsgi) -> None:
        self._own = ThreadPoolExecutor(max_workers=2, thread_name_prefix="own")
        self.pages = bridge.Bridge(pages, threads=THREADS, largest_body=settings.HELMDESK_LARGEST_BODY)
        self.streams = Streams(self._own)
        self.under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        self.under_way += 1
        try:
            await self._route(scope, receive, send)
        finally:
            self.under_way -= 1

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith(PREFIX):
            await self._static(scope, send)
        elif path == "/live":
            await self.streams(scope, receive, send)
        elif path == "/healthz":
            await self._told(send, health.report)
        elif path == "/metrics" and metrics.may_read(scope):
            await self._told(send, metrics.exposition)
        else:
            await self.pages(scope, receive, send)

    async def _static(self, scope: Scope, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        version = scope["query_string"].decode("latin-1").removeprefix("v=")
        status, told, body = shelf().answer(
            scope["method"], scope["path"].removeprefix(PREFIX), version=version, headers=headers
        )
        raw = [(name.encode(), value.encode("latin-1")) for name, value in told]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _told(self, send: Send, report: Callable[[], tuple[int, str, bytes]]) -> None:
        status, content_type, body = await asyncio.get_running_loop().run_in_executor(self._own, report)
        headers = [
            (b"content-type", content_type.encode()),
            (b"cache-control", b"no-store"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        step = (await receive())["type"]
        await send({"type": f"{step}.complete"})
        if step == "lifespan.shutdown":
            return
