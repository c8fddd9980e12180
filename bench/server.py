"""A desk's own server under measurement: started on a free port, its CPU and memory read from /proc."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """`helmdesk serve` as a user runs it, with 2 workers."""

    environment: dict[str, str]
    port: int = 0
    started_in: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-c", "from helmdesk.config.cli import main; main()", "serve", "--workers", "2"]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env={**os.environ, **self.environment, "HELMDESK_BASE_URL": f"http://127.0.0.1:{self.port}"},
            stdout=subprocess.DEVNULL,
            stderr=(Path(self.environment["HELMDESK_HOME"]) / "server.log").open("wb"),
        )
        while not self._answers():
            if self.process.poll() is not None or time.perf_counter() - began > 60:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        self.started_in = time.perf_counter() - began

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def cpu(self) -> float:
        """CPU seconds of the whole process tree so far."""
        assert self.process is not None
        return sum(cpu_of(pid) for pid in tree(self.process.pid))

    def memory(self) -> float:
        """MB of the whole tree, shared pages counted once (PSS)."""
        assert self.process is not None
        return sum(pss_of(pid) for pid in tree(self.process.pid)) / 1024


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in tree(int(child)))]


def cpu_of(pid: int) -> float:
    """User and system seconds of a process, with those of its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def pss_of(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def postgres_cpu(database: str) -> float:
    """CPU seconds of the PostgreSQL processes that serve a database, as their titles say; 0 for SQLite."""
    if not database.startswith("postgres"):
        return 0.0
    total, name = 0.0, f" {database.rpartition('/')[2]} "
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if (folder / "comm").read_text().strip() == "postgres" and name in (folder / "cmdline").read_text():
                    total += cpu_of(int(folder.name))
            except OSError:
                continue
    return total


class Client:
    """A browser's place in the desk: cookies and one kept connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, body and Location of one request."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")})
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{self.connection.port}",
            }
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, text, answer.headers.get("Location", "")

    def sign_in(self, email: str, password: str) -> None:
        self.ask("GET", "/account/login/")
        status, text, _ = self.ask("POST", "/account/login/", {"login": email, "password": password})
        if status not in (302, 303):
            raise RuntimeError(f"{email} could not sign in: {status} {text[:200]}")

    def twin(self) -> "Client":
        """The same session on another connection."""
        other = Client(self.connection.port)
        other.cookies = dict(self.cookies)
        return other
