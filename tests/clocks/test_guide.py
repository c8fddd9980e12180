"""docs/guides/judge-history-by-other-rules.md: its files are read, and its figures are those of the log."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from helmdesk.clocks.reading import level_from
from helmdesk.worktime.reading import calendar_from
from tests.clocks.telling import Codes
from tools import judging_charts

TEXT = (judging_charts.ROOT / "docs/guides/judge-history-by-other-rules.md").read_text()


def block(name: str) -> str:
    found = re.search(rf"^```toml {re.escape(name)}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_its_level_and_its_calendar_are_read() -> None:
    assert level_from(tomllib.loads(block("level.toml")), Codes()).code == "made-sla"
    assert calendar_from(tomllib.loads(block("weekdays.toml"))) == calendar_from(judging_charts.WEEKDAYS)


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"\]\((judge-history/\w+\.svg)\)", TEXT)
    assert sorted(Path(name).name for name in pictures) == sorted(path.name for path in judging_charts.CHARTS.iterdir())


@pytest.mark.skipif(not judging_charts.LOG.exists(), reason="the real log is not here")
def test_its_figures_and_pictures_are_those_of_the_log() -> None:
    for measured, (met, judged) in judging_charts.shares().items():
        assert f"| {measured} | {met:,} | {met / judged:.1%} |" in TEXT
    assert (judging_charts.CHARTS / "shares.svg").read_text() == judging_charts.bars()
    assert (judging_charts.CHARTS / "hours.svg").read_text() == judging_charts.spread()
