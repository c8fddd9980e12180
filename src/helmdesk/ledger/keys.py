"""The key that signs seals: kept outside the database, made at first need, known to witnesses by its public half."""

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

NAME: Final = "seal.key"


class KeyUnusable(ValueError):
    """The key's file is there and cannot be used; says which and what to do."""


def sign(statement: bytes) -> bytes:
    """The desk's signature, by a key that is made when there is none yet."""
    return _private(folder()).sign(statement)


def public_key() -> str:
    """The public half of the desk's key, in hexadecimal; made when there is none yet."""
    return _public_half(_private(folder()))


def trusted() -> list[str]:
    """Public keys whose seals this desk believes: its own, and those put beside it as `*.pub` (after a restore)."""
    own = [public_key()] if (folder() / NAME).exists() else []
    former = [path.read_text().strip() for path in sorted(folder().glob("*.pub"))]
    return [*own, *(key for key in former if key not in own)]


def trust(key: str) -> bool:
    """Believes in seals of another key from now on; false when it is believed already."""
    if key in trusted():
        return False
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder() / f"seal-{key[:16]}.pub").write_text(key + "\n")
    return True


def signed(statement: bytes, signature: bytes, *, key: str) -> bool:
    """Whether this key has signed the statement."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def folder() -> Path:
    return Path(settings.HELMDESK_KEYS)


def _private(kept: Path) -> Ed25519PrivateKey:
    path = kept / NAME
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        pem = _made_once(path)
    try:
        key = load_pem_private_key(pem, password=None)
    except ValueError as fault:
        raise KeyUnusable(
            f"{path} holds no key. Put the desk's own key back; only a copy of it can replace it."
        ) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} is not an Ed25519 key. Put the desk's own key back.")
    return key


def _made_once(path: Path) -> bytes:
    """Writes a new key unless another process has just done so, and returns the one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()


def _public_half(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
