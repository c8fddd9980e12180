"""Plans in TOML become arrangements, or say what is wrong with them."""

import tomllib
from pathlib import Path

import pytest

from helmdesk.engine.arrangement import Arrangement, Choice, Group, Route, ShiftEnd, Team
from helmdesk.engine.reading import BadArrangement, arrangement_from, arrangement_from_file
from helmdesk.worktime.reading import calendar_from

PLAN = """
name = "Night to offer A"
categories = ["access", "network"]
priorities = ["urgent", "normal"]
tiers = 2
retained = 2

[calendars.office]
zone = "Europe/Berlin"
week = { mon = ["08:00-17:00"], tue = ["08:00-17:00"] }

[calendars.always]
always = true

[[teams]]
name = "house"
shift_end = "hand_on"
escalation = { access = [0.25] }
groups = [{ name = "first", count = 2, calendar = "office", pace = 1.25 }]

[[teams]]
name = "offer"
party = "offer A"
groups = [
    { name = "first", count = 3, calendar = "always", skills = [{ tiers = [1] }] },
    { name = "second", calendar = "always", skills = [{ categories = ["network"], tiers = [2] }, { tiers = [2] }] },
]

[[routes]]
priorities = ["urgent"]
during = "office"
to = [{ team = "house", most_waiting = 10 }, { team = "offer", longest_wait_minutes = 60 }]

[[routes]]
to = [{ team = "offer" }]
"""

MINUTE = 60_000_000


def test_a_plan_is_read_whole() -> None:
    office = calendar_from({"zone": "Europe/Berlin", "week": {"mon": ["08:00-17:00"], "tue": ["08:00-17:00"]}})
    always = calendar_from({"always": True})
    all_skills = frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})

    assert arrangement_from(tomllib.loads(PLAN)) == Arrangement(
        "Night to offer A",
        ("access", "network"),
        ("urgent", "normal"),
        2,
        (
            Team("house", "in-house", (Group("first", 2, office, all_skills, 1250),), ShiftEnd.HAND_ON, {(0, 0): 0.25}),
            Team(
                "offer",
                "offer A",
                (
                    Group("first", 3, always, frozenset({(0, 0), (1, 0)})),
                    Group("second", 1, always, frozenset({(0, 1), (1, 1)})),
                ),
            ),
        ),
        (
            Route((Choice(0, 10), Choice(1, None, 60 * MINUTE)), priorities=frozenset({0}), hours=office),
            Route((Choice(1),)),
        ),
        retained=2,
    )


@pytest.mark.parametrize(
    "old, new, told",
    [
        ('"access", "network"]\nprio', '"access", "access"]\nprio', "categories: ['access', 'access']."),
        ("tiers = 2\n", "tiers = 0\n", "tiers: 0. Give a whole number, 1 to 9."),
        ("retained = 2", "retained = 3", "teams: '2 people in-house'. At least 3 stay in-house"),
        ('"Europe/Berlin"', '"Europe/Bonn"', "calendars.office.zone: 'Europe/Bonn'."),
        ("count = 3", "count = 0", "teams[1].groups[0].count: 0. Give a whole number, 1 to 4096."),
        ("pace = 1.25", "pace = -1", "teams[0].groups[0].pace: -1. Give 0.001 to 10"),
        ('"hand_on"', '"go_home"', "teams[0].shift_end: 'go_home'. Give overtime, resume, hand_on."),
        ("access = [0.25]", "access = [25]", "teams[0].escalation.access: [25]. Give at most 1 shares of 0 to 1."),
        ("access = [0.25]", "acces = [0.25]", "teams[0].escalation.acces: 'acces'. Not known. Known: access, network."),
        ('calendar = "office"', 'calendar = "ofice"', "teams[0].groups[0].calendar: 'ofice'. Not known."),
        ("most_waiting = 10", "most_waiting = -1", "routes[0].to[0].most_waiting: -1. Give a whole number"),
        ("most_waiting", "most_wating", "routes[0].to[0].most_wating: 10. Not known here."),
        (
            '[[routes]]\nto = [{ team = "offer" }]',
            "",
            "routes: 'access, urgent, tier 1'. No route takes it at",
        ),
        ('to = [{ team = "offer" }]', 'to = [{ team = "nobody" }]', "routes[1].to[0].team: 'nobody'. Not known."),
        ("skills = [{ tiers = [1] }]", 'skills = [{ categories = ["access"] }]', "Nobody in team offer has the skill"),
        ("skills = [{ tiers = [1] }]", "skills = [{ tiers = [3] }]", "teams[1].groups[0].skills[0].tiers: [3]."),
        ('name = "offer"', 'name = "house"', "teams[1].name: 'house'. Two teams have this name"),
        ('week = { mon = ["08:00-17:00"], tue = ["08:00-17:00"] }', "week = {}", "It never opens: give it hours."),
    ],
)
def test_a_contradictory_plan_is_refused_with_field_value_and_cure(old: str, new: str, told: str) -> None:
    assert PLAN.count(old) >= 1

    with pytest.raises(BadArrangement) as refused:
        arrangement_from(tomllib.loads(PLAN.replace(old, new, 1)))

    assert told in str(refused.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadArrangement) as refused:
        arrangement_from({})

    assert [fault.field for fault in refused.value.faults] == ["categories", "priorities", "teams", "routes", "name"]


def test_one_person_stays_in_house_where_a_plan_says_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.replace("retained = 2\n", "").replace('name = "house"', 'name = "house"\nparty = "offer B"'))

    with pytest.raises(BadArrangement, match=r"'0 people in-house'\. At least 1 stay in-house"):
        arrangement_from_file(path)


def test_a_garbled_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"name = \xff")

    with pytest.raises(BadArrangement, match=r"plan\.toml: .*Give a TOML file in UTF-8"):
        arrangement_from_file(path)
