"""Who goes by a calendar: higher rooms say, before an edit is saved, what of theirs it would touch."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Use:
    """Something that goes by a calendar: in the reader's words, how many, and what they are called where that helps."""

    words: str
    count: int
    names: tuple[str, ...] = ()


type Teller = Callable[[int, datetime], list[Use]]
_tellers: list[Teller] = []


def tell_by(teller: Teller) -> None:
    """Names one who knows uses: asked with a calendar's id and from when on it would change (config/wiring.py)."""
    if teller not in _tellers:
        _tellers.append(teller)


def of(calendar: int, since: datetime) -> list[Use]:
    return [use for teller in _tellers for use in teller(calendar, since)]
