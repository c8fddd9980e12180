"""One import at a time on a desk: a lock that ends with its process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from helmdesk.exchange.imports.errors import CannotImport

LOCK = 0x48454C4E


@contextmanager
def alone() -> Iterator[None]:
    """Holds the lock for a whole import. Raises CannotImport where another one runs."""
    with _held() as held:
        if not held:
            raise CannotImport("Another import is running on this desk. Wait until it ends; `helmdesk import list`.")
        yield


def is_running() -> bool:
    """Whether an import runs somewhere right now."""
    with _held() as held:
        return not held


@contextmanager
def _held() -> Iterator[bool]:
    with _held_on_postgresql() if connection.vendor == "postgresql" else _held_on_sqlite() as held:
        yield held


@contextmanager
def _held_on_postgresql() -> Iterator[bool]:
    """A lock of the session, which the server ends when the process is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        held = bool(cursor.fetchone()[0])
        try:
            yield held
        finally:
            if held and connection.connection is not None and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@contextmanager
def _held_on_sqlite() -> Iterator[bool]:
    """A lock on a file beside the database, which the system ends when the process is gone."""
    path = Path(f"{connection.settings_dict['NAME']}.import")
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
