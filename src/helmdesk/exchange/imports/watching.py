"""What rows show of tickets that are here already and of those that are not, given what was shown of them before."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from msgspec.structs import replace

from helmdesk.exchange.imports.desk import Desk
from helmdesk.exchange.models import ImportedTicket
from helmdesk.history.observation import Made, Memory, Outcome, Refused, Row, Witness

ROWS: Final = 2_000
SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 8
WORKED_ON: Final = "has been worked on here since it came in, so that its history is no longer added to"
FORGOTTEN: Final = "has been forgotten in part since it came in, so that its history is no longer added to"

type Shown = list[Row | Refused]


@dataclass(frozen=True, slots=True)
class Here:
    """A ticket that an earlier import made, as it stands. Without a memory something of it has been forgotten."""

    ticket: int
    live: bool
    team: int
    assignee: int | None
    requester: int
    memory: str
    salt: bytes | memoryview | None

    @property
    def shown(self) -> bool:
        """Whether the source shows which team has it."""
        return bool(self.memory) and Memory.from_json(self.memory).group is not None


@dataclass(frozen=True, slots=True)
class Watched:
    """One ticket of the source: an outcome a row, what to remember, and the ticket that it is here."""

    external_id: str
    outcomes: list[Outcome]
    memory: Memory | None
    salt: bytes
    here: Here | None

    @property
    def made(self) -> list[Made]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Made)]


def chunks(tickets: Iterable[Shown]) -> Iterator[list[Shown]]:
    """Whole tickets, about `ROWS` rows together, each ticket once in a chunk."""
    chunk: list[Shown] = []
    size, ids = 0, set[str]()
    for ticket in tickets:
        name = external_id(ticket)
        if chunk and (size + len(ticket) > ROWS or name in ids):
            yield chunk
            chunk, size, ids = [], 0, set()
        chunk.append(ticket)
        size += len(ticket)
        if name:
            ids.add(name)
    if chunk:
        yield chunk


def external_id(ticket: Shown) -> str:
    """The source's own number of the ticket; empty where no row of it can be read."""
    return next((row.external_id for row in ticket if isinstance(row, Row)), "")


def watch(chunk: Iterable[Shown], desk: Desk) -> list[Watched]:
    """What each ticket's rows show. Within the transaction that writes it, where it is written."""
    tickets = list(chunk)
    here = _here(desk.source.name, [name for ticket in tickets if (name := external_id(ticket))])
    return [_watched(ticket, here.get(external_id(ticket)), desk) for ticket in tickets]


def _here(source: str, names: list[str]) -> dict[str, Here]:
    rows = ImportedTicket.objects.filter(source=source, external_id__in=names).values_list(
        "external_id", "ticket_id", "ticket__live", "ticket__team_id", "ticket__assignee_id", "ticket__requester_id",
        "memory", "salt",
    )  # fmt: skip
    return {row[0]: Here(*row[1:]) for row in rows}


def _watched(ticket: Shown, here: Here | None, desk: Desk) -> Watched:
    name = external_id(ticket)
    if here is not None and here.salt is None:
        return Watched(name, [_closed_to(row, here, FORGOTTEN) for row in ticket], None, b"", here)
    salt = secrets.token_bytes(SALT_BYTES) if here is None or here.salt is None else bytes(here.salt)
    witness = Witness(None if here is None else Memory.from_json(here.memory))
    seen = frozenset(() if witness.memory is None else witness.memory.seen)
    outcomes = [witness.take(_prepared(row, salt, seen, desk)) for row in ticket]
    if here is not None and here.live:
        outcomes = [_closed_to(one, here, WORKED_ON) if isinstance(one, Made) else one for one in outcomes]
    return Watched(name, outcomes, witness.memory, salt, here)


def _prepared(row: Row | Refused, salt: bytes, seen: frozenset[str], desk: Desk) -> Row | Refused:
    """The row under a salted digest, as this desk understands it; one that an earlier run has had stays as it is, so
    that nobody is looked up for it who may have been forgotten since.
    """
    if isinstance(row, Refused):
        return row
    digest = blake2b(row.digest, key=salt, digest_size=DIGEST_BYTES).digest()
    salted = replace(row, digest=digest)
    return salted if digest.hex() in seen else desk.understood(salted)


def _closed_to(row: Row | Outcome, here: Here, reason: str) -> Refused:
    """A row of a ticket that takes no more history."""
    if isinstance(row, Refused):
        return row
    cure = "go on with it here, or write a note of what the row says"
    return Refused(row.number, row.external_id, "ticket", str(here.ticket), reason, cure)
