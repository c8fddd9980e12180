"""Levels of a company's file: set up with the rest, the same twice, and a wrong one named by table, key and cure."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from helmdesk.access.viewer import system
from helmdesk.exchange.setup import Outcome, set_up
from helmdesk.exchange.setup_file import BadSetup
from helmdesk.service_levels.models import LevelVersion
from tests.service_levels.promising import calendars
from tests.world import World

LEVELS = """
[[levels]]
code = "solved"
name = "Solved"
metric = "resolution"
calendar = "office"
targets = [{ priority = 1, within = "2h" }, { within = "8h" }]
pauses = [{ wait = "requester", cap = "72h" }]
warn_at = [0.5, 0.75]
form = { kind = "share", at_least = 0.95 }

[[levels]]
code = "northwind-back"
name = { en = "Given back", de = "Zurück" }
metric = "give_back"
binds = { provider = "northwind" }
calendar = "always"
targets = [{ within = "4h" }]
valid_from = 2026-01-01
"""


@pytest.fixture(autouse=True)
def _calendars(world: World) -> None:
    calendars(world.at)


def apply(world: World, folder: Path, text: str) -> list[Outcome]:
    path = folder / "company.toml"
    path.write_text(text)
    return [one for one in set_up(path, by=system(), at=world.tick()) if one.table == "levels"]


def test_levels_are_added_once_and_changed_by_the_next_version(world: World, tmp_path: Path) -> None:
    codes = ("solved", "northwind-back")
    assert apply(world, tmp_path, LEVELS) == [Outcome("levels", code, "added") for code in codes]
    assert apply(world, tmp_path, LEVELS) == [Outcome("levels", code, "unchanged") for code in codes]
    solved, back = LevelVersion.objects.order_by("pk")
    assert solved.spec["form"] == {"kind": "share", "at_least": 0.95}
    assert (solved.spec["name"], solved.valid_from) == ({"en": "Solved"}, datetime(2026, 3, 2, 9, 1, tzinfo=UTC))
    assert (back.spec["binds"], back.valid_from) == ({"provider": "northwind"}, datetime(2026, 1, 1, tzinfo=UTC))
    assert "valid_from" not in back.spec
    (changed, _) = apply(world, tmp_path, LEVELS.replace('within = "8h"', 'within = "6h"'))
    assert (changed.done, LevelVersion.objects.filter(level__code="solved").count()) == ("changed", 2)


@pytest.mark.parametrize(
    ("was", "becomes", "where"),
    [
        ('within = "8h"', 'within = "8"', "levels solved: targets[1].within = '8'"),
        ('metric = "give_back"', 'metric = "speed"', "levels northwind-back: metric = 'speed'"),
        ('"northwind" }\ncal', '"nobody" }\ncal', "levels northwind-back: binds.provider = 'nobody'"),
        ('calendar = "office"', 'calendar = "nights"', "levels solved: calendar = 'nights'"),
        ("0.75]", '"late"]', "levels solved: warn_at"),
        ("warn_at", "warn_when", "levels solved: warn_when: There is no such key. Did you mean warn_at?"),
    ],
)
def test_a_wrong_level_is_named_and_nothing_is_set_up(
    world: World, tmp_path: Path, was: str, becomes: str, where: str
) -> None:
    assert was in LEVELS
    with pytest.raises(BadSetup) as refused:
        apply(world, tmp_path, LEVELS.replace(was, becomes))
    assert where in str(refused.value)
    assert not LevelVersion.objects.exists()
