"""Structured logs: one JSON object a line, that says what happened where, and never a text, a secret or an address.

Our own loggers choose what they say. Of everybody else's only the template is kept, since arguments quote paths,
headers and values; a message without arguments may be such a value itself, so only its place is told. Errors are told
by type and place. A scrubber for known shapes is the second line.
"""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from helmdesk.foundation.tracebacks import outline

request_id: ContextVar[str] = ContextVar("request_id", default="")

HIDDEN: Final = "[hidden]"
SECRET_SHAPES: Final = re.compile(
    r"""
    (?P<keep>\b(?:bearer|basic|token|api[_-]?key|secret|passw(?:or)?d|pwd|code|signature|session(?:id)?|csrf\w*|cookie
      |authorization)\b["']?\s*[:=]?\s*["']?)(?:(?:bearer|basic|token)\s+)?[^\s"',;&]{4,}   # named values
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)                             # user:password@ in an address
    | \beyJ[\w-]{5,}\.[\w-]+\.?[\w-]*                             # JSON web tokens
    | -----BEGIN[^-]*-----[\s\S]*?(?:-----END[^-]*-----|$)        # keys
    | otpauth://\S+
    | [\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+                           # mail addresses
    | \b[A-Za-z0-9_-]{40,}\b                                      # long random words
    | \b(?:sk|pk|ghp|gho|xox[abp]|AKIA|glpat)[-_A-Za-z0-9]{12,}\b # well-known key prefixes
    """,
    re.VERBOSE | re.IGNORECASE,
)
STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def scrub(text: str) -> str:
    """The text without anything that has the shape of a secret or a mail address."""
    return SECRET_SHAPES.sub(lambda found: (found.group("keep") or "") + HIDDEN, text)


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says."""
    ours = record.name.split(".")[0] == "helmdesk"
    said: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": scrub(record.getMessage() if ours else foreign(record)),
    }
    if known := request_id.get():
        said["request"] = known
    if ours:
        extras = {name: value for name, value in vars(record).items() if name not in STANDARD}
        said |= {name: plain(value) for name, value in extras.items()}
    if record.exc_info and record.exc_info[1]:
        said["fault"] = outline(record.exc_info[1])
    return said


def foreign(record: logging.LogRecord) -> str:
    return str(record.msg) if record.args else f"said at {record.module}:{record.lineno} {record.funcName}"


def plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(str(value))


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(fields(record), ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        said = fields(record)
        head = f"{said.pop('at')[11:19]} {said.pop('level'):<7} {said.pop('message')}"
        del said["logger"]
        fault = said.pop("fault", None)
        rest = " ".join(f"{name}={value}" for name, value in said.items())
        return "\n".join(part for part in (f"{head}  {rest}".rstrip(), fault) if part)


def configuration(*, level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING; `form` is json, text, or empty for text at a terminal and json elsewhere."""
    chosen = form or ("text" if sys.stderr.isatty() else "json")
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}, "text": {"()": TextLines}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": chosen}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "helmdesk": {"level": level},
            "django": {**quiet, "level": "WARNING"},
            "django.server": quiet,
            "django.request": {"level": "ERROR"},
            "_granian": {**quiet, "level": "ERROR"},
        },
    }
