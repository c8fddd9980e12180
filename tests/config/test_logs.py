"""A line of the log says what happened; a secret that slips into one is hidden."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmdesk.config.logs import JsonLines, TextLines, request_id, scrub


def line(name: str = "helmdesk.x", message: object = "done", *args: object, **extra: object) -> dict[str, object]:
    record = logging.LogRecord(name, logging.INFO, "/x/y.py", 7, message, args, None, "act")
    vars(record).update(extra)
    told: dict[str, object] = json.loads(JsonLines().format(record))
    return told


def test_our_lines_say_message_and_facts() -> None:
    told = line("helmdesk.jobs", "job done", job=7, ms=1.5)

    assert {key: told[key] for key in ("level", "logger", "message", "job", "ms")} == {
        "level": "info",
        "logger": "helmdesk.jobs",
        "message": "job done",
        "job": 7,
        "ms": 1.5,
    }


def test_others_lines_keep_their_template_only() -> None:
    assert line("django.request", "%s: %s", "Not Found", "/reset/s3cr3t")["message"] == "%s: %s"
    assert "s3cr3t" not in json.dumps(line("django.security", "Invalid host: s3cr3t", request="s3cr3t"))


def test_a_line_names_its_request() -> None:
    mark = request_id.set("abc")
    try:
        assert line()["request"] == "abc"
    finally:
        request_id.reset(mark)


def test_an_error_is_told_by_type_and_place() -> None:
    try:
        raise ValueError("s3cr3t")
    except ValueError:
        record = logging.LogRecord("helmdesk.x", logging.ERROR, "", 1, "failed", None, sys.exc_info())
    for formatter in (JsonLines(), TextLines()):
        told = formatter.format(record)
        assert "ValueError" in told
        assert "test_logs.py" in told
        assert "s3cr3t" not in told


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter22 next",
        "Authorization: Bearer abcdef123456",
        '{"api_key": "abcdef123456"}',
        "postgresql://desk:hunter22@db/desk",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "otpauth://totp/Desk:eva?secret=JBSWY3DPEHPK3PXP",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
        "mail to eva.berg@example.org failed",
        "sessionid=abcdefghijklmnop",
        "ghp_0123456789abcdefghij",
        "key " + "aB3" * 15,
    ],
)
def test_known_shapes_of_secrets_are_hidden(text: str) -> None:
    hidden = scrub(text)

    assert "[hidden]" in hidden
    for secret in (
        "hunter22",
        "abcdef123456",
        "eyJ",
        "JBSWY3",
        "MIIEvQ",
        "eva.berg",
        "abcdefghijklmnop",
        "ghp_",
        "aB3",
    ):
        assert secret not in hidden


@given(st.text(max_size=300))
def test_scrubbing_takes_any_text_and_is_stable(text: str) -> None:
    assert scrub(scrub(text)) == scrub(text)
