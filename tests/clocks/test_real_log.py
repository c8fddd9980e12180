"""A real log's own flag, reproduced: `made_sla` is a level that can be said, and closing eats what resolving kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from helmdesk.clocks import bulk
from helmdesk.clocks.reading import level_from
from helmdesk.clocks.steps import CLOSED, OPENED, PRIORITISED, RESOLVED, Steps
from helmdesk.clocks.turns import Verdict
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from
from tests.clocks.telling import Codes
from tools import judging_charts
from tools.judging_charts import instant

TARGETS = [{"priority": 3, "within": "153.5h"}, {"priority": 4, "within": "347h"}]
NOW = 1_500_000_000_000_000
pytestmark = pytest.mark.skipif(not judging_charts.LOG.exists(), reason="the real log is not here")


@cache
def last_rows() -> list[dict[str, str]]:
    """What the log says of each incident in its last row, priorities 3 and 4."""
    return [row for row in judging_charts.last_rows() if row["priority"][0] in "34"]


def lives() -> Iterator[Steps]:
    for row in last_rows():
        told = Steps([], [], [], [], [], [])
        opened, closed = instant(row["opened_at"]), instant(row["closed_at"])
        told.add(opened, PRIORITISED, int(row["priority"][0]))
        told.add(opened, OPENED, 1)
        if row["resolved_at"] != "?":
            told.add(instant(row["resolved_at"]), RESOLVED, b=1)
        told.add(max(closed, told.at[-1]), CLOSED)
        yield told


@cache
def kept(until: str) -> np.ndarray:
    """Of each incident whether the level is met, measured at resolving or at closing."""
    level = level_from({"code": "made-sla", "metric": "resolution", "until": until, "targets": TARGETS}, Codes())
    calendar: Calendar = calendar_from(judging_charts.WEEKDAYS)
    found = bulk.judge(bulk.Columns.of(lives()), [(level, calendar)], provider_of={}, now=NOW)
    assert list(found["ticket"]) == list(range(len(last_rows())))
    return found["verdict"] == Verdict.MET


def flags() -> np.ndarray:
    return np.array([judging_charts.made_sla(row) for row in last_rows()])


def of_priority(priority: int, *, with_resolved: bool = False) -> np.ndarray:
    return np.array(
        [
            row["priority"].startswith(str(priority)) and (not with_resolved or row["resolved_at"] != "?")
            for row in last_rows()
        ]
    )


def test_the_log_s_own_flag_is_opened_to_closed_on_weekdays_without_pauses():
    agrees = kept("closed") == flags()
    shares = {priority: round(float(agrees[of_priority(priority)].mean()), 3) for priority in (3, 4)}
    assert shares == {3: 0.993, 4: 0.999}
    assert agrees.mean() >= 0.99


def test_measured_at_resolving_the_same_level_was_kept_for_four_in_five():
    some = of_priority(3, with_resolved=True)
    assert some.sum() == 22_010
    assert round(float(flags()[some].mean()), 3) == 0.630
    assert round(float(kept("resolved")[some].mean()), 3) == 0.815
