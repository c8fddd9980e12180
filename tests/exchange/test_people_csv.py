"""People from a table: what can be taken is taken, what cannot is listed, and the same table twice changes nothing."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from helmdesk.access.allowed import NotAllowed
from helmdesk.access.viewer import system
from helmdesk.exchange.people_csv import Imported, Options, import_people
from helmdesk.history.delimited import Unreadable
from helmdesk.ledger.models import Event
from helmdesk.people.addresses import person_with_email
from helmdesk.people.merging import merge_persons
from helmdesk.people.models import Account, Department, Person, Site
from helmdesk.people.persons import PersonEntry, add_person
from tests.world import World

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEADER = "name,email,phone,department,site,language,title,external_ref"
TWO = f"""{HEADER}
Zoë Ångström,zoe@company.example,+46 8 555 010,Finance,north,sv,Analyst,E-1
Ben Okafor,ben@company.example,,finance,South,,,
"""


def test_rows_become_people_in_places_known_by_code_or_name(world: World, tmp_path: Path) -> None:
    done = take(tmp_path, TWO)

    assert (done.rows, done.added, done.changed, done.unchanged, done.refused) == (2, 2, 0, 0, [])
    zoe, ben = person_with_email("zoe@company.example"), person_with_email("ben@company.example")
    assert zoe is not None and ben is not None  # noqa: PT018
    assert (zoe.name, zoe.language, zoe.title, zoe.external_ref) == ("Zoë Ångström", "sv", "Analyst", "E-1")
    assert (zoe.site, ben.site) == (world.sites["north"], world.sites["south"])
    assert zoe.department == ben.department == Department.objects.get(code="finance")
    assert zoe.addresses.get(kind="phone").folded == "+468555010"


def test_the_same_table_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    take(tmp_path, TWO)
    before = Event.objects.count()

    done = take(tmp_path, TWO)

    assert (done.added, done.changed, done.unchanged, Event.objects.count()) == (0, 0, 2, before)


def test_empty_cells_leave_what_is_known(world: World, tmp_path: Path) -> None:
    take(tmp_path, TWO)

    done = take(tmp_path, f"{HEADER}\n,zoe@company.example,,,,,Head,\n")

    zoe = person_with_email("zoe@company.example")
    assert zoe is not None
    assert (done.changed, zoe.name, zoe.title, zoe.language) == (1, "Zoë Ångström", "Head", "sv")


def test_a_person_is_found_by_reference_when_the_address_changes(world: World, tmp_path: Path) -> None:
    take(tmp_path, TWO)

    done = take(tmp_path, "external_ref,email\nE-1,zoe.new@company.example\n")

    assert (done.changed, Person.objects.filter(name="Zoë Ångström").count()) == (1, 1)
    assert person_with_email("zoe.new@company.example") == person_with_email("zoe@company.example")


def test_a_merged_record_means_the_person_it_points_to(world: World, tmp_path: Path) -> None:
    by = system().stamp
    take(tmp_path, TWO)
    zoe, fresh = person_with_email("zoe@company.example"), add_person(PersonEntry(name="Zoë A."), by=by, at=AT)
    assert zoe is not None
    merge_persons(zoe.pk, into=fresh.pk, by=by, at=AT)

    take(tmp_path, "email,title\nzoe@company.example,Head\n")

    assert Person.objects.get(pk=fresh.pk).title == "Head"


def test_what_cannot_be_taken_is_listed_and_the_rest_is_taken(world: World, tmp_path: Path) -> None:
    done = take(tmp_path, f"""{HEADER}
Ana,ana@company.example,,,,,,
No Mail,,,,,,,
,nameless@company.example,,,,,,
Bad Mail,bad,,,,,,
Bad Phone,p@company.example,call me,,,,,
Nowhere,n@company.example,,,Atlantis,,,
Ana again,ANA@company.example,,,,,,
Short,row
Odd,odd@company.example,,,,klingonish,,
""")  # fmt: skip

    assert (done.rows, done.added, len(done.refused)) == (9, 1, 8)
    assert [(row.row, row.column, row.value) for row in done.refused] == [
        (3, "email", "''"), (4, "name", "''"), (5, "email", "'bad'"), (6, "phone", "'call me'"),
        (7, "site", "'Atlantis'"), (8, "email", "'ANA@company.example'"), (9, "", ""), (10, "language", "'klingonish'"),
    ]  # fmt: skip
    assert all(row.reason for row in done.refused)
    assert "Row 2 is about the same person" in done.refused[5].reason
    assert person_with_email("p@company.example") is None


def test_places_are_made_only_when_told_to(world: World, tmp_path: Path) -> None:
    text = f"{HEADER}\nAna,ana@company.example,,Über uns,São Paulo,,,\nBen,ben@company.example,,über UNS,sao paulo,,,\n"
    assert len(take(tmp_path, text).refused) == 2

    done = take(tmp_path, text, create=True, zone="America/Sao_Paulo")

    assert (done.added, done.made) == (2, ["department Über uns", "site São Paulo"])
    assert Site.objects.get(code="sao-paulo").zone == "America/Sao_Paulo"
    assert Department.objects.get(code="uber-uns").name == "Über uns"


def test_a_place_of_a_refused_row_is_not_made(world: World, tmp_path: Path) -> None:
    text = f"{HEADER}\nBad,bad,,,Atlantis,,,\nAna,ana@company.example,,,Atlantis,,,\n"

    done = take(tmp_path, text, create=True)

    assert (done.added, done.made, Site.objects.filter(code="atlantis").count()) == (1, ["site Atlantis"], 1)


@pytest.mark.parametrize(
    "content",
    [
        TWO.encode(),
        TWO.encode("utf-8-sig"),
        TWO.encode("utf-16"),
        TWO.replace(",", ";").encode("utf-8-sig"),
        TWO.replace(",", "\t").encode(),
        TWO.replace("\n", "\r\n").encode(),
        TWO.replace("name,email", '"Full Name","E-Mail"').encode(),
        TWO.replace("name,email,phone,department", "Name,E-Mail-Adresse,Telefon,Abteilung").encode(),
    ],
    ids=["plain", "bom", "utf-16", "semicolons", "tabs", "crlf", "usual names", "german names"],
)
def test_tables_of_excel_are_read_as_they_are(world: World, tmp_path: Path, content: bytes) -> None:
    done = take(tmp_path, content)

    assert (done.added, done.refused) == (2, [])
    assert person_with_email("zoe@company.example") == Person.objects.get(name="Zoë Ångström")


def test_an_old_encoding_is_refused_until_it_is_named(world: World, tmp_path: Path) -> None:
    content = TWO.replace(",", ";").encode("latin-1")

    with pytest.raises(Unreadable, match="not UTF-8"):
        take(tmp_path, content)
    assert take(tmp_path, content, encoding="cp1252").added == 2
    assert Person.objects.filter(name="Zoë Ångström").count() == 1


NO_TABLES = ["", "\n", "name,phone\nAna,1\n", "name\nAna\n", "a;b;c\n1;2;3\n", b"\x00\x01", b"PK\x03\x04"]


@pytest.mark.parametrize("content", NO_TABLES)
def test_what_is_no_table_of_people_is_refused(world: World, tmp_path: Path, content: str | bytes) -> None:
    before = Person.objects.count()

    with pytest.raises(Unreadable):
        take(tmp_path, content)
    assert Person.objects.count() == before


def test_hostile_cells_are_kept_or_refused_and_never_break_the_import(world: World, tmp_path: Path) -> None:
    cells = ["=cmd|' /C calc'!A0", "a\u202eb", "x" * 5000, "Robert'); DROP TABLE x;--", "<b>", "\U0001f600", "\x1b[31m"]
    rows = "\n".join(f'"{cell}",p{n}@company.example' for n, cell in enumerate(cells))

    done = take(tmp_path, f"name,email\n{rows}\n")

    assert done.rows == len(cells) == done.added + len(done.refused)
    assert {row.column for row in done.refused} == {"name"}


def test_a_dry_run_says_the_same_and_writes_nothing(world: World, tmp_path: Path) -> None:
    before = (Person.objects.count(), Event.objects.count())

    would = take(tmp_path, TWO, dry_run=True)

    assert (Person.objects.count(), Event.objects.count()) == before
    assert would == take(tmp_path, TWO)


def test_only_who_manages_people_brings_them_in(world: World, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(TWO)

    with pytest.raises(NotAllowed):
        import_people(path, Options(), by=world.who("ina"), at=AT)
    assert import_people(path, Options(), by=world.who("max"), at=world.tick()).added == 2


# --- the commands ---


def test_the_command_lists_what_it_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER},shoe size\nAna,ana@company.example,,,,,,,38\nBad,bad,,,,,,,\n")

    told = run("people", "import", path)

    assert told.splitlines() == [
        "refused  row 3: email = 'bad': Give an e-mail address such as ana@company.example.",
        "ignored  columns: shoe size",
        "2 rows: 1 added, 0 changed, 0 unchanged, 1 refused",
    ]
    counted = json.loads(run("people", "import", path, "--json", "--dry-run"))
    assert (counted["rows"], counted["unchanged"], len(counted["refused"]), counted["dry_run"]) == (2, 1, 1, True)


def test_the_command_refuses_a_file_with_the_cure(world: World, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(TWO.encode("latin-1"))

    with pytest.raises(CommandError, match="--encoding"):
        run("people", "import", path)
    with pytest.raises(CommandError, match="cannot be opened"):
        run("people", "import", tmp_path / "missing.csv")
    with pytest.raises(CommandError, match="--zone"):
        run("people", "import", path, "--zone", "Nowhere")


def test_an_invitation_is_a_link_for_one_person(world: World, tmp_path: Path) -> None:
    take(tmp_path, TWO)

    link = run("people", "invite", "ZOE@company.example").strip()

    assert link.startswith("http://127.0.0.1:8000/account/password/reset/key/")
    account = Account.objects.get(email="zoe@company.example")
    assert not account.has_usable_password()
    with pytest.raises(CommandError, match="Nobody has the address"):
        run("people", "invite", "nobody@company.example")


def take(folder: Path, content: str | bytes, **options: Any) -> Imported:
    path = folder / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_people(path, Options(**options), by=system(), at=AT)


def run(command: str, *args: object) -> str:
    out = io.StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()
