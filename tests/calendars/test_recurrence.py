"""Rules that repeat give the days that the usual library gives, wherever that one comes to an end."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helmdesk.calendars.recurrence import OFTEN, WEEKDAYS, BadRule, Budget, rule_from

dateutil = pytest.importorskip("dateutil.rrule")
LAST = date(2032, 12, 31)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, list[object]]:
    often = draw(st.sampled_from(OFTEN))
    ordinals = [1, 2, 3, -1] if often in ("MONTHLY", "YEARLY") and draw(st.booleans()) else [0]
    day = st.tuples(st.sampled_from(ordinals), st.sampled_from(WEEKDAYS)).map(lambda one: f"{one[0] or ''}{one[1]}")
    parts: dict[str, st.SearchStrategy[Any]] = {
        "INTERVAL": st.integers(1, 5).map(lambda n: [n]),
        "COUNT": st.integers(1, 40).map(lambda n: [n]),
        "BYMONTH": st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True),
        "BYDAY": st.lists(day, min_size=1, max_size=3, unique=True),
        "WKST": st.sampled_from(WEEKDAYS).map(lambda name: [name]),
    }
    if often != "WEEKLY":
        parts["BYMONTHDAY"] = st.lists(st.integers(-28, 28).filter(bool), min_size=1, max_size=3, unique=True)
    chosen = draw(st.sets(st.sampled_from(sorted(parts)), max_size=3))
    rule: dict[str, list[object]] = {"FREQ": [often], **{name: draw(parts[name]) for name in sorted(chosen)}}
    if often in ("MONTHLY", "YEARLY") and {"BYDAY", "BYMONTHDAY"} & chosen and draw(st.booleans()):
        rule["BYSETPOS"] = draw(st.lists(st.sampled_from([1, 2, -1]), min_size=1, max_size=2, unique=True))
    return rule


@settings(max_examples=60)
@given(rules(), st.dates(date(2020, 1, 1), date(2027, 12, 31)))
def test_a_rule_gives_the_days_of_the_usual_library(rule: dict[str, list[object]], first: date) -> None:
    ours = list(rule_from(rule).starts(first, LAST, Budget(10**6)))
    assume(ours)  # for a rule that never comes true the library goes on to the year 9999
    text = ";".join(f"{name}={','.join(map(str, values))}" for name, values in rule.items())
    twin = dateutil.rrulestr(text, dtstart=datetime.combine(first, time()))

    assert ours == [
        day.date() for day in twin.between(datetime.combine(first, time()), datetime.combine(LAST, time()), inc=True)
    ]


@pytest.mark.parametrize(
    "rule, cure",
    [
        ({}, "daily"),
        ({"FREQ": ["HOURLY"]}, "daily"),
        ({"FREQ": ["YEARLY"], "BYEASTER": [0]}, "BYEASTER is not known"),
        ({"FREQ": ["YEARLY"], "INTERVAL": [0]}, "INTERVAL is 0"),
        ({"FREQ": ["YEARLY"], "COUNT": [-1]}, "COUNT is -1"),
        ({"FREQ": ["YEARLY"], "BYMONTHDAY": [0]}, "BYMONTHDAY has 0"),
        ({"FREQ": ["WEEKLY"], "BYDAY": ["1MO"]}, "of a month or a year"),
        ({"FREQ": ["WEEKLY"], "BYDAY": ["XX"]}, "no weekday"),
    ],
)
def test_a_rule_that_cannot_be_followed_says_why(rule: dict[str, list[object]], cure: str) -> None:
    with pytest.raises(BadRule, match=cure):
        rule_from(rule)


def test_no_more_days_are_looked_at_than_the_budget_has() -> None:
    rule = rule_from({"FREQ": ["DAILY"], "BYMONTH": [2], "BYMONTHDAY": [30]})

    with pytest.raises(BadRule, match="too long ago"):
        list(rule.starts(date(2000, 1, 1), LAST, Budget(5000)))
    assert list(rule.starts(date(2030, 1, 1), LAST, Budget(5000))) == []
