"""Words, durations and tables of random numbers."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from helmdesk.engine import chance, durations, generating
from helmdesk.engine.chance import stream
from helmdesk.engine.demand import Category, Demand
from helmdesk.engine.generating import generate, recipe


@contextmanager
def plain() -> Iterator[None]:
    """The functions that tables are drawn by, as Python runs them."""
    parts = [(module, name) for module, names in PARTS.items() for name in names]
    with pytest.MonkeyPatch.context() as patch:
        for module, name in parts:
            patch.setattr(module, name, getattr(module, name).py_func)
        yield


PARTS = {generating: ("block", "drawn", "one", "put"), chance: ("product",)}
block: Any = chance.block
drawn: Any = durations.drawn
draw: Any = generating.draw
HOUR = 3_600_000_000
MINUTE = 60_000_000


@pytest.mark.parametrize(
    "counter, key, words",
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
         (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
    ],
)  # fmt: skip
def test_the_words_are_those_of_the_authors_of_philox(counter, key, words) -> None:
    seed = key[0] | key[1] << 32

    assert block(*counter, seed) == words
    with plain():
        assert block.py_func(*counter, seed) == words


def test_sources_of_chance_have_numbers_of_their_own() -> None:
    assert len({stream(name) for name in ("arrivals", "days", "answers", "reopening", "")}) == 5


def test_knots_lie_in_order_from_nothing_to_certainty() -> None:
    places = durations.places()

    assert len(places) == durations.KNOTS
    assert (places[0], places[-1]) == (0, 2**32)
    assert all(before < after for before, after in pairwise(places))


def test_at_each_knot_the_drawn_duration_is_its_quantile_and_between_it_lies_between() -> None:
    table = durations.knots(lambda place: 1e9 * place)

    for n, place in enumerate(durations.places()[:-1]):
        assert durations.drawn(table, place) == table[n]
    for word in (1, 2**31 - 1, 2**31 + 1, 2**32 - 3, 2**32 - 100_000, 3_333_333_333):
        assert durations.drawn(table, word) == pytest.approx(1e9 * word / 2**32, abs=40)
        assert durations.drawn(table, word) == drawn.py_func(table, word)


@pytest.mark.parametrize(
    "table, mean",
    [
        (durations.fixed(7 * MINUTE), 7 * MINUTE),
        (durations.exponential(20 * MINUTE), 20 * MINUTE),
        (durations.log_normal(35 * MINUTE, 1.2), 35 * MINUTE),
        (durations.observed([MINUTE, 3 * MINUTE]), 2 * MINUTE),
    ],
)
def test_a_table_keeps_the_mean_of_its_distribution(table, mean) -> None:
    assert durations.mean(table) == pytest.approx(mean, rel=2e-4)


def test_quantiles_of_a_table_are_those_of_its_formula() -> None:
    spread = math.sqrt(math.log1p(0.8**2))
    table = durations.log_normal(HOUR, 0.8)

    for place in (0.01, 0.2, 0.5, 0.9, 0.999, 0.999999):
        exact = math.exp(math.log(HOUR) - spread**2 / 2 + spread * NormalDist().inv_cdf(place))
        assert durations.drawn(table, int(place * 2**32)) == pytest.approx(exact, rel=1e-3)


def test_drawn_in_one_go_words_and_durations_are_the_same_as_one_by_one() -> None:
    demand = small()
    recipe_ = recipe(demand)
    drawn_at_once = generate(demand, seed=9)
    room = (
        np.empty((len(drawn_at_once) + 9, 6), dtype=np.int64),
        np.empty((len(drawn_at_once.pieces) + 9, 5), dtype=np.int64),
    )

    with plain():
        count, pieces = draw.py_func(recipe_, 9, 0, *room)

    assert count == len(drawn_at_once)
    assert np.array_equal(room[0][: count + 1], drawn_at_once.tickets)
    assert np.array_equal(room[1][:pieces], drawn_at_once.pieces)


def test_a_history_without_times_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        durations.observed([])


def small(**changes) -> Demand:
    category = Category(
        "mail", 1, (1, 2), (durations.log_normal(20 * MINUTE, 1), durations.fixed(HOUR)), (0.3,),
        asks=0.2, answer=durations.exponential(4 * HOUR), reopens=0.1, returns=durations.exponential(30 * HOUR),
        live=0.25, patience=durations.exponential(5 * MINUTE),
    )  # fmt: skip
    rates = np.tile(np.array([0.0] * 8 + [40.0] * 8 + [0.0] * 8), 40)
    return Demand(1_774_828_800_000_000, rates, (category,), **changes)


def test_a_replication_is_a_function_of_its_seed_and_number() -> None:
    demand = small()
    first, again, other = (generate(demand, seed=7, replication=n) for n in (3, 3, 4))

    assert np.array_equal(first.tickets, again.tickets)
    assert np.array_equal(first.pieces, again.pieces)
    assert len(other) != len(first) or not np.array_equal(other.tickets, first.tickets)


def test_tickets_come_in_open_hours_as_often_and_of_such_kinds_as_the_demand_says() -> None:
    table = generate(small(), seed=1)
    tickets, pieces = table.tickets[:-1], table.pieces
    hours = (tickets[:, 0] - 1_774_828_800_000_000) // HOUR % 24

    assert set(hours.tolist()) == set(range(8, 16))
    assert abs(len(tickets) - 12_800) < 4 * math.sqrt(12_800)
    for share, expected in (
        ((tickets[:, 2] == 0).mean(), 1 / 3),
        ((tickets[:, 3] == 1).mean(), 0.25),
        ((pieces[:, 4] == 2).sum() / len(tickets), 0.3),
        ((pieces[:, 4] == 1).sum() / len(tickets), 0.2 * 1.3),
        ((pieces[:, 4] == 3).sum() / len(tickets), 0.1),
    ):
        assert share == pytest.approx(expected, abs=0.02)


def test_days_are_more_unlike_than_chance_where_the_demand_says_so() -> None:
    def spread(demand: Demand) -> float:
        arrivals = generate(demand, seed=2).tickets[:-1, 0]
        counts = np.bincount((arrivals - demand.since) // (24 * HOUR))
        return float(counts.var() / counts.mean())

    assert spread(small()) < 2 < spread(small(day_variation=0.3))
