"""Looks for wrong settings, and names each with its value (secrets left out) and its cure; changes nothing."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_IRWXG, S_IRWXO
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from helmdesk.config import environment

KNOWN: Final = {
    "DATABASE_URL": "where the data is: sqlite:////path or postgresql://user:password@host/name",
    "HELMDESK_HOME": "the folder of everything a desk keeps on disk",
    "HELMDESK_FILES": "the folder of attachments",
    "HELMDESK_KEYS": "the folder of keys, outside database and backup",
    "HELMDESK_SECRET_KEY": "signs sessions and links; made and kept in HELMDESK_KEYS when not given",
    "HELMDESK_BASE_URL": "the address people use, with http:// or https://",
    "HELMDESK_WORKERS": "page processes, about one a core",
    "HELMDESK_LARGEST_BODY_MB": "the largest request accepted, in megabytes",
    "HELMDESK_METRICS_TOKEN": "who shows it may read /metrics; without it only this machine may",
    "HELMDESK_LOG": "json or text",
    "HELMDESK_LANGUAGE": "the language of people who have not chosen one",
    "HELMDESK_SMTP": "how mail leaves: smtp://user:password@host:587, smtps:// or smtp+plain://; else into the log",
    "HELMDESK_FROM": "the sender of the desk's own mail",
    "HELMDESK_SIGNUP": "1 lets anybody make an account who can read mail at the address they give",
    "HELMDESK_PROXIES": "how many proxies stand before the desk, each adding to X-Forwarded-For",
    "HELMDESK_OIDC_ISSUER": "the company's own sign-in (OpenID Connect): its issuer",
    "HELMDESK_OIDC_CLIENT_ID": "the id under which the issuer knows this desk",
    "HELMDESK_OIDC_CLIENT_SECRET": "the secret that goes with it",
    "HELMDESK_OIDC_NAME": "how the button calls it: Sign in with …",
    "HELMDESK_OIDC_CREATE": "1 makes an account for whoever the company vouches for; else unknown people are refused",
}
CATALOGUES: Final = Path(__file__).resolve().parent.parent / "locale"
SHORTEST_KEY, SHORTEST_TOKEN = 32, 16
SQLITE_NEEDED, POSTGRESQL_NEEDED = (3, 35), 14


@dataclass(frozen=True, slots=True)
class Problem:
    """A setting that is wrong. A grave one keeps the desk from starting."""

    setting: str
    value: str
    cure: str
    grave: bool = True

    def __str__(self) -> str:
        shown = f" = {self.value}" if self.value else ""
        return f"{'error' if self.grave else 'note '}  {self.setting}{shown}\n       {self.cure}"


def in_environment(given: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the environment, without loading anything."""
    return [
        *database_url(given.get("DATABASE_URL", "")),
        *secret_key(given),
        *folders(given),
        *base_url(given.get("HELMDESK_BASE_URL", "")),
        *values(),
        *choices(given),
        *metrics_token(given.get("HELMDESK_METRICS_TOKEN", "")),
        *unknown(given),
    ]


def in_database() -> list[Problem]:
    """What is wrong with the database, once settings are loaded."""
    from django.conf import settings
    from django.db import DatabaseError, connection

    from helmdesk.config import health
    from helmdesk.ledger import triggers

    named = os.environ.get("DATABASE_URL") or f"sqlite:///{settings.DATABASES['default']['NAME']}"
    shown = redacted(named)
    try:
        connection.ensure_connection()
        missing_migrations = health.unapplied()
    except DatabaseError as error:
        return [Problem("DATABASE_URL", shown, f"The database cannot be reached: {first_line(error)}")]
    found = list(version(shown))
    if missing_migrations:
        cure = f"{len(missing_migrations)} migrations are not applied. Run `helmdesk migrate`."
        return [*found, Problem("database", shown, cure)]
    if gone := triggers.missing():
        cure = f"The ledger is not protected: {', '.join(gone)} missing. Find out why, then run `helmdesk migrate`."
        found.append(Problem("database", shown, cure))
    return found


def everything() -> list[Problem]:
    return [*in_environment(os.environ), *in_database()]


def database_url(url: str) -> Iterator[Problem]:
    if not url:
        return
    try:
        found = environment.database(url)
    except environment.BadSetting as error:
        yield Problem("DATABASE_URL", redacted(url), error.cure)
        return
    except ValueError:
        yield Problem("DATABASE_URL", redacted(url), "It is no address. Percent-encode special signs in the password.")
        return
    folder = Path(str(found["NAME"])).parent
    if found["ENGINE"].endswith("sqlite3") and folder.exists() and not os.access(folder, os.W_OK):
        yield Problem("DATABASE_URL", redacted(url), f"{folder} cannot be written to. Give this user the right to.")


def secret_key(given: Mapping[str, str]) -> Iterator[Problem]:
    key = given.get("HELMDESK_SECRET_KEY", "")
    if key:
        if len(key) < SHORTEST_KEY or len(set(key)) < SHORTEST_KEY // 4:
            cure = f"It is weak. Use {SHORTEST_KEY} random characters or more, or leave it out and one is made."
            yield Problem("HELMDESK_SECRET_KEY", f"({len(key)} characters)", cure)
        return
    path = keys_folder(given) / "secret.key"
    if not path.exists():
        return
    if path.stat().st_mode & (S_IRWXG | S_IRWXO):
        yield Problem("HELMDESK_KEYS", str(path), f"Others can read the secret key. Run `chmod 600 {path}`.")
    if os.access(path, os.R_OK) and len(path.read_text(errors="replace").strip()) < SHORTEST_KEY:
        cure = "The secret key in it is missing or weak. Remove the file and one is made; everybody signs in again."
        yield Problem("HELMDESK_KEYS", str(path), cure)
    elif not os.access(path, os.R_OK):
        yield Problem("HELMDESK_KEYS", str(path), "This user cannot read the secret key. Run as its owner.")


def keys_folder(given: Mapping[str, str]) -> Path:
    return Path(given.get("HELMDESK_KEYS") or Path(given.get("HELMDESK_HOME") or "var") / "keys")


def folders(given: Mapping[str, str]) -> Iterator[Problem]:
    home = given.get("HELMDESK_HOME") or "var"
    named = {
        "HELMDESK_HOME": home,
        "HELMDESK_FILES": given.get("HELMDESK_FILES"),
        "HELMDESK_KEYS": given.get("HELMDESK_KEYS"),
    }
    for setting, folder in named.items():
        if folder and (fault := not_writable(Path(folder).absolute())):
            yield Problem(setting, folder, fault)


def not_writable(folder: Path) -> str:
    """Why a folder cannot be used or made, or nothing."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        return f"{existing} is not a folder. Name another."
    if not os.access(existing, os.W_OK | os.X_OK):
        return f"{existing} cannot be written to. Give this user the right to, or name another folder."
    return ""


def base_url(url: str) -> Iterator[Problem]:
    if not url:
        cure = "Not set, so links in mails point to this machine only. Set it to the address people use."
        yield Problem("HELMDESK_BASE_URL", "", cure, grave=False)
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        yield Problem("HELMDESK_BASE_URL", redacted(url), "Give the whole address, such as https://desk.example.com")
    elif parts.path.strip("/") or parts.query or parts.username:
        yield Problem("HELMDESK_BASE_URL", redacted(url), "Give scheme, host and port only: no path, query or user.")


def values() -> Iterator[Problem]:
    """What the readers of single values refuse, asked as the settings ask them."""
    readers: dict[str, Callable[[str], object]] = {
        "HELMDESK_WORKERS": lambda name: environment.number(name, 2, least=1, most=64),
        "HELMDESK_LARGEST_BODY_MB": lambda name: environment.number(name, 64, least=1, most=4096),
        "HELMDESK_PROXIES": lambda name: environment.number(name, 0, least=0, most=5),
        "HELMDESK_SIGNUP": environment.switch,
        "HELMDESK_OIDC_CREATE": environment.switch,
        "HELMDESK_OIDC_ISSUER": lambda name: environment.sign_in_of_company(environment.issuer(name)),
        "HELMDESK_SMTP": environment.mailer,
    }
    for name, read in readers.items():
        try:
            read(name)
        except environment.BadSetting as error:
            yield Problem(error.name, error.value, error.cure)
        except ValueError:
            yield Problem(name, "…", "It is no address. Percent-encode special signs in the password.")


def choices(given: Mapping[str, str]) -> Iterator[Problem]:
    languages = tuple(code for code, _ in environment.languages_of_pages(CATALOGUES))
    for name, allowed in (("HELMDESK_LOG", ("json", "text")), ("HELMDESK_LANGUAGE", languages)):
        value = given.get(name, "")
        if value and value not in allowed:
            yield Problem(name, value[:20], f"Use one of: {', '.join(allowed)}.")


def metrics_token(token: str) -> Iterator[Problem]:
    if token and len(token) < SHORTEST_TOKEN:
        yield Problem("HELMDESK_METRICS_TOKEN", f"({len(token)} characters)", f"Use {SHORTEST_TOKEN} or more.")


def unknown(given: Mapping[str, str]) -> Iterator[Problem]:
    from difflib import get_close_matches

    for name in sorted(given):
        if name.startswith("HELMDESK_") and not name.startswith("HELMDESK_TEST_") and name not in KNOWN:
            near = get_close_matches(name, KNOWN, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Remove it, or see docs for the settings there are."
            yield Problem(name, "", f"There is no such setting. {hint}", grave=False)


def version(shown: str) -> Iterator[Problem]:
    from django.db import connection

    if connection.vendor == "sqlite":
        import sqlite3

        if sqlite3.sqlite_version_info < SQLITE_NEEDED:
            yield Problem(
                "database", sqlite3.sqlite_version, f"SQLite {SQLITE_NEEDED[0]}.{SQLITE_NEEDED[1]} is needed."
            )
    elif connection.get_database_version()[0] < POSTGRESQL_NEEDED:
        yield Problem("database", shown, f"PostgreSQL {POSTGRESQL_NEEDED} or newer is needed.")


def redacted(url: str) -> str:
    """An address without user, password and query."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "…"
    if not parts.scheme:
        return "…"
    return urlunsplit((parts.scheme, f"…@{host}" if "@" in parts.netloc else host, parts.path, "", ""))


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
