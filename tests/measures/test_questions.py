"""What is asked in words becomes days and ids; what cannot be meant is refused by its field, with the cure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.measures.questions import asked, months_before
from helmdesk.measures.reports import months, window_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")


def question(**given: str):
    return asked(given, at=NOON, zone=VIENNA)


def test_without_days_the_last_three_months_are_meant() -> None:
    found = question()
    assert (found.first, found.last, found.by, found.only) == (date(2025, 12, 3), date(2026, 3, 2), "all", ())
    assert found.until == to_us(NOON)


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-05-31", "2026-03-01"),
        ("2024-05-31", "2024-03-01"),
        ("2026-03-31", "2026-01-01"),
        ("2026-02-28", "2025-11-29"),
    ],
)
def test_three_months_are_three_months(last: str, first: str) -> None:
    assert months_before(date.fromisoformat(last), 3) == date.fromisoformat(first)


def test_days_are_whole_in_the_zone_of_the_desk_also_when_clocks_change() -> None:
    found = question(**{"from": "2025-10-26", "to": "2025-10-26"})
    assert found.end - found.start == 25 * 3_600_000_000
    assert found.start == to_us(datetime(2025, 10, 25, 22, 0, tzinfo=UTC))


def test_a_day_that_is_known_later_ends_where_it_is_known() -> None:
    found = question(**{"from": "2026-02-01", "to": "2026-02-10", "as_of": "2026-02-05"})
    assert found.until == found.known == to_us(datetime(2026, 2, 5, 23, 0, tzinfo=UTC))
    assert question(as_of="2026-02-05T10:00+00:00").known == to_us(datetime(2026, 2, 5, 10, 0, tzinfo=UTC))


def test_months_are_split_at_their_first_day() -> None:
    found = question(**{"from": "2026-01-15", "to": "2026-03-02", "by": "month"})
    assert [day.isoformat() for day in months(found)] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    ends = [window_of(found, key) for key in ("2026-01", "2026-02", "2026-03")]
    assert (ends[0][0], ends[-1][1]) == (found.start, found.until)
    assert [end for _start, end in ends[:-1]] == [start for start, _end in ends[1:]]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "2026-03-01", "to": "2026-02-01"}, "from"),
        ({"by": "colour"}, "by"),
        ({"provider": "northwind"}, "provider"),
        ({"team": "٣"}, "team"),
        ({"as_of": "2026-99-01T00:00"}, "as_of"),
        ({"as_of": "now"}, "as_of"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(given: dict[str, str], field: str) -> None:
    with pytest.raises(BadEntry) as refused:
        question(**given)
    assert refused.value.field == field
    assert refused.value.cure


def test_narrowing_adds_and_takes_away() -> None:
    found = question(team="3", provider="2")
    assert found.only == (("provider", 2), ("team", 3))
    assert found.with_only(team=None, service=9).only == (("provider", 2), ("service", 9))
