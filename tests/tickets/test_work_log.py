"""Time spent: by who works on it, whole seconds, on a day that has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from helmdesk.tickets import resolution, work_log
from helmdesk.tickets.models import Ticket, TimeEntry
from tests.tickets.outcomes import events, heard, last, refused
from tests.world import World


def log(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> Ticket:
    given = {"seconds": 900, "day": world.at.date(), **how}
    return work_log.log_time(ticket.pk, by=world.who(by), at=world.tick(), **given)


def test_time_is_logged_to_the_second_by_whoever_worked(world: World) -> None:
    ticket = world.ticket(service="network")
    with heard() as facts:
        log(world, ticket, seconds=1)
        log(world, ticket, "nora", seconds=86_400, work="travel")  # of another team: help counts too
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    log(world, ticket, work="coordination")
    day = world.at.date().isoformat()
    assert [what for _, what in events(ticket, "time.logged")] == [
        {"seconds": 1, "day": day, "work": "support"}, {"seconds": 86_400, "day": day, "work": "travel"},
        {"seconds": 900, "day": day, "work": "coordination"},
    ]  # fmt: skip
    assert [fact.kinds for fact in facts] == [("time.logged",)] * 2
    rows = TimeEntry.objects.order_by("pk").values_list("membership", "seconds", "work")
    assert list(rows)[1] == (world.membership("nora"), 86_400, "travel")


def test_time_has_bounds(world: World) -> None:
    ticket = world.ticket()
    for seconds in (0, -1, 86_401, 1.5, True):
        with refused("seconds", "Between a second and a day.", field="seconds", value=seconds):
            log(world, ticket, seconds=seconds)
    with refused("work", "no such kind of work", cure="support, travel", field="work", value="coffee"):
        log(world, ticket, work="coffee")
    today = world.at.date()
    with refused("day", "That day has not come yet.", field="day", value=(today + timedelta(days=2)).isoformat()):
        log(world, ticket, day=today + timedelta(days=2))
    log(world, ticket, day=today + timedelta(days=1))  # east of Greenwich it has
    log(world, ticket, day=today - timedelta(days=30))
    assert last(ticket, "time.logged")["day"] == (today - timedelta(days=30)).isoformat()


def test_who_does_not_work_on_it_logs_nothing(world: World) -> None:
    ticket = world.ticket("max")
    for name in ("max", "ada", "system"):
        with refused("not_at_work", "Only those who work on it log time."):
            log(world, ticket, name)
    for name in ("nora", "arno"):
        with refused("not_there"):
            log(world, ticket, name)
