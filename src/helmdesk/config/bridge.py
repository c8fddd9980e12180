"""Runs Django's WSGI pages in a few threads behind the ASGI server, without a slow client ever holding one.

A request's body is read whole before a thread is taken; an ordinary answer leaves the thread in one piece, and files
are sent by the event loop. Only a streamed answer keeps its thread, and a client that stops reading loses it.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from helmdesk.foundation.tracebacks import outline

log = logging.getLogger("helmdesk.server")

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

IN_MEMORY: Final = 256 * 1024
CHUNK: Final = 128 * 1024
WAIT_FOR_CLIENT: Final = 60.0
MOST_WAITING: Final = 400


class TooLarge(Exception):
    """A body beyond what is accepted."""


class Gone(Exception):
    """The client left, or stopped sending or reading."""


@dataclass(slots=True)
class FileBody:
    """`wsgi.file_wrapper`: a file that the event loop sends itself."""

    file: IO[bytes]
    size: int = CHUNK

    def __iter__(self) -> Iterable[bytes]:
        return iter(lambda: self.file.read(self.size), b"")

    def close(self) -> None:
        self.file.close()


@dataclass(slots=True)
class Started:
    """What the pages gave `start_response`."""

    status: int = 500
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        self.status = int(status.split(" ", 1)[0])
        self.headers = tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
        return refuse_write


def refuse_write(_: bytes) -> None:
    raise NotImplementedError("pages return their body")


class Bridge:
    """An ASGI application around a WSGI one."""

    def __init__(self, pages: Wsgi, *, threads: int, largest_body: int) -> None:
        self._pages, self._largest = pages, largest_body
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="page")
        self._files = ThreadPoolExecutor(max_workers=2, thread_name_prefix="file")
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._waiting >= MOST_WAITING:
            return await answer(send, 503, "Too many requests are waiting. Try again in a moment.")
        self._waiting += 1
        try:
            await self._serve(scope, receive, send)
        except TooLarge:
            await answer(send, 413, f"This is larger than {self._largest // 1024**2} MB.")
        except Gone:
            log.info("client left")
        finally:
            self._waiting -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            await read_into(body, scope, receive, largest=self._largest)
            asked, started = environ(scope, body), Started()
            try:
                result, whole = await loop.run_in_executor(self._executor, self._run, asked, started)
            except Exception as error:  # noqa: BLE001 (Django answers its own errors; this one is ours to tell)
                log.error("a page failed outside Django", extra={"fault": outline(error)})
                await answer(send, 500, "Something went wrong on our side.")
                return
            await send({"type": "http.response.start", "status": started.status, "headers": started.headers})
            if whole is not None:
                await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else whole})
            elif isinstance(result, FileBody):
                await self._send_file(result, send)
            else:
                await loop.run_in_executor(self._executor, stream, result, send, loop)
                await send({"type": "http.response.body", "body": b""})

    def _run(self, asked: dict[str, Any], started: Started) -> tuple[Any, bytes | None]:
        """In a thread: the page; and its whole body unless it is a file or a stream."""
        result = self._pages(asked, started)
        lasting = isinstance(result, FileBody) or getattr(result, "streaming", True)
        if lasting and asked["REQUEST_METHOD"] != "HEAD" and not isinstance(result, list | tuple):
            return result, None
        try:
            return None, b"" if lasting and not isinstance(result, list | tuple) else b"".join(result)
        finally:
            getattr(result, "close", bool)()

    async def _send_file(self, body: FileBody, send: Send) -> None:
        loop = asyncio.get_running_loop()
        try:
            while chunk := await loop.run_in_executor(self._files, body.file.read, CHUNK):
                await in_time(send({"type": "http.response.body", "body": chunk, "more_body": True}))
        finally:
            await loop.run_in_executor(self._files, body.close)
        await send({"type": "http.response.body", "body": b""})


def stream(result: Iterable[bytes], send: Send, loop: asyncio.AbstractEventLoop) -> None:
    """In a thread: sends a body piece by piece, as fast as the client reads."""
    try:
        for chunk in result:
            message = {"type": "http.response.body", "body": chunk, "more_body": True}
            asyncio.run_coroutine_threadsafe(in_time(send(message)), loop).result()
    finally:
        getattr(result, "close", bool)()


async def in_time(sending: Awaitable[Any]) -> Any:
    try:
        return await asyncio.wait_for(sending, WAIT_FOR_CLIENT)
    except TimeoutError as error:
        raise Gone from error


async def read_into(body: IO[bytes], scope: Scope, receive: Receive, *, largest: int) -> None:
    """Reads what the client sends; too much is refused at once, too slow is dropped."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > largest:
        raise TooLarge
    size, more = 0, True
    while more:
        message = await in_time(receive())
        if message["type"] == "http.disconnect":
            raise Gone
        size += len(message.get("body", b""))
        if size > largest:
            raise TooLarge
        body.write(message.get("body", b""))
        more = message.get("more_body", False)
    body.seek(0)


def environ(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """The request as WSGI has it. Names with an underscore are left out: they would pass for those with a hyphen."""
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    size = body.seek(0, 2)
    body.seek(0)
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileBody,
        **variables(scope["headers"]),
        "CONTENT_LENGTH": str(size),
    }


def variables(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw, value in headers:
        if b"_" in raw:
            continue
        name = raw.decode("latin-1").upper().replace("-", "_")
        name = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        joined = "; " if name == "HTTP_COOKIE" else ","
        told = value.decode("latin-1")
        found[name] = f"{found[name]}{joined}{told}" if name in found else told
    return found


async def answer(send: Send, status: int, words: str) -> None:
    """A plain answer of the server itself."""
    body = f"{words}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", str(len(body)).encode()),
    ]
    with suppress(ConnectionError):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
