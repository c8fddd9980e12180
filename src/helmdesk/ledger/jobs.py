"""The ledger by the clock: a seal a day, and every night a look whether all is as it was recorded."""

from datetime import time

from helmdesk.foundation.jobs import schedule, task
from helmdesk.foundation.time import now


@task
def seal_the_day() -> None:
    """Seals what has happened since the last seal, and writes files that are missing."""
    from helmdesk.ledger import seals

    seals.seal(at=now())


@task(max_attempts=2)
def check_the_whole() -> None:
    """Verifies from the first event, and remembers what was found for the pages of auditors."""
    from helmdesk.ledger import checking

    checking.check(everything=True, at=now())


schedule("ledger.check", task=check_the_whole, daily_at=time(1, 40))
schedule("ledger.seal", task=seal_the_day, daily_at=time(0, 5))
