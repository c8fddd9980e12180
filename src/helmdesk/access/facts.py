"""What this room announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GrantShrank:
    """A provider may see less than before, or nothing: streams to its people end, and begin anew as they may."""

    provider: int
