"""Managers judge their own tickets by other rules: the numbers of the command, with no clock and no event touched."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.jobs.worker import Worker
from helmdesk.foundation.time import now
from helmdesk.ledger.models import Event
from helmdesk.measures.judging import walking
from helmdesk.measures.judging.models import JudgedTurn, Judging
from helmdesk.service_levels.models import Clock, LevelVersion
from helmdesk.tickets import assignment, hand_over, resolution
from helmdesk.tickets.conversation import Words
from tests.service_levels.promising import calendars, promise, solved
from tests.web.test_setup_catalogue import shown_in
from tests.web.visiting import Visitor, visitor
from tests.world import World

BUDGET = 12
QUICK = {"t0_within": "30m", "name_en": "Quick"}


@pytest.fixture
def busy(world: World) -> World:
    """Some weeks ago: the desk solved two, one within minutes; Northwind one after days; one is open, one hidden.

    Promised, at any hour: solved within 8 hours.
    """
    world.at = now() - timedelta(days=20)
    calendars(world.at)
    promise(world, solved(calendar="always", targets=[{"within": "8h"}], pauses=[]))
    for minutes in (10, 120):
        ticket = world.ticket("arno", site="south", subject=f"Solved after {minutes}")
        assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
        resolution.resolve(ticket.pk, words=Words("Done."), by=world.who("ina"), at=world.tick(minutes=minutes))
    passed = world.ticket("alice", service="network", site="north", subject="Passed on matter")
    hand_over.hand_over(
        passed.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    resolution.resolve(passed.pk, words=Words("Done."), by=world.who("nora"), at=world.tick(hours=30))
    world.ticket("arno", subject="Still open matter")
    return world


@pytest.fixture
def manager(busy: World) -> Visitor:
    return visitor(busy, "max")


def asked(**changed: str) -> dict[str, Any]:
    version = LevelVersion.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return {"version": str(version), "hours": "", "from": "", "to": "", "by": "provider", "beside": "day", **changed}


def written(manager: Visitor, **changed: Any) -> dict[str, Any]:
    """The form of a level, filled in as it comes, with something changed."""
    page = manager.get(f"/judging/new?version={asked()['version']}&by=provider&beside=day")
    assert "It is used here and nowhere else" in page
    typed = {
        "metric": "resolution", "binds": "requester", "calendar": "always", "until": "resolved", "rows": "3",
        "t0_within": "8h", "warn_at": "75", "on_change": "carry", "on_hand_over": "carry", "on_decline": "carry",
        "on_reopen": "carry", "on_merge": "keep", "shown": shown_in(page),
    }  # fmt: skip
    return {**asked(), **typed, **changed}


def answer(manager: Visitor, **fields: Any) -> Judging:
    leads_to = manager.post("/judging/", **fields).leads_to
    row: Judging = Judging.objects.latest("pk")
    assert leads_to == f"/judging/{row.pk}"
    return row


def file(manager: Visitor, row: Judging, form: str = "json") -> str:
    response = manager.client.post(f"/judging/{row.pk}/exports", {"format": form})
    assert response.status_code == 200
    return str(response.content.decode())


def told(manager: Visitor, row: Judging, rule: int = 0) -> dict[str, tuple[int, int, int, int]]:
    groups = json.loads(file(manager, row))["judged"][rule]["groups"]
    return {name: (one["met"], one["missed"], one["open"], one["late"]) for name, one in groups.items()}


def everything() -> tuple[Any, ...]:
    return list(Clock.objects.order_by("pk").values_list()), Event.objects.count(), LevelVersion.objects.count()


def test_another_target_is_judged_beside_the_rules_of_the_day(manager: Visitor) -> None:
    row = answer(manager, **written(manager, **QUICK))
    page = manager.get(f"/judging/{row.pk}")
    for words in (
        "By “Solved”, changed",
        "By the rules of their day",
        "All tickets: within 30m.",
        "4 tickets were judged.",
    ):
        assert words in page
    assert told(manager, row, 0) == {"inhouse": (1, 1, 1, 1), "northwind": (0, 1, 0, 0)}
    assert told(manager, row, 1) == {"inhouse": (2, 0, 1, 1), "northwind": (0, 1, 0, 0)}
    for share in ("1 of 3", "2 of 3", "1 of 2", "2 of 2", "0 of 1"):
        assert share in page


def test_no_clock_and_no_event_is_touched_but_by_an_export(manager: Visitor) -> None:
    before = everything()
    row = answer(manager, **written(manager, **QUICK))
    manager.get(f"/judging/{row.pk}")
    manager.get(f"/judging/{row.pk}/tickets?rule=0&verdict=missed")
    assert everything() == before
    file(manager, row, "csv")
    assert (everything()[0], Event.objects.latest("seq").kind, Event.objects.count()) == (
        before[0], "exported", before[1] + 1,
    )  # fmt: skip


@pytest.mark.parametrize("by", ["all", "provider", "team", "priority", "service", "site"])
def test_the_numbers_are_those_of_the_command(manager: Visitor, busy: World, tmp_path: Path, by: str) -> None:
    level = tmp_path / "level.toml"
    level.write_text('code = "solved"\nmetric = "resolution"\ncalendar = "always"\ntargets = [{within = "30m"}]')
    row = answer(manager, **written(manager, by=by, **QUICK))
    out = StringIO()
    call_command("judge", "--level", str(level), "--by", by, "--json", stdout=out)
    expected, found = json.loads(out.getvalue()), json.loads(file(manager, row))["judged"][0]
    expected.pop("as_of"), found.pop("as_of")
    if by == "team":  # figures of fewer than five people are their own
        expected["groups"] = {}
    assert found == expected


def test_the_rules_of_the_day_are_what_the_clocks_say(manager: Visitor) -> None:
    row = answer(manager, **asked(by="all"))
    stopped = Clock.objects.filter(stop__isnull=False)
    counts = tuple(stopped.filter(verdict=verdict).count() for verdict in (4, 5))
    assert told(manager, row, 1)["all"][:2] == told(manager, row, 0)["all"][:2] == counts == (2, 1)


def test_hours_of_another_calendar_and_another_version_beside_it(manager: Visitor, busy: World) -> None:
    promise(busy, solved(calendar="always", targets=[{"within": "10h"}], pauses=[]))
    first, second = LevelVersion.objects.order_by("n")
    row = answer(manager, **asked(version=str(first.pk), hours="office", beside=str(second.pk)))
    found = json.loads(file(manager, row))["judged"]
    assert [(one["level"], one["calendar"]) for one in found] == [("solved", "office"), ("solved", "always")]
    page = manager.get(f"/judging/{row.pk}")
    assert "By “Solved”, changed" in page
    assert "All tickets: within 10h." in page
    alike = answer(manager, **asked(version=str(first.pk), beside=str(second.pk)))
    assert "By this rule" in manager.get(f"/judging/{alike.pk}")


def test_only_what_stopped_in_the_days_counts(manager: Visitor, busy: World) -> None:
    early = (busy.at - timedelta(days=30)).date().isoformat()
    row = answer(manager, **asked(**{"from": early, "to": early, "by": "month"}))
    assert "No ticket in these days" in manager.get(f"/judging/{row.pk}")
    day = (now() - timedelta(days=20)).date().isoformat()
    row = answer(manager, **asked(**{"from": day, "to": now().date().isoformat(), "by": "month"}))
    assert sum(sum(one[:3]) for one in told(manager, row).values()) == 4


def test_each_number_opens_the_tickets_behind_it(manager: Visitor) -> None:
    row = answer(manager, **written(manager, **QUICK))
    page = manager.get(f"/judging/{row.pk}/tickets?rule=0&verdict=missed")
    assert "Passed on matter" in page
    assert "Solved after 120" in page
    assert "Solved after 10 " not in page
    northwind = JudgedTurn.objects.get(rule=1, verdict=5).part
    part = manager.get(f"/judging/{row.pk}/tickets?rule=1&verdict=missed&part={northwind}")
    assert ("Passed on matter" in part, "Solved after 120" in part) == (True, False)
    for wrong in ("rule=2&verdict=met", "rule=0&verdict=all", "rule=x&verdict=met", "rule=0&verdict=met&part=99"):
        manager.get(f"/judging/{row.pk}/tickets?{wrong}", status=404)


def test_what_the_asker_may_not_see_is_not_counted(manager: Visitor, busy: World) -> None:
    busy.ticket("asha", service="payroll", flags=1, subject="Hidden matter of Asha")
    row = answer(manager, **asked(by="all"))
    assert json.loads(file(manager, row))["judged"][0]["tickets"] == 4
    assert "Hidden" not in manager.get(f"/judging/{row.pk}/tickets?rule=0&verdict=open")


def test_teams_of_fewer_than_five_people_are_not_shown(manager: Visitor) -> None:
    row = answer(manager, **asked(by="team"))
    assert "Not shown, since fewer than five people stand behind them" in manager.get(f"/judging/{row.pk}")
    assert told(manager, row) == {}
    part = JudgedTurn.objects.filter(judging=row).values_list("part", flat=True)[0]
    manager.get(f"/judging/{row.pk}/tickets?rule=0&verdict=met&part={part}", status=404)


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is judged while the asker waits, and one ticket at a time by the job."""
    monkeypatch.setattr(walking, "AT_ONCE", 0)
    monkeypatch.setattr(walking, "BATCH", 1)


def test_a_long_one_goes_on_without_its_asker_and_says_how_far_it_is(manager: Visitor, long: None) -> None:
    row = answer(manager, **asked())
    page = manager.get(f"/judging/{row.pk}")
    assert "0 of 4 tickets" in page
    assert "Look again" in page
    assert walking.go_on(row.pk, at=now())
    assert "1 of 4 tickets" in manager.get(f"/judging/{row.pk}")
    assert "under way" in manager.get("/judging/")
    Worker().drain()
    assert "4 tickets were judged." in manager.get(f"/judging/{row.pk}")
    assert told(manager, row) == {"inhouse": (2, 0, 1, 1), "northwind": (0, 1, 0, 0)}


def test_what_was_killed_goes_on_where_it_was_when_asked(manager: Visitor, long: None) -> None:
    row = answer(manager, **asked())
    walking.go_on(row.pk, at=now())
    Job.objects.all().delete()
    assert "Nobody works on it any more." in manager.get(f"/judging/{row.pk}")
    manager.post(f"/judging/{row.pk}/resumption")
    assert "1 of 4 tickets" in manager.get(f"/judging/{row.pk}")
    Worker().drain()
    assert told(manager, row)["northwind"] == (0, 1, 0, 0)
    assert JudgedTurn.objects.filter(judging=row, rule=0).count() == 4


def test_a_long_one_can_be_stopped(manager: Visitor, long: None) -> None:
    row = answer(manager, **asked())
    walking.go_on(row.pk, at=now())
    assert "Nothing of it is kept." in manager.get(manager.post(f"/judging/{row.pk}/removal").leads_to)
    Worker().drain()
    assert (Judging.objects.count(), JudgedTurn.objects.count()) == (0, 0)


def test_two_at_a_time_are_enough(manager: Visitor, long: None) -> None:
    answer(manager, **asked())
    answer(manager, **asked())
    assert "Two of yours are still under way." in manager.post("/judging/", status=422, **asked())


def test_answers_are_kept_for_some_days(manager: Visitor) -> None:
    row = answer(manager, **asked())
    assert walking.prune(at=now() + timedelta(days=6)) == 0
    assert walking.prune(at=row.begun_at + timedelta(days=8)) == 1
    assert not JudgedTurn.objects.exists()


def test_every_mistake_is_said_at_its_field_and_nothing_is_asked(manager: Visitor, busy: World) -> None:
    for field, value in (
        ("from", "soon"), ("to", "1950-01-01"), ("by", "person"), ("beside", "99"), ("version", "99"),
        ("hours", "moon"), ("version", ""),
    ):  # fmt: skip
        page = manager.post("/judging/", status=422, **asked(**{field: value}))
        assert f'href="#f-{field}"' in page.html, field
    page = manager.post("/judging/", status=422, **written(manager, t0_within="soon", calendar=""))
    assert 'href="#f-t0_within"' in page.html
    assert 'value="soon"' in page.html
    assert not Judging.objects.exists()


def test_a_level_can_be_changed_or_written_before(manager: Visitor) -> None:
    leads_to = manager.post("/judging/", change="1", **asked(hours="office")).leads_to
    page = manager.get(leads_to)
    assert 'value="8h"' in page.html
    assert 'value="office" selected' in page.html
    assert 'name="valid_from"' not in page.html
    own = written(manager, version="", look="1", **QUICK)
    looked = manager.post("/judging/", status=200, **own)
    assert "All tickets: within 30m." in looked
    assert not Judging.objects.exists()
    own.pop("look")
    row = answer(manager, **own)
    assert [one["level"] for one in json.loads(file(manager, row))["judged"]] == ["typed"]


def test_figures_and_levels_lead_there(manager: Visitor, busy: World) -> None:
    version = LevelVersion.objects.get()
    assert 'href="/judging/"' in manager.get("/measures/").html
    assert f'href="/judging/?version={version.pk}"' in manager.get(f"/setup/levels/{version.level_id}").html
    assert f'<option value="{version.pk}" selected>' in manager.get(f"/judging/?version={version.pk}").html
    for name in ("iris", "nora"):
        assert "/judging/" not in visitor(busy, name).client.get("/measures/").content.decode()


def test_a_file_for_tables_says_the_same(manager: Visitor) -> None:
    row = answer(manager, **written(manager, **QUICK))
    rows = list(csv.DictReader(StringIO(file(manager, row, "csv"))))
    assert [(one["rule"], one["group"], one["met"], one["missed"], one["calendar"]) for one in rows] == [
        ("1", "inhouse", "1", "1", "always"), ("1", "northwind", "0", "1", "always"),
        ("2", "inhouse", "2", "0", "of their day"), ("2", "northwind", "0", "1", "of their day"),
    ]  # fmt: skip
    assert manager.client.post(f"/judging/{row.pk}/exports", {"format": "exe"}).status_code == 404


def test_only_managers_of_the_company_ask_and_each_reads_their_own(manager: Visitor, busy: World) -> None:
    row = answer(manager, **asked())
    paths = ("/judging/", "/judging/new", f"/judging/{row.pk}", f"/judging/{row.pk}/tickets?rule=0&verdict=met")
    for name in ("alice", "ina", "iris", "ada", "nora", "nils", "bela"):
        other = visitor(busy, name)
        for path in paths:
            other.get(path, status=404)
        for path in ("/judging/", f"/judging/{row.pk}/removal", f"/judging/{row.pk}/exports"):
            other.post(path, status=404)
    Judging.objects.update(person=busy.people["ina"].pk)
    manager.get(f"/judging/{row.pk}", status=404)
    manager.post(f"/judging/{row.pk}/removal", status=404)
    assert "Asked before" not in manager.get("/judging/")


def test_pages_ask_the_database_few_questions(manager: Visitor) -> None:
    row = answer(manager, **asked())
    for path in ("/judging/", "/judging/new", f"/judging/{row.pk}", f"/judging/{row.pk}/tickets?rule=0&verdict=met"):
        with CaptureQueriesContext(connection) as asking:
            manager.get(path)
        assert len(asking) <= BUDGET, (path, [one["sql"][:80] for one in asking])
