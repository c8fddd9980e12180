"""`helmdesk judge`: what attainment would have been by another level, of a log or of the desk, with nothing touched."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from helmdesk.ledger.models import Event
from helmdesk.service_levels.models import Clock
from helmdesk.tickets import assignment, conversation, hand_over, resolution
from helmdesk.tickets.conversation import Words
from tests.service_levels.promising import calendars, promise, solved
from tests.world import World

CORPUS = Path(__file__).resolve().parents[1] / "history/corpus"
LOG = CORPUS / "audit_log.csv"
SOLVED = """
code = "solved"
metric = "resolution"
targets = [{priority = [1, 2, 3], within = "12h"}, {within = "1h"}]
"""
OFFICE = 'zone = "UTC"\n[week]\n' + "\n".join(f'{day} = ["08:00-17:00"]' for day in ("mon", "tue", "wed", "thu", "fri"))
PLACED = (
    '[providers]\n"In-house" = {internal = true}\n[groups]\n"Desk" = {provider = "In-house"}\n"*" = {provider = "Nets"}'
)


@pytest.fixture
def level(tmp_path: Path) -> Path:
    return written(tmp_path, "level.toml", SOLVED)


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def told(*arguments: Any) -> str:
    out = StringIO()
    call_command("judge", *map(str, arguments), stdout=out)
    return out.getvalue()


def judged(*arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(*arguments, "--json"))
    return found


def test_a_log_is_judged_by_a_level_and_a_calendar_of_files(tmp_path: Path, level: Path) -> None:
    office = written(tmp_path, "office.toml", OFFICE)
    assert judged(LOG, "--zone", "UTC", "--level", level, "--calendar", office) == {
        "level": "solved",
        "calendar": "office",
        "as_of": "2016-04-11T10:00:00+00:00",
        "by": "all",
        "tickets": 3,
        "refused": 6,
        "not_applied": 0,
        "holder_unknown": 2,
        "groups": {
            "all": {"met": 0, "missed": 1, "share": 0.0, "interval": [0.0, 0.7935], "open": 2, "late": 2, "unjudged": 0}
        },
    }


def test_figures_are_split_by_what_was_so_when_the_turn_stopped(tmp_path: Path, level: Path) -> None:
    placed = written(tmp_path, "placed.toml", PLACED)
    arguments = (LOG, "--zone", "UTC", "--level", level, "--providers", placed)
    groups = judged(*arguments, "--by", "priority")["groups"]
    assert {name: (one["missed"], one["open"]) for name, one in groups.items()} == {
        "2": (1, 0),
        "3": (0, 1),
        "4": (0, 1),
    }
    assert sorted(judged(*arguments, "--by", "group")["groups"]) == ["Desk"]
    assert sorted(judged(*arguments, "--by", "provider")["groups"]) == ["In-house"]
    assert sorted(judged(*arguments, "--by", "type")["groups"]) == ["incident"]
    assert sorted(judged(*arguments, "--by", "service")["groups"]) == ["unknown"]


def test_a_level_may_bind_a_group_of_the_log_but_none_that_it_does_not_have(tmp_path: Path) -> None:
    theirs = written(
        tmp_path, "own.toml", 'code = "own"\nmetric = "own"\nbinds = {team = "network"}\ntargets = [{within = "1d"}]'
    )
    with pytest.raises(CommandError, match="'1d' cannot be used; a day of working time has no one length"):
        judged(LOG, "--zone", "UTC", "--level", theirs)
    written(tmp_path, "own.toml", theirs.read_text().replace("1d", "25h"))
    assert judged(LOG, "--zone", "UTC", "--level", theirs)["groups"]["all"]["met"] == 1
    written(tmp_path, "own.toml", theirs.read_text().replace("network", "nobody"))
    with pytest.raises(CommandError, match="'nobody' cannot be used; the code of a team that there is"):
        judged(LOG, "--zone", "UTC", "--level", theirs)


def test_a_log_is_judged_as_it_stood_at_an_instant(level: Path) -> None:
    found = judged(LOG, "--zone", "UTC", "--level", level, "--as-of", "2016-04-05T10:00Z")
    assert (found["as_of"], found["groups"]["all"]["open"]) == ("2016-04-05T10:00:00+00:00", found["tickets"])


def test_a_table_of_tickets_is_read_by_a_mapping(tmp_path: Path, level: Path) -> None:
    said = written(
        tmp_path,
        "map.toml",
        'name = "old"\nrows = "tickets"\ndates = ["iso"]\nzone = "UTC"\n'
        '[columns]\nid = "Ticket Id"\nopened = "Created Time"\nresolved = "Resolved Time"\nclosed = "Closed Time"\n'
        'priority = "Priority"\ngroup = "Group"\n[priority]\n"Urgent" = 1\n"Low" = 4\n"*" = 3\n',
    )
    found = judged(CORPUS / "freshservice.csv", "--map", said, "--level", level, "--by", "priority")
    assert found["groups"]["1"]["missed"] == 1


def test_what_it_tells_people_is_the_same(tmp_path: Path, level: Path) -> None:
    text = told(LOG, "--zone", "UTC", "--level", level)
    assert "solved, calendar always: 3 tickets, as of 2016-04-11T10:00:00+00:00" in text
    assert "0 tickets without a turn; of 2 it is not known throughout who had the ball." in text


@pytest.mark.parametrize(
    "arguments, cure",
    [
        (["--zone", "UTC", "--as-of", "yesterday"], "--as-of: 'yesterday' is no instant"),
        ([], "--zone: missing"),
        (["--zone", "Nowhere"], "--zone"),
        (["--zone", "UTC", "--calendar", "nowhere.toml"], "--calendar: nowhere.toml"),
    ],
)
def test_bad_input_names_its_cure(level: Path, arguments: list[str], cure: str) -> None:
    with pytest.raises(CommandError, match=cure):
        judged(LOG, "--level", level, *arguments)


def test_a_level_of_a_log_that_asks_for_a_calendar_needs_a_file(tmp_path: Path) -> None:
    asks = written(tmp_path, "asks.toml", f'calendar = "office"\n{SOLVED}')
    with pytest.raises(CommandError, match="--calendar: missing; the level asks for 'office'"):
        judged(LOG, "--zone", "UTC", "--level", asks)


@pytest.fixture
def worked(world: World) -> World:
    """Three tickets of the small company: solved at once, solved late by Northwind, and still open."""
    calendars(world.at)
    promise(world, solved())
    quick, slow = world.ticket(), world.ticket(service="network")
    world.ticket()
    assignment.take(quick.pk, by=world.who("ina"), at=world.tick())
    resolution.resolve(quick.pk, words=Words("Done."), by=world.who("ina"), at=world.tick(minutes=10))
    northwind = world.teams["network"].pk
    hand_over.hand_over(
        slow.pk, to=northwind, done="Looked.", asked="Look.", by=world.who("ina"), at=world.tick(hours=1)
    )
    conversation.reply(slow.pk, Words("On it."), by=world.who("nora"), at=world.tick(hours=1))
    resolution.resolve(slow.pk, words=Words("Done."), by=world.who("nora"), at=world.tick(hours=3))
    return world


def test_the_desk_s_own_tickets_are_judged_without_touching_a_clock(worked: World, tmp_path: Path) -> None:
    level = written(tmp_path, "level.toml", 'code = "quick"\nmetric = "resolution"\ntargets = [{within = "30m"}]')
    before = list(Clock.objects.order_by("pk").values_list()), Event.objects.count()
    found = judged("--level", level, "--as-of", worked.at.isoformat(), "--by", "provider")
    assert (found["tickets"], found["calendar"], found["not_applied"]) == (3, "always", 0)
    assert {name: (one["met"], one["missed"], one["open"]) for name, one in found["groups"].items()} == {
        "inhouse": (1, 0, 1), "northwind": (0, 1, 0),
    }  # fmt: skip
    assert (list(Clock.objects.order_by("pk").values_list()), Event.objects.count()) == before


def test_the_desk_s_calendars_are_known_by_their_codes(worked: World, tmp_path: Path) -> None:
    level = written(tmp_path, "level.toml", f'calendar = "office"\n{SOLVED}')
    assert judged("--level", level, "--as-of", worked.at.isoformat())["calendar"] == "office"
    other = written(tmp_path, "other.toml", f'calendar = "moon"\n{SOLVED}')
    with pytest.raises(CommandError, match="'moon' is not a calendar of this desk"):
        judged("--level", other)
