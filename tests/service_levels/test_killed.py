"""A watcher that is killed has noticed and told nothing twice, and the next one misses nothing: on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Event
from helmdesk.ledger.verify import verify
from helmdesk.service_levels.models import BREACH, Clock, Notice, Told
from helmdesk.tickets.replay import differences
from tests.databases import CommittedDatabase
from tests.service_levels.promising import calendars, promise, solved
from tests.world import World, build

CLOCKS = 1_300
WATCH = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "helmdesk.config.settings"
import django
django.setup()
from helmdesk.foundation.time import from_us
from helmdesk.service_levels import telling, watching
watching.watch(at=from_us({at}))
telling.tell(at=from_us({at}))
"""


def test_killed_again_and_again_each_clock_is_noticed_and_told_once(committed_db: CommittedDatabase) -> None:
    world = build()
    at = to_us(many_due(world) + timedelta(days=1))
    told_before = 0
    for there in (lambda: Notice.objects.count() > 0, lambda: Told.objects.count() > told_before):
        kill_when(watching(committed_db, at), there)
        assert len(Counter(noticed())) == Notice.objects.count()
        assert list(differences()) == []
    assert subprocess.run([sys.executable, "-c", WATCH.format(at=at)], env=committed_db.environment).returncode == 0
    connection.close()

    assert Counter(noticed()) == Counter(clock_keys())
    assert not Notice.objects.filter(told_at__isnull=True).exists()
    iris, max_ = (world.people[name].pk for name in ("iris", "max"))
    assert Counter(Told.objects.values_list("person", flat=True)) == {iris: CLOCKS, max_: CLOCKS}
    assert Event.objects.filter(kind="notice.sent").count() == CLOCKS
    assert list(differences()) == []
    assert verify(everything=True).ok


def many_due(world: World) -> datetime:
    """So many turns of one level on three tickets, all of them due at once, long ago."""
    calendars(world.at)
    promise(world, solved(calendar="always", warn_at=[]))
    tickets = [world.ticket() for _ in range(3)]
    (first,) = Clock.objects.filter(ticket=tickets[0])
    Clock.objects.all().delete()
    due = first.due_at
    assert due is not None
    says = {
        "level": first.level, "version": first.version, "calendar_version": first.calendar_version, "metric": 4,
        "binds": 1, "verdict": Verdict.RUNNING, "start": first.start, "used": 0, "gross": 0, "target": first.target,
        "since": first.start, "due_at": due, "judged_at": first.start, "next_at": due,
    }  # fmt: skip
    Clock.objects.bulk_create(Clock(ticket=tickets[n % 3], n=n + 1, **says) for n in range(CLOCKS))
    return due


def watching(database: CommittedDatabase, at: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WATCH.format(at=at)], env=database.environment)


def kill_when(process: subprocess.Popen[bytes], there: Callable[[], bool]) -> None:
    """Kills without a word, as soon as something is committed."""
    patience = time.monotonic() + 60
    while not there() and process.poll() is None and time.monotonic() < patience:
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    connection.close()


def noticed() -> list[tuple[int, int, int]]:
    return list(Notice.objects.values_list("ticket", "level", "n").order_by("pk"))


def clock_keys() -> list[tuple[int, int, int]]:
    assert set(Notice.objects.values_list("share", flat=True)) == {BREACH}
    return list(Clock.objects.values_list("ticket", "level", "n"))
