"""Databases for tests: made once a session by the migrations, and copied in milliseconds for a test that commits.

Events refuse to be deleted, so a database that a test has committed to cannot be emptied again. Such a test gets a
copy of its own and the copy is dropped.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class CommittedDatabase:
    """The default database of one test; `environment` opens the same one in another process."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.url}


class Databases(Protocol):
    """What SQLite and PostgreSQL do each in their way."""

    def name_for_tests(self) -> str:
        """The name of the database that tests with `db` share and roll back."""

    def keep_template(self) -> None:
        """Keep a copy of the migrated database as it is now."""

    def copy_template(self, number: int) -> str:
        """A fresh copy's name."""

    def drop(self, name: str) -> None:
        """Remove a copy, whoever may still be connected to it."""

    def url(self, name: str) -> str:
        """The DATABASE_URL of a copy."""


@dataclass(frozen=True)
class SqliteFiles:
    """Databases are files in one folder; a copy is a copied file."""

    folder: Path

    def name_for_tests(self) -> str:
        return str(self.folder / "tests.sqlite3")

    def keep_template(self) -> None:
        connection.ensure_connection()
        with sqlite3.connect(self.folder / "template.sqlite3") as template:
            connection.connection.backup(template)
        template.close()

    def copy_template(self, number: int) -> str:
        name = str(self.folder / f"copy{number}.sqlite3")
        copyfile(self.folder / "template.sqlite3", name)
        return name

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)

    def url(self, name: str) -> str:
        return f"sqlite:///{name}"


@dataclass(frozen=True)
class PostgresqlDatabases:
    """Databases bear the number of this process, so that several runs may share a server."""

    def name_for_tests(self) -> str:
        return f"helmdesk_tests_{os.getpid()}"

    def keep_template(self) -> None:
        connection.close()  # a database with a connection to it cannot be copied
        administer(f"CREATE DATABASE {self.template} TEMPLATE {self.name_for_tests()}")

    def copy_template(self, number: int) -> str:
        name = f"{self.name_for_tests()}_copy{number}"
        administer(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return name

    def drop(self, name: str) -> None:
        administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"

    @property
    def template(self) -> str:
        return f"{self.name_for_tests()}_template"


def administer(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def of_this_process(home: Path) -> Databases:
    if connection.vendor == "postgresql":
        return PostgresqlDatabases()
    else:
        folder = home / f"databases{os.getpid()}"
        folder.mkdir(exist_ok=True)
        return SqliteFiles(folder)


def point_default_at(name: str) -> None:
    """Make `name` the default database of this thread and of those that start from now on."""
    connections.close_all()
    default: BaseDatabaseWrapper = connections["default"]
    described: list[dict[str, Any]] = [default.settings_dict, settings.DATABASES["default"]]
    for description in described:
        description["NAME"] = name
