"""Levels are published version by version; a bad one is refused with every reason, and the past keeps its own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.clocks.reading import BadLevel
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Event, Stream
from helmdesk.service_levels import versions
from helmdesk.service_levels.models import LevelVersion, ServiceLevel
from helmdesk.service_levels.publishing import end_level, publish_level
from tests.service_levels.promising import MAX, calendars, promise, solved
from tests.world import World


@pytest.fixture(autouse=True)
def _calendars(world: World) -> None:
    calendars(world.at)


def recorded() -> list[tuple[str, dict[str, Any]]]:
    rows = Event.objects.filter(stream=Stream.CONFIG, kind__startswith="level.").order_by("seq")
    return [(kind, json.loads(body)["what"]) for kind, body in rows.values_list("kind", "body")]


def test_a_level_is_a_version_and_an_event_and_saying_it_again_is_neither(world: World) -> None:
    (first,) = promise(world, solved())
    assert (first.n, first.level.code, first.level.active) == (1, "solved", True)
    assert first.calendar is not None
    assert first.calendar.code == "office"
    assert (first.valid_from, first.recorded_at, len(first.digest)) == (world.at, world.at, 64)
    assert promise(world, solved()) == [first]
    at = world.tick()
    (second,) = promise(world, solved(targets=[{"within": "6h"}]))
    assert (second.n, second.level_id, second.valid_from) == (2, first.level_id, at)
    what = {"level": first.level_id, "code": "solved", "calendar": first.calendar_id, "binds": 1}
    assert recorded() == [
        ("level.published", {**what, "version": one.n, "valid_from": to_us(one.valid_from), "digest": one.digest})
        for one in (first, second)
    ]


def test_every_fault_of_a_level_is_told_at_once_and_nothing_is_kept(world: World) -> None:
    bad = solved(metric="speed", targets=[{"within": "0h"}, {"priority": 9, "within": "2h"}], binds={"team": "nobody"})
    with pytest.raises(BadLevel) as raised:
        promise(world, bad)
    assert [fault.field for fault in raised.value.faults] == [
        "metric", "binds.team", "targets[0].within", "targets[1].priority",
    ]  # fmt: skip
    WorkingCalendar.objects.create(code="empty")
    for field, spec in (
        ("calendar", solved(calendar="nights")),
        ("calendar", solved(calendar="empty")),
        ("calendar", solved(calendar=None)),
        ("code", solved(code="Solved!")),
    ):
        with pytest.raises(BadEntry) as refused:
            promise(world, spec)
        assert refused.value.field == field
    assert (recorded(), ServiceLevel.objects.count()) == ([], 0)


def test_a_version_is_never_changed_nor_taken_away(world: World) -> None:
    promise(world, solved())
    for change in (
        lambda: LevelVersion.objects.update(n=7),
        lambda: LevelVersion.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_the_version_of_a_day_is_the_one_that_began_last_as_it_was_known(world: World) -> None:
    day = timedelta(days=1)
    start = world.at
    (first,) = promise(world, solved())
    world.tick(days=10)
    (second,) = promise(world, solved(targets=[{"within": "6h"}]))
    known = world.tick()
    world.tick(days=10)
    (back_dated,) = promise(world, solved(targets=[{"within": "7h"}]), valid_from=start + 2 * day)
    level = first.level_id
    assert [versions.version_of(level, start + days * day) for days in (-1, 0, 1, 2, 9, 10, 30)] == [
        None, first, first, back_dated, back_dated, second, second,
    ]  # fmt: skip
    assert versions.version_of(level, start + 5 * day, as_of=known) == first
    until = {term.version: term.until for term in versions.terms()}
    assert until == {
        first.pk: to_us(start + 2 * day), back_dated.pk: to_us(second.valid_from), second.pk: versions.FOREVER,
    }  # fmt: skip
    assert [term.version for term in versions.terms(as_of=known)] == [first.pk, second.pk]


def test_a_level_that_ended_promises_nothing_new_and_can_begin_again(world: World) -> None:
    (first,) = promise(world, solved())
    level = first.level_id
    ended = end_level(level, by=MAX, at=world.tick(days=1))
    assert (ended.ended, ServiceLevel.objects.get().active, ended.calendar) == (True, False, None)
    assert [(term.version, term.until) for term in versions.terms()] == [(first.pk, to_us(ended.valid_from))]
    assert recorded()[-1] == (
        "level.ended", {"level": level, "code": "solved", "version": 2, "valid_from": to_us(ended.valid_from)},
    )  # fmt: skip
    with pytest.raises(BadEntry):
        end_level(level, by=MAX, at=world.tick())
    world.tick()
    assert publish_level(solved(), by=MAX, at=world.at).n == 3
    assert ServiceLevel.objects.get().active
