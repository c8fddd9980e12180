"""Seals: each day a signed promise of which events there are, written to a file so that others can keep it."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from helmdesk.foundation.announce import announce
from helmdesk.foundation.time import to_us
from helmdesk.ledger import keys, links
from helmdesk.ledger.chain import Stamp, canonical
from helmdesk.ledger.door import locked_head, record_config
from helmdesk.ledger.facts import Sealed
from helmdesk.ledger.links import Fault
from helmdesk.ledger.models import Event, Head, Seal, Stream

PREFIX: Final = b"helmdesk seal 1\n"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a seal says: these events, so many, the last with this hash, after that earlier seal."""

    first_seq: int
    last_seq: int
    count: int
    root: str
    at: int
    previous: str | None

    @staticmethod
    def of(seal: Seal) -> "Promise":
        previous = None if seal.previous is None else bytes(seal.previous).hex()
        return Promise(seal.first_seq, seal.last_seq, seal.count, bytes(seal.root).hex(), to_us(seal.at), previous)

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        return PREFIX + canonical(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class SealFile:
    """A seal as a witness keeps it: the promise, the signature, and the key that it names."""

    promise: Promise
    signature: str
    key: str


class SealUnreadable(ValueError):
    """A file that is no seal, with the member that is wrong."""


class LedgerBroken(RuntimeError):
    """A seal would promise what does not hold; nothing was signed."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{faults[0].words}. Nothing was sealed: see `helmdesk ledger verify`.")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the seals hold, and what is wrong with them."""

    to: int
    root: bytes | None
    faults: list[Fault]


def seal(*, at: datetime) -> Seal | None:
    """Seals all events since the last seal, records `sealed`, and writes the file; None when there are none.

    What is to be sealed is walked first. Raises LedgerBroken.
    """
    made = _sealed(at)
    write_files()
    return made


def _sealed(at: datetime) -> Seal | None:
    last = Seal.objects.order_by("-last_seq").first()
    first_seq = last.last_seq + 1 if last else 1
    head = Head.objects.filter(pk=1).first()
    if head is None or head.seq < first_seq:
        return None
    _must_hold(first_seq, head)
    with transaction.atomic():
        locked_head()
        newest = Seal.objects.order_by("-last_seq").first()
        if newest != last:
            return newest
        promise = Promise(
            first_seq, head.seq, head.seq - first_seq + 1, bytes(head.hash).hex(), to_us(at),
            None if last is None else bytes(last.signature).hex(),
        )  # fmt: skip
        made = Seal.objects.create(
            first_seq=promise.first_seq, last_seq=promise.last_seq, count=promise.count, root=head.hash, at=at,
            previous=None if last is None else last.signature, signature=keys.sign(promise.statement),
        )  # fmt: skip
        what = {"seal": made.pk, "first": promise.first_seq, "last": promise.last_seq, "root": promise.root}
        record_config("sealed", what, by=Stamp(), at=at)
        announce(Sealed(made.pk, made.first_seq, made.last_seq))
    return made


def _must_hold(first_seq: int, head: Head) -> None:
    connection.ensure_connection()
    seen = links.walk(connection.connection, connection.vendor, first_seq, head.seq)
    faults = seen.faults + [Fault(m.first, None, "reordered", f"event {m.first} stands elsewhere") for m in seen.moved]
    stored = Event.objects.filter(seq=head.seq).values_list("hash", flat=True).first()
    if not faults and bytes(stored or b"") != bytes(head.hash):
        faults.append(Fault(head.seq, None, "rehashed", "the last event is not the one that the head names"))
    if faults:
        raise LedgerBroken(faults)


def standing() -> Standing:
    """Checks every seal: its signature, that it follows from the one before, and that its last event is still there."""
    faults: list[Fault] = []
    trusted = keys.trusted()
    seals = list(Seal.objects.order_by("last_seq"))
    roots = _hashes_at([seal.last_seq for seal in seals])
    before: Seal | None = None
    to, root = 0, None
    for made in seals:
        fault = _fault_of(made, before, trusted, roots.get(made.last_seq))
        if fault is not None:
            faults.append(fault)
        elif not faults:
            to, root = made.last_seq, bytes(made.root)
        before = made
    faults.extend(_forgotten(before))
    return Standing(to, root, faults)


def _hashes_at(places: list[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for start in range(0, len(places), 500):
        rows = Event.objects.filter(seq__in=places[start : start + 500]).values_list("seq", "hash")
        found |= {seq: bytes(hash_) for seq, hash_ in rows}
    return found


def _fault_of(made: Seal, before: Seal | None, trusted: list[str], stored: bytes | None) -> Fault | None:
    promise = Promise.of(made)
    name = f"the seal of {made.at:%Y-%m-%d} over events {made.first_seq} to {made.last_seq}"
    previous = None if before is None else bytes(before.signature).hex()
    if not any(keys.signed(promise.statement, bytes(made.signature), key=key) for key in trusted):
        return Fault(made.last_seq, None, "seal", f"{name} is not signed by this desk")
    elif (promise.previous, promise.first_seq) != (previous, before.last_seq + 1 if before else 1):
        return Fault(made.last_seq, None, "seal", f"{name} does not follow from the one before it: a seal is missing")
    return broken_root(promise, stored, name)


def broken_root(promise: Promise, stored: bytes | None, name: str) -> Fault | None:
    """Whether the last event of a promise is still the one that was promised."""
    if stored is None:
        return Fault(promise.last_seq, None, "removed", f"event {promise.last_seq} is missing; {name} promises it")
    elif stored.hex() != promise.root:
        return Fault(
            promise.last_seq, None, "rehashed",
            f"event {promise.last_seq} is not the one that {name} promises: it, or one before it, was changed and "
            "all after it hashed anew",
        )  # fmt: skip
    return None


def _forgotten(last: Seal | None) -> list[Fault]:
    """A seal that was recorded and whose row is gone."""
    recorded = Event.objects.filter(stream=Stream.CONFIG, stream_id=1, kind="sealed").order_by("-n").first()
    if recorded is None:
        return []
    to = json.loads(recorded.body)["what"]["last"]
    if last is not None and last.last_seq >= to:
        return []
    return [Fault(to, None, "seal", f"the seal to event {to} was recorded, and its row is gone")]


# --- files, for those who witness ---


def folder() -> Path:
    return Path(settings.HELMDESK_HOME) / "seals"


def path_of(made: Seal) -> Path:
    return folder() / f"{made.at:%Y-%m-%d}-{made.last_seq}.json"


def write_files() -> list[Path]:
    """Writes the file of every seal that has none, also of those whose process died before it could."""
    folder().mkdir(parents=True, exist_ok=True)
    written = []
    for made in Seal.objects.order_by("last_seq"):
        path = path_of(made)
        if not path.exists():
            _write(path, as_file(made))
            written.append(path)
    return written


def as_file(made: Seal) -> SealFile:
    """The seal as a witness gets it, under the key that signed it."""
    promise, signature = Promise.of(made), bytes(made.signature)
    signers = (key for key in keys.trusted() if keys.signed(promise.statement, signature, key=key))
    return SealFile(promise, signature.hex(), next(signers, ""))


def _write(path: Path, content: SealFile) -> None:
    said = {**asdict(content.promise), "signature": content.signature, "key": content.key}
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("w") as file:
        json.dump(said, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_file(path: Path) -> SealFile:
    """Raises SealUnreadable, naming what is wrong."""
    try:
        said = json.loads(path.read_text())
    except (OSError, ValueError) as fault:
        raise SealUnreadable(f"{path}: cannot be read as a seal ({fault}).") from fault
    if not isinstance(said, dict):
        raise SealUnreadable(f"{path}: a seal is one JSON object.")
    numbers = {name: _member(said, name, int, path) for name in ("first_seq", "last_seq", "count", "at")}
    codes = {name: _member(said, name, str, path) for name in ("root", "signature", "key")}
    previous = said.get("previous") if said.get("previous") is None else _member(said, "previous", str, path)
    return SealFile(Promise(root=codes["root"], previous=previous, **numbers), codes["signature"], codes["key"])


def _member(said: dict[str, Any], name: str, kind: type, path: Path) -> Any:
    value = said.get(name)
    if type(value) is not kind:
        raise SealUnreadable(f"{path}: {name} is {value!r}; a seal holds {kind.__name__} there.")
    if isinstance(value, str):
        try:
            bytes.fromhex(value)
        except ValueError as fault:
            raise SealUnreadable(f"{path}: {name} is no hexadecimal number.") from fault
    return value


def faults_of_file(kept: SealFile) -> list[Fault]:
    """What the ledger does not hold of a promise that somebody has kept."""
    promise = kept.promise
    name = f"the seal file over events {promise.first_seq} to {promise.last_seq}"
    if not keys.signed(promise.statement, bytes.fromhex(kept.signature), key=kept.key):
        return [Fault(promise.last_seq, None, "seal", f"{name} is not what its signature was made for")]
    faults = []
    if kept.key not in keys.trusted():
        words = f"{name} is signed by key {kept.key[:16]}…, which is not this desk's"
        faults.append(Fault(promise.last_seq, None, "seal", words))
    stored = _hashes_at([promise.last_seq]).get(promise.last_seq)
    broken = broken_root(promise, stored, name)
    return [*faults, broken] if broken else faults
