"""A backup holds the desk of one instant; what a restore makes of it is that desk, less what was forgotten since."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from helmdesk.exchange import backup, register, snapshots
from helmdesk.exchange import restore as restoring
from helmdesk.exchange.archive import BadBackup
from helmdesk.exchange.register import BadRegister
from helmdesk.exchange.restore import Restored
from helmdesk.exchange.snapshots import NotEmpty
from helmdesk.foundation import files
from helmdesk.foundation.files import Limits
from helmdesk.foundation.time import now
from helmdesk.ledger import keys, seals, triggers
from helmdesk.ledger.models import Erasure, Event, Head, Text
from helmdesk.ledger.verify import verify
from helmdesk.people.models import Person
from helmdesk.tickets import assignment, conversation, erasure, redaction
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Attachment, Message, Ticket
from helmdesk.tickets.replay import differences
from tests import databases
from tests.databases import CommittedDatabase
from tests.world import World, build

WRITER = """
import sys, django; django.setup()
from datetime import datetime, UTC
from helmdesk.access.viewer import system
from helmdesk.tickets import conversation
from helmdesk.tickets.conversation import Words
print("begun", flush=True)
while True:
    conversation.reply(int(sys.argv[1]), Words("Still at it."), by=system(), at=datetime.now(UTC))
"""


# To make the tables anew takes PostgreSQL seconds; what is the same on both is tested on one.
ONCE = pytest.mark.skipif("connection.vendor != 'sqlite'")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    return live_at(tmp_path / "home", settings)


def live_at(home: Path, settings: Any) -> Path:
    settings.HELMDESK_HOME, settings.HELMDESK_KEYS, settings.HELMDESK_FILES = home, home / "keys", home / "files"
    home.mkdir(exist_ok=True)
    return home


@pytest.fixture
def desk(committed_db: CommittedDatabase) -> World:
    """Two tickets, a reply with a file, and somebody signed in."""
    world = build()
    one, _ = world.ticket("alice"), world.ticket("arno", service="email", site="north", team="night")
    assignment.take(one.pk, by=world.who("ina"), at=world.tick())
    stored = files.store(io.BytesIO(b"%PDF-1.7 what was seen"), name="seen.pdf", limits=Limits())
    conversation.reply(one.pk, Words("See there.", files=[("seen.pdf", stored)]), by=world.who("ina"), at=world.tick())
    Session.objects.create(session_key="abc", session_data="", expire_date=datetime(2040, 1, 1, tzinfo=UTC))
    return world


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "desk.tar.gz"


@pytest.fixture
def elsewhere(tmp_path: Path, settings: Any, committed_db: CommittedDatabase) -> Iterator[Callable[[], None]]:
    """Call it to be, from then on, at an empty home with an empty database."""
    before, name = connection.settings_dict["NAME"], str(tmp_path / "restored.sqlite3")
    if connection.vendor == "postgresql":
        name = f"{before}_restored"
        databases.administer(f"CREATE DATABASE {name}")

    def go() -> None:
        databases.point_default_at(name)
        live_at(tmp_path / "new home", settings)

    yield go
    databases.point_default_at(before)
    if connection.vendor == "postgresql":
        databases.administer(f"DROP DATABASE {name} WITH (FORCE)")


def restored(file: Path, *registers: Path) -> Restored:
    return restoring.restore(file, registers=registers, at=now())


def contents() -> dict[str, Any]:
    """All that makes a desk, apart from who is signed in."""
    rows: dict[str, Any] = {}
    for model in (Event, Head, Ticket, Message, Text, Attachment, Person, Erasure):
        manager: Any = model._base_manager
        rows[model.__name__] = list(manager.order_by("pk").values_list())
    return rows


def test_what_is_restored_is_what_was_backed_up(desk: World, file: Path, elsewhere: Callable[[], None]) -> None:
    before = contents()
    made = backup.make(file, at=desk.tick())
    assert (made.tickets, made.files, made.head) == (2, 1, Head.objects.get(pk=1).seq)
    key = Attachment.objects.get().key
    elsewhere()

    report = restored(file)

    assert (report.ok, report.files, report.forgotten) == (True, 1, 0)
    assert contents() == before
    with files.open_stored(key) as stored:
        assert stored.read() == b"%PDF-1.7 what was seen"
    assert triggers.missing() == []
    assert not Session.objects.exists()
    work_must_go_on(desk, after=max(row[0] for row in before["Ticket"]))


def work_must_go_on(world: World, *, after: int) -> None:
    """New rows get new numbers: what a sequence gave before the backup, it does not give again."""
    ticket = world.ticket("alice")
    conversation.reply(ticket.pk, Words("On it."), by=world.who("ina"), at=world.tick())
    assert ticket.pk > after
    assert (verify(texts=True).ok, list(differences())) == (True, [])


def test_a_backup_made_while_others_write_is_of_one_instant(
    desk: World, committed_db: CommittedDatabase, file: Path, elsewhere: Callable[[], None]
) -> None:
    ticket = Ticket.objects.unscoped(reason="test").order_by("pk")[0]
    environment = {**committed_db.environment, "HELMDESK_HOME": str(file.parent / "home")}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(ticket.pk)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        began = wait_for_more_than(Head.objects.get(pk=1).seq)
        made = [backup.make(file.with_name(f"{n}.tar"), at=now()) for n in range(3)]
        ended = wait_for_more_than(made[-1].head)
    finally:
        writer.kill()
        writer.wait()
    assert began <= made[0].head <= made[1].head <= made[2].head < ended
    elsewhere()

    report = restored(made[1].file)
    assert report.ok
    assert (report.verified.events, Head.objects.get(pk=1).seq) == (made[1].events, made[1].head)
    assert verify(everything=True, texts=True).ok


def wait_for_more_than(seq: int) -> int:
    until = time.monotonic() + 60
    while (head := Head.objects.get(pk=1).seq) <= seq:
        assert time.monotonic() < until
        time.sleep(0.05)
    return head


# --- what was forgotten since ---


def test_what_was_erased_after_the_backup_is_erased_again(
    desk: World, file: Path, home: Path, elsewhere: Callable[[], None]
) -> None:
    backup.make(file, at=desk.tick())
    forget_alice_and_a_secret(desk)
    assert register.keep() > 0
    elsewhere()

    report = restored(file, home / "erasures.jsonl")

    assert report.ok
    assert report.forgotten > 0
    alice = desk.people["alice"]
    alice.refresh_from_db()
    assert (alice.name.startswith("Former person"), alice.erased_at is not None) == (True, True)
    assert not Text.objects.filter(owner=alice.pk, body__isnull=False).exists()
    assert not Text.objects.filter(body__contains="See there").exists()
    assert verify(texts=True).ok


def forget_alice_and_a_secret(world: World) -> None:
    said = Message.objects.unscoped(reason="test").get(text__body="See there.")
    redaction.redact(said.pk, "See there", reason="secret", by=world.who("iris"), at=now())
    erasure.erase_person(world.people["alice"].pk, reason="asked", by=world.who("max"), at=now())


@ONCE
def test_without_the_register_a_restore_would_remember(
    desk: World, file: Path, home: Path, elsewhere: Callable[[], None]
) -> None:
    """So that the test above says something."""
    backup.make(file, at=desk.tick())
    forget_alice_and_a_secret(desk)
    elsewhere()

    assert restored(file).forgotten == 0
    assert Person.objects.filter(name="Alice Berg").exists()


@ONCE
def test_what_was_erased_before_the_backup_stays_so_and_is_not_erased_twice(
    desk: World, file: Path, home: Path, elsewhere: Callable[[], None]
) -> None:
    forget_alice_and_a_secret(desk)
    made = backup.make(file, at=now())
    known = Erasure.objects.count()
    assert len(json.loads(made.register.read_text())) == known > 1
    elsewhere()

    report = restored(file, home / "erasures.jsonl")
    assert (report.forgotten, Erasure.objects.count(), report.verified.erased) == (0, known, known)


def test_the_register_of_another_timeline_is_left_alone(desk: World) -> None:
    """What was erased on a desk before it was given up for an earlier backup may have another number here."""
    entry = register.Entry("ab", 1, "text", 5, 1_000_000, 7)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    assert register.to_reapply([entry], since=epoch) == [("text", 5)]
    assert register.to_reapply([entry], since=epoch + timedelta(days=1)) == []


def test_the_register_of_another_desk_is_refused_before_anything_is_restored(
    desk: World, file: Path, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    backup.make(file, at=desk.tick())
    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"desk": "abcd", "id": 1, "what": "person", "what_id": 1, "at": 1, "seq": 1}\n')
    elsewhere()

    with pytest.raises(BadRegister, match="the backup is of another"):
        restored(file, strange)
    snapshots.must_be_empty()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"desk": "ab"', "line 1: is not whole"),
        ('\n{"desk": "ab"}', "line 2: is no erasure"),
        ('{"desk": "ab", "id": 1, "what": "person", "what_id": "1", "at": 1, "seq": 1}', "what_id is '1'"),
        ("[1", "is not whole"),
        ("[1]", "entry 1: is no erasure"),
    ],
)
def test_a_register_that_cannot_be_read_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "erasures.jsonl"
    path.write_text(text)

    with pytest.raises(BadRegister, match=complaint):
        register.read(path)


def test_the_register_at_home_is_added_to_and_never_twice(desk: World, home: Path) -> None:
    assert (register.keep(), register.read(home / "erasures.jsonl")) == (0, [])
    forget_alice_and_a_secret(desk)

    assert register.keep() == Erasure.objects.count()
    assert register.keep() == 0
    assert register.read(home / "erasures.jsonl") == register.recorded()


# --- what is refused ---


def test_a_backup_is_its_owners_alone_and_never_written_over(desk: World, file: Path) -> None:
    made = backup.make(file, at=desk.tick())
    assert file.stat().st_mode & 0o777 == 0o600

    with pytest.raises(BadBackup, match="there already"):
        backup.make(file, at=desk.tick())
    for other, complaint in ((file.with_name("desk.zip"), "is named"), (file.parent / "no/desk.tar", "is no folder")):
        with pytest.raises(BadBackup, match=complaint):
            backup.make(other, at=desk.tick())
    assert sorted(path.name for path in file.parent.iterdir() if path.is_file() and "sqlite" not in path.name) == [
        file.name, made.register.name,
    ]  # fmt: skip


def test_a_backup_that_fails_leaves_nothing(desk: World, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(backup, "pack_files", fails)
    with pytest.raises(OSError, match="full"):
        backup.make(file, at=desk.tick())
    assert not [path for path in file.parent.iterdir() if "tar" in path.name or path.name.startswith(".")]


@ONCE
def test_keys_are_not_in_a_backup(desk: World, file: Path, home: Path, elsewhere: Callable[[], None]) -> None:
    seals.seal(at=desk.tick())
    secret = (home / "keys/seal.key").read_text().splitlines()[1]
    backup.make(file, at=desk.tick())
    unzipped = gzip.decompress(file.read_bytes())
    assert secret.encode() not in unzipped
    assert b"seal.key" not in unzipped
    public = keys.public_key()
    elsewhere()

    report = restored(file)
    assert (report.ok, report.strange_keys, keys.trusted()) == (True, [public], [public])
    assert report.verified.sealed_to is not None


def test_a_desk_is_not_restored_over_another(desk: World, file: Path) -> None:
    backup.make(file, at=desk.tick())
    before = contents()

    with pytest.raises(NotEmpty, match="Restore into an empty one"):
        restored(file)
    assert contents() == before


def test_files_are_not_restored_over_others(
    desk: World, file: Path, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    backup.make(file, at=desk.tick())
    elsewhere()
    (tmp_path / "new home/files/aa").mkdir(parents=True)

    with pytest.raises(NotEmpty, match="holds files already"):
        restored(file)


def test_a_damaged_backup_is_refused_and_nothing_restored(
    desk: World, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    made = backup.make(tmp_path / "desk.tar", at=desk.tick())
    whole = made.file.read_bytes()
    elsewhere()
    middle = whole.index(b"what was seen")
    for name, content in {
        "flipped.tar": whole[:middle] + b"W" + whole[middle + 1 :],
        "cut.tar": whole[: len(whole) // 2],
        "cut.tar.gz": gzip.compress(whole)[:-2000],
        "empty.tar": b"",
        "words.tar": b"this is no archive" * 1000,
    }.items():
        damaged = tmp_path / name
        damaged.write_bytes(content)
        with pytest.raises(BadBackup, match=r"damaged|ends early|no backup"):
            restored(damaged)
    snapshots.must_be_empty()
    restoring.must_be_without_files()


@pytest.mark.parametrize(
    "name",
    ["../evil", "/tmp/evil", "files/../../evil", "files/aa/../../../evil", "tables/x.sh", "manifest.json\n", "a" * 300],
)
def test_a_name_that_leads_elsewhere_is_refused(
    tmp_path: Path, name: str, committed_db: CommittedDatabase, elsewhere: Callable[[], None]
) -> None:
    with crafted(tmp_path / "evil.tar") as tar:
        put(tar, tarfile.TarInfo(name), b"evil")
    elsewhere()

    with pytest.raises(BadBackup, match="not made by Helmdesk"):
        restored(tmp_path / "evil.tar")
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_and_devices_are_refused(
    tmp_path: Path, kind: bytes, committed_db: CommittedDatabase, elsewhere: Callable[[], None]
) -> None:
    with crafted(tmp_path / "evil.tar") as tar:
        link = tarfile.TarInfo("database.sqlite3")
        link.type, link.linkname = kind, "/etc/passwd"
        put(tar, link, b"")
    elsewhere()

    with pytest.raises(BadBackup, match="not made by Helmdesk"):
        restored(tmp_path / "evil.tar")


def test_a_member_that_comes_twice_is_refused(
    tmp_path: Path, committed_db: CommittedDatabase, elsewhere: Callable[[], None]
) -> None:
    with crafted(tmp_path / "evil.tar") as tar:
        for content in (b"one", b"two"):
            put(tar, tarfile.TarInfo("database.sqlite3"), content)
    elsewhere()

    with pytest.raises(BadBackup, match="not made by Helmdesk"):
        restored(tmp_path / "evil.tar")


@contextmanager
def crafted(path: Path) -> Iterator[tarfile.TarFile]:
    with tarfile.open(path, "w") as tar:
        yield tar


def put(tar: tarfile.TarFile, info: tarfile.TarInfo, content: bytes) -> None:
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": 2}, "Update Helmdesk first"),
        ({"database": "oracle"}, "It is of a oracle database"),
        ({"migrations": [["helmdesk", "9999_future"]]}, "with helmdesk.9999_future"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(
    desk: World, tmp_path: Path, change: dict[str, Any], complaint: str, elsewhere: Callable[[], None]
) -> None:
    made = backup.make(tmp_path / "desk.tar", at=desk.tick())
    with tarfile.open(made.file) as tar, crafted(tmp_path / "other.tar") as other:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            said = content.read()
            if member.name == "manifest.json":
                said = json.dumps({**json.loads(said), **change}).encode()
            put(other, member, said)
    elsewhere()

    with pytest.raises(BadBackup, match=complaint):
        restored(tmp_path / "other.tar")
    snapshots.must_be_empty()


# --- the commands ---


def test_the_commands_back_up_and_restore_into_another_home(
    desk: World, committed_db: CommittedDatabase, file: Path, tmp_path: Path
) -> None:
    call_command("backup", str(file), "--json", stdout=(said := StringIO()))
    assert json.loads(said.getvalue())["tickets"] == 2
    target = [str(tmp_path / "third home")]
    if connection.vendor == "postgresql":
        databases.administer(f"CREATE DATABASE {connection.settings_dict['NAME']}_third")
        target.append(f"{committed_db.url}_third")
    options = [option for one in target for option in ("--into", one)]
    try:
        out = StringIO()
        call_command("restore", str(file), *options, "--json", stdout=out)
        told = json.loads(out.getvalue())
        assert (told["ok"], told["verified"]["tickets"], told["files"]) == (True, 2, 1)
        with pytest.raises(SystemExit) as ended:
            call_command("restore", str(file), *options, stdout=StringIO(), stderr=(complaint := StringIO()))
        assert (ended.value.code, "Restore into an empty" in complaint.getvalue()) == (1, True)
    finally:
        if connection.vendor == "postgresql":
            databases.administer(f"DROP DATABASE {connection.settings_dict['NAME']}_third WITH (FORCE)")


def test_the_commands_tell_what_cannot_be_done(desk: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="a backup is named"):
        call_command("backup", str(tmp_path / "desk.zip"))
    with pytest.raises(CommandError, match="Restore into an empty one"):
        call_command("restore", str(tmp_path / "none.tar"))
    with pytest.raises(CommandError, match="one folder and one DATABASE_URL"):
        call_command("restore", "desk.tar", "--into", "a", "--into", "b")
    assert "HELMDESK_HOME" in os.environ
