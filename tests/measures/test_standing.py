"""How the open work stands: which tickets are on which list of a lead, for whom, and that numbers equal their lists."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.foundation.time import to_us
from helmdesk.measures import keeping
from helmdesk.measures.standing import LATENESS, NUMBERS, WEEK, Charge, Kind, Standing, total
from helmdesk.tickets import assignment, hand_over, resolution, taking_part, waiting
from helmdesk.tickets.models import Ticket
from tests.service_levels.promising import HOUR, backed, calendars, owned, promise, solved
from tests.world import World


@pytest.fixture(autouse=True)
def _calendars(world: World) -> None:
    calendars(world.at)


def charge(world: World, who: str, **later: int) -> Charge:
    """As somebody looks now, or later; their day ends twelve hours after."""
    at = world.at + timedelta(**later)
    return Charge(world.who(who), to_us(at), to_us(at + timedelta(hours=12)))


def listed(of: Charge, kind: Kind) -> list[int]:
    return [pick.pk for pick in of.picks({kind: 100})]


def on_lists(of: Charge) -> dict[str, list[int]]:
    """Every list that has something on it, but that of all that is open."""
    found = {kind.value: listed(of, kind) for kind in Kind if kind != Kind.OPEN}
    return {name: numbers for name, numbers in found.items() if numbers}


def passed_on(world: World, ticket: Ticket, *teams: str) -> None:
    for team in teams:
        hand_over.hand_over(
            ticket.pk, to=world.teams[team].pk, done="a", asked="b", by=world.who("system"), at=world.tick()
        )


def asked(world: World, ticket: Ticket) -> None:
    waiting.wait_after_call(ticket.pk, told="Rang, nobody there.", by=world.who("ina"), at=world.tick())


def test_on_an_empty_desk_there_is_nothing(world: World) -> None:
    iris = charge(world, "iris")

    assert (iris.standings(), on_lists(iris), total([])) == ([], {}, dict.fromkeys(NUMBERS, 0))


def test_what_is_late_what_will_be_today_and_what_comes_next(world: World) -> None:
    promise(world, solved(calendar="always"))
    early = world.ticket().pk
    world.tick(hours=3)
    middle = world.ticket().pk
    world.tick(hours=14)
    last = world.ticket().pk
    iris = charge(world, "iris", minutes=1)

    found = on_lists(Charge(iris.viewer, iris.present, iris.present + WEEK // 168))

    assert (found["late"], "today" in found, found["next"]) == ([early, middle], False, [last])
    assert listed(charge(world, "iris", minutes=1), Kind.TODAY) == [last]
    assert listed(charge(world, "iris", hours=-12), Kind.NEXT) == [early, middle, last]


def test_a_ticket_is_listed_once_by_the_nearest_of_its_clocks_that_concern_the_viewer(world: World) -> None:
    promise(world, solved(calendar="always"), owned(calendar="always"), backed())
    mine = world.ticket(service="network")
    theirs = world.ticket(service="network")
    passed_on(world, theirs, "network")
    handed = to_us(world.at)

    half_hour = {
        pick.pk: (pick.due or 0) - to_us(mine.opened_at) for pick in charge(world, "iris").picks({Kind.NEXT: 9})
    }
    hours = {who: [pick.pk for pick in charge(world, who).picks({Kind.NEXT: 9})] for who in ("iris", "nora", "max")}

    assert half_hour[mine.pk] == HOUR // 2
    assert hours == {"iris": [mine.pk, theirs.pk], "nora": [theirs.pk], "max": [mine.pk, theirs.pk]}
    due = {who: charge(world, who).picks({Kind.NEXT: 9})[-1].due or 0 for who in ("nora", "max")}
    assert due == {"nora": handed + 4 * HOUR, "max": to_us(theirs.opened_at) + 8 * HOUR}


def test_what_nobody_has_is_what_nobody_took(world: World) -> None:
    taken, left = world.ticket(), world.ticket()
    assignment.take(taken.pk, by=world.who("ina"), at=world.tick())

    assert on_lists(charge(world, "iris")) == {"nobody": [left.pk]}


def test_stuck_is_what_was_passed_on_three_times_asked_twice_or_is_open_for_a_week(world: World) -> None:
    old = world.ticket()
    world.tick(days=8)
    moved, rung, once, fine = (world.ticket() for _ in range(4))
    passed_on(world, moved, "clients", "desk", "clients")
    passed_on(world, fine, "clients", "desk")
    asked(world, rung)
    waiting.end_wait(rung.pk, by=world.who("ina"), at=world.tick())
    asked(world, rung)
    asked(world, once)
    keeping.follow()

    found = on_lists(charge(world, "iris"))

    assert (found["asked"], found["moved"], found["old"]) == ([rung.pk], [moved.pk], [old.pk])
    assert found["stuck"] == [old.pk, moved.pk, rung.pk]
    picks = {pick.pk: (pick.moves, pick.asked) for pick in charge(world, "iris").picks({Kind.STUCK: 9})}
    assert picks == {old.pk: (0, 0), moved.pk: (3, 0), rung.pk: (0, 2)}


def test_who_was_asked_twice_and_answered_is_not_stuck(world: World) -> None:
    ticket = world.ticket()
    for _ in range(2):
        asked(world, ticket)
        waiting.end_wait(ticket.pk, by=world.who("ina"), at=world.tick())
    keeping.follow()

    assert on_lists(charge(world, "iris")) == {"nobody": [ticket.pk]}


def test_a_wait_longer_than_its_clock_may_stand_still_is_looked_into(world: World) -> None:
    promise(world, solved(calendar="always", pauses=[{"wait": "requester", "cap": "2h"}]))
    ticket = world.ticket()
    asked(world, ticket)
    began = world.at

    assert listed(charge(world, "iris", minutes=119), Kind.WAITS) == []
    (pick,) = charge(world, "iris", minutes=121).picks({Kind.WAITS: 9})
    assert (pick.pk, pick.over, pick.contested) == (ticket.pk, to_us(began + timedelta(hours=2)), False)


def test_a_contested_wait_is_looked_into_until_it_is_judged_and_is_not_told_outside(world: World) -> None:
    ticket = world.ticket(service="network", team="network")
    waiting.wait_after_call(ticket.pk, told="Rang.", by=world.who("nora"), at=world.tick())
    waiting.contest(ticket.pk, by=world.who("max"), at=world.tick())

    assert [pick.contested for pick in charge(world, "iris").picks({Kind.WAITS: 9})] == [True]
    assert on_lists(charge(world, "nora")) == {"nobody": [ticket.pk], "waiting": [ticket.pk]}
    assert [pick.contested for pick in charge(world, "nora").picks({Kind.WAITING: 9})] == [False]

    position = world.fresh(ticket).wait_position
    assert position is not None
    waiting.judge(ticket.pk, wait=position, upheld=True, by=world.who("max"), at=world.tick())
    assert listed(charge(world, "iris"), Kind.WAITS) == []


def test_a_question_to_another_provider_is_no_wait_that_a_guest_knows_of(world: World) -> None:
    ticket = world.ticket(service="network", site="north", team="network")
    taking_part.share(ticket.pk, provider=world.providers["baltic"].pk, by=world.who("max"), at=world.tick())
    waiting.ask_team(
        ticket.pk, team=world.teams["night"].pk, question="Known to you?", by=world.who("max"), at=world.tick()
    )

    assert listed(charge(world, "iris"), Kind.WAITING) == [ticket.pk]
    assert listed(charge(world, "nora"), Kind.WAITING) == []
    assert charge(world, "nora").standings()[0].waiting == 0


def test_leads_of_two_companies_see_theirs_alone(world: World) -> None:
    promise(world, solved(calendar="always"), backed(), backed("baltic"))
    network = world.ticket(service="network", team="network")
    night = world.ticket(service="email", site="north", team="night")
    seen_by_grant = world.ticket(service="network")
    world.tick(hours=9)

    seen = {who: listed(charge(world, who), Kind.OPEN) for who in ("nora", "bela", "iris")}
    late = {who: listed(charge(world, who), Kind.LATE) for who in ("nora", "bela")}

    assert seen == {
        "nora": [network.pk], "bela": [night.pk], "iris": [network.pk, night.pk, seen_by_grant.pk],
    }  # fmt: skip
    assert late == {"nora": [network.pk], "bela": [night.pk]}
    assert [one.team for one in charge(world, "nora").standings()] == [world.teams["network"].pk]


def test_what_somebody_may_not_see_is_in_no_number(world: World) -> None:
    world.ticket("asha", flags=1, by="system")

    assert (charge(world, "iris").standings(), on_lists(charge(world, "iris"))) == ([], {})


def test_what_a_lead_asked_for_themselves_is_not_theirs_to_lead(world: World) -> None:
    world.ticket("iris")
    part = world.ticket("alice")
    taking_part.add_participant(part.pk, person=world.people["iris"].pk, by=world.who("ina"), at=world.tick())

    assert charge(world, "iris").standings() == []
    assert total(charge(world, "max").standings())[Kind.OPEN] == 2


def test_what_is_solved_is_on_no_list(world: World) -> None:
    promise(world, solved(calendar="always", until="closed"))
    ticket = world.ticket()
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())

    assert on_lists(charge(world, "iris", days=9)) == {}


def busy(world: World) -> None:
    """A desk with something on every list."""
    promise(world, solved(calendar="always", pauses=[{"wait": "requester", "cap": "2h"}]), backed())
    first = world.ticket(service="network")
    passed_on(world, first, "clients", "network", "clients")
    world.tick(days=8)
    for n in range(3):
        ticket = world.ticket(service="network", team=("desk", "network", "clients")[n])
        if n != 2:
            waiting.wait_after_call(ticket.pk, told="Rang.", by=world.who("ina" if not n else "nora"), at=world.tick())
    world.tick(hours=9)
    again = world.ticket()
    for _ in range(2):
        asked(world, again)
        waiting.end_wait(again.pk, by=world.who("ina"), at=world.tick())
    asked(world, again)
    assignment.take(world.ticket().pk, by=world.who("ina"), at=world.tick())
    keeping.follow()


def test_every_number_is_as_long_as_its_list_for_everybody_and_every_team(world: World) -> None:
    busy(world)
    for who in ("iris", "max", "nora", "bela"):
        of = charge(world, who)
        standings = of.standings()
        numbers = {kind: len(listed(of, kind)) for kind in NUMBERS}
        assert total(standings) == numbers, who
        for one in standings:
            lists = [len(of.picks({kind: 100}, teams=[one.team])) for kind in NUMBERS]
            assert list(one[1:-1]) == lists, (who, one.team)
    assert min(total(charge(world, "iris").standings()).values()) > 0


def test_the_oldest_is_told_of_each_team(world: World) -> None:
    first, _second = world.ticket(), world.ticket()
    third = world.ticket(team="clients")

    oldest = {one.team: one.oldest for one in charge(world, "iris").standings()}

    assert oldest == {
        world.teams["desk"].pk: to_us(first.opened_at), world.teams["clients"].pk: to_us(third.opened_at),
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
def test_pages_of_a_list_follow_each_other_without_gap_or_repetition(world: World, kind: Kind) -> None:
    busy(world)
    of = charge(world, "iris", hours=0)
    whole, after, seen = listed(of, kind), None, []
    while page := of.picks({kind: 2}, after=after):
        seen += [pick.pk for pick in page]
        after = page[-1].key, page[-1].pk

    assert seen == whole


def test_several_lists_are_asked_for_at_once_and_come_in_the_order_asked(world: World) -> None:
    busy(world)
    of = charge(world, "iris")
    wanted = {Kind.NOBODY: 2, Kind.LATE: 1, Kind.OLD: 5}

    with CaptureQueriesContext(connection) as queries:
        picks = of.picks(wanted)

    assert len(queries) == 1
    assert [(pick.kind, pick.pk) for pick in picks] == [
        (kind, pk) for kind, most in wanted.items() for pk in listed(of, kind)[:most]
    ]


def test_lateness_walks_the_index_of_what_runs_out(world: World) -> None:
    """Nothing closed is touched: on SQLite the plan says so."""
    if connection.vendor != "sqlite":
        pytest.skip("plans of PostgreSQL depend on how much there is")
    busy(world)
    of = charge(world, "iris")
    for kind in Kind:
        sql, values = of._list(kind, 5, None, None)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", list(values))
            plan = [row[3] for row in cursor.fetchall()]
        outermost = next(step for step in plan if step.startswith(("SCAN", "SEARCH")))
        assert ("clock_due" if kind in LATENESS else "open_") in outermost, (kind, plan)


def test_numbers_of_teams_add_up() -> None:
    one, two = Standing._make((1, *range(1, 11), 0)), Standing._make((2, *range(10, 20), 0))

    assert list(total([one, two]).values()) == [11, 13, 15, 17, 19, 21, 23, 25, 27, 29]
