"""One parent, its children: page processes and a job process, forked from a parent that has everything loaded.

The parent has one thread and no database connection, so forking is safe and memory is shared. Children end by
themselves when the parent is gone: they hold the reading end of a pipe that only the parent can write to.
"""

import asyncio
import gc
import importlib
import logging
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NoReturn

from django.conf import settings
from django.db import connections

import helmdesk
from helmdesk.foundation.tracebacks import outline

if TYPE_CHECKING:
    from helmdesk.config.asgi import Front

log = logging.getLogger("helmdesk.server")

GRACE: Final = 28.0
SHORT_LIFE: Final = 5.0
SHORT_LIVES: Final = 5
STOPS: Final = (signal.SIGTERM, signal.SIGINT)


class CannotStart(Exception):
    """Why the server does not start, and the cure."""


@dataclass(slots=True)
class Child:
    """One process of the tree: what it runs, and how it has fared."""

    name: str
    run: Callable[[int], int]
    pid: int = 0
    born: float = 0.0
    short_lives: int = 0
    due: float = 0.0


class Tree:
    """Starts its children, starts them again when they die, and stops them all."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = list(children)
        self._stopping = False
        self._failed = False
        self._woken, self._waker = os.pipe()
        self._lifeline, self._life = os.pipe()
        for end in (self._woken, self._waker):
            os.set_blocking(end, False)

    def run(self) -> int:
        """Runs until stopped; the exit status."""
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for stop in STOPS:
            signal.signal(stop, self._stop)
        while not self._stopping:
            self._start_those_due()
            self._rest(1.0)
            self._bury()
        self._end_all()
        return 1 if self._failed else 0

    def _stop(self, *_: Any) -> None:
        self._stopping = True

    def _start_those_due(self) -> None:
        for child in self._children:
            if not child.pid and child.due <= monotonic():
                self._fork(child)

    def _fork(self, child: Child) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        child.born = monotonic()
        child.pid = os.fork()
        if child.pid == 0:
            self._become(child)

    def _become(self, child: Child) -> NoReturn:
        """The child's life, from fork to exit; it never returns into the parent's code."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self._life, self._woken, self._waker):
                os.close(end)
            status = child.run(self._lifeline)
        except BaseException as error:  # noqa: BLE001 (whatever it is, this process ends here)
            log.error("a process failed", extra={"part": child.name, "fault": outline(error)})
        finally:
            logging.shutdown()
            os._exit(status)

    def _bury(self) -> None:
        """Notes which children have died, and when each is to be started again."""
        for child in self._children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                lived = monotonic() - child.born
                child.pid = 0
                child.short_lives = child.short_lives + 1 if lived < SHORT_LIFE else 0
                child.due = monotonic() + (2**child.short_lives - 1) / 4
                if not self._stopping:
                    log.error("a process ended and is started again", extra={"part": child.name})
                if child.short_lives >= SHORT_LIVES:
                    log.critical("a process ends as soon as it starts: giving up", extra={"part": child.name})
                    self._failed = self._stopping = True

    def _rest(self, seconds: float) -> None:
        """Sleeps until a signal comes or the time is over."""
        with suppress(InterruptedError):
            if select.select([self._woken], [], [], seconds)[0]:
                with suppress(BlockingIOError):
                    os.read(self._woken, 512)

    def _end_all(self) -> None:
        """Asks every child to end, and makes those that do not."""
        self._signal(signal.SIGTERM)
        until = monotonic() + GRACE + 4
        while any(child.pid for child in self._children) and monotonic() < until:
            self._rest(0.5)
            self._bury()
        if any(child.pid for child in self._children):
            log.error("processes that would not end were killed")
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for child in self._children:
            if child.pid:
                with suppress(ProcessLookupError):
                    os.kill(child.pid, number)


def serve(*, host: str, port: int, workers: int, jobs: bool) -> int:
    """Pages, streams and (unless told otherwise) jobs, until stopped."""
    must_be_free(host, port)
    with measures_of_all_processes():
        preload()
        children = [Child(f"pages-{n}", lambda end: pages(host, port, end)) for n in range(1, workers + 1)]
        if jobs:
            children.append(Child("jobs", work))
        log.info("listening", extra={"address": f"http://{host}:{port}", "processes": len(children)})
        return Tree(children).run()


def serve_jobs(*, processes: int, threads: int, queues: Sequence[str], lease: timedelta | None) -> int:
    """Jobs alone, until stopped."""
    discover_jobs()
    settle()
    run = lambda end: work(end, threads=threads, queues=queues, lease=lease)  # noqa: E731
    return Tree([Child(f"jobs-{n}", run) for n in range(1, processes + 1)]).run()


def preload() -> None:
    """Loads what the children will need, so that they share it."""
    from django.urls import get_resolver

    from helmdesk.config import asgi, wsgi
    from helmdesk.foundation.static import shelf

    importlib.import_module("granian.server.embed")
    importlib.import_module("helmdesk.config.watcher")
    importlib.import_module("helmdesk.foundation.jobs.worker")
    discover_jobs()
    log.debug("loaded", extra={"front": asgi.__name__, "pages": wsgi.__name__})
    get_resolver().url_patterns  # noqa: B018 (imports every page)
    shelf().preload()
    settle()


def settle() -> None:
    """Makes this process fit to be forked: no connection, no garbage, what lives stays where it is."""
    connections.close_all()
    gc.collect()
    gc.freeze()


def discover_jobs() -> None:
    """Imports every room's `jobs.py`, so that its tasks and schedules are known."""
    for room in pkgutil.walk_packages(helmdesk.__path__, "helmdesk."):
        if room.name.endswith(".jobs") and not room.ispkg:
            importlib.import_module(room.name)


def pages(host: str, port: int, lifeline: int) -> int:
    """A page process."""
    from helmdesk.config.asgi import Front
    from helmdesk.config.wsgi import application

    asyncio.run(_pages(Front(application), host=host, port=port, lifeline=lifeline))
    return 0


async def _pages(front: "Front", *, host: str, port: int, lifeline: int) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server.embed import Server

    server = Server(
        front,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
        log_dictconfig=settings.LOGGING,
    )
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(lifeline)
        front.streams.close()
        server.stop()  # type: ignore[no-untyped-call]

    for number in STOPS:
        loop.add_signal_handler(number, stop)
    loop.add_reader(lifeline, stop)
    await server.serve()
    until = monotonic() + GRACE
    while front.under_way and monotonic() < until:
        await asyncio.sleep(0.02)


def work(lifeline: int, *, threads: int = 2, queues: Sequence[str] = (), lease: timedelta | None = None) -> int:
    """A job process."""
    from helmdesk.foundation.jobs.worker import LEASE, Worker

    worker = Worker(threads=threads, queues=queues, lease=lease or LEASE)
    for number in STOPS:
        signal.signal(number, worker.stop)
    threading.Thread(target=when_closed, args=(lifeline, worker.stop), daemon=True).start()
    return 0 if worker.run() else 1


def when_closed(lifeline: int, then: Callable[[], None]) -> None:
    """Waits for the parent's end of the pipe to close, as it does when the parent is killed."""
    os.read(lifeline, 1)
    then()


def must_be_free(host: str, port: int) -> None:
    """The children share the port, so the system would not complain of a second server on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"{host}:{port} cannot be listened on ({os.strerror(error.errno or 0)}). "
                "Stop what is there, or choose another with --port."
            ) from error


class measures_of_all_processes:  # noqa: N801 (reads as a phrase in `with`)
    """A folder in which all processes count together, gone when the server is; left-overs of killed ones go too."""

    def __enter__(self) -> None:
        base = Path(settings.HELMDESK_HOME) / "run"
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in base.glob("metrics-*"):
            if not alive(left.name.split("-")[1]):
                shutil.rmtree(left, ignore_errors=True)
        self._folder = tempfile.mkdtemp(prefix=f"metrics-{os.getpid()}-", dir=base)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = self._folder

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
