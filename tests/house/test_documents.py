"""The documents do not lie: their links lead somewhere, and the house they draw is the one that stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.layers import heights

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]

    assert missing == []


def test_the_architecture_draws_the_layers_that_are_enforced() -> None:
    text = (ROOT / "docs/explanation/architecture.md").read_text()
    figure = text.split("## The house")[1].split("## ")[0]
    drawn = re.findall(r"^    ([(a-z_][a-z_()| ]*?)(?:   +|$)", figure, re.MULTILINE)
    rooms = [room.strip("() ") for line in drawn for room in line.split("|")]
    height = heights()

    assert sorted(rooms) == sorted(set(height) - {"apps", "models", "migrations", "__main__"})
    assert rooms == sorted(rooms, key=lambda room: -height[room])


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 120
