"""What this room announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TicketsChanged:
    """Verbs were done: which tickets, by which events. `seq` is the last event's place in the ledger."""

    tickets: tuple[int, ...]
    kinds: tuple[str, ...]
    seq: int
