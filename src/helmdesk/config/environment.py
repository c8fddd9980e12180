"""Reads what the environment says: database address, hosts, the secret key kept in a file."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; "
    "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"
)

LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español")]


class BadSetting(ValueError):
    """A setting that cannot be used: its name, the value (without secrets) and the cure."""

    def __init__(self, name: str, value: str, cure: str) -> None:
        super().__init__(f"{name}: {value!r} cannot be used. {cure}")
        self.name, self.value, self.cure = name, value, cure


def database(url: str) -> dict[str, Any]:
    """Django's database settings for `sqlite:////path` or `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme in ("postgresql", "postgres"):
        return postgresql(url)
    raise BadSetting(
        "DATABASE_URL",
        f"{parts.scheme}:…",
        "Use sqlite:////absolute/path.sqlite3 or postgresql://user:password@host:5432/name.",
    )


def sqlite(path: str) -> dict[str, Any]:
    if not path or path == "/":
        raise BadSetting("DATABASE_URL", "sqlite:…", "Name a file: sqlite:////absolute/path.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
        "TEST": {"NAME": os.environ.get("HELMDESK_TEST_SQLITE") or None},
    }


def postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise BadSetting("DATABASE_URL", f"{parts.scheme}://…", "Name the database: postgresql://user@host/NAME")
    try:
        port = parts.port
    except ValueError as error:
        raise BadSetting("DATABASE_URL", f"{parts.scheme}://…", "The port must be a number below 65536.") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Compiling a plan takes longer than running any of ours, and what is asked for lies in memory or on flash.
        # From the third time on, the plan of a statement of our own is kept (foundation.statements).
        "OPTIONS": {
            "options": "-c jit=off -c random_page_cost=1.1",
            "prepare_threshold": 2,
            **dict(parse_qsl(parts.query)),
        },
    }


def languages_of_pages(catalogues: Path) -> list[tuple[str, str]]:
    """English, and the languages that we have a catalogue of our own for: Django's alone would give half of a page."""
    there = {path.parent.parent.name for path in catalogues.glob("*/LC_MESSAGES/django.mo")}
    return [(code, name) for code, name in LANGUAGES if code == "en" or code in there]


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from the environment, within bounds."""
    given = os.environ.get(name, "").strip() or str(default)
    if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
        raise BadSetting(name, given[:20], f"Use a whole number from {least} to {most}; left out it is {default}.")
    return int(given)


def switch(name: str) -> bool:
    """Something that is on or off; off unless said."""
    given = os.environ.get(name, "").strip().lower()
    if given not in ("", "0", "1", "no", "yes", "false", "true"):
        raise BadSetting(name, given[:20], "Say 1 or 0.")
    return given in ("1", "yes", "true")


def issuer(name: str) -> str:
    """The address of an OpenID provider: https, or plain on this machine; empty while there is none."""
    given = os.environ.get(name, "").strip()
    parts = urlsplit(given)
    plain_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if given and not (parts.hostname and (parts.scheme == "https" or plain_here)):
        raise BadSetting(name, given[:80], "Give the issuer's address, such as https://login.company.example/realm.")
    return given


def sign_in_of_company(issuer: str) -> list[dict[str, Any]]:
    """The company's OpenID provider as allauth takes it; none without an issuer."""
    client = os.environ.get("HELMDESK_OIDC_CLIENT_ID", "").strip()
    if not issuer:
        return []
    if not client:
        raise BadSetting("HELMDESK_OIDC_CLIENT_ID", "", "Give the id under which the provider knows this desk.")
    return [
        {
            "provider_id": "company",
            "name": os.environ.get("HELMDESK_OIDC_NAME", "your company"),
            "client_id": client,
            "secret": os.environ.get("HELMDESK_OIDC_CLIENT_SECRET", ""),
            "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
        }
    ]


def mailer(name: str) -> dict[str, Any]:
    """How mail leaves: `smtp://user:password@host:587` (STARTTLS), `smtps://…:465`, `smtp+plain://…:25`.

    Without it, mail is written to the log of the server, for a desk that is being tried out.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(given)
    if parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname:
        raise BadSetting(name, f"{parts.scheme}:…", "Use smtp://user:password@mail.company.example:587.")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or {"smtp": 587, "smtps": 465, "smtp+plain": 25}[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp",
            "use_ssl": parts.scheme == "smtps",
            "timeout": 20,
        },
    }


def hosts(base_url: str) -> list[str]:
    """The only host names the desk answers to: that of its base URL, and this machine."""
    name = urlsplit(base_url).hostname
    return sorted({name, "127.0.0.1", "localhost", "[::1]"} - {None}) if name else ["127.0.0.1", "localhost"]


def secret_key(folder: Path) -> str:
    """The signing key: HELMDESK_SECRET_KEY, else a file made at the first start, readable by its owner alone."""
    given = os.environ.get("HELMDESK_SECRET_KEY")
    if given:
        return given
    path = folder / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return made_once(path)


def made_once(path: Path) -> str:
    """Writes a new key unless another process has just done so, and returns the one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
