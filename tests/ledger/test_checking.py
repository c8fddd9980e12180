"""Every night the whole ledger is verified, and auditors read when that was and what was found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helmdesk.foundation.jobs import schedules
from helmdesk.foundation.time import now, to_us
from helmdesk.ledger import jobs, seals
from helmdesk.ledger.checking import check, last_check
from helmdesk.ledger.models import Head
from tests.ledger import tampering
from tests.ledger.events import many
from tests.web.visiting import visitor
from tests.world import World


def test_the_ledger_is_verified_every_night(db: None) -> None:
    (nightly,) = [one for one in schedules.declared() if one.name == "ledger.check"]
    assert (nightly.task, nightly.every) == (jobs.check_the_whole, timedelta(days=1))
    assert last_check() is None

    many(3)
    begun = now()
    jobs.check_the_whole.call()

    told = last_check()
    assert told is not None
    assert to_us(begun) <= told.pop("at") <= to_us(now())
    assert told == {"ok": True, "events": 3, "tickets": 0, "sealed_to": None, "faults": [], "count": 0}


def test_it_looks_behind_the_last_seal_and_says_loudly_what_it_finds(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    many(3)
    seals.seal(at=now())
    tampering.change(2, person=99)
    assert check(everything=False, at=now())["ok"]

    jobs.check_the_whole.call()
    told = last_check()
    assert told is not None
    assert (told["ok"], told["count"], len(told["faults"])) == (False, 1, 1)
    assert [(said.levelname, said.name) for said in caplog.records] == [("CRITICAL", "helmdesk.ledger")]


def test_auditors_read_what_the_night_has_found(world: World) -> None:
    world.ticket()
    jobs.check_the_whole.call()
    assert "Nothing was altered" in visitor(world, "ada").get("/ledger/")

    Head.objects.update(hash=bytes(32))
    jobs.check_the_whole.call()
    assert "Nothing was altered" not in visitor(world, "ada").get("/ledger/")
