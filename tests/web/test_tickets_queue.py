"""The queue: what is in each view, for whom, in which order, and what it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.catalogue.models import Service
from helmdesk.tickets import assignment, hand_over, queue, resolution, sorting, waiting
from helmdesk.tickets.filters import read
from helmdesk.tickets.models import Share, Ticket
from helmdesk.tickets.queue import CAP, Counts, Queue, View, queue_of
from helmdesk.web.tickets.queue import counted, key_asked
from tests.web.visiting import Seen, visitor
from tests.world import World

INSIDE, GUEST = 8, 9
"""Queries of one page of the queue: for somebody in-house, and for a guest whose scopes are listed; one more after
something has happened."""


def numbers(seen: Seen) -> list[int]:
    return [int(number) for number in re.findall(r'<a href="/tickets/(\d+)"', seen.html)]


def view(world: World, who: str, name: str, **more: str) -> list[int]:
    words = "".join(f"&{key}={value}" for key, value in more.items())
    return numbers(visitor(world, who).get(f"/tickets/?view={name}{words}"))


def test_each_view_has_its_part_of_the_work_newest_first(world: World) -> None:
    one, two, three = (world.ticket(subject=f"Matter {n}").pk for n in range(3))
    assignment.take(one, by=world.who("ina"), at=world.tick())
    assignment.take(two, by=world.who("ivo"), at=world.tick())

    assert view(world, "ina", "mine") == [one]
    assert view(world, "ina", "team") == [two, one, three]
    assert view(world, "ina", "nobody") == [three]
    assert view(world, "ina", "all") == [two, one, three]
    assert view(world, "max", "team") == []


def test_what_is_solved_or_closed_is_not_in_the_queue(world: World) -> None:
    solved, open_ = world.ticket().pk, world.ticket().pk
    resolution.resolve(solved, by=world.who("ina"), at=world.tick())

    assert view(world, "ina", "all") == [open_]


def test_views_say_how_many_they_have(world: World) -> None:
    for _ in range(3):
        world.ticket()
    assignment.take(world.ticket().pk, by=world.who("ina"), at=world.tick())

    page = visitor(world, "ina").get("/tickets/")

    assert "My work 1 My team 4 Nobody has it 3 All I may see 4" in page


def test_the_numbers_follow_what_happens(world: World) -> None:
    ticket = world.ticket()
    ina = visitor(world, "ina")
    assert "My work 0 My team 1 Nobody has it 1 All I may see 1" in ina.get("/tickets/")
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    assert "My work 1 My team 1 Nobody has it 0 All I may see 1" in ina.get("/tickets/")


def test_beyond_the_cap_nothing_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        world.ticket(service="network")
    monkeypatch.setattr(queue, "CAP", 2)
    assert queue_of(world.who("ina")).counts().of == {"mine": 0, "team": 3, "nobody": 3, "all": 3}
    assert queue_of(world.who("nora")).counts().of == {"mine": 0, "team": 0, "nobody": 0, "all": 3}


def test_a_number_beyond_the_cap_is_said_with_a_plus() -> None:
    assert counted(Counts({View.ALL: CAP + 1}, 0), View.ALL) == "1,000+"
    assert counted(Counts({View.ALL: CAP}, 0), View.ALL) == "1,000"


def test_a_guest_sees_what_the_grant_names_what_they_hold_and_nothing_else(world: World) -> None:
    network, payroll, secret = (
        world.ticket(service="network").pk,
        world.ticket(service="payroll").pk,
        world.ticket(service="network", flags=1, by="system").pk,
    )
    moved = world.ticket(service="network").pk
    hand_over.hand_over(moved, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick())
    sorting.classify(moved, about=world.about("payroll"), by=world.who("nora"), at=world.tick())

    assert view(world, "nora", "all") == [moved, network]
    assert view(world, "nora", "team") == [moved]
    assert view(world, "bela", "all") == []
    page = visitor(world, "nora").get("/tickets/?view=all")
    assert "All I may see 2" in page
    assert {payroll, secret} & set(numbers(page)) == set()


def test_a_guest_who_sees_much_is_shown_the_same_as_one_who_sees_little(world: World) -> None:
    tickets = [world.ticket(service="network" if n % 2 else "email").pk for n in range(8)]
    Share.objects.create(ticket_id=tickets[0], provider=world.providers["northwind"])
    seen = queue_of(world.who("nora"))

    few = [row.pk for row in seen.page(View.ALL).rows]
    dense = [row.pk for row in seen.page(View.ALL, dense=True).rows]

    assert few == dense == sorted([*tickets[1::2], tickets[0]], reverse=True)


def test_names_are_numbers_for_those_who_may_not_read_them(world: World) -> None:
    ticket = world.ticket("alice", service="network", subject="Ask Alice Berg for the key")
    page = visitor(world, "nora").get("/tickets/?view=all")

    assert "Alice" not in page.html
    assert f"Person {ticket.requester_id}" in page
    assert "Ask [name] for the key" in page


def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    every = [world.ticket(subject=f"Matter {n}").pk for n in range(7)]
    whole, after, seen = queue_of(world.who("ina")), None, []
    while True:
        page = whole.page(View.TEAM, after=after, limit=3)
        seen += [row.pk for row in page.rows]
        if page.more_after is None:
            break
        after = page.more_after

    assert seen == every[::-1]


def test_tickets_of_one_instant_are_paged_by_their_number(world: World) -> None:
    every = [world.ticket().pk for _ in range(5)]
    Ticket.objects.unscoped(reason="a test").update(updated_at=world.at)
    whole = queue_of(world.who("ina"))
    first = whole.page(View.ALL, limit=2)
    second = whole.page(View.ALL, after=first.more_after, limit=2)

    assert [row.pk for row in (*first.rows, *second.rows)] == every[:0:-1]


@pytest.mark.parametrize("given", ["", "x", "1-2", "1-2-", "-1-2", "1-2-x", "1-2-3-4", "9" * 40, "1-2-" + "9" * 60])
def test_a_broken_page_address_begins_at_the_top(given: str) -> None:
    assert key_asked(given) is None


def test_filters_narrow_the_queue_and_are_words_that_can_be_taken_away(world: World) -> None:
    network = world.ticket(service="network", site="north").pk
    email = world.ticket("arno", service="email", site="south").pk
    sorting.tag(email, tag=world.tags["urgent"].pk, by=world.who("ina"), at=world.tick())
    sorting.prioritise(network, impact=1, urgency=1, by=world.who("ina"), at=world.tick())
    sorting.change_type(email, to="request", by=world.who("ina"), at=world.tick())

    for words, found in (
        ({"service": "network"}, [network]),
        ({"site": "south"}, [email]),
        ({"tag": "urgent"}, [email]),
        ({"priority": "1"}, [network]),
        ({"type": "request"}, [email]),
        ({"team": "desk"}, [email, network]),
        ({"department": "finance"}, [email, network]),
        ({"service": "network", "site": "south"}, []),
    ):
        assert sorted(view(world, "ina", "all", **words)) == sorted(found), words
    page = visitor(world, "ina").get("/tickets/?view=all&service=network&priority=1")
    assert 'href="?view=all&amp;priority=1" aria-label="Remove: Network"' in page.html


def test_a_filter_that_makes_no_sense_is_left_out_and_said(world: World) -> None:
    world.ticket()
    page = visitor(world, "ina").get("/tickets/?view=all&service=nothing-of-that-name&priority=9")

    assert "“service: nothing-of-that-name” was left out" in page
    assert "“priority: 9” was left out" in page
    assert len(numbers(page)) == 1


def test_a_filter_tells_a_guest_nothing_of_what_there_is(world: World) -> None:
    there, missing = (read({"service": code}, viewer=world.who("nora")) for code in ("payroll", "zzz"))

    assert [(one.label, bool(one.value)) for one in there.given] == [("payroll", True)]
    assert [(one.label, bool(one.value)) for one in missing.given] == [("zzz", True)]
    assert there.unknown == missing.unknown == ()


def test_narrowing_offers_a_guest_only_what_they_see_anyway(world: World) -> None:
    world.ticket(service="network", site="north")
    inside = visitor(world, "ina").get("/tickets/narrowing?view=team")
    guest = visitor(world, "nora").get("/tickets/narrowing?view=team")

    for name in ("Payroll", "Night", "Finance"):
        assert name in inside
        assert name not in guest


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_a_page_costs_the_same_queries_for_any_number_of_rows(world: World, rows: int) -> None:
    for n in range(rows):
        world.ticket(service="network", subject=f"Matter {n}")
    for who, budget in (("ina", INSIDE), ("nora", GUEST)):
        someone = visitor(world, who)
        someone.get("/tickets/?view=all")
        with CaptureQueriesContext(connection) as queries:
            page = someone.get("/tickets/?view=all")
        assert (len(numbers(page)), len(queries)) == (rows, budget), who


def test_rows_say_where_each_ticket_is_now(world: World) -> None:
    asked, third, parts, other = (world.ticket(service="network").pk for _ in range(4))
    ina = world.who("ina")
    waiting.wait_after_call(asked, told="Rang twice.", by=ina, at=world.tick())
    assert world.company is not None
    waiting.wait_for_company(third, company=world.company.pk, told="Sent them a mail.", by=ina, at=world.tick())
    until = datetime.now(UTC) + timedelta(days=400)
    waiting.wait_for_date(parts, wait="parts", until=until, by=ina, at=world.tick())
    waiting.ask_team(other, team=world.teams["network"].pk, question="Is the line up?", by=ina, at=world.tick())

    page = visitor(world, "ina").get("/tickets/?view=all")

    assert "waiting for Alice Berg since 2 March" in page
    assert "Alice Berg · waiting for Printer Works since 2 March" in page
    assert "waiting for parts until" in page
    assert "asked Northwind since" in page


def test_a_question_to_one_provider_is_not_told_to_another(world: World) -> None:
    ticket = world.ticket("alice", service="email", site="north")
    Share.objects.create(ticket=ticket, provider=world.providers["northwind"])
    waiting.ask_team(
        ticket.pk, team=world.teams["night"].pk, question="Is the relay up?", by=world.who("ina"), at=world.tick()
    )

    page = visitor(world, "nora").get("/tickets/?view=all")
    ticket_page = visitor(world, "nora").get(f"/tickets/{ticket.pk}")

    assert "with Inhouse" in page
    assert "Baltic" not in page.html
    assert "Baltic" not in ticket_page.html
    assert "relay" not in ticket_page.html


def test_an_empty_view_says_what_to_do_next(world: World) -> None:
    assert "Take something that nobody has" in visitor(world, "ina").get("/tickets/?view=mine")
    assert "Take one of them away" in visitor(world, "ina").get("/tickets/?view=all&priority=1")


def test_the_queue_is_not_there_for_who_only_asks(world: World) -> None:
    for path in ("/tickets/", "/tickets/narrowing", "/tickets/new", "/search"):
        visitor(world, "alice").get(path, status=404)


def test_a_service_with_a_name_in_two_languages_is_said_in_the_readers(world: World, settings: Any) -> None:
    settings.LANGUAGES = settings.HELMDESK_LANGUAGES
    Service.objects.filter(code="network").update(name={"en": "Network", "de": "Netz"})
    person = world.people["ina"]
    person.language = "de"
    person.save()
    assert "Netz" in visitor(world, "ina").get("/tickets/?service=network")


def test_the_views_of_somebody_without_team_or_grant_are_empty(world: World) -> None:
    whole: Queue = queue_of(world.who("ada"))
    assert set(whole.counts().of.values()) == {0}
