"""What this room announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LevelPublished:
    """A version was written down, or a level ended: turns that begin from `valid_from` (microseconds) on may change."""

    level: int
    version: int
    valid_from: int
