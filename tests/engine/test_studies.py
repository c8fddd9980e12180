"""Figures of a run, checked by hand, and studies of many replications."""

import re
from dataclasses import replace

import numpy as np
import pytest

from helmdesk.engine import durations, kernel
from helmdesk.engine.arrangement import Arrangement, Choice, Group, Route, ShiftEnd, Team
from helmdesk.engine.demand import BadDemand, Category, Demand
from helmdesk.engine.figures import Key, figures, nearest_ranks
from helmdesk.engine.measuring import GIVEN_UP, OPEN, RESOLVED, Promise, measured
from helmdesk.engine.prepared import prepare
from helmdesk.engine.reading import BadArrangement
from helmdesk.engine.replications import HEADLINE, Wanted, study
from helmdesk.engine.table import ANSWERED, ESCALATED, REOPENED, SAME_TIER, BadTable, Piece, Ticket, table_of
from helmdesk.worktime.reading import calendar_from
from tests.engine.worlds import ALWAYS, DAY, DAYS, HOUR, MINUTE, MONDAY, world

OFFICE = calendar_from({"zone": "UTC", "week": {day: ["08:00-16:00"] for day in DAYS}})
PROMISE = Promise(OFFICE, first_response=(HOUR, None), resolution=(4 * HOUR, 16 * HOUR))


def two_parties(house: int = 1, offer: int = 1) -> Arrangement:
    """The house does tier 1 in office hours, an offer tier 2 at all hours."""
    teams = (
        Team("house", "in-house", (Group("all", house, OFFICE, frozenset({(0, 0)})),), ShiftEnd.RESUME),
        Team("offer", "offer A", (Group("all", offer, ALWAYS, frozenset({(0, 1)})),), ShiftEnd.RESUME),
    )
    routes = Route((Choice(0),), tiers=frozenset({0})), Route((Choice(1),))
    return Arrangement("two parties", ("mail",), ("urgent", "normal"), 2, teams, routes)


def test_a_tickets_way_is_measured_by_the_clock_of_the_promise() -> None:
    plain = Ticket(MONDAY + 7 * HOUR, (Piece(HOUR),))
    asked = Ticket(MONDAY + 8 * HOUR, (Piece(2 * HOUR), Piece(HOUR, wait=DAY, kind=ANSWERED)), priority=1)
    escalated = Ticket(
        MONDAY + 15 * HOUR,
        (Piece(HOUR // 2), Piece(3 * HOUR, 1, kind=ESCALATED), Piece(HOUR, SAME_TIER, 2 * DAY, REOPENED)),
    )
    gone = Ticket(MONDAY + 9 * HOUR, (Piece(HOUR),), patience=HOUR // 2)
    table = table_of([plain, asked, escalated, gone], tiers=2)
    prepared = prepare(two_parties(), since=MONDAY, until=MONDAY + 10 * DAY)

    found = measured(prepared, table, kernel.run(prepared, table), PROMISE).rows

    assert found.tolist() == [
        [0, HOUR, HOUR, MONDAY + 9 * HOUR, 0, RESOLVED, 0, 0],
        [HOUR, 4 * HOUR, HOUR, MONDAY + DAY + 12 * HOUR, 0, RESOLVED, 0, 0],
        [HOUR // 2, HOUR // 2, HOUR // 2, -1, -1, GIVEN_UP, 0, 0],
        [0, HOUR, 0, MONDAY + 18 * HOUR + HOUR // 2, 1, RESOLVED, 0, 0],
    ]


def test_who_is_never_answered_is_late_as_soon_as_the_target_has_passed() -> None:
    table = table_of(
        [Ticket(MONDAY + 8 * HOUR, (Piece(30 * HOUR),)), Ticket(MONDAY + 9 * HOUR, (Piece(HOUR),))], tiers=2
    )
    prepared = prepare(two_parties(), since=MONDAY, until=MONDAY + 14 * HOUR)

    found = measured(prepared, table, kernel.run(prepared, table), PROMISE).rows

    assert found.tolist() == [
        [0, 6 * HOUR, 0, -1, -1, OPEN, 0, 1],
        [5 * HOUR, 5 * HOUR, 5 * HOUR, -1, -1, OPEN, 1, 1],
    ]


def test_figures_tell_tickets_by_category_priority_and_the_party_that_resolved_them() -> None:
    arrangement = two_parties()
    tickets = [Ticket(MONDAY + 8 * HOUR, (Piece(HOUR),)), Ticket(MONDAY + 8 * HOUR, (Piece(HOUR),), priority=1)]
    tickets.append(Ticket(MONDAY + 12 * HOUR, (Piece(HOUR), Piece(8 * HOUR, 1, kind=ESCALATED))))
    table = table_of(tickets, tiers=2)
    prepared = prepare(arrangement, since=MONDAY, until=MONDAY + DAY)
    outcome = kernel.run(prepared, table)
    found = figures(
        arrangement, prepared, table, outcome, measured(prepared, table, outcome, PROMISE), MONDAY, MONDAY + DAY
    )

    assert [found[Key("party", party, "tickets")] for party in ("in-house", "offer A")] == [2, 1]
    assert [found[Key("priority", name, "tickets")] for name in ("urgent", "normal")] == [2, 1]
    assert found[Key("category", "mail", "resolved")] == 3
    assert found[Key("all", "all", "resolution.mean")] == pytest.approx((1 + 2 + 4) / 3)
    assert found[Key("all", "all", "resolution.p90")] == 4
    assert found[Key("priority", "normal", "queued.mean")] == 1
    assert found[Key("team", "house", "utilisation")] == pytest.approx(3 / 8)
    assert found[Key("team", "offer", "utilisation")] == pytest.approx(8 / 24)


def test_the_nearest_rank_is_a_value_that_was_there() -> None:
    values = np.array([5, 1, 4, 2, 3])

    assert nearest_ranks(values, 1, 20, 21, 50, 90, 100) == [1, 1, 2, 3, 5, 5]
    assert nearest_ranks(values[:0], 50) == [0]


def demand(rate: float = 6.0, **changes) -> Demand:
    both = durations.log_normal(30 * MINUTE, 1), durations.log_normal(HOUR, 1)
    category = Category("mail", 1, (1, 3), both, (0.3,), **changes)
    return Demand(MONDAY, np.full(24 * 28, rate), (category,))


def test_figures_are_the_same_bit_by_bit_on_one_core_and_on_many() -> None:
    wanted = Wanted(precision=0, most=16)
    one, many = (study(two_parties(12, 4), demand(), PROMISE, seed=5, wanted=wanted, cores=cores) for cores in (1, 4))

    assert one == many
    assert len(one.replications) == 16
    assert not one.precise


def test_a_study_stops_when_it_is_as_precise_as_was_asked() -> None:
    loose, strict = (
        study(two_parties(12, 4), demand(), PROMISE, seed=5, wanted=Wanted(precision=precision, most=400))
        for precision in (0.2, 0.008)
    )
    estimate = strict.estimate(HEADLINE)

    assert loose.precise
    assert strict.precise
    assert len(loose.replications) < len(strict.replications)
    assert estimate is not None
    assert estimate.interval is not None
    assert estimate.interval.high - estimate.interval.low <= 2 * 0.008 * estimate.value
    assert strict.replications[: len(loose.replications)] == loose.replications


def test_a_team_that_cannot_keep_up_is_named_with_what_it_lacks() -> None:
    found = study(two_parties(2, 4), demand(), PROMISE, seed=5, wanted=Wanted(most=8))

    assert len(found.warnings) == 1
    assert re.fullmatch(
        r"team house: busy (9\d|100)% of its time\. At the end \d+ h of work lie undone at the desk, "
        r"\d+\.\d h for each week: waits grow the longer it goes on\. Give it more people or less work\.",
        found.warnings[0],
    )
    assert not study(two_parties(12, 4), demand(), PROMISE, seed=5, wanted=Wanted(most=8)).warnings


def test_plans_meet_the_same_tickets_so_that_their_difference_is_surer_than_either() -> None:
    wanted = Wanted(precision=0, most=24)
    few, more = (study(two_parties(count, 4), demand(), PROMISE, seed=5, wanted=wanted) for count in (11, 12))
    of = [np.array([one[HEADLINE] for one in found.replications]) for found in (few, more)]

    assert np.var(of[0] - of[1]) < (np.var(of[0]) + np.var(of[1])) / 3


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"asks": 0.2}, "categories[0].answer: None. Give how long, for asks is more than 0."),
        ({"reopens": 1.5, "returns": durations.fixed(1)}, "categories[0].reopens: 1.5. A chance is 0 to 1."),
        ({"live": 1.0}, "categories[0].patience: None."),
    ],
)
def test_a_demand_that_cannot_be_is_refused(changes, told) -> None:
    with pytest.raises(BadDemand) as refused:
        study(two_parties(), demand(**changes), PROMISE, seed=1)

    assert told in str(refused.value)


def test_a_plan_for_other_tickets_is_refused() -> None:
    other = replace(two_parties(), categories=("phone",), priorities=("any",))

    with pytest.raises(BadArrangement) as refused:
        study(other, demand(), PROMISE, seed=1)

    assert [fault.field for fault in refused.value.faults] == ["categories", "priorities"]


def test_no_tickets_at_all_are_no_error() -> None:
    found = study(two_parties(), demand(rate=0.0), PROMISE, seed=1, wanted=Wanted(most=8))

    assert found.replications[0][Key("all", "all", "tickets")] == 0
    assert not found.warnings


@pytest.mark.parametrize(
    "ticket, told",
    [
        (Ticket(MONDAY, ()), "pieces of row 0"),
        (Ticket(-1, (Piece(1),)), "arrival of row 0"),
        (Ticket(MONDAY, (Piece(-1),)), "work of row 0"),
        (Ticket(MONDAY, (Piece(1, tier=3),)), "tier of row 0"),
        (Ticket(MONDAY, (Piece(1),), category=2), "category of row 0"),
        (Ticket(MONDAY, (Piece(1, wait=1),)), "A first piece of work waits for nothing"),
        (Ticket(MONDAY, (Piece(1),), patience=-1), "patience of row 0"),
    ],
)
def test_tickets_that_cannot_be_are_refused(ticket, told) -> None:
    with pytest.raises(BadTable, match=told):
        table_of([ticket])


def test_measuring_any_random_run_leaves_no_ticket_out_and_no_time_below_nothing() -> None:
    for seed in range(10):
        arrangement, table = world(seed)
        prepared = prepare(arrangement, since=MONDAY, until=MONDAY + 30 * DAY)
        rows = measured(prepared, table, kernel.run(prepared, table), Promise(OFFICE)).rows

        assert np.all(rows[:, :3] >= 0)
        assert np.all((rows[:, 3] >= 0) == (rows[:, 5] == RESOLVED))
