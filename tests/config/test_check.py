"""Each wrong setting is named with its value, without secrets, and its cure."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.db import connection

from helmdesk.config import check
from tests.config.serving import HELMDESK, ROOT
from tests.databases import CommittedDatabase

GOOD = {"HELMDESK_BASE_URL": "https://desk.example.com", "HELMDESK_HOME": "/tmp"}


def named(given: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return {problem.setting: problem.cure for problem in check.in_environment(given)}


def test_a_good_environment_has_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert named(GOOD, monkeypatch) == {}


@pytest.mark.parametrize(
    ("setting", "value", "cure"),
    [
        ("DATABASE_URL", "mysql://desk:hunter2@db/desk", "sqlite:////absolute/path"),
        ("DATABASE_URL", "postgresql://desk:hunter2@db:port/desk", "port"),
        ("DATABASE_URL", "postgresql://desk:hunter2@db", "NAME"),
        ("DATABASE_URL", "postgresql://desk:hunter2@[db/desk", "Percent-encode"),
        ("HELMDESK_SECRET_KEY", "hunter2", "random characters"),
        ("HELMDESK_SECRET_KEY", "a" * 60, "weak"),
        ("HELMDESK_HOME", "/proc/nowhere", "name another folder"),
        ("HELMDESK_FILES", "/etc/hostname", "not a folder"),
        ("HELMDESK_BASE_URL", "desk.example.com", "whole address"),
        ("HELMDESK_BASE_URL", "https://desk.example.com/help", "no path"),
        ("HELMDESK_WORKERS", "two", "whole number from 1 to 64"),
        ("HELMDESK_WORKERS", "0", "whole number"),
        ("HELMDESK_LARGEST_BODY_MB", "²", "whole number"),
        ("HELMDESK_PROXIES", "9", "from 0 to 5"),
        ("HELMDESK_SIGNUP", "maybe", "1 or 0"),
        ("HELMDESK_SMTP", "mail.example.com", "smtp://"),
        ("HELMDESK_SMTP", "smtp://desk:hunter2@mail:port", "no address"),
        ("HELMDESK_OIDC_ISSUER", "http://login.example.com", "issuer's address"),
        ("HELMDESK_LOG", "xml", "json, text"),
        ("HELMDESK_LANGUAGE", "de", "one of: en."),
        ("HELMDESK_METRICS_TOKEN", "hunter2", "16 or more"),
        ("HELMDESK_WORKER", "2", "Did you mean HELMDESK_WORKERS?"),
    ],
)
def test_a_wrong_value_is_named_with_its_cure(
    setting: str, value: str, cure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if setting == "HELMDESK_HOME" and os.access("/proc", os.W_OK) and os.geteuid() == 0:
        value = "/dev/null/home"
        cure = "not a folder"
    assert cure in named({**GOOD, setting: value}, monkeypatch)[setting]
    assert "hunter2" not in "".join(map(str, check.in_environment({**GOOD, setting: value})))


def test_a_key_that_others_can_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "keys" / "secret.key"
    key.parent.mkdir()
    key.write_text("0123456789abcdef" * 4)
    key.chmod(0o644)
    given = {**GOOD, "HELMDESK_HOME": str(tmp_path)}

    assert f"chmod 600 {key}" in named(given, monkeypatch)["HELMDESK_KEYS"]
    key.chmod(0o600)
    assert named(given, monkeypatch) == {}
    key.write_text("short")
    assert "missing or weak" in named(given, monkeypatch)["HELMDESK_KEYS"]


def test_the_settings_known_are_those_that_are_read() -> None:
    source = "".join(path.read_text() for path in Path(check.__file__).parent.glob("*.py") if path.name != "check.py")
    asked = set(re.findall(r'"(HELMDESK_[A-Z_]+|DATABASE_URL)"', source)) - {"HELMDESK_TEST_SQLITE"}

    assert asked == set(check.KNOWN)


def test_every_setting_has_its_line_in_the_reference() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()

    assert [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")] == list(check.KNOWN)


@pytest.mark.django_db
def test_a_database_without_its_triggers_is_named() -> None:
    assert check.in_database() == []
    table = "" if connection.vendor == "sqlite" else " ON helmdesk_event"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER helmdesk_event_no_update{table}")
    (problem,) = check.in_database()

    assert "helmdesk_event_no_update" in problem.cure


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(HELMDESK), *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


def test_every_command_answers_a_wrong_setting_with_a_sentence(tmp_path: Path) -> None:
    for command in ("check", "serve", "migrate", "help"):
        done = run(command, HELMDESK_HOME=str(tmp_path), DATABASE_URL="mysql://desk:hunter2@db/desk")

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("error  DATABASE_URL = mysql://…@db/desk\n")
        assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    for command in ("check", "migrate", "serve", "jobs"):
        done = run(command, HELMDESK_HOME=str(tmp_path), DATABASE_URL="postgresql://desk:hunter2@127.0.0.1:1/desk")

        assert done.returncode == 1
        told = done.stdout + done.stderr
        assert "Traceback" not in told
        assert "hunter2" not in told
        assert "refused" in told


def test_a_desk_that_is_not_migrated_does_not_start(tmp_path: Path) -> None:
    done = run("serve", HELMDESK_HOME=str(tmp_path), DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}")

    assert done.returncode == 1
    assert "Run `helmdesk migrate`" in done.stderr


def test_check_passes_on_a_good_desk(committed_db: CommittedDatabase) -> None:
    done = run("check", **committed_db.environment)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("The desk can start.\n")


def test_the_version_is_told_without_a_desk(tmp_path: Path) -> None:
    assert run("--version", DATABASE_URL="nonsense").stdout.startswith("helmdesk ")
