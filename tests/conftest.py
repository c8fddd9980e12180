"""Which home and database the tests use: a home of their own, and SQLite unless DATABASE_URL says otherwise.

`db` (or the mark `django_db`) rolls back what a test did. `committed_db` gives a test a database of its own to commit
to, for threads, processes, triggers and servers. `./dev test` runs all on SQLite and what is marked `database` again
on PostgreSQL.
"""

from __future__ import annotations

import fcntl
import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

if TYPE_CHECKING:
    from tests.world import World

FIRST_PROCESS = "PYTEST_XDIST_WORKER" not in os.environ
if FIRST_PROCESS:  # others inherit what it sets, and have read their settings before they come here
    home = tempfile.mkdtemp(prefix="helmdesk-tests-")
    os.environ.update(HELMDESK_HOME=home, HELMDESK_FILES=f"{home}/files", HELMDESK_KEYS=f"{home}/keys")
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{home}/unused.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "helmdesk.config.settings"
HOME = Path(os.environ["HELMDESK_HOME"])

hypothesis_settings.register_profile("helmdesk", deadline=None, print_blob=True)
hypothesis_settings.register_profile("thorough", deadline=None, print_blob=True, max_examples=1000)
hypothesis_settings.load_profile("helmdesk")

ROLLED_BACK, COMMITTED, FLUSHED = "db", "committed_db", {"transactional_db", "live_server", "django_db_reset_sequences"}


def pytest_configure() -> None:
    import django

    django.setup()


def pytest_collection_finish() -> None:
    """What is loaded by now stays, so the collector need not look at it again and again: a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure() -> None:
    if FIRST_PROCESS:
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches a database, before `-m` chooses; refuse tests that would have to empty one afterwards."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        mark = item.get_closest_marker("django_db")
        if fixtures & FLUSHED or (mark and mark.kwargs.get("transaction")):
            raise pytest.UsageError(f"{item.nodeid}: events cannot be deleted; use the fixture committed_db")
        if mark or fixtures & {ROLLED_BACK, COMMITTED}:
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Migrate one database for the session, and keep a copy of it to make others from."""
    from django.db import connection

    from tests import databases

    made = databases.of_this_process(HOME)
    before = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = made.name_for_tests()
    with django_db_blocker.unblock():
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        made.keep_template()
    yield
    with django_db_blocker.unblock():
        databases.point_default_at(before)
        made.drop(made.name_for_tests())
        if isinstance(made, databases.PostgresqlDatabases):
            made.drop(made.template)


@pytest.fixture(autouse=True)
def _django_db_marker(request: pytest.FixtureRequest) -> None:
    """As pytest-django has it, but a mark on a whole module leaves tests with `committed_db` alone."""
    if request.node.get_closest_marker("django_db") and COMMITTED not in request.fixturenames:
        request.getfixturevalue("_django_db_helper")


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[object]:
    """A fresh database, the default one, to commit to; see `tests.databases.CommittedDatabase`."""
    from django.db import connection

    from tests import databases

    if ROLLED_BACK in request.fixturenames:
        pytest.fail("a test has either db, which rolls back, or committed_db")
    made = databases.of_this_process(HOME)
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        name = made.copy_template(next(COPIES))
        databases.point_default_at(name)
        yield databases.CommittedDatabase(made.url(name))
        databases.point_default_at(before)
        made.drop(name)


COPIES = itertools.count(1)
COMPILED = ("tests/clocks/", "tests/engine/", "tests/worktime/")


@pytest.fixture(autouse=True)
def _compiling(request: pytest.FixtureRequest) -> Iterator[None]:
    """Kernels are kept on disk: the first such test of each process waits for what another one is compiling."""
    folder = next((folder for folder in COMPILED if request.node.nodeid.startswith(folder)), None)
    if folder is None or folder in _waited:
        yield
        return
    with (HOME / "compiling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    _waited.add(folder)


_waited: set[str] = set()


@pytest.fixture
def world(db: None) -> World:
    """A small company, undone after the test (`tests.world`)."""
    from tests.world import build

    return build()
