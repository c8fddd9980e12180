"""The queue by when: what is due next comes first, says how long there is, and is narrowed by how promises stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helmdesk.foundation.time import to_us
from helmdesk.service_levels import dues as nearest
from helmdesk.service_levels.dues import dues
from helmdesk.tickets import assignment, conversation, hand_over, sorting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.queue import View, queue_of
from helmdesk.web.tickets.dueness import HOUR, Part, due, midnight_after
from tests.service_levels.promising import backed, calendars, owned, promise, solved
from tests.web.visiting import visitor
from tests.world import World

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PLAIN, RIBBONS = 8, 11
"""Queries of a page in-house, and of one with ribbons, where levels were published before; a guest's has one more."""


@pytest.fixture
def promising(world: World) -> World:
    calendars(world.at)
    promise(
        world,
        solved(calendar="always", targets=[{"priority": 1, "within": "2h"}, {"service": "network", "within": "8h"}]),
    )
    return world


def soon(world: World) -> World:
    """The world's clock is put to real time, which is what pages go by."""
    world.at = datetime.now(UTC) - timedelta(minutes=30)
    return world


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<a href="/tickets/(\d+)"', html)]


def told(at: datetime | None, *, paused: bool = False) -> tuple[Part, str]:
    with timezone.override("UTC"):
        by = due(
            nearest.Due(None if at is None else to_us(at), paused), touched=to_us(NOON - timedelta(days=3)),
            present=to_us(NOON), midnight=midnight_after(to_us(NOON)),
        )  # fmt: skip
    return by.part, by.words


@pytest.mark.parametrize(
    ("left", "part", "words"),
    [
        (timedelta(minutes=12), Part.HOUR, "12 min"),
        (timedelta(hours=1, minutes=20), Part.TODAY, "1 h 20"),
        (timedelta(hours=6), Part.TODAY, "18:00"),
        (timedelta(hours=21), Part.LATER, "tomorrow 09:00"),
        (timedelta(days=3), Part.LATER, "Thu 12:00"),
        (-timedelta(minutes=25), Part.LATE, "25 min late"),
        (-timedelta(hours=2), Part.LATE, "2 h late"),
        (-timedelta(hours=19), Part.LATE, "19 h late"),
        (timedelta(0), Part.LATE, "under 1 min late"),
    ],
)
def test_how_long_there_is_in_words(left: timedelta, part: Part, words: str) -> None:
    assert told(NOON + left) == (part, words)


def test_what_is_paused_and_what_nobody_promised() -> None:
    assert told(None, paused=True) == (Part.PAUSED, "paused")
    assert told(None) == (Part.NOTHING, "untouched 3 days")


def test_a_day_ends_where_the_reader_is() -> None:
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    with timezone.override("Europe/Vienna"):
        assert midnight_after(to_us(at)) == to_us(datetime(2026, 3, 3, 23, 0, tzinfo=UTC))
    with timezone.override("UTC"):
        assert midnight_after(to_us(at)) == to_us(datetime(2026, 3, 3, 0, 0, tzinfo=UTC))


def test_what_is_due_next_comes_first_then_what_changed_last(promising: World) -> None:
    world = promising
    unpromised, long, short = world.ticket(service="email").pk, world.ticket(service="network").pk, world.ticket().pk
    sorting.prioritise(short, impact=1, urgency=1, by=world.who("ina"), at=world.tick())
    newest = world.ticket(service="email").pk

    assert [row.pk for row in queue_of(world.who("ina")).page(View.ALL).rows] == [short, long, newest, unpromised]


def test_pages_follow_each_other_over_what_is_due_and_what_is_not(promising: World) -> None:
    world = promising
    every = [world.ticket(service="network" if n % 3 else "email").pk for n in range(10)]
    whole, after, seen = queue_of(world.who("ina")), None, []
    while True:
        page = whole.page(View.TEAM, after=after, limit=3)
        seen.append([row.pk for row in page.rows])
        if page.more_after is None:
            break
        after = page.more_after

    promised = [pk for n, pk in enumerate(every) if n % 3]
    rest = [pk for n, pk in enumerate(every) if not n % 3][::-1]
    assert [pk for page in seen for pk in page] == promised + rest


def test_the_page_has_parts_and_says_how_long_there_is(promising: World) -> None:
    world = soon(promising)
    calm, urgent, none = world.ticket(service="network").pk, world.ticket().pk, world.ticket(service="email").pk
    sorting.prioritise(urgent, impact=1, urgency=1, by=world.who("ina"), at=world.tick())

    page = visitor(world, "ina").get("/tickets/?view=all")

    assert numbers(page.html) == [urgent, calm, none]
    assert re.search(r"1 h 3\d", page.text)
    assert "Nothing promised" in page


def test_a_queue_without_promises_has_no_parts(world: World) -> None:
    world.ticket()
    assert 'scope="rowgroup"' not in visitor(world, "ina").get("/tickets/?view=all").html


def test_a_paused_clock_says_so(promising: World) -> None:
    world = soon(promising)
    ticket = world.ticket(service="network")
    conversation.ask_requester(ticket.pk, Words("Which room?"), by=world.who("ina"), at=world.tick())

    page = visitor(world, "ina").get("/tickets/?view=all")

    assert "Paused: the clock stands still while we wait" in page
    assert re.search(r'class="due paused".*?paused</time>', page.html)


def test_narrowing_by_how_promises_stand(promising: World) -> None:
    world = promising
    world.at = datetime.now(UTC) - timedelta(hours=9)
    late = world.ticket(service="network").pk
    world.at = datetime.now(UTC) - timedelta(hours=7, minutes=30)
    near = world.ticket(service="network").pk
    world.at = datetime.now(UTC) - timedelta(minutes=5)
    paused, none = world.ticket(service="network"), world.ticket(service="email").pk
    conversation.ask_requester(paused.pk, Words("Which room?"), by=world.who("ina"), at=world.tick())
    ina = visitor(world, "ina")

    for how, found in (("late", [late]), ("soon", [near]), ("paused", [paused.pk]), ("none", [none])):
        page = ina.get(f"/tickets/?view=all&promise={how}")
        assert numbers(page.html) == found, how
        assert 'href="?view=all" aria-label="Remove: ' in page.html
    assert near in numbers(ina.get("/tickets/?view=all&promise=today").html) or datetime.now(UTC).hour == 23
    assert "“promise: never” was left out" in ina.get("/tickets/?view=all&promise=never")


def test_filters_by_promise_keep_company_with_others(promising: World) -> None:
    world = promising
    world.at = datetime.now(UTC) - timedelta(hours=9)
    late = world.ticket(service="network").pk
    world.ticket(service="network", team="network")
    page = visitor(world, "ina").get("/tickets/?view=all&promise=late&team=desk")

    assert numbers(page.html) == [late]
    assert 'href="?view=all&amp;team=desk" aria-label="Remove: late"' in page.html
    assert 'href="?view=all&amp;promise=late" aria-label="Remove: Desk"' in page.html


def test_each_sees_what_concerns_them(promising: World) -> None:
    """A provider's own clock is nearer than the promise: its people see that, in-house the promise."""
    world = promising
    promise(world, backed(targets=[{"within": "1h"}]), owned(calendar="always"))
    ticket = world.ticket(service="network")
    opened = to_us(world.at)
    assert dues([ticket.pk], world.who("ina"))[ticket.pk].at == opened + HOUR // 2
    assert dues([ticket.pk], world.who("max"))[ticket.pk].at == opened + 8 * HOUR
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )

    assert dues([ticket.pk], world.who("nora"))[ticket.pk].at == to_us(world.at) + HOUR
    assert dues([ticket.pk], world.who("ina"))[ticket.pk].at == opened + 8 * HOUR
    assert dues([ticket.pk], world.who("bela"))[ticket.pk].at == opened + 8 * HOUR
    assert dues([], world.who("ina")) == {}


def test_ribbons_in_rows_are_a_leads_choice_and_stay_in_the_address(promising: World) -> None:
    world = soon(promising)
    ticket = world.ticket(service="network", subject="Line is down")
    conversation.ask_requester(ticket.pk, Words("Which room?"), by=world.who("ina"), at=world.tick())
    iris, ina = visitor(world, "iris"), visitor(world, "ina")

    assert "Show who had it, when" in iris.get("/tickets/?view=all")
    assert "Show who had it, when" not in ina.get("/tickets/?view=all")
    page = iris.get("/tickets/?view=all&ribbons=1&service=network")
    assert re.search(
        r'<svg class="rb" role="img" aria-label="Opened .*? with us .*?, waiting for Alice Berg', page.html
    )
    assert 'href="?view=all&amp;ribbons=1" aria-label="Remove: Network"' in page.html
    assert 'href="?view=all&amp;service=network">Hide who had it, when' in page.html


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(("words", "budget"), [("", PLAIN), ("&ribbons=1", RIBBONS)])
def test_a_page_costs_the_same_queries_for_any_number_of_rows(
    promising: World, rows: int, words: str, budget: int, committed_promises: Callable[[], None]
) -> None:
    for n in range(rows):
        promising.ticket(service="network", team="network", subject=f"Matter {n}")
    committed_promises()
    for who, most in (("iris", budget), ("nora", budget + 1)):
        someone = visitor(promising, who)
        someone.get(f"/tickets/?view=all{words}")
        with CaptureQueriesContext(connection) as queries:
            page = someone.get(f"/tickets/?view=all{words}")

        assert (len(numbers(page.html)), len(queries)) == (rows, most), who


def test_fifty_rows_stay_a_light_page(promising: World) -> None:
    world = soon(promising)
    for n in range(50):
        ticket = world.ticket(service="network", subject=f"A matter of some length, number {n}")
        assignment.take(ticket.pk, by=world.who("ina"), at=world.tick(seconds=1))

    assert len(visitor(world, "iris").get("/tickets/?view=all").html) < 60_000


def test_each_view_is_walked_by_one_index(promising: World) -> None:
    """No sort of all that is open: the order of the queue is that of its indexes."""
    world = promising
    world.ticket(service="network")
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by how much there is; see bench/desk.py")
    with CaptureQueriesContext(connection) as queries:
        queue_of(world.who("ina")).page(View.TEAM)
        queue_of(world.who("ina")).page(View.ALL)
    for query in (one for one in queries if "next_due_at" in one["sql"]):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = [row[3] for row in cursor.fetchall()]
        assert any("USING INDEX open_" in step for step in plan), plan


def test_what_was_sorted_before_it_was_promised_anything_is_found_by_its_due_time(promising: World) -> None:
    """Rows carry the due time of the promise; the queue follows it at once when it changes."""
    world = promising
    first, second = world.ticket(service="network").pk, world.ticket(service="network").pk
    assert [row.pk for row in queue_of(world.who("ina")).page(View.ALL).rows] == [first, second]
    sorting.prioritise(second, impact=1, urgency=1, by=world.who("ina"), at=world.tick())

    assert [row.pk for row in queue_of(world.who("ina")).page(View.ALL).rows] == [second, first]
    row: Any = Ticket.objects.unscoped(reason="a test").get(pk=second)
    assert row.next_due_at == row.opened_at + timedelta(hours=2)
