"""How an event becomes bytes and a hash: canonical JSON, chained by SHA-256."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec

GENESIS: Final = bytes(32)
_encode = msgspec.json.Encoder(order="sorted", decimal_format="string").encode

# Sorted by name; `what` comes last of itself, so the head of a body can be rebuilt from the columns alone.
ENVELOPE: Final = (
    "at",
    "batch",
    "cause",
    "hat",
    "hat_id",
    "kind",
    "n",
    "operation",
    "person",
    "provider",
    "recorded_at",
    "seq",
    "stream",
    "stream_id",
    "team",
    "v",
)


class NotCanonical(ValueError):
    """A payload that holds something a body may not: a float, a datetime, a key that is no string."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did it: the hat, and the provider of that moment."""

    hat: int = 0
    person: int | None = None
    hat_id: int | None = None
    provider: int | None = None


def canonical(value: Any) -> str:
    """The one JSON text of a payload: sorted keys, no blanks, UTF-8, integers only.

    Raises NotCanonical for floats and for anything that is not null, bool, int, str, list or dict of these.
    """
    _refuse_inexact(value)
    return _encode(value).decode()


def _refuse_inexact(value: Any) -> None:
    if value is None or isinstance(value, (bool, int, str)):
        return
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"key {key!r}: a body's keys are strings")
            _refuse_inexact(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _refuse_inexact(part)
    else:
        raise NotCanonical(f"{value!r}: a body holds integers, strings, lists and objects only")


def head_of_body(row: Any) -> str:
    """The beginning of a body, rebuilt from an event's columns (attributes named as in ENVELOPE)."""
    return envelope(
        row.at, row.batch, row.cause, row.hat, row.hat_id, row.kind, row.n, row.operation, row.person,
        row.provider, row.recorded_at, row.seq, row.stream, row.stream_id, row.team, row.v,
    )  # fmt: skip


def envelope(  # noqa: PLR0917 (columns in the order of ENVELOPE)
    at: int, batch: int | None, cause: int | None, hat: int, hat_id: int | None, kind: str, n: int,
    operation: int | None, person: int | None, provider: int | None, recorded_at: int, seq: int, stream: int,
    stream_id: int, team: int | None, v: int,
) -> str:  # fmt: skip
    """Canonical JSON of the columns, up to and including the key of the payload. Kinds are plain ASCII names."""
    return (
        f'{{"at":{at},"batch":{"null" if batch is None else batch},"cause":{"null" if cause is None else cause},'
        f'"hat":{hat},"hat_id":{"null" if hat_id is None else hat_id},"kind":"{kind}","n":{n},'
        f'"operation":{"null" if operation is None else operation},"person":{"null" if person is None else person},'
        f'"provider":{"null" if provider is None else provider},"recorded_at":{recorded_at},"seq":{seq},'
        f'"stream":{stream},"stream_id":{stream_id},"team":{"null" if team is None else team},"v":{v},"what":'
    )


def link(previous: bytes, body: str) -> bytes:
    """The hash of an event: SHA-256 of the previous hash and the stored bytes of the body."""
    return sha256(previous + body.encode()).digest()
