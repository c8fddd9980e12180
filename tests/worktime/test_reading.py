"""Specs of calendars: what they may say, what becomes of them, and every fault told at once."""

from __future__ import annotations

import copy
import json
import pickle
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings

from helmdesk.worktime.reading import DEEPEST, BadCalendar, Fault, calendar_from
from tests.worktime.specs import calendars

VIENNA = {"zone": "Europe/Vienna", "week": {"mon": ["08:00-12:00"]}}
LISBON = {"zone": "Europe/Lisbon", "week": {"mon": ["08:00-12:00"]}}
TIMES = 'Give hours and minutes as "08:00-12:00"; "24:00" only as an end; "22:00-06:00" runs into the next day.'


def day(*intervals):
    return calendar_from({"zone": "UTC", "week": {"mon": list(intervals)}}).spec["week"].get("mon", [])


@pytest.mark.parametrize(
    "given_, canonical",
    [
        (["13:00-17:00", "08:00-12:00"], ["08:00-12:00", "13:00-17:00"]),
        (["8:00 - 12:00"], ["08:00-12:00"]),
        (["08:00–12:00"], ["08:00-12:00"]),
        (["08:00-12:00", "12:00-13:00"], ["08:00-13:00"]),
        (["08:00-12:00", "11:00-11:30"], ["08:00-12:00"]),
        (["22:00-00:00"], ["22:00-24:00"]),
        (["00:00-00:00"], ["00:00-24:00"]),
        (["22:00-06:00"], ["22:00-06:00"]),
        (["08:00-08:00"], ["08:00-08:00"]),
        (["05:00-09:00", "22:00-06:00"], ["05:00-09:00", "22:00-06:00"]),
        (["08:00-06:00", "22:00-20:00"], ["08:00-08:00", "20:00-20:00"]),
        (["00:00-24:00", "23:00-01:00"], ["00:00-24:00", "01:00-01:00"]),
        ([], []),
    ],
)
def test_hours_of_a_day_are_written_in_one_way(given_, canonical):
    assert day(*given_) == canonical
    assert day(*canonical) == canonical


def test_the_canonical_spec_leaves_out_what_says_nothing_and_orders_the_rest():
    spec = {
        "days": {"2026-12-25": [], "2026-12-24": ["08:00-12:00"]},
        "week": {"tue": [], "mon": ["08:00-12:00"]},
        "zone": "Europe/Vienna",
    }
    assert json.dumps(calendar_from(spec).spec) == json.dumps(
        {
            "zone": "Europe/Vienna",
            "week": {"mon": ["08:00-12:00"]},
            "days": {"2026-12-24": ["08:00-12:00"], "2026-12-25": []},
        }
    )


def test_a_union_is_flat_without_doubles_and_in_one_order():
    assert calendar_from({"any": [VIENNA, {"any": [LISBON, VIENNA]}]}) == calendar_from({"any": [LISBON, VIENNA]})
    assert calendar_from({"all": [VIENNA, VIENNA]}).spec == calendar_from(VIENNA).spec
    assert calendar_from({"all": [VIENNA, {"any": [LISBON, {"always": True}]}]}).spec == {
        "all": [calendar_from({"any": [LISBON, {"always": True}]}).spec, VIENNA]
    }


@settings(max_examples=50)
@given(calendars())
def test_the_canonical_spec_makes_an_equal_calendar(made):
    calendar = calendar_from(made[0])
    again = calendar_from(json.loads(json.dumps(calendar.spec)))
    assert (again, hash(again), again.spec) == (calendar, hash(calendar), calendar.spec)


def test_what_was_worked_out_is_no_part_of_a_calendar():
    asked, copied = calendar_from(VIENNA), calendar_from(VIENNA)
    asked.whole()
    assert asked == copied
    assert len(pickle.dumps(asked)) == len(pickle.dumps(copied))
    assert copy.copy(asked) == pickle.loads(pickle.dumps(asked)) == asked


def test_calendars_that_differ_are_not_equal():
    others = [LISBON, VIENNA | {"days": {"2026-12-25": []}}, {"always": True}, {"any": [VIENNA, LISBON]}]
    assert len({calendar_from(spec) for spec in [VIENNA, *others]}) == 5


def test_a_calendar_is_read_from_toml():
    text = 'zone = "Europe/Vienna"\n[week]\nmon = ["08:00-12:00"]\n[days]\n2026-12-25 = []\n'
    assert calendar_from(tomllib.loads(text)) == calendar_from(VIENNA | {"days": {"2026-12-25": []}})


def test_all_faults_are_told_at_once_each_with_field_value_and_cure():
    spec = {
        "any": [
            {"zone": "Europe/Wien", "week": {"mon": ["08:00-12:00", "8-12"], "mo": []}, "colour": "red"},
            {"zone": "UTC", "days": {"2026-02-29": [], "2026-02-28": "closed"}},
        ]
    }
    with pytest.raises(BadCalendar) as refused:
        calendar_from(spec)
    assert refused.value.faults == (
        Fault("any[0].colour", "red", 'A calendar has "zone", "week" and "days".'),
        Fault(
            "any[0].zone",
            "Europe/Wien",
            "Give a time zone by its name, such as Europe/Vienna. Did you mean Europe/Vienna?",
        ),
        Fault("any[0].week.mo", [], "Weekdays are mon, tue, wed, thu, fri, sat, sun."),
        Fault("any[0].week.mon[1]", "8-12", TIMES),
        Fault("any[1].days.2026-02-29", "2026-02-29", "Give days as YYYY-MM-DD, 1990 to 2100, that the calendar has."),
        Fault("any[1].days.2026-02-28", "closed", 'Give a list such as ["08:00-12:00", "13:00-17:00"], [] for closed.'),
    )
    assert str(refused.value).splitlines()[3] == f"any[0].week.mon[1]: '8-12'. {TIMES}"


@pytest.mark.parametrize(
    "text", ["24:00-08:00", "08:00-25:00", "08:60-09:00", "08:00-24:01", "08:00", "", "٠٨:٠٠-٠٩:٠٠", 8, None, ["08:00"]]
)
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(BadCalendar) as refused:
        day(text)
    assert refused.value.faults == (Fault("week.mon[0]", text, TIMES),)


def nested(depth):
    return VIENNA if depth == 1 else {"any": [nested(depth - 1)]}


@pytest.mark.parametrize(
    "spec, fields",
    [
        (None, ["calendar"]),
        ([], ["calendar"]),
        ({}, ["zone", "week"]),
        ({"zone": "UTC"}, ["week"]),
        ({"zone": "", "week": {}}, ["zone"]),
        ({"zone": "../etc/passwd", "week": {}}, ["zone"]),
        ({"zone": ["UTC"], "week": []}, ["zone", "week"]),
        ({"zone": "UTC", "week": {1: []}}, ["week.1"]),
        ({"zone": "UTC", "week": {"mon": "08:00-12:00"}}, ["week.mon"]),
        ({"zone": "UTC", "week": {"mon": ["08:00-12:00"] * 101}}, ["week.mon"]),
        (
            {"zone": "UTC", "days": {"1989-12-31": [], "2101-01-01": [], "20260101": []}},
            ["days.1989-12-31", "days.2101-01-01", "days.20260101"],
        ),
        ({"zone": "UTC", "days": {f"{n}": [] for n in range(20_001)}}, ["days"]),
        ({"always": False}, ["always"]),
        ({"always": 1}, ["always"]),
        ({"always": True, "zone": "UTC"}, ["zone"]),
        ({"any": []}, ["any"]),
        ({"any": VIENNA}, ["any"]),
        ({"all": [VIENNA] * 101}, ["all"]),
        ({"all": [VIENNA], "any": [VIENNA]}, ["all"]),
        ({"all": [VIENNA, None]}, ["all[1]"]),
        (nested(DEEPEST + 1), [".".join(["any[0]"] * DEEPEST)]),
    ],
)
def test_what_is_no_calendar_is_refused(spec, fields):
    with pytest.raises(BadCalendar) as refused:
        calendar_from(spec)
    assert [fault.field for fault in refused.value.faults] == fields


def test_calendars_may_be_nested_to_a_stated_depth():
    assert calendar_from(nested(DEEPEST)) == calendar_from(VIENNA)


def test_a_hostile_depth_is_refused_and_not_followed():
    spec: Any = VIENNA
    for _ in range(20_000):
        spec = {"all": [spec, {"any": [VIENNA]}]}
    with pytest.raises(BadCalendar, match=f"at most {DEEPEST} deep"):
        calendar_from(spec)
    while "all" in spec:  # taken apart by hand, since to free it at once would exhaust the stack
        spec = spec["all"][0]
