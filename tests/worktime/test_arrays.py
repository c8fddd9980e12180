"""Whole columns give what Calendar gives one by one, and so do the kernels that other rooms call."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.worktime import arrays
from helmdesk.worktime.horizon import FIRST, LAST, NeverOpen, OutsideTime
from helmdesk.worktime.kernels import NEVER, add_in, elapsed_in, jitted, next_open_in
from helmdesk.worktime.reading import calendar_from
from tests.worktime.specs import DAY, HOUR, calendars
from tests.worktime.twin import NAMES, us

OFFICE = {
    "zone": "Europe/Vienna",
    "week": {key: ["08:00-12:00", "13:00-17:00"] for key in NAMES[:5]},
    "days": {f"{year}-12-25": [] for year in range(1990, 2101)},
}
MINUTES_OF_A_DAY = [f"{n // 60:02}:{n % 60:02}-{n // 60:02}:{n % 60 + 1:02}" for n in range(0, 200, 2)]
MANY = [
    OFFICE,
    {"always": True},
    {"zone": "UTC", "week": {}},
    {"zone": "UTC", "days": {"2026-11-25": ["08:00-12:00"]}},
    {"zone": "Australia/Lord_Howe", "week": {"sun": MINUTES_OF_A_DAY}},
    {"zone": "UTC", "days": {"1990-01-01": ["00:00-24:00"], "2100-12-31": ["00:00-24:00"]}},
]


def instants(calendar, about, count):
    """Boundaries, their neighbours, the ends of time, and others at random, near and far."""
    chance = random.Random(count)
    known = [FIRST, FIRST + 1, LAST - 1, LAST]
    spans = calendar.spans(max(about - 9 * DAY, FIRST), min(about + 9 * DAY, LAST))
    known += [at + d for span in spans for at in span for d in (-1, 0, 1)]
    known += [about + chance.randrange(-9 * DAY, 9 * DAY) for _ in range(count)]
    known += [chance.randrange(FIRST, LAST) for _ in range(count)]
    chosen = chance.sample(known, min(count, len(known)))
    return np.clip(np.array(chosen, dtype=np.int64), FIRST, LAST)


def one_by_one(ask, *columns):
    def answer(*values):
        try:
            return ask(*map(int, values))
        except (NeverOpen, OutsideTime):
            return NEVER

    return [answer(*values) for values in zip(*columns, strict=True)]


def check(spec, about):
    calendar = calendar_from(spec)
    form = arrays.compiled(calendar)
    a = instants(calendar, about, 120)
    b = a[::-1].copy()
    us_ = np.array([random.Random(3).choice([0, 1, HOUR, -HOUR, n * HOUR, -n * DAY]) for n in range(len(a))])

    assert arrays.elapsed(calendar, a, b).tolist() == one_by_one(calendar.elapsed, a, b)
    assert [elapsed_in(form, 0, x, y) for x, y in zip(a, b, strict=True)] == one_by_one(calendar.elapsed, a, b)
    added = one_by_one(calendar.add, a, us_)
    assert [add_in(form, 0, x, y) for x, y in zip(a, us_, strict=True)] == added
    possible = np.array(added) != NEVER
    assert arrays.add(calendar, a[possible], us_[possible]).tolist() == [n for n in added if n != NEVER]
    opening = one_by_one(calendar.next_open, a)
    assert [next_open_in(form, 0, x) for x in a] == opening
    possible = np.array(opening) != NEVER
    assert arrays.next_open(calendar, a[possible]).tolist() == [n for n in opening if n != NEVER]


@pytest.mark.parametrize("spec", MANY)
def test_columns_give_what_questions_one_by_one_give(spec):
    check(spec, us("2026-10-25"))


@settings(max_examples=8)
@given(calendars())
def test_columns_of_random_calendars_too(made):
    check(*made)


@settings(max_examples=25)
@given(st.lists(st.integers(FIRST, LAST), min_size=2, max_size=50), st.integers(0, 200 * HOUR))
def test_columns_undo_each_other(listed, duration):
    calendar, a = calendar_from(OFFICE), np.minimum(np.array(listed), LAST - 999 * DAY)
    b = arrays.add(calendar, a, duration)
    assert arrays.elapsed(calendar, a, b).tolist() == [duration] * len(a)


@jitted
def _elapsed_of_each(form, which, a, b, out):
    for n in range(len(which)):
        out[n] = elapsed_in(form, which[n], a[n], b[n])
    return out


def test_one_kernel_serves_many_calendars():
    calendars_ = [calendar_from(spec) for spec in MANY]
    a = instants(calendars_[0], us("2026-10-25"), 300)
    b, which = a[::-1].copy(), np.arange(len(a)) % len(MANY)

    found = _elapsed_of_each(arrays.compiled(*calendars_), which, a, b, np.empty(len(a), dtype=np.int64))

    assert found.tolist() == [
        calendars_[k].elapsed(x, y) for k, x, y in zip(which.tolist(), a.tolist(), b.tolist(), strict=True)
    ]


def test_the_compiled_columns_are_the_open_spans_and_what_lies_before_them():
    calendar = calendar_from(OFFICE)
    starts, ends, before = arrays.compiled(calendar).spans[:-1].T
    assert np.column_stack([starts, ends]).tolist() == [list(span) for span in calendar.spans(FIRST, LAST)]
    assert before[::50].tolist() == [calendar.elapsed(FIRST, start) for start in starts[::50].tolist()]


def test_a_form_may_hold_no_calendar_at_all():
    assert [column.shape for column in arrays.compiled()] == [(0, 3), (0,), (0, 6)]


def test_columns_of_any_shape_and_of_none():
    calendar, at = calendar_from(OFFICE), us("2026-11-25 09:00")
    b = at + np.arange(6, dtype=np.int32).reshape(2, 3) * np.int64(HOUR)
    assert arrays.elapsed(calendar, at, b).tolist() == [[0, HOUR, 2 * HOUR], [2 * HOUR, 3 * HOUR, 4 * HOUR]]
    assert arrays.elapsed(calendar, b.T, b.T[:, :1]).shape == (3, 2)
    assert arrays.elapsed(calendar, at, at + HOUR) == HOUR
    assert arrays.elapsed(calendar, [], []).tolist() == arrays.add(calendar, [], HOUR).tolist() == []


def test_columns_can_be_written_where_the_caller_says():
    calendar, a, out = calendar_from(OFFICE), np.array([us("2026-11-25 09:00")] * 3), np.zeros(3, dtype=np.int64)
    assert arrays.elapsed(calendar, a, a + HOUR, out=out) is out
    assert out.tolist() == [HOUR] * 3
    wrongs: list[Any] = [np.zeros(2, dtype=np.int64), np.zeros(3), np.zeros(6, dtype=np.int64)[::2]]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="Give a contiguous int64 array of shape"):
            arrays.elapsed(calendar, a, a, out=wrong)


def test_the_first_bad_pair_is_refused_as_calendar_refuses_it():
    calendar, at = calendar_from(OFFICE), us("2026-11-25 09:00")
    with pytest.raises(OutsideTime, match="instant: 7 µs"):
        arrays.elapsed(calendar, [at, at, 5], [at, 7, at])
    with pytest.raises(OutsideTime, match="instant: -9223372036854775808 µs"):
        arrays.elapsed(calendar, at, [at, -(2**63)])
    with pytest.raises(NeverOpen, match="2026-11-25T09:00:00"):
        arrays.add(calendar, at, [HOUR, LAST])
    with pytest.raises(NeverOpen):
        arrays.add(calendar, at, [2**63 - 1, -(2**63)])
    with pytest.raises(NeverOpen):
        arrays.next_open(calendar, [at, LAST])


@pytest.mark.parametrize("wrong", [[1.5], ["2026-11-25"], np.array(["2026-11-25"], dtype="M8[us]"), [None], [2**63]])
def test_what_is_not_whole_microseconds_is_refused(wrong):
    with pytest.raises(TypeError, match="instants and durations are int64 µs, not"):
        arrays.elapsed(calendar_from(OFFICE), wrong, wrong)
