"""What a live page listens to: topics, signed for one account in one session, so that nobody can ask for more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.core import signing

SALT: Final = "live"
LASTS: Final = timedelta(hours=24)
MOST_TOPICS: Final = 50


class NotListening(ValueError):
    """A token that was not made by us, is too old, or asks for too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who listens to what, and from which event on."""

    account: int
    session: str
    topics: frozenset[str]
    since: int


def signed(topics: Iterable[str], *, account: int, session_key: str, since: int) -> str:
    """The token of a page: `/live?topics=<token>`. `since` is the last event the page has shown (`ledger.head`)."""
    named = sorted(set(topics))
    if len(named) > MOST_TOPICS:
        raise ValueError(f"topics: {len(named)} are more than {MOST_TOPICS}. Listen to what the page shows.")
    return signing.dumps([account, session_digest(session_key), named, since], salt=SALT, compress=True)


def opened(token: str) -> Listener:
    try:
        account, session, topics, since = signing.loads(token, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotListening from error
    return Listener(account=account, session=session, topics=frozenset(topics), since=since)


def session_digest(session_key: str) -> str:
    """A session's name in a token: the key itself would be a secret in an address."""
    return sha256(f"live:{session_key}".encode()).hexdigest()[:32]
