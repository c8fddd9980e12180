"""What clocks showed is read from the zone database itself, whichever the machine has."""

from __future__ import annotations

import struct
from importlib import resources
from itertools import pairwise

import pytest

from helmdesk.worktime import zones
from helmdesk.worktime.horizon import DAY, FIRST, MINUTE, SECOND, year_of, year_start


def changes(name):
    """(instant, offset after it) of all changes since 1990 that the zone's file lists, by RFC 8536."""
    data = resources.files("tzdata.zoneinfo").joinpath(name).read_bytes()
    counts = struct.unpack(">6l", data[20:44])
    at = 44 + _block(counts, 4)
    counts = struct.unpack(">6l", data[at + 20 : at + 44])
    times = struct.unpack_from(f">{counts[3]}q", data, at + 44)
    kinds = data[at + 44 + 8 * counts[3] :][: counts[3]]
    offsets = [struct.unpack_from(">l", data, at + 44 + 9 * counts[3] + 6 * kind)[0] for kind in kinds]
    found = list(zip(times, offsets, strict=True))
    return [
        (time * SECOND, offset * SECOND)
        for (_, before), (time, offset) in pairwise(found)
        if before != offset and time * SECOND >= FIRST
    ]


def _block(counts, width):
    utc, standard, leaps, times, kinds, letters = counts
    return times * (width + 1) + kinds * 6 + letters + leaps * (width + 4) + standard + utc


def test_no_zone_changes_twice_within_a_day_and_all_show_whole_minutes():
    for name in zones.names():
        found = changes(name)
        assert all(later - earlier > DAY for (earlier, _), (later, _) in pairwise(found)), name
        assert all(offset % MINUTE == 0 for _, offset in found), name


@pytest.mark.parametrize(
    "name",
    ["America/Sao_Paulo", "Asia/Tehran", "Pacific/Apia", "Asia/Pyongyang", "Africa/Casablanca", "Australia/Lord_Howe"],
)
def test_every_change_that_the_database_lists_is_found(name):
    listed = changes(name)
    years = sorted({year_of(instant) for instant, _ in listed})

    found = [period for year in years for period in zones.periods(name, year) if period[0] != year_start(year)]

    assert [(since, offset) for since, _, offset in found if since <= listed[-1][0]] == listed


@pytest.mark.parametrize("name", ["Europe/Vienna", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
@pytest.mark.parametrize("year", [1990, 2026, 2100])
def test_the_offset_of_every_hour_is_that_of_its_period(name, year):
    walked: dict[int, list[int]] = {}
    for hour in range(year_start(year), year_start(year + 1), 3600 * SECOND):
        walked.setdefault(zones._offset(name, hour), []).append(hour)

    for since, until, offset in zones.periods(name, year):
        assert all(zones._offset(name, instant) == offset for instant in (since, until - SECOND))
        assert [hour for hour in walked[offset] if since <= hour < until] == [
            hour for hours in walked.values() for hour in hours if since <= hour < until
        ]


def test_evidence_can_name_the_edition_of_the_database():
    assert zones.edition().startswith("20")


def test_a_zone_that_the_database_has_not_is_refused():
    with pytest.raises(KeyError):
        zones.zone("Europe/Wien")
