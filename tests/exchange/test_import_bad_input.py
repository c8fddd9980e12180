"""A file or option that cannot be used is refused whole: what, why, the cure, code 2, and nothing half done."""

import gzip
import os
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from helmdesk.exchange.imports.alone import alone
from helmdesk.providers.models import Provider
from tests.exchange.importing import MADE_UP, ZONE, everything_written, made_up_log, told, written

pytestmark = pytest.mark.django_db

GOOD_MAP = '[columns]\nid = "number"\nopened = "opened_at"\n'


def truncated(folder: Path) -> Path:
    whole = gzip.compress(made_up_log(folder, 400).read_bytes())
    return binary(folder, whole[: len(whole) * 2 // 3], "log.csv.gz")


def damaged(folder: Path) -> Path:
    whole = bytearray(gzip.compress(made_up_log(folder, 400).read_bytes()))
    whole[len(whole) // 2 : len(whole) // 2 + 40] = bytes(40)
    return binary(folder, bytes(whole), "log.csv.gz")


def bomb(folder: Path) -> Path:
    with gzip.open(folder / "bomb.csv.gz", "wb") as stream:
        stream.write(MADE_UP.read_bytes())
        for _ in range(300):
            stream.write(b"\n" * (1 << 20))
    return folder / "bomb.csv.gz"


def binary(folder: Path, content: bytes, name: str = "log.csv") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


LOGS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "none.csv", "is no file. Give the path"),
    "folder": (lambda folder: folder, "is no file. Give the path"),
    "empty": (lambda folder: written(folder, ""), "has no header"),
    "prose": (lambda folder: written(folder, "Dear all\nplease find attached\n"), "none of , ; tab"),
    "picture": (lambda folder: binary(folder, b"\x89PNG\r\n\x1a\n" + os.urandom(4_000)), "is not UTF-8"),
    "latin": (lambda folder: binary(folder, "number,Größe\n1,ü\n".encode("cp1252")), "is not UTF-8"),
    "half UTF-16": (lambda folder: binary(folder, b"\xff\xfe\xfa,b\n1,2"), "is not text in the encoding"),
    "truncated": (truncated, "breaks off or is damaged: .* Fetch the file again"),
    "damaged": (damaged, "breaks off or is damaged: .* Fetch the file again"),
    "bomb": (bomb, "unpacks to more than 200 times its size"),
    "column": (
        lambda folder: written(folder, "number,incident_state,sys_updated_at,opened_at\n"),
        "has no column 'assignment_group'. It has number, incident_state",
    ),
}
MAPS: dict[str, tuple[str, str]] = {
    "not TOML": ("[columns", "map.toml: not TOML"),
    "no opening": ('[columns]\nid = "number"\n', "columns.opened: missing; add opened ="),
    "misspelt": (GOOD_MAP + 'stauts = "incident_state"\n', "columns.stauts: no field of ours; did you mean status"),
    "absent": ('[columns]\nid = "Nummer"\nopened = "opened_at"\n', "the file has no column 'Nummer'"),
    "dates": (f'dates = ["sometimes"]\n{GOOD_MAP}', "dates: 'sometimes' is no format"),
    "zone": (f'zone = "Middle/Earth"\n{GOOD_MAP}', "zone: 'Middle/Earth' is no time zone"),
    "encoding": (f'encoding = "klingon"\n{GOOD_MAP}', "'klingon' is no encoding"),
    "field code": (GOOD_MAP + '[fields]\na--b = "location"\n', "fields.a--b: cannot be a code here"),
    "name": (f'name = "!!!"\n{GOOD_MAP}', "holds no letter or digit"),
}
PROVIDERS: dict[str, tuple[str, str]] = {
    "not TOML": ("groups = {", "not TOML"),
    "empty": ("", "groups: missing; add"),
    "no provider": ('[groups]\n"Desk" = { team = "Desk" }\n', 'groups."Desk": names no provider'),
}


def refused(*arguments: object) -> str:
    before = everything_written()
    with pytest.raises(CommandError) as caught:
        told(*arguments)
    assert caught.value.returncode == 2
    assert everything_written() == before
    assert not Provider.objects.exists()
    return str(caught.value)


@pytest.mark.parametrize("kind", LOGS)
def test_a_log_that_cannot_be_read_is_refused_whole(kind: str, tmp_path: Path) -> None:
    make, words = LOGS[kind]
    path = make(tmp_path)
    message = refused("servicenow", path, "--zone", ZONE)
    assert path.name in message
    assert re.search(words, message)
    refused("servicenow", path, "--zone", ZONE, "--dry-run")


@pytest.mark.parametrize("kind", MAPS)
def test_a_map_that_is_wrong_is_refused_whole(kind: str, tmp_path: Path) -> None:
    text, words = MAPS[kind]
    message = refused("csv", MADE_UP, "--map", written(tmp_path, text, "map.toml"))
    assert words in message


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_map_of_providers_that_is_wrong_is_refused_whole(kind: str, tmp_path: Path) -> None:
    text, words = PROVIDERS[kind]
    message = refused("servicenow", MADE_UP, "--zone", ZONE, "--providers", written(tmp_path, text, "providers.toml"))
    assert words in message
    assert "providers.toml" in message


def test_an_unknown_zone_is_refused_with_an_example() -> None:
    message = refused("servicenow", MADE_UP, "--zone", "Brasilia")
    assert message == "--zone: 'Brasilia' is no time zone; give an IANA name such as \"America/Sao_Paulo\"."


def test_a_place_for_refused_rows_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "none" / "refused.csv"
    assert "--refused" in refused("servicenow", MADE_UP, "--zone", ZONE, "--refused", out)


def test_two_imports_at_once_are_refused_to_the_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with alone(), monkeypatch.context() as other:
        # A session lock is free to its own session; for another one it is taken.
        other.setattr("helmdesk.exchange.imports.alone._held_on_postgresql", lambda: nullcontext(False))
        assert "Another import is running" in refused("servicenow", MADE_UP, "--zone", ZONE)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    header = MADE_UP.read_text().splitlines()[0]
    path = written(tmp_path, f"{header}\n{'x' * 5_000_000}\n", "long.csv")
    assert "has a line longer than" in refused("servicenow", path, "--zone", ZONE)
