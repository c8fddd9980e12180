"""Figures of one person are that person's; others see teams of five or more, unless it was opened up with a reason."""

from __future__ import annotations

import json
from datetime import UTC

import pytest

from helmdesk.access.viewer import Viewer, system
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.models import Event, Text
from helmdesk.measures import keeping, persons
from helmdesk.measures.figures import BY_CODE
from helmdesk.measures.questions import asked
from helmdesk.measures.reports import Report, behind, report
from helmdesk.providers.models import TeamMembership
from helmdesk.tickets import assignment, resolution
from tests.world import World, join, person


@pytest.fixture
def solved(world: World) -> World:
    """Ina and Ivo have each solved one; a sixth of the desk joins later."""
    for name in ("ina", "ivo"):
        ticket = world.ticket()
        assignment.take(ticket.pk, by=world.who(name), at=world.tick())
        resolution.resolve(ticket.pk, by=world.who(name), at=world.tick())
    keeping.follow()
    return world


def made(world: World, who: str | Viewer, **given: str) -> Report:
    found = asked({"from": "2026-03-01", "to": "2026-03-31", **given}, at=world.tick(), zone=UTC)
    return report(found, world.who(who) if isinstance(who, str) else who)


def grow(world: World, to: int) -> None:
    """The desk gets so many members."""
    team = world.teams["desk"]
    for n in range(to - TeamMembership.objects.filter(team=team).count()):
        join(world, person(world, f"New{n} One"), "inhouse", "desk")


@pytest.mark.parametrize("name", ["ina", "ivo", "max", "nora"])
def test_by_person_everybody_finds_only_themselves(solved: World, name: str) -> None:
    found = made(solved, name, by="person")
    own = [solved.people[name].pk] if name in ("ina", "ivo") else []
    assert [group.key for group in found.groups] == own
    seen = 2 if name != "nora" else 0
    assert found.hidden_people == seen - len(own)


def test_the_tickets_behind_anothers_number_are_not_told_either(solved: World) -> None:
    asked_for = made(solved, "max", by="person").question
    other = solved.people["ivo"].pk
    told = behind(BY_CODE["resolved"], other, question=asked_for, viewer=solved.who("max"), split=True)
    own = behind(BY_CODE["resolved"], other, question=asked_for, viewer=solved.who("ivo"), split=True)
    assert (told, len(own)) == ([], 1)


@pytest.mark.parametrize(("size", "withheld"), [(4, True), (5, False)])
def test_a_team_is_shown_from_five_people_on(solved: World, size: int, withheld: bool) -> None:
    grow(solved, size)
    desk = solved.teams["desk"].pk
    for found in (made(solved, "max", by="team"), made(solved, system(), by="team")):
        (group,) = found.groups
        assert (group.key, group.withheld, bool(group.figures)) == (desk, withheld, not withheld)
    narrowed = made(solved, "max", team=str(desk))
    assert (narrowed.whole.withheld, bool(narrowed.whole.figures), bool(narrowed.held)) == (
        withheld, not withheld, not withheld,
    )  # fmt: skip


def test_narrowing_to_a_small_team_by_another_way_tells_nothing(solved: World) -> None:
    desk = str(solved.teams["desk"].pk)
    for by in ("provider", "service", "month", "priority", "person"):
        found = made(solved, "max", by=by, team=desk)
        assert found.whole.withheld
        assert not any(group.figures for group in found.groups)
        told = behind(BY_CODE["resolved"], None, question=found.question, viewer=solved.who("max"), split=False)
        assert told == []


def test_those_who_left_stand_behind_a_team_too(solved: World) -> None:
    """Four of today and one who has solved there and is gone make five."""
    grow(solved, 5)
    TeamMembership.objects.filter(membership__person=solved.people["ivo"]).delete()
    (group,) = made(solved, "max", by="team").groups
    assert not group.withheld


def test_a_team_of_which_nobody_is_known_is_about_nobody(world: World) -> None:
    rule = persons.Rule(None, {}, opened=False)
    assert rule.shows_team(7)
    assert not rule.shows_team(7, {1, None})
    assert rule.shows_team(None)


def test_opened_up_with_a_reason_all_is_shown_until_it_is_hidden(solved: World) -> None:
    by = solved.who("max").stamp
    persons.open_up("  Agreed with the  works council. ", by=by, at=solved.tick())
    assert [group.key for group in made(solved, "max", by="person").groups] == sorted(
        solved.people[name].pk for name in ("ina", "ivo")
    )
    assert not made(solved, "max", by="team").groups[0].withheld
    opened = persons.opened()
    assert opened is not None
    assert opened.reason.body == "Agreed with the works council."

    persons.hide(by=by, at=solved.tick())

    assert made(solved, "max", by="person").groups == ()
    assert persons.opened() is None
    assert persons.hide(by=by, at=solved.tick()) is None


def test_the_history_keeps_that_it_was_opened_without_the_words(solved: World) -> None:
    by = solved.who("max").stamp
    row = persons.open_up("Agreed on Monday.", by=by, at=solved.tick())
    persons.hide(by=by, at=solved.tick())
    events = Event.objects.filter(kind__startswith="figures.").order_by("seq")
    assert [event.kind for event in events] == ["figures.opened", "figures.hidden"]
    assert "Monday" not in events[0].body
    assert json.loads(events[0].body)["what"]["reason"]["t"] == row.reason_id
    assert Text.objects.get(pk=row.reason_id).kind == "reason"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_without_a_reason_nothing_is_opened(solved: World, reason: str) -> None:
    with pytest.raises(BadEntry) as refused:
        persons.open_up(reason, by=solved.who("max").stamp, at=solved.tick())
    assert (refused.value.field, persons.opened()) == ("reason", None)


def test_it_is_opened_once(solved: World) -> None:
    by = solved.who("max").stamp
    persons.open_up("Agreed.", by=by, at=solved.tick())
    with pytest.raises(BadEntry, match="shown already"):
        persons.open_up("Agreed again.", by=by, at=solved.tick())
