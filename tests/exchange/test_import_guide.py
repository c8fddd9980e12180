"""The guide to importing does not lie: its files, taken as they stand, give what it shows."""

import re
import shlex
from pathlib import Path

import pytest

from tests.exchange.importing import ROOT, told

GUIDE = ROOT / "docs/guides/import-history.md"
FILE = re.compile(r"^```(?:text|toml) (?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^```console\n\$ helmdesk import (?P<line>.*?)\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.django_db
def test_the_example_in_the_guide_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = GUIDE.read_text()
    monkeypatch.chdir(tmp_path)
    for file in FILE.finditer(guide):
        Path(file["name"]).write_text(file["text"])
    commands = list(COMMAND.finditer(guide))
    assert len(commands) == 3
    for command in commands:
        assert told(*shlex.split(command["line"])) == command["shown"]


def test_the_guide_names_whose_log_it_speaks_of() -> None:
    guide = GUIDE.read_text()
    assert "10.24432/C57S4H" in guide
    assert "CC BY 4.0" in guide
