"""Providers are compared on like tickets only, and not at all where they hardly have any."""

from __future__ import annotations

from datetime import UTC

import pytest

from helmdesk.access.viewer import system
from helmdesk.inference.casemix import Cell
from helmdesk.inference.proportions import Interval
from helmdesk.measures import comparing, keeping
from helmdesk.measures.comparing import CODES, comparisons, measure_for, strata
from helmdesk.measures.figures import BY_CODE
from helmdesk.measures.questions import asked
from helmdesk.measures.reports import Material
from helmdesk.tickets import resolution
from tests.world import World


@pytest.fixture
def two(world: World) -> World:
    """The desk and Northwind solve the same kind of ticket; Baltic another."""
    for team, hours, service in (("desk", 1, "network"), ("network", 3, "network"), ("night", 2, "email")):
        for _ in range(2):
            ticket = world.ticket("alice", service=service, site="north", team=team)
            resolution.resolve(ticket.pk, by=world.who("system"), at=world.tick(hours=hours))
    keeping.follow()
    return world


def found(world: World, code: str = "restore_gross"):
    question = asked({"from": "2026-03-01", "to": "2026-03-31"}, at=world.tick(), zone=UTC)
    return comparisons(question, system(), BY_CODE[code])


def test_each_provider_stands_beside_the_others_on_like_tickets(two: World) -> None:
    inhouse, northwind, baltic = found(two)
    assert [one.provider for one in (inhouse, northwind, baltic)] == sorted(
        two.providers[code].pk for code in ("inhouse", "northwind", "baltic")
    )
    assert inhouse.found.this is not None
    assert inhouse.found.others is not None
    assert (inhouse.found.this.value, inhouse.found.others.value) == (1.0, 3.0)
    assert inhouse.found.strata == northwind.found.strata == 1
    assert (baltic.found.this, baltic.found.overlap, baltic.found.hardly_overlaps) == (None, 0.0, True)


def test_below_thirty_tickets_nothing_is_said_to_differ(two: World) -> None:
    assert [(one.few, one.differs, one.chance) for one in found(two, "contained")] == [(True, False, None)] * 3


def test_strata_are_service_category_and_priority(two: World) -> None:
    question = asked({"from": "2026-03-01", "to": "2026-03-31"}, at=two.tick(), zone=UTC)
    cells = strata(Material.of(question, system()), BY_CODE["contained"])
    assert cells[two.providers["northwind"].pk] == {(two.services["network"].pk, None, 5): Cell(2, 2, 2)}


def test_the_plain_share_is_set_against_chance_from_thirty_on(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "FEW", 2)
    assert [one.chance for one in found(two, "contained")] == [Interval(1.0, 1.0)] * 3


def test_an_unknown_figure_means_the_first() -> None:
    assert (measure_for("nonsense").code, measure_for("fcr").code) == (CODES[0], "fcr")
    assert set(CODES) <= set(BY_CODE)
