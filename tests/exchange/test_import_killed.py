"""An import that is killed leaves whole tickets, and the same command goes on from there: on both databases."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from helmdesk.exchange.models import Import, ImportedTicket
from helmdesk.ledger.models import Event, Stream
from helmdesk.ledger.verify import verify
from helmdesk.people.models import Person
from helmdesk.tickets.replay import differences
from tests.exchange.importing import ZONE, made_up_log, tickets, told

HELMDESK = Path(sys.executable).parent / "helmdesk"
TICKETS = 1_200


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return made_up_log(tmp_path, TICKETS)


def importing(committed_db: Any, log: Path) -> subprocess.Popen[bytes]:
    command = [str(HELMDESK), "import", "servicenow", str(log), "--zone", ZONE, "--json"]
    return subprocess.Popen(
        command, env=committed_db.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def kill_when(process: subprocess.Popen[bytes], tickets_there: int) -> None:
    """Kills without a word, as soon as so many tickets are committed."""
    patience = time.monotonic() + 120
    while ImportedTicket.objects.count() < tickets_there and process.poll() is None and time.monotonic() < patience:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    connection.close()
    assert process.returncode == -signal.SIGKILL


def test_killed_and_run_again_it_brings_everything_once(committed_db: Any, log: Path) -> None:
    there = 0
    for more in (0, 1, 1):
        kill_when(importing(committed_db, log), there + more)
        there = tickets().count()
        assert there == ImportedTicket.objects.count() == sum(Import.objects.values_list("tickets", flat=True))
        assert list(differences()) == []
        assert verify(everything=True).ok
    assert 0 < there < TICKETS

    last = importing(committed_db, log)
    out, err = last.communicate(timeout=300)
    assert last.returncode == 0, err.decode()
    counts = json.loads(out)
    assert (counts["rows"], counts["tickets"]) == (TICKETS * 6, TICKETS - there)
    assert tickets().count() == ImportedTicket.objects.count() == TICKETS
    assert list(differences()) == []
    assert verify(everything=True, texts=True).ok


def test_what_a_killed_run_has_brought_is_not_brought_again(committed_db: Any, log: Path) -> None:
    kill_when(importing(committed_db, log), 1)
    assert [row["state"] for row in listed()] == ["cut off: run it again"]
    out, _ = importing(committed_db, log).communicate(timeout=300)
    first, second = Import.objects.order_by("pk")
    assert (second.continues_id, [row["state"] for row in listed()]) == (first.pk, ["cut off, done since", "done"])

    counts = json.loads(out)
    made = Event.objects.filter(stream=Stream.TICKET).values_list("batch", "kind", "body")
    assert counts["events"] == sum(batch == second.pk for batch, _, _ in made)
    places = Counter((kind, body.partition('"what":')[2]) for _, kind, body in made)
    assert places.most_common(1)[0][1] == 1
    rows = {json.loads(body)["what"]["src"]["row"] for _, _, body in made}
    assert len(rows) == sum(run.rows - run.unchanged - run.refused for run in (first, second))
    assert len(set(Person.objects.values_list("external_ref", flat=True))) == Person.objects.count()


def listed() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(told("list", "--json"))
    return rows
