"""The ledger by the clock: a seal a day."""

from datetime import time

from helmdesk.foundation.jobs import schedule, task
from helmdesk.foundation.time import now


@task
def seal_the_day() -> None:
    """Seals what has happened since the last seal, and writes files that are missing."""
    from helmdesk.ledger import seals

    seals.seal(at=now())


schedule("ledger.seal", task=seal_the_day, daily_at=time(0, 5))
