"""The desk's pages and files on a port of this machine, for a browser, out of the database of the running test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test.utils import override_settings

from helmdesk.foundation.static import PREFIX, shelf


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """The address of a desk; `localhost`, since browsers keep passkeys for names only."""
    server = make_server("127.0.0.1", 0, with_files(get_wsgi_application()), Server, Quiet)
    address = f"http://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    with override_settings(HELMDESK_BASE_URL=address, CSRF_TRUSTED_ORIGINS=[address]):
        yield address
    server.shutdown()
    server.server_close()


def with_files(pages: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(PREFIX):
            version = parse_qs(environ["QUERY_STRING"]).get("v", [""])[0]
            name = environ["PATH_INFO"].removeprefix(PREFIX)
            status, headers, body = shelf().answer(environ["REQUEST_METHOD"], name, version=version, headers={})
            start(f"{status} .", headers)
            return [body]
        try:
            return list(pages(environ, start))
        finally:
            connections.close_all()

    return app
