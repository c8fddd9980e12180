"""What the ledger announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal was made over the events `first_seq` to `last_seq`; witnesses are to be sent its file."""

    seal: int
    first_seq: int
    last_seq: int
