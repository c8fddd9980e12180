"""How long a ticket waits for opening, when nothing else delays it: OUTSOURCING.md 5, "calendar, zero load".

A ticket that comes at a uniform instant of the cycle waits E = sum(g ** 2) / (2 * cycle), g being the closed gaps.
"""

from __future__ import annotations

import numpy as np
import pytest

from helmdesk.worktime import arrays
from helmdesk.worktime.reading import calendar_from
from tests.worktime.twin import NAMES, us

HOUR = 3_600_000_000
WEEK = 168 * HOUR
MONDAY = us("2026-11-23")

WAITS = [
    ("8x5", {day: ["09:00-17:00"] for day in NAMES[:5]}, 15.2381, 0.2381),
    ("12x5", {day: ["08:00-20:00"] for day in NAMES[:5]}, 12.4286, 0.3571),
    ("24x5", {day: ["00:00-24:00"] for day in NAMES[:5]}, 6.8571, 0.7143),
    ("12x7", {day: ["08:00-20:00"] for day in NAMES}, 3.0, 0.5),
]


@pytest.mark.parametrize("name, week, hours, at_once", WAITS)
def test_the_mean_wait_follows_from_the_closed_gaps(name, week, hours, at_once):
    calendar = calendar_from({"zone": "UTC", "week": week})
    spans = calendar.spans(MONDAY, MONDAY + 2 * WEEK)
    first = [span for span in spans if span[0] < MONDAY + WEEK]
    gaps = [later[0] - earlier[1] for earlier, later in zip(first, spans[1:], strict=False)]

    assert sum(gap**2 for gap in gaps) / (2 * WEEK) / HOUR == pytest.approx(hours, abs=5e-5)
    assert calendar.elapsed(MONDAY, MONDAY + WEEK) / WEEK == pytest.approx(at_once, abs=5e-5)


@pytest.mark.parametrize("name, week, hours, at_once", WAITS)
def test_tickets_at_every_minute_of_the_week_wait_as_long(name, week, hours, at_once):
    """In the middle of each minute, which makes the sum exact, for waiting is linear between boundaries."""
    calendar = calendar_from({"zone": "UTC", "week": week})
    came = MONDAY + np.arange(7 * 24 * 60) * 60_000_000 + 30_000_000

    waited = arrays.next_open(calendar, came) - came

    assert waited.mean() / HOUR == pytest.approx(hours, abs=5e-5)
    assert (waited == 0).mean() == pytest.approx(at_once, abs=5e-5)
    assert waited.tolist() == [calendar.next_open(at) - at for at in came.tolist()]


def test_after_an_hour_of_work_a_ticket_is_done_when_the_wait_and_the_hour_are_over():
    calendar = calendar_from({"zone": "UTC", "week": WAITS[0][1]})
    came = MONDAY + np.arange(7 * 24) * HOUR
    assert arrays.add(calendar, came, HOUR).tolist() == [
        calendar.add(calendar.next_open(at), HOUR) for at in came.tolist()
    ]
