"""Levels are read whole, or every fault is told with its cure."""

from __future__ import annotations

import pytest

from helmdesk.clocks.durations import BadDuration, duration_from
from helmdesk.clocks.levels import Binds, Described, Form, FormKind, Level, Metric, Pause, Target, Then, Until
from helmdesk.clocks.reading import BadLevel, described_from, level_from
from tests.clocks.telling import DESK, GUEST, HOUR, MINUTE, Codes

FULL = {
    "code": "solved",
    "name": {"en": "Solved", "de": "Gelöst"},
    "metric": "resolution",
    "binds": {"provider": "northwind"},
    "calendar": "office",
    "until": "closed",
    "targets": [
        {"priority": 1, "type": "incident", "within": "1h 30m"},
        {"priority": [2, 3], "service": "payroll", "category": "access", "site": "vienna", "within": "8h"},
        {"provider": ["northwind", "in-house"], "group": "finance", "within": "153.5h"},
    ],
    "pauses": [{"wait": "requester", "cap": "72h"}, {"wait": "parts"}],
    "on_change": "keep",
    "on_hand_over": "restart",
    "on_decline": "keep",
    "on_reopen": "restart",
    "on_merge": "carry",
    "warn_at": [0.75, 0.5],
    "form": {"kind": "percentile", "p": 90, "within": "8h"},
    "notices_any_hour": True,
}


def test_a_level_is_read_whole():
    assert described_from(FULL, Codes()) == Described(
        Level(
            "solved",
            Metric.RESOLUTION,
            (
                Target(90 * MINUTE, priorities=(1,), types=(1,)),
                Target(8 * HOUR, priorities=(2, 3), services=(5,), categories=(7,), sites=(8,)),
                Target(round(153.5 * HOUR), providers=(20, 10), groups=(9,)),
            ),
            Binds.PROVIDER,
            GUEST,
            Until.CLOSED,
            (Pause("requester", 72 * HOUR), Pause("parts")),
            Then.KEEP,
            Then.RESTART,
            Then.KEEP,
            Then.RESTART,
            Then.CARRY,
            (0.5, 0.75),
        ),
        {"en": "Solved", "de": "Gelöst"},
        "office",
        Form(FormKind.PERCENTILE, p=90.0, us=8 * HOUR),
        True,
    )


def test_a_short_level_has_defaults():
    spec = {"code": "own", "metric": "own", "binds": {"team": "desk"}, "targets": [{"within": "45m"}]}
    assert level_from(spec, Codes()) == Level(
        "own", Metric.OWN, (Target(45 * MINUTE),), Binds.TEAM, DESK, Until.RESOLVED, (), Then.CARRY, Then.CARRY,
        Then.CARRY, Then.CARRY, Then.KEEP, (0.75,),
    )  # fmt: skip


@pytest.mark.parametrize(
    "form, read",
    [
        ({"kind": "share", "at_least": 0.95}, Form(FormKind.SHARE, share=0.95)),
        ({"kind": "mean_excess", "at_most": "1h"}, Form(FormKind.MEAN_EXCESS, us=HOUR)),
        ({"kind": "oldest_open", "at_most": "30d"}, Form(FormKind.OLDEST_OPEN, us=30 * 24 * HOUR)),
    ],
)
def test_forms_are_read(form, read):
    assert described_from({**FULL, "form": form}, Codes()).form == read


BAD = {
    "code": ("", ["code"]),
    "metric": ("speed", ["metric"]),
    "binds": ({"team": "nobody"}, ["binds.team"]),
    "until": ("done", ["until"]),
    "on_change": (None, ["on_change"]),
    "targets": (
        [{"within": "0h"}, {"within": "-1h"}, {"priority": 9, "within": "2d"}, 7, {"service": "x", "within": "1h"}],
        ["targets[0].within", "targets[1].within", "targets[2].priority", "targets[2].within", "targets[3]",
         "targets[4].service"],
    ),
    "pauses": ([{"wait": "lunch"}, {"wait": "parts", "cap": "0m"}, {"wait": "parts"}, {"wait": ["parts"]}],
               ["pauses[0]", "pauses[1].cap", "pauses[3]", "pauses"]),
    "warn_at": ([0.5, 1.0], ["warn_at"]),
    "name": ("Solved", ["name"]),
    "calendar": (3, ["calendar"]),
    "form": ({"kind": "share", "at_least": 95}, ["form.at_least"]),
    "notices_any_hour": ("yes", ["notices_any_hour"]),
    "colour": ("red", ["colour"]),
}  # fmt: skip


@pytest.mark.parametrize("key", BAD)
def test_each_fault_names_its_field(key):
    value, fields = BAD[key]
    with pytest.raises(BadLevel) as told:
        described_from({**FULL, key: value}, Codes())
    assert sorted(fault.field for fault in told.value.faults) == sorted(fields)
    assert all(fault.cure for fault in told.value.faults)


def test_all_faults_are_told_at_once():
    with pytest.raises(BadLevel) as told:
        level_from({"code": "x", "metric": "give_back", "binds": "requester", "targets": []}, Codes())
    assert [fault.field for fault in told.value.faults] == ["binds", "targets"]
    assert str(told.value).startswith("binds: 'requester' cannot be used; give_back binds a team or a provider")


@pytest.mark.parametrize("spec", [None, [], "solved", 7])
def test_what_is_no_table_is_no_level(spec):
    with pytest.raises(BadLevel):
        level_from(spec, Codes())


@pytest.mark.parametrize("text", ["", "h", "2", "2 weeks", "1.2.3h", "0s", "9999999h", None, 5, "1d", "1e3h", "٣h"])
def test_durations_that_are_none(text):
    with pytest.raises(BadDuration):
        duration_from(text)


@pytest.mark.parametrize(
    "text, us", [("2h", 2 * HOUR), ("1h30m", 90 * MINUTE), ("0.5m", MINUTE // 2), (" 45s ", 45_000_000)]
)
def test_durations(text, us):
    assert duration_from(text) == us
