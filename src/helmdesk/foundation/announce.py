"""Calls go down, facts go up: a room announces what happened, and wiring says who listens.

Two kinds of listener. *Within* runs in the transaction that caused the fact and writes rows only; an error undoes
everything. *After* runs once the transaction is committed, may be lost, and only tells live pages.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

_within: dict[type, list[Callable[[Any], None]]] = defaultdict(list)
_after: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def listen_within[F](fact: type[F], listener: Callable[[F], None]) -> None:
    if listener not in _within[fact]:
        _within[fact].append(listener)


def listen_after[F](fact: type[F], listener: Callable[[F], None]) -> None:
    if listener not in _after[fact]:
        _after[fact].append(listener)


def announce(fact: object) -> None:
    """Tells the listeners within at once, and those after when the transaction is committed."""
    for listener in _within[type(fact)]:
        listener(fact)
    for listener in _after[type(fact)]:
        transaction.on_commit(partial(listener, fact), robust=True)
