"""On random calendars about the days on which clocks change, the answers are those of a walk minute by minute."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helmdesk.worktime.horizon import FIRST, LAST, NeverOpen
from helmdesk.worktime.reading import calendar_from
from tests.worktime import twin
from tests.worktime.specs import DAY, HOUR, calendars, far, near

ordered = st.tuples(near, near).map(sorted)


def within(instant):
    return min(max(instant, FIRST), LAST)


@settings(max_examples=80)
@given(calendars(), ordered)
def test_the_open_spans_are_those_that_a_walk_meets(made, offsets):
    spec, about = made
    calendar, (a, b) = calendar_from(spec), (within(about + offset) for offset in offsets)

    assert calendar.spans(a, b) == twin.spans(spec, a, b)
    assert calendar.elapsed(a, b) == twin.elapsed(spec, a, b)
    assert calendar.elapsed(b, a) == -twin.elapsed(spec, a, b)
    assert calendar.is_open(a) == (a < LAST and twin.is_open(spec, a // twin.MINUTE))


@settings(max_examples=40)
@given(calendars(), near, st.integers(0, 30 * HOUR))
def test_adding_ends_where_a_walk_has_counted_enough(made, offset, duration):
    spec, about = made
    a = within(about + offset)
    reached = within(a + 36 * HOUR)

    found = twin.add(spec, a, duration, within=reached)

    if found is not None:
        assert calendar_from(spec).add(a, duration) == found
    else:
        assert later_than(reached, lambda: calendar_from(spec).add(a, duration))


@settings(max_examples=25)
@given(calendars(), near)
def test_the_next_opening_and_closing_are_those_that_a_walk_meets(made, offset):
    spec, about = made
    a = within(about + offset)
    reached = within(a + 36 * HOUR)
    walked = twin.spans(spec, a, reached)
    assume(walked and walked[0][1] < reached)

    calendar = calendar_from(spec)

    assert (calendar.next_open(a), calendar.next_close(a)) == walked[0]


@settings(max_examples=50)
@given(calendars(), st.tuples(far, far, far))
def test_working_time_adds_up_and_never_runs_back(made, offsets):
    spec, about = made
    calendar, (a, b, c) = calendar_from(spec), (within(about + offset) for offset in offsets)

    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)
    assert 0 <= calendar.elapsed(min(a, b), max(a, b)) <= abs(b - a)
    assert calendar.elapsed(min(a, b), max(a, b)) == sum(
        end - start for start, end in calendar.spans(min(a, b), max(a, b))
    )


@settings(max_examples=50)
@given(calendars(), far, st.integers(0, 90 * HOUR))
def test_adding_and_counting_undo_each_other(made, offset, duration):
    spec, about = made
    calendar, a = calendar_from(spec), within(about + offset)
    assume(calendar.elapsed(a, within(a + 200 * DAY)) >= duration)

    b = calendar.add(a, duration)

    assert calendar.elapsed(a, b) == duration
    assert duration == 0 or not calendar.is_open(b) or calendar.is_open(b - 1) or b == calendar.next_open(b)
    assert duration == 0 or calendar.elapsed(b - 1, b) == 1
    if calendar.is_open(a):
        assert calendar.add(b, -duration) == a


@settings(max_examples=50)
@given(calendars(), ordered)
def test_where_open_time_comes_right_before_adding_what_was_counted_leads_back(made, offsets):
    spec, about = made
    calendar, (a, b) = calendar_from(spec), (within(about + offset) for offset in offsets)
    for _start, end in calendar.spans(a, b):
        assert calendar.add(a, calendar.elapsed(a, end)) == end
    for start, _end in calendar.spans(a, b):
        assert calendar.add(b, -calendar.elapsed(start, b)) == start


def test_years_worked_out_bit_by_bit_are_those_worked_out_at_once():
    week = {day: ["22:00-06:00", "12:00-12:30"] for day in twin.NAMES}
    spec = {"zone": "America/New_York", "week": week, "days": {"2020-01-01": []}}
    piecemeal, at_once = calendar_from(spec), calendar_from(spec)
    for year in (2020, 2024, 2019, 2030, 1990, 2100):
        piecemeal.is_open(twin.us(f"{year}-06-01"))

    assert (piecemeal.whole().starts, piecemeal.whole().ends) == (at_once.whole().starts, at_once.whole().ends)


def later_than(instant, ask):
    try:
        return ask() > instant
    except NeverOpen:
        return True
