"""docs/reference/service-levels.md tells the truth: its levels are read, its examples run, its lists are whole."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from helmdesk.clocks.levels import WAITS, FormKind, Metric, Until
from helmdesk.clocks.reading import FIT_KEYS, KEYS, OPTIONS, described_from
from helmdesk.clocks.turns import WHYS
from tests.clocks.telling import HOUR, TEAMS, Codes, Story, clock, judged, level

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/service-levels.md"
TEXT = PAGE.read_text()
BLOCK = re.compile(r"^```clock (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
RESULT = re.compile(r"(\w+) ([\d.]+)h(?: (\w+))?")
EXAMPLES = [(match[1], match[2]) for match in BLOCK.finditer(TEXT)]


def test_the_whole_level_is_read():
    whole = re.search(r"^```toml level\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert whole is not None
    spec = tomllib.loads(whole[1])
    assert described_from(spec, Codes()).level.code == "solved"
    assert set(spec) == KEYS


def test_every_word_of_a_level_is_told():
    words = [*KEYS, *FIT_KEYS, *WAITS, *(one.name.lower() for kind in (Metric, Until, FormKind) for one in kind)]
    assert [word for word in words if word not in TEXT] == []
    assert [why for why in WHYS[9:] if why is not None and f'("{why}")' not in TEXT] == []


def test_every_option_has_an_example():
    assert {option for option, _ in EXAMPLES} >= set(OPTIONS)


@pytest.mark.parametrize("option, block", EXAMPLES)
def test_examples_run(option, block):
    spec, told, results = block.split("---\n")
    for line in results.splitlines():
        then, _, expected = line.partition(" ")
        options = {option: then} if option in OPTIONS else {}
        by = level(**tomllib.loads(spec), **options)
        found = judged(story_of(told), by, opened={77: clock("6:00")})
        assert [(one.verdict.name.lower(), one.used / HOUR, one.why) for one in found] == [
            (verdict, float(hours), why or "resolved") for verdict, hours, why in RESULT.findall(expected)
        ], f"{option} = {then}"


def story_of(told: str) -> Story:
    lines = [re.split(r"  +|(?<=\d) (?=[a-z])", line.strip())[:2] for line in told.splitlines()]
    opening = lines[0][1].partition(", priority ")[2]
    story = Story(lines[0][0], priority=int(opening) if opening else None)
    team = 1
    for at, what in lines[1:]:
        if what.startswith("handed to "):
            to = TEAMS[what.removeprefix("handed to ")]
            story.hands(at, to, of=team)
            team = to
        elif what.startswith("priority "):
            story.becomes(at, int(what.removeprefix("priority ")))
        else:
            ACTS[what](story, at)
    return story


ACTS: dict[str, Any] = {
    "resolved": Story.resolves,
    "reopened": Story.reopens,
    "declined": Story.declines,
    "waits for the requester": Story.waits,
    "answered": Story.goes_on,
    "merged with another": Story.receives,
}
