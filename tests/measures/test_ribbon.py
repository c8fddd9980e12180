"""Where things lie on the ribbon: in proportion, within the band, and never more marks than can be seen."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.measures.ribbon import MOST_HATCHES, Scale, apart, closed, hatches, scale
from helmdesk.worktime.reading import calendar_from

HOUR = 3_600_000_000
DAY = 24 * HOUR
MONDAY = 20_514 * DAY
OFFICE = calendar_from({"zone": "UTC", "week": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}})


def off(life: int) -> list[tuple[int, int]]:
    """Out of hours, from a Monday midnight on."""
    return closed(MONDAY, MONDAY + life, OFFICE.spans(MONDAY, MONDAY + life))


def test_without_anything_ahead_the_past_has_the_whole_width() -> None:
    drawn = scale(0, 10 * HOUR)

    assert (drawn.x(0), drawn.x(5 * HOUR), drawn.x(10 * HOUR)) == (0, 50, 100)
    assert drawn.place((HOUR, 3 * HOUR)) == (10, 20)


def test_what_lies_ahead_is_drawn_to_the_same_scale_where_there_is_room() -> None:
    drawn = scale(0, 60 * HOUR, [75 * HOUR, 100 * HOUR])

    assert drawn.past == pytest.approx(60 / 104 * 100, abs=0.01)
    assert drawn.x(75 * HOUR) == pytest.approx(75 / 104 * 100, abs=0.01)


def test_a_far_date_does_not_squeeze_what_happened() -> None:
    drawn = scale(0, HOUR, [30 * DAY])

    assert drawn.past == 40
    assert 40 < drawn.x(30 * DAY) < 100


def test_a_near_date_is_not_lost_at_the_end() -> None:
    drawn = scale(0, 100 * DAY, [100 * DAY + HOUR])

    assert drawn.past == 90
    assert 90 < drawn.x(100 * DAY + HOUR) < 100


def test_what_lies_beyond_the_ends_stays_on_the_band() -> None:
    drawn = Scale(10, 20, 30, 50)

    assert (drawn.x(0), drawn.x(99)) == (0, 100)


def test_a_ticket_that_was_opened_this_very_instant() -> None:
    assert scale(7, 7).x(7) == 0
    assert scale(7, 7, [8]).x(8) == 100 or scale(7, 7, [8]).x(8) > 40


def test_what_is_closed_lies_between_what_is_open() -> None:
    assert closed(0, 10, [(2, 4), (6, 10)]) == [(0, 2), (4, 6)]
    assert closed(0, 10, []) == [(0, 10)]
    assert closed(3, 9, [(3, 9)]) == []


def test_a_week_shows_each_night() -> None:
    found = hatches(off(7 * DAY), scale(MONDAY, MONDAY + 7 * DAY), pixels=900)

    assert len(found) == 6  # before each of five days, and the weekend with what is left of Friday
    assert found[0] == (0, pytest.approx(900 / 168, abs=0.02))


def test_a_quarter_shows_weekends_only() -> None:
    found = hatches(off(91 * DAY), scale(MONDAY, MONDAY + 91 * DAY), pixels=900)

    assert len(found) == 13
    assert {round(width, 1) for _x, width in found[:-1]} == {round(64 / 24 / 91 * 100, 1)}


def test_years_show_nothing_that_could_not_be_told_apart() -> None:
    assert hatches(off(3 * 364 * DAY), scale(MONDAY, MONDAY + 3 * 364 * DAY), pixels=900) == []


def test_a_thin_band_shows_less_than_a_tall_one() -> None:
    drawn, offs = scale(MONDAY, MONDAY + 18 * DAY), off(18 * DAY)

    assert len(hatches(offs, drawn, pixels=150)) < len(hatches(offs, drawn, pixels=900))


def test_a_night_in_which_something_happened_is_one_night() -> None:
    drawn = scale(0, 24 * HOUR)

    assert hatches([(0, 3 * HOUR), (3 * HOUR, 8 * HOUR)], drawn, pixels=900) == [drawn.place((0, 8 * HOUR))]


@given(
    st.lists(st.integers(0, 2000 * DAY), min_size=2, max_size=400, unique=True).map(sorted),
    st.integers(80, 1200),
)
@settings(max_examples=60)
def test_there_are_never_more_hatches_than_can_be_seen(edges: list[int], pixels: int) -> None:
    offs = list(zip(edges[::2], edges[1::2], strict=False))
    drawn = scale(edges[0], edges[-1])
    found = hatches(offs, drawn, pixels=pixels)

    assert len(found) <= MOST_HATCHES + 1
    assert all(0 <= x <= 100 and x + width <= 100.02 for x, width in found)
    assert all(x + width <= after for (x, width), (after, _) in pairwise(found))


def test_labels_that_would_touch_go_to_the_next_row() -> None:
    assert apart([(10, 10), (12, 10), (30, 10), (31, 10), (32, 5)]) == [0, 1, 0, 1, 2]
    assert apart([(0, 30), (20, 5), (31, 5)]) == [0, 1, 0]
    assert apart([]) == []
