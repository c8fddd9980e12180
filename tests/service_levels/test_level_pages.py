"""Levels are set up by page: promised in plain words, looked at before they are saved, versioned, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.service_levels.models import LevelVersion, Retiming, ServiceLevel
from helmdesk.tickets.closing import closes_after
from tests.service_levels.promising import answered, backed, calendars, owned, promise, solved
from tests.web.test_setup_catalogue import shown_in
from tests.web.visiting import Visitor, visitor
from tests.world import World

TYPED: dict[str, Any] = {
    "name_en": "Solved", "name_de": "Gelöst", "metric": "resolution", "binds": "requester", "calendar": "office",
    "until": "resolved", "rows": "3", "t0_priority": ["1", "2"], "t0_service": ["network"], "t0_within": "2h",
    "t2_within": "1h 30m", "pause_requester": "on", "cap_requester": "72h", "pause_third": "on", "warn_at": "50, 75",
    "form_kind": "share", "form_share": "95", "on_change": "carry", "on_hand_over": "carry", "on_decline": "carry",
    "on_reopen": "restart", "on_merge": "keep",
}  # fmt: skip
SPEC = {
    "code": "solved", "name": {"en": "Solved", "de": "Gelöst"}, "metric": "resolution", "binds": "requester",
    "calendar": "office", "until": "resolved",
    "targets": [{"priority": [1, 2], "service": ["network"], "within": "2h"}, {"within": "1h 30m"}],
    "pauses": [{"wait": "requester", "cap": "72h"}, {"wait": "third"}], "warn_at": [0.5, 0.75],
    "form": {"kind": "share", "at_least": 0.95}, "on_change": "carry", "on_hand_over": "carry", "on_decline": "carry",
    "on_reopen": "restart", "on_merge": "keep",
}  # fmt: skip


@pytest.fixture
def manager(world: World) -> Visitor:
    calendars(world.at)
    return visitor(world, "max")


def test_what_is_typed_is_promised_and_the_page_says_it_in_plain_words(manager: Visitor) -> None:
    manager.post("/setup/levels/", code="solved", **TYPED)
    version = LevelVersion.objects.get()
    assert version.spec == SPEC
    page = manager.get(f"/setup/levels/{version.level_id}")
    for words in (
        "Promised to whoever asks, end to end: a solution. Time counts by Office.",
        "Priorities 1, 2 · Network: within 2h.", "All others: within 1h 30m.",
        "It stands still only while the person is asked (at most 72h); another company is waited for.",
        "At least 95 % of a month in time.",
    ):  # fmt: skip
        assert words in page
    assert "Promised to whoever asks, end to end: a solution." in manager.get("/setup/levels/")


def test_saving_what_is_shown_changes_nothing_and_a_change_is_the_next_version(manager: Visitor) -> None:
    manager.post("/setup/levels/", code="solved", **TYPED)
    address = f"/setup/levels/{ServiceLevel.objects.get().pk}"
    shown = shown_in(manager.get(address))
    manager.post(address, shown=shown, **TYPED)
    assert LevelVersion.objects.count() == 1
    manager.post(address, shown=shown, **{**TYPED, "t2_within": "4h"})
    assert [version.spec["targets"][-1]["within"] for version in LevelVersion.objects.order_by("n")] == ["1h 30m", "4h"]
    assert "Version 2" in manager.get(address)
    late = manager.post(address, status=409, shown=shown, **TYPED)
    assert "Somebody changed this meanwhile" in late


def test_every_mistake_is_said_at_its_field_and_nothing_is_kept(manager: Visitor) -> None:
    wrong = {
        **TYPED, "t2_within": "soon", "cap_requester": "3 days", "t0_priority": ["7"], "form_share": "200",
    }  # fmt: skip
    page = manager.post("/setup/levels/", status=422, code="solved", **wrong)
    for field in ("t2_within", "cap_requester", "t0_priority", "form_share"):
        assert f'href="#f-{field}"' in page.html
    assert 'value="soon"' in page.html
    for field, value in (
        ("calendar", ""),
        ("code", "So solved"),
        ("warn_at", "often"),
        ("valid_from", "soon"),
        ("valid_from", "0001-01-01"),
    ):
        manager.post("/setup/levels/", status=422, **{"code": "solved", **TYPED, field: value})
    assert not ServiceLevel.objects.exists()


def test_before_saving_one_sees_what_it_would_say_and_touch(world: World, manager: Visitor) -> None:
    promise(world, solved())
    for _ in range(3):
        world.ticket()
    level = ServiceLevel.objects.get().pk
    page = manager.post(f"/setup/levels/{level}", status=200, look="1", valid_from="2026-03-02", **TYPED)
    assert "3 clocks that run now would be timed anew." in page
    assert "Nothing is saved yet." in page
    page = manager.post(f"/setup/levels/{level}", status=200, look="1", **TYPED)
    assert "No clock that runs now would be timed anew" in page
    assert (LevelVersion.objects.count(), Retiming.objects.count()) == (1, 0)


def test_a_level_that_ended_is_told_so(world: World, manager: Visitor) -> None:
    promise(world, solved())
    level = ServiceLevel.objects.get().pk
    manager.post(f"/setup/levels/{level}/ending")
    assert "ended" in manager.get("/setup/levels/")
    assert "Ended: nothing is promised from then on." in manager.get(f"/setup/levels/{level}")


def test_when_solved_tickets_close_by_themselves_is_said_beside_the_levels(manager: Visitor) -> None:
    page = manager.get("/setup/levels/")
    assert 'name="incident" type="text" value="5"' in page.html
    shown = shown_in(page)
    manager.post("/setup/levels/closing", shown=shown, incident="3", request="")
    assert closes_after() == {"incident": timedelta(days=3), "request": None}
    wrong = manager.post(
        "/setup/levels/closing", status=422, shown=shown_in(manager.get("/setup/levels/")), incident="3", request="0"
    )
    assert 'href="#f-request"' in wrong.html


def test_the_page_of_jobs_says_how_far_a_timing_has_come(world: World, manager: Visitor) -> None:
    promise(world, solved())
    assert "Clocks timed anew" not in manager.get("/jobs/")
    Retiming.objects.create(
        level=ServiceLevel.objects.get(), valid_from=world.at, begun_at=world.at, done=3000, total=12000
    )
    page = manager.get("/jobs/")
    assert "Clocks timed anew solved" in page
    assert "3000 of 12000 tickets" in page


def test_without_a_calendar_one_is_asked_for_first(world: World) -> None:
    assert "First, say when you work" in visitor(world, "max").get("/setup/levels/")


@pytest.mark.parametrize("how_many", [1, 3])
def test_pages_ask_the_database_as_often_for_one_level_as_for_more(
    world: World, manager: Visitor, how_many: int
) -> None:
    promise(world, *[solved(), answered(), owned(), backed()][:how_many])
    world.ticket()
    level = ServiceLevel.objects.order_by("pk")[0].pk
    for address, budget in (("/setup/levels/", 9), (f"/setup/levels/{level}", 10), ("/setup/levels/new", 6)):
        manager.get(address)
        with CaptureQueriesContext(connection) as asked:
            manager.get(address)
        assert len(asked) <= budget, "\n".join(query["sql"] for query in asked)
