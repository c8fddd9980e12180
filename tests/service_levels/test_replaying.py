"""Whatever is done: clocks rebuilt from events and versions alone are the clocks that are there. `replay == live`."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import copy
from io import StringIO

import hypothesis
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.service_levels import retiming
from helmdesk.service_levels.models import Clock, Retiming
from helmdesk.service_levels.replaying import differences
from helmdesk.service_levels.telling import tell
from helmdesk.service_levels.watching import watch
from helmdesk.tickets import resolution
from helmdesk.tickets.deadlines import set_next_due
from helmdesk.tickets.replay import Difference
from helmdesk.tickets.replay import differences as of_tickets
from tests.service_levels.promising import answered, backed, calendars, owned, promise, solved
from tests.thoroughness import examples
from tests.tickets.lives import STEPS, Step
from tests.tickets.test_replay import begin, live, undone
from tests.world import World

EVERY_METRIC = [
    answered(code=f"m-{metric}", metric=metric) for metric in ("next_response", "update", "own")
] + [
    backed(code="desk-on", metric="hand_over", binds={"team": "desk"}, calendar="office"),
    solved(code="closed", until="closed", on_reopen="restart", on_merge="carry", on_change="restart"),
    solved(code="w-solved", binds={"provider": "northwind"}, on_hand_over="restart", on_decline="keep"),
]  # fmt: skip


@settings(
    max_examples=examples(5),
    phases=[stage for stage in hypothesis.Phase if stage is not hypothesis.Phase.explain],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=8, max_size=20), turned=st.integers(0, 20))
def test_clocks_replay_as_they_are_after_any_sequence_of_verbs(world: World, steps: list[Step], turned: int) -> None:
    with undone():
        lived = copy(world)
        calendars(lived.at)
        promise(lived, solved(), answered(), owned(), backed(), *EVERY_METRIC)
        begin(lived)
        for place, step in enumerate(steps):
            live(lived, step)
            if place == turned:
                another_promise(lived)
        watch(at=lived.at)
        tell(at=lived.at)
        assert list(differences()) == []
        assert list(of_tickets()) == []


def another_promise(world: World) -> None:
    """A level is changed for the past, and everything timed anew."""
    promise(world, solved(targets=[{"within": "5h"}], pauses=[]), valid_from=world.at.replace(hour=0))
    for row in Retiming.objects.filter(finished_at__isnull=True):
        while retiming.go_on(row.pk, at=world.at):
            pass


def test_the_command_names_a_clock_that_was_tampered_with(world: World) -> None:
    calendars(world.at)
    promise(world, solved())
    ticket = world.ticket()
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick(minutes=30))
    assert json.loads(replayed())["ok"] is True
    Clock.objects.update(used=1)
    set_next_due(ticket.pk, world.at)
    told = json.loads(replayed())
    assert [(one["field"], one["row"]) for one in told["differences"]] == [
        ("clock solved 1 used", 1), ("next_due_at", int(world.at.timestamp() * 1_000_000)),
    ]  # fmt: skip
    Clock.objects.all().delete()
    assert next(iter(differences(tickets=[ticket.pk]))) == Difference(ticket.pk, "clock solved 1", None, "a turn")


def replayed() -> str:
    out = StringIO()
    with suppress(SystemExit):
        call_command("replay", json=True, stdout=out)
    return out.getvalue()
