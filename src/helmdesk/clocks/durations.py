"""How long, as people write it: "2h", "153.5h", "1h 30m", "90m", "45s"; days only where a day has one length."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

SECOND: Final = 1_000_000
UNITS: Final = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86_400 * SECOND}
LONGEST: Final = 10 * 366 * 86_400 * SECOND
CURE: Final = 'write hours, minutes or seconds, as "2h", "153.5h", "1h 30m", "90m"'
CURE_DAYS: Final = f"{CURE}, or days of 24 hours"
_PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([smhd])\s*", re.ASCII)


class BadDuration(ValueError):
    """A text that is no duration; the message is its cure."""


def duration_from(text: Any, *, days: bool = False) -> int:
    """Microseconds, more than none and at most ten years. Raises BadDuration.

    A day of working time has no one length, so days are refused unless `days` says that they last 24 hours.
    """
    cure = CURE_DAYS if days else CURE
    if not isinstance(text, str) or _PART.sub("", text.strip()) or not text.strip():
        raise BadDuration(cure)
    parts = _PART.findall(text.strip())
    if not days and any(unit == "d" for _, unit in parts):
        raise BadDuration(f"a day of working time has no one length; {CURE}")
    us = sum(Decimal(number) * UNITS[unit] for number, unit in parts)
    if us != int(us) or not 0 < us <= LONGEST:
        raise BadDuration("more than nothing and at most ten years")
    return int(us)
