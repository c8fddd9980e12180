"""A seal is a promise of what happened: signed by the desk's key, kept by others, and checked against the ledger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from helmdesk.foundation import announce
from helmdesk.foundation.jobs import schedules
from helmdesk.ledger import jobs, keys, seals
from helmdesk.ledger.facts import Sealed
from helmdesk.ledger.links import Fault
from helmdesk.ledger.models import Event, Head, Seal
from helmdesk.ledger.verify import verify
from tests.databases import CommittedDatabase
from tests.ledger import tampering
from tests.ledger.events import NOON, many

TOMORROW = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A home of its own: no key and no seal file yet."""
    settings.HELMDESK_HOME, settings.HELMDESK_KEYS = tmp_path, tmp_path / "keys"
    return tmp_path


def sealed(at: Any = NOON) -> Seal:
    made = seals.seal(at=at)
    assert made is not None
    return made


def test_a_seal_covers_everything_since_the_seal_before(db: None) -> None:
    events = many(10)
    first = sealed()
    many(5)
    second = sealed(TOMORROW)

    assert (first.first_seq, first.last_seq, first.count) == (1, 10, 10)
    assert bytes(first.root) == bytes(events[-1].hash)
    assert (second.first_seq, second.last_seq, second.count) == (11, 16, 6)
    assert bytes(second.previous or b"") == bytes(first.signature)
    assert (verify().ok, verify().sealed_to) == (True, 16)


def test_sealing_is_itself_recorded_and_announced(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Sealed] = []
    monkeypatch.setitem(announce._within, Sealed, [heard.append])
    many(3)
    made = sealed()

    event = Event.objects.get(seq=4)
    assert event.kind == "sealed"
    assert json.loads(event.body)["what"] == {"seal": made.pk, "first": 1, "last": 3, "root": bytes(made.root).hex()}
    assert heard == [Sealed(made.pk, 1, 3)]


def test_an_empty_ledger_is_not_sealed(db: None) -> None:
    assert seals.seal(at=NOON) is None


def test_a_quiet_day_is_sealed_too(db: None) -> None:
    many(1)
    sealed()

    assert (sealed(TOMORROW).first_seq, Head.objects.get(pk=1).seq) == (2, 3)


def test_a_broken_ledger_is_not_sealed(db: None) -> None:
    many(5)
    tampering.change(3, person=99)

    with pytest.raises(seals.LedgerBroken, match="person is 99 and was recorded as 3"):
        seals.seal(at=NOON)
    assert not Seal.objects.exists()


def test_a_ledger_whose_end_was_hashed_anew_is_not_sealed(db: None) -> None:
    many(5)
    tampering.rehash(3, person=99, head=False)

    with pytest.raises(seals.LedgerBroken, match="not the one that the head names"):
        seals.seal(at=NOON)


def test_the_key_is_made_once_and_for_its_owner_alone(db: None, home: Path) -> None:
    key = keys.public_key()

    assert keys.public_key() == key
    assert (home / "keys/seal.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (home / "keys").iterdir()] == ["seal.key"]


def test_processes_that_need_a_key_at_once_agree_on_one(home: Path) -> None:
    script = "import django; django.setup(); from helmdesk.ledger import keys; print(keys.public_key())"
    environment = {**os.environ, "HELMDESK_HOME": str(home), "HELMDESK_KEYS": str(home / "keys")}
    started = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    assert len({process.communicate()[0] for process in started}) == 1


def test_a_key_that_cannot_be_read_is_said_to_be_so(home: Path) -> None:
    (home / "keys").mkdir()
    (home / "keys/seal.key").write_text("not a key")

    with pytest.raises(keys.KeyUnusable, match="Put the desk's own key back"):
        keys.public_key()


def test_the_file_of_a_seal_says_what_the_row_says(db: None, home: Path) -> None:
    many(10)
    made = sealed()

    kept = seals.read_file(home / "seals/2026-03-02-10.json")
    assert kept.promise == seals.Promise.of(made)
    assert (kept.signature, kept.key) == (bytes(made.signature).hex(), keys.public_key())
    assert verify(against=kept).ok


def test_a_file_that_was_lost_is_written_again(db: None, home: Path) -> None:
    many(10)
    path = seals.path_of(sealed())
    content = path.read_text()
    path.unlink()

    assert seals.write_files() == [path]
    assert path.read_text() == content


def test_a_file_kept_by_a_witness_finds_a_history_hashed_anew_with_its_seals(db: None, home: Path) -> None:
    """Whoever has the database and even the key cannot change what others have a seal of."""
    many(10)
    kept = seals.read_file(seals.path_of(sealed()))
    tampering.rehash(4, person=99)
    tampering.execute("DELETE FROM helmdesk_seal")
    tampering.remove(11)
    Head.objects.filter(pk=1).update(seq=10, hash=Event.objects.get(seq=10).hash)
    sealed()

    assert verify(everything=True).ok
    assert [(fault.seq, fault.fault) for fault in verify(against=kept).faults] == [(10, "rehashed")]


def test_a_kept_file_finds_that_everything_after_was_cut_off(db: None) -> None:
    many(10)
    kept = seals.read_file(seals.path_of(sealed()))
    tampering.execute("DELETE FROM helmdesk_seal")
    tampering.execute("DELETE FROM helmdesk_event WHERE seq > 8")
    Head.objects.filter(pk=1).update(seq=8, hash=Event.objects.get(seq=8).hash)

    assert verify().ok
    assert [(fault.seq, fault.fault) for fault in verify(against=kept).faults] == [(10, "removed")]


def test_a_file_that_was_changed_is_no_promise(db: None) -> None:
    many(10)
    path = seals.path_of(sealed())
    path.write_text(path.read_text().replace('"count": 10', '"count": 9'))

    (fault,) = verify(against=seals.read_file(path)).faults
    assert (fault.fault, fault.words) == (
        "seal", "the seal file over events 1 to 10 is not what its signature was made for",
    )  # fmt: skip


def test_a_file_of_another_desk_is_told_by_its_key(db: None, home: Path, settings: Any) -> None:
    many(10)
    kept = seals.read_file(seals.path_of(sealed()))
    settings.HELMDESK_KEYS = home / "other keys"
    other = keys.public_key()

    (fault, _) = sorted(verify(against=kept).faults, key=lambda fault: fault.words, reverse=True)
    assert fault.words == "the seal of 2026-03-02 over events 1 to 10 is not signed by this desk"
    assert other != kept.key
    assert keys.trust(kept.key)
    assert verify(against=kept).ok


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "cannot be read as a seal"),
        ("[]", "one JSON object"),
        ("{}", "first_seq is None"),
        ('{"first_seq": true}', "first_seq is True"),
        ('{"first_seq":1,"last_seq":2,"count":2,"at":0,"root":"zz","signature":"","key":""}', "root is no hexadecimal"),
    ],
)
def test_a_file_that_is_no_seal_is_refused_with_what_is_wrong(home: Path, content: str, complaint: str) -> None:
    path = home / "seal.json"
    path.write_text(content)

    with pytest.raises(seals.SealUnreadable, match=complaint):
        seals.read_file(path)
    with pytest.raises(CommandError, match=complaint):
        call_command("ledger", "verify", "--seal", str(path))


def test_a_seal_with_another_signature_is_named(db: None) -> None:
    many(10)
    made = sealed()
    tampering.execute("UPDATE helmdesk_seal SET signature = %s WHERE id = %s", bytes(64), made.pk)

    report = verify()
    assert report.faults == [
        Fault(10, None, "seal", "the seal of 2026-03-02 over events 1 to 10 is not signed by this desk")
    ]
    assert report.sealed_to is None


def test_a_seal_that_was_removed_is_missed(db: None) -> None:
    many(10)
    first, second, third = sealed(), sealed(TOMORROW), sealed(TOMORROW + timedelta(days=1))
    tampering.execute("DELETE FROM helmdesk_seal WHERE id = %s", second.pk)
    (fault,) = verify().faults
    assert (fault.seq, "a seal is missing" in fault.words) == (third.last_seq, True)
    assert verify().sealed_to == first.last_seq

    tampering.execute("DELETE FROM helmdesk_seal WHERE id = %s", third.pk)
    (fault,) = verify().faults
    assert fault.words == "the seal to event 12 was recorded, and its row is gone"


def test_verifying_goes_on_from_the_last_good_seal(db: None) -> None:
    many(10)
    first = sealed()
    many(10)
    sealed(TOMORROW)
    tampering.rehash(15, person=99)

    report = verify()
    assert (report.sealed_to, [(f.seq, f.fault) for f in report.faults]) == (first.last_seq, [(21, "rehashed")])


def test_one_seal_comes_of_two_that_are_made_at_once(committed_db: CommittedDatabase, home: Path) -> None:
    many(10)
    connection.close()
    script = "import django; django.setup(); from helmdesk.ledger.jobs import seal_the_day; seal_the_day.call()"
    environment = {**committed_db.environment, "HELMDESK_HOME": str(home), "HELMDESK_KEYS": str(home / "keys")}
    started = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]

    assert verify().ok
    covered = [(made.first_seq, made.last_seq) for made in Seal.objects.order_by("last_seq")]
    assert covered[0] == (1, 10)
    assert [first for first, _ in covered[1:]] == [last + 1 for _, last in covered[:-1]]


def test_a_seal_is_made_every_day() -> None:
    (daily,) = [one for one in schedules.declared() if one.name == "ledger.seal"]
    assert (daily.task, daily.every) == (jobs.seal_the_day, timedelta(days=1))


def test_the_command_seals_and_lists(db: None, home: Path) -> None:
    many(10)
    out = StringIO()
    call_command("ledger", "seal", stdout=out)
    call_command("ledger", "seals", "--json", stdout=(listed := StringIO()))

    (made,) = Seal.objects.all()
    assert out.getvalue() == f"Sealed events 1 to 10: {seals.path_of(made)}\n"
    said = json.loads(listed.getvalue())
    assert (said["key"], [one["last_seq"] for one in said["seals"]]) == (keys.public_key(), [10])
    call_command("ledger", "verify", "--seal", str(seals.path_of(made)), stdout=(told := StringIO()))
    assert "sealed to event 10: all as recorded" in told.getvalue()
