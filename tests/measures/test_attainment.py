"""Whether promises held: met and missed by whom they bind, when they were decided, and by how much."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from helmdesk.access.viewer import Viewer
from helmdesk.measures import keeping
from helmdesk.measures.attainment import Attained
from helmdesk.measures.figures import BY_CODE
from helmdesk.measures.questions import asked
from helmdesk.measures.reports import Report, behind_late, behind_promise, report
from helmdesk.tickets import assignment, conversation, hand_over, resolution
from helmdesk.tickets.conversation import Words
from tests.service_levels.promising import answered, backed, calendars, promise, solved
from tests.world import World

HOUR = 3_600_000_000


@pytest.fixture
def promised(world: World) -> World:
    """Solved within 8 hours at any hour, answered within 1 hour; Northwind gives back within 4."""
    calendars(world.at)
    promise(world, solved(calendar="always"), answered(calendar="always"), backed())
    return world


def made(world: World, who: str | Viewer = "system", **given: str) -> Report:
    keeping.follow()
    found = asked({"from": "2026-03-01", "to": "2026-03-31", **given}, at=world.tick(), zone=UTC)
    return report(found, world.who(who) if isinstance(who, str) else who)


def told(found: tuple[Attained, ...]) -> dict[str, Any]:
    return {one.code: (one.share.met, one.share.n, one.undecided) for one in found}


def solve(world: World, hours: int, **of: Any) -> int:
    ticket = world.ticket(**of)
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick(hours=hours))
    return ticket.pk


def test_met_and_missed_are_counted_level_by_level(promised: World) -> None:
    for hours in (1, 9, 7):
        solve(promised, hours)
    found = made(promised)
    assert told(found.whole.promises) == {"answered": (1, 3, 0), "solved": (2, 3, 0)}


def test_what_is_open_counts_as_missed_when_its_time_is_used_up(promised: World) -> None:
    promised.ticket()
    promised.tick(hours=2)
    early = told(made(promised).whole.promises)
    promised.tick(hours=7)
    late = made(promised).whole.promises
    assert (early, told(late)) == (
        {"answered": (0, 1, 0), "solved": (0, 0, 1)},
        {"answered": (0, 1, 0), "solved": (0, 1, 0)},
    )
    assert {one.code: one.far_over for one in late} == {"answered": None, "solved": 0}
    promised.tick(hours=8)
    assert {one.code: one.far_over for one in made(promised).whole.promises}["solved"] == 1


def test_how_late_on_average_counts_those_in_time_as_nothing(promised: World) -> None:
    for hours in (4, 10):
        solve(promised, hours)
    excess = {one.code: one.mean_excess for one in made(promised).whole.promises}["solved"]
    assert excess is not None
    assert (excess.value, excess.n) == (HOUR, 2)


def test_a_providers_own_level_counts_for_it_whoever_solves_in_the_end(promised: World) -> None:
    ticket = promised.ticket("alice", service="network", site="north")
    assignment.take(ticket.pk, by=promised.who("ina"), at=promised.tick())
    network, desk = promised.teams["network"].pk, promised.teams["desk"].pk
    hand_over.hand_over(ticket.pk, to=network, done="a", asked="b", by=promised.who("ina"), at=promised.tick())
    conversation.reply(ticket.pk, Words("We look."), by=promised.who("nora"), at=promised.tick())
    hand_over.hand_over(ticket.pk, to=desk, done="a", asked="b", by=promised.who("nora"), at=promised.tick(hours=5))
    resolution.resolve(ticket.pk, by=promised.who("ina"), at=promised.tick(hours=1))
    found = made(promised, by="provider")
    of = {group.key: told(group.promises) for group in found.groups}
    northwind, inhouse = promised.providers["northwind"].pk, promised.providers["inhouse"].pk
    assert of[inhouse] == {"answered": (1, 1, 0), "solved": (1, 1, 0)}
    assert told(found.whole.promises)["northwind-back"] == (0, 1, 0)
    guest = made(promised, "nora")
    assert told(guest.whole.promises) == {"northwind-back": (0, 1, 0)}
    assert guest.question.asked_only("provider") == northwind


def test_the_tickets_behind_a_promise_are_those_decided_the_most_late_first(promised: World) -> None:
    in_time, late = solve(promised, 1), solve(promised, 10)
    found = made(promised)
    asked_for: dict[str, Any] = {"question": found.question, "viewer": promised.who("system"), "split": False}
    assert [tuple(one) for one in behind_promise("solved", None, **asked_for)] == [(late, 2 * HOUR), (in_time, 0)]
    assert [one.ticket for one in behind_late(None, **asked_for)] == [late]
    assert behind_promise("nothing", None, **asked_for) == []


def test_split_by_month_a_turn_counts_when_it_was_decided(promised: World) -> None:
    solve(promised, 1)
    found = made(promised, by="month")
    assert [(group.key, told(group.promises).get("solved")) for group in found.groups] == [("2026-03", (1, 1, 0))]


def test_what_was_decided_outside_the_days_does_not_count(promised: World) -> None:
    solve(promised, 1)
    found = made(promised, **{"from": "2026-03-03"})
    assert told(found.whole.promises).get("solved", (0, 0, 0))[:2] == (0, 0)
    assert BY_CODE["resolved"].code in found.whole.figures


def test_an_earlier_day_is_judged_by_what_was_known_then(promised: World) -> None:
    solve(promised, 10)
    open_one = promised.ticket()
    promised.tick(hours=1)
    keeping.follow()
    known = promised.tick()
    then = made(promised).whole.promises
    resolution.resolve(open_one.pk, by=promised.who("ina"), at=promised.tick())
    solve(promised, 1)
    promise(promised, solved(calendar="always", targets=[{"within": "1h"}]), valid_from=promised.at)

    anew = made(promised, as_of=known.isoformat()).whole.promises

    assert told(anew) == told(then) == {"answered": (0, 2, 0), "solved": (0, 1, 1)}
    assert [one.mean_excess for one in anew] == [one.mean_excess for one in then]


def test_without_levels_nothing_is_said_of_promises(world: World) -> None:
    world.ticket()
    assert made(world).whole.promises == ()
