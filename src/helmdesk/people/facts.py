"""What this room announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessEnded:
    """These persons' sessions are over, or what they may see has shrunk: streams to them end now."""

    persons: tuple[int, ...]
