"""Texts sealed with the desk's key: what must lie in the database for a while, and be no use to who reads it there."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

from helmdesk.foundation.time import InstantField, now

KEPT: Final = timedelta(days=7)


class NotSealedHere(ValueError):
    """A text that was sealed with another key, or altered."""


class Sealed(models.Model):
    """A text that a job will need: jobs themselves carry ids only."""

    purpose = models.CharField(max_length=40)
    text = models.TextField()
    kept_at = InstantField(default=now, db_index=True)


def put_away(text: str, *, purpose: str) -> int:
    """Keeps a text for a job, a week at most, and says under which id."""
    Sealed.objects.filter(kept_at__lt=now() - KEPT).delete()
    return Sealed.objects.create(purpose=purpose, text=seal(text, purpose=purpose)).pk


def look_up(kept: int, *, purpose: str) -> str | None:
    """The text under this id; none when its job was done before."""
    row = Sealed.objects.filter(pk=kept, purpose=purpose).first()
    return None if row is None else unseal(row.text, purpose=purpose)


def throw_away(kept: int) -> None:
    Sealed.objects.filter(pk=kept).delete()


def seal(text: str, *, purpose: str) -> str:
    return _keys(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise NotSealedHere("This was not sealed with the desk's key.") from error


def _keys(purpose: str) -> MultiFernet:
    """The newest key seals; former ones (SECRET_KEY_FALLBACKS) still open."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(str(secret), purpose)) for secret in secrets])


def _derived(secret: str, purpose: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"helmdesk.sealing.{purpose}".encode())
    return urlsafe_b64encode(derive.derive(secret.encode()))
