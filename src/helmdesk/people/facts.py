"""What this room announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeopleLeft:
    """These persons have left a team, a provider or the desk: what they had there needs somebody else."""

    persons: tuple[int, ...]
