"""A private PostgreSQL server for one run of the tests: on a free port, in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/pgsql/bin")
ROOM = 4 * 1024**3
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=80 -c log_min_messages=fatal"


@contextmanager
def for_tests() -> Iterator[str | None]:
    """The address of a server to test on: HELMDESK_TEST_POSTGRES, else a private one, else none."""
    given = os.environ.get("HELMDESK_TEST_POSTGRES")
    programs = find_programs()
    if given or not programs:
        yield given
    else:
        with private_server(programs) as address:
            yield address


def find_programs() -> Path | None:
    """The folder of the newest PostgreSQL that is installed here."""
    places = [path for pattern in PLACES for path in Path("/").glob(pattern[1:]) if (path / "initdb").exists()]
    on_path = shutil.which("initdb")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    return max(places, key=version, default=None)


def version(place: Path) -> int:
    numbers = re.findall(r"\d+", str(place))
    return int(numbers[0]) if numbers else 0


@contextmanager
def private_server(programs: Path) -> Iterator[str]:
    """Run a server as somebody who is not root, which PostgreSQL insists on."""
    folder = Path(tempfile.mkdtemp(prefix="helmdesk-postgres-", dir=memory()))
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_owner:
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()
    control: list[str | Path] = [*as_owner, programs / "pg_ctl", "-D", data, "--silent", "-w"]
    try:
        # Linguistic order, as on most servers in earnest: a test that leans on byte order shall fail here.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
        run([*as_owner, programs / "initdb", "-D", data, "-U", "helmdesk", "-A", "trust", "--no-sync", *locale])
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {QUICK}"
        run([*control, "-l", folder / "log", "-o", options, "start"])
        yield f"postgresql://helmdesk@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], cwd="/", capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def memory() -> Path | None:
    """A folder that is kept in memory, where there is one with room for the databases of the tests."""
    folder = Path("/dev/shm")
    roomy = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM
    return folder if roomy else None


def run(command: list[str | Path]) -> None:
    done = subprocess.run(command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the private PostgreSQL server did not start:\n{done.stdout}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
