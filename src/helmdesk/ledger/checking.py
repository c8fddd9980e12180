"""The last verification is remembered with its time: of the night, or when somebody asked."""

import logging
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache

from helmdesk.foundation.time import to_us
from helmdesk.ledger.verify import verify

log = logging.getLogger("helmdesk.ledger")

REMEMBERED: Final = "ledger.verified"
KEPT: Final = 60 * 60 * 24 * 40
MOST: Final = 100


def check(*, everything: bool, at: datetime) -> dict[str, Any]:
    """Verifies, from the last good seal or from the first event, and remembers what was found."""
    report = verify(everything=everything)
    told: dict[str, Any] = {
        "at": to_us(at),
        "ok": report.ok,
        "events": report.events,
        "tickets": report.tickets,
        "sealed_to": report.sealed_to,
        "faults": [fault.words for fault in report.faults[:MOST]],
        "count": len(report.faults),
    }
    cache.set(REMEMBERED, told, KEPT)
    if not report.ok:
        words = "the ledger is not as it was recorded: helmdesk ledger verify --all"
        log.critical(words, extra={"faults": told["count"]})
    return told


def last_check() -> dict[str, Any] | None:
    """The last answer: `at`, `ok`, `events`, `tickets`, `sealed_to`, `faults` as words, and their `count`."""
    kept: dict[str, Any] | None = cache.get(REMEMBERED)
    return kept
