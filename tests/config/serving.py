"""A real `helmdesk serve` for a test: on a free port, with the test's own database, stopped afterwards."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HELMDESK = Path(sys.executable).parent / "helmdesk"


class Desk:
    """A server, its address, its log, and ways to ask it."""

    def __init__(self, environment: dict[str, str], folder: Path, *options: str) -> None:
        self.port = free_port()
        self.marks, self.log_file = folder / "marks", folder / "log"
        self.marks.mkdir(exist_ok=True)
        self.environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": "tests.config.server_settings",
            "PYTHONPATH": str(ROOT),
            "HELMDESK_LOG": "json",
            "HELMDESK_TEST_MARKS": str(self.marks),
        }
        command = [str(HELMDESK), "serve", "--port", str(self.port), *options]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stderr=log, stdout=log, start_new_session=True, cwd=ROOT
            )

    def wait_until_up(self) -> "Desk":
        until(lambda: self.is_up() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log
        return self

    def is_up(self) -> bool:
        with suppress(OSError):
            return self.get("/healthz").status == 200
        return False

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def connection(self, timeout: float = 20) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(self, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> "Answer":
        connection = self.connection()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def children(self) -> list[int]:
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in told.split()]

    def count(self, what: str) -> int:
        return len(list(self.marks.glob(f"{what}-*")))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)

    def kill(self) -> None:
        """Kills every process of the tree at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Answer:
    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(true: Callable[[], Any], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.03)


def gone(pid: int) -> bool:
    """Whether a process has ended, be it as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
