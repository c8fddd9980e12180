"""Two people do something to one ticket at the same instant: one outcome, and an honest word to the other."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from helmdesk.ledger.chain import link
from helmdesk.ledger.models import Event
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.replay import differences
from tests.databases import CommittedDatabase
from tests.world import World, build

ROUNDS = 8
SOON = 0.05


def process(database: CommittedDatabase, name: str, verbs: list[Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.tickets.at_once", name, json.dumps(verbs)],
        env={**os.environ, **database.environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def begin(running: list[subprocess.Popen[str]]) -> None:
    """Waits until all are ready, and names the instant at which they begin."""
    for one in running:
        assert one.stdin is not None
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n", one.communicate()
    start = time.time() + SOON
    for one in running:
        assert one.stdin is not None
        one.stdin.write(f"{start}\n")
        one.stdin.flush()


def at_once(database: CommittedDatabase, *acts: tuple[str, list[Any]]) -> list[list[str]]:
    """What came of each person's verbs, all done in step."""
    running = [process(database, name, verbs) for name, verbs in acts]
    begin(running)
    outputs = [one.communicate(timeout=60) for one in running]
    assert all(one.returncode == 0 for one in running), outputs
    return [json.loads(out) for out, _ in outputs]


@pytest.fixture
def company(committed_db: CommittedDatabase) -> World:
    world = build()
    world.at = datetime.now(UTC)
    return world


def whole() -> None:
    """The ledger is one unbroken chain, and every row is what its events say."""
    previous, seq = bytes(32), 0
    for seq, event in enumerate(Event.objects.order_by("seq"), 1):
        assert (event.seq, bytes(event.hash)) == (seq, link(previous, event.body))
        previous = bytes(event.hash)
    assert seq > 0
    assert list(differences()) == []


def test_of_two_who_take_it_one_has_it(company: World, committed_db: CommittedDatabase) -> None:
    tickets = [company.ticket().pk for _ in range(ROUNDS)]
    verbs = [["take", [pk]] for pk in tickets]
    ina, ivo = at_once(committed_db, ("Ina Huber", verbs), ("Ivo Maier", verbs))
    assert all(sorted(pair) == ["done", "taken"] for pair in zip(ina, ivo, strict=True))
    for pk, came in zip(tickets, ina, strict=True):
        assert company.fresh_by(pk).assignee_id == company.membership("ina" if came == "done" else "ivo")
    whole()


def test_of_two_who_resolve_or_hand_over_one_is_told_what_happened(
    company: World, committed_db: CommittedDatabase
) -> None:
    tickets = [company.ticket(service="network") for _ in range(ROUNDS)]
    resolving = [["resolve", [t.pk, t.position]] for t in tickets]
    handing = [["hand_over", [t.pk, company.teams["network"].pk, t.position]] for t in tickets]
    came = at_once(committed_db, ("Ina Huber", resolving), ("Ivo Maier", handing), ("Iris Lang", resolving))
    for outcomes in zip(*came, strict=True):
        assert min(outcomes) == "done"
        assert set(outcomes) - {"done"} <= {"overtaken", "not_open", "not_yours"}
        assert outcomes.count("done") == 1
    whole()


def test_of_two_merges_across_one_is_done_and_no_circle_comes(company: World, committed_db: CommittedDatabase) -> None:
    pairs = [(company.ticket().pk, company.ticket().pk) for _ in range(ROUNDS)]
    there = [["merge", [a, b]] for a, b in pairs]
    back = [["merge", [b, a]] for a, b in pairs]
    ina, ivo = at_once(committed_db, ("Ina Huber", there), ("Ivo Maier", back))
    assert all("done" in pair and pair != ("done", "done") for pair in zip(ina, ivo, strict=True))
    for a, b in pairs:
        pointers = [company.fresh_by(pk).merged_into_id for pk in (a, b)]
        assert sorted(pointer is not None for pointer in pointers) == [False, True]
    whole()


def test_a_killed_process_leaves_whole_transactions_and_forgets_no_job(
    company: World, committed_db: CommittedDatabase
) -> None:
    from helmdesk.foundation.jobs.models import Job
    from helmdesk.tickets.models import SearchQueue

    tickets = [company.ticket() for _ in range(40)]
    SearchQueue.objects.all().delete()
    Job.objects.all().delete()
    running = process(committed_db, "Ina Huber", [["resolve", [t.pk, t.position]] for t in tickets])
    begin([running])
    time.sleep(1.2)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    whole()
    resolved = set(
        Ticket.objects.unscoped(reason="a test looks at the truth").filter(phase=2).values_list("pk", flat=True)
    )
    assert 0 < len(resolved) < 40
    assert set(SearchQueue.objects.values_list("ticket", flat=True)) == resolved
    assert Job.objects.filter(name__contains="catch_up").exists()
