"""The lead's board: who may look, what it says, that every number opens its list, and what a page costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.measures import keeping
from helmdesk.people.models import Person
from helmdesk.tickets import assignment, hand_over, waiting
from tests.service_levels.promising import backed, calendars, owned, promise, solved
from tests.web.visiting import Seen, visitor
from tests.world import World

INSIDE, GUEST = 10, 11
"""Queries of the board: of a lead in-house, and of a guest, whose scopes are listed."""
RIBBONS = 2
"""What the ribbons ask for on top, for who wants them: the events, the clocks."""
ALWAYS = {"calendar": "always"}
KINDS = ("open", "late", "today", "next", "nobody", "stuck", "asked", "moved", "old", "waits", "waiting")


@pytest.fixture
def world(world: World) -> World:
    """The small company, now; its promises were made long ago."""
    calendars(world.at)
    world.at = datetime.now(UTC) - timedelta(hours=1)
    return world


def board(world: World, who: str) -> Seen:
    return visitor(world, who).get("/board/")


def numbers(page: Seen) -> list[int]:
    """The tickets of a page, in its order."""
    return [int(number) for number in re.findall(r'class="tt" href="/tickets/(\d+)"', page.html)]


def linked_numbers(page: Seen) -> dict[str, int]:
    """Every address of a list that the page names by a number, and that number."""
    links = re.findall(r'href="(/board/[^"#]+)"[^>]*>([^<]+)</a>', page.html)
    found = {address.replace("&amp;", "&"): re.search(r"\d[\d,]*", words) for address, words in links}
    return {address: int(match[0].replace(",", "")) for address, match in found.items() if match}


def test_leads_and_managers_have_a_board_and_a_way_to_it(world: World) -> None:
    for who in ("iris", "max", "nora"):
        assert 'href="/board/"' in visitor(world, who).get("/tickets/").html
        assert "Will be late first" in board(world, who)


@pytest.mark.parametrize("who", ["alice", "ina", "ada", "nils", "bela"])
def test_for_others_there_is_no_board(world: World, who: str) -> None:
    someone = visitor(world, who)

    for path in ("/board/", "/board/late", "/board/open?party=1"):
        someone.get(path, status=404)
    if who != "alice":
        assert 'href="/board/"' not in someone.get("/tickets/").html


def test_who_leads_a_team_has_a_board_without_any_role(world: World) -> None:
    member = world.membership("iris")
    Person.objects.get(memberships=member).memberships.get(pk=member).roles.clear()

    assert "Will be late first" in board(world, "iris")


def test_a_list_that_is_not_there_is_not_found(world: World) -> None:
    iris = visitor(world, "iris")

    for path in ("/board/everything", "/board/late?team=x", "/board/late?party=999", f"/board/late?team={'9' * 30}"):
        iris.get(path, status=404)


def test_an_empty_desk_says_that_nothing_needs_a_lead(world: World) -> None:
    page = board(world, "iris")

    assert "0 open. 0 late. 0 will be late today. 0 nobody has." in page
    for words in (
        "Nothing is open.",
        "Everything has somebody.",
        "No wait is contested",
        "No team has an open ticket.",
    ):
        assert words in page


def test_where_no_promise_says_so_hours_are_not_known_and_nothing_is_guessed(world: World) -> None:
    page = board(world, "iris")

    assert page.text.count("hours not known") >= 3
    assert "Hours not known. Nothing says yet when a team works" in page
    for guessed in ("nobody is on duty", "Somebody is on duty", "from 0"):
        assert guessed not in page


def test_the_first_words_are_the_numbers_and_each_opens_its_list(world: World) -> None:
    promise(world, solved(**ALWAYS), backed(), valid_from=world.at - timedelta(days=200))
    world.at -= timedelta(hours=20)
    late = world.ticket()
    world.at = datetime.now(UTC)
    next_up = world.ticket("arno")
    assignment.take(late.pk, by=world.who("ina"), at=world.tick())

    page = board(world, "iris")

    assert "2 open. 1 late." in page
    assert "1 nobody has." in page
    assert numbers(visitor(world, "iris").get("/board/late")) == [late.pk]
    assert numbers(visitor(world, "iris").get("/board/next")) == [next_up.pk]
    assert numbers(visitor(world, "iris").get("/board/nobody")) == [next_up.pk]


def busy(world: World) -> None:
    """Something on every list, with every party."""
    promise(world, solved(pauses=[{"wait": "requester", "cap": "2h"}], **ALWAYS), backed(), owned(**ALWAYS))
    world.at -= timedelta(days=9)
    moved = world.ticket(service="network")
    for team in ("clients", "desk", "network"):
        hand_over.hand_over(
            moved.pk, to=world.teams[team].pk, done="a", asked="b", by=world.who("system"), at=world.tick()
        )
    waits = world.ticket(service="network", team="network")
    waiting.wait_after_call(waits.pk, told="Rang.", by=world.who("nora"), at=world.tick())
    world.at = datetime.now(UTC) - timedelta(minutes=10)
    for team in ("desk", "clients", "network"):
        world.ticket(service="network", team=team)
    world.ticket(service="email", site="north", team="night")
    asked = world.ticket()
    for _ in range(2):
        waiting.wait_after_call(asked.pk, told="Rang.", by=world.who("ina"), at=world.tick(seconds=20))
        waiting.end_wait(asked.pk, by=world.who("ina"), at=world.tick(seconds=20))
    waiting.wait_after_call(asked.pk, told="Rang.", by=world.who("ina"), at=world.tick(seconds=20))
    keeping.follow()


@pytest.mark.parametrize("who", ["iris", "max", "nora"])
def test_every_number_on_the_board_is_as_long_as_the_list_it_opens(world: World, who: str) -> None:
    busy(world)
    someone = visitor(world, who)
    linked = linked_numbers(someone.get("/board/"))

    assert {address: len(numbers(someone.get(address))) for address in linked} == linked
    assert any("team=" in address or who == "nora" for address in linked)
    assert any("party=" in address for address in linked)


def test_lists_say_how_many_they_have_and_whose_they_are(world: World) -> None:
    busy(world)
    desk = world.teams["desk"].pk
    page = visitor(world, "iris").get(f"/board/open?team={desk}")

    assert f"Open {len(numbers(page))}" in page
    assert 'aria-label="Remove: Desk"' in page.html
    assert f"Open {len(numbers(visitor(world, 'iris').get('/board/open')))}" in visitor(world, "iris").get(
        "/board/open"
    )
    assert "Nothing is here" in visitor(world, "iris").get(f"/board/old?team={desk}")


def test_a_guest_s_lead_finds_their_own_company_and_no_trace_of_others(world: World) -> None:
    busy(world)
    world.ticket(service="network", subject="In the house alone")
    world.ticket(service="email", site="north", team="night", subject="With the others")
    nora, night = visitor(world, "nora"), world.teams["night"]
    pages = [nora.get("/board/"), *(nora.get(f"/board/{kind}") for kind in KINDS)]

    for page in pages:
        for hidden in ("In the house alone", "With the others", "Baltic", "Night", "Clients"):
            assert hidden not in page.html
    for path in (f"/board/open?team={night.pk}", f"/board/open?party={night.provider_id}"):
        nora.get(path, status=404)
    assert numbers(nora.get(f"/board/open?team={world.teams['network'].pk}")) == numbers(nora.get("/board/open"))


def test_late_is_said_in_words_and_by_a_mark_and_not_by_colour_alone(world: World) -> None:
    promise(world, solved(**ALWAYS), valid_from=world.at - timedelta(days=9))
    world.at -= timedelta(hours=10)
    world.ticket()

    page = board(world, "iris")

    assert re.search(r"\b2 h 5\d late\b", page.text)
    assert "marks.svg" in page.html
    assert "#late" in page.html


def test_what_can_be_done_leads_to_the_pages_of_the_verbs(world: World) -> None:
    free, taken, theirs = world.ticket(), world.ticket(), world.ticket(service="network", team="network")
    assignment.take(taken.pk, by=world.who("ina"), at=world.tick())
    page = visitor(world, "iris").get("/board/open")
    acts = {
        pk: re.findall(rf'class="btn s" href="/tickets/{pk}([^"]*)">([^<]+)<', page.html)
        for pk in (free.pk, taken.pk, theirs.pk)
    }

    assert acts == {
        free.pk: [("/taking", "Take"), ("/hand-over", "Pass on"), ("#write", "Tell the person")],
        taken.pk: [("/assignment", "Give to …"), ("/hand-over", "Pass on"), ("#write", "Tell the person")],
        theirs.pk: [("", "Look")],
    }
    for pk, links in acts.items():
        for address, _words in links:
            visitor(world, "iris").get(f"/tickets/{pk}{address.partition('#')[0]}")


def test_who_had_it_when_is_drawn_for_who_asks_and_for_what_goes_late(world: World) -> None:
    promise(world, solved(**ALWAYS), valid_from=world.at - timedelta(days=9))
    world.ticket(service="network")
    theirs = world.ticket(service="network", team="network")

    iris, nora = (visitor(world, who) for who in ("iris", "nora"))

    assert 'class="rb"' not in iris.get("/board/").html
    assert 'href="?ribbons=1"' in iris.get("/board/").html
    assert iris.get("/board/?ribbons=1").html.count('class="rb"') == 2
    assert numbers(nora.get("/board/next")) == [theirs.pk]
    assert nora.get("/board/?ribbons=1").html.count('class="rb"') == 1


def test_a_contested_wait_is_for_the_company_s_lead_to_decide(world: World) -> None:
    ticket = world.ticket()
    waiting.wait_after_call(ticket.pk, told="Rang.", by=world.who("ina"), at=world.tick())
    waiting.contest(ticket.pk, by=world.who("iris"), at=world.tick())

    assert "somebody says the wait is not true" in board(world, "iris")
    assert f'/tickets/{ticket.pk}/waits/judgement"' in board(world, "max").html
    assert f'/tickets/{ticket.pk}/waits/judgement"' not in board(world, "iris").html


def test_names_are_numbers_for_those_who_may_not_read_them(world: World) -> None:
    ticket = world.ticket("alice", service="network", team="network", subject="Ask Alice Berg for the key")
    page = board(world, "nora")

    assert "Alice" not in page.html
    assert f"Person {ticket.requester_id}" in page


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_the_board_costs_the_same_queries_for_any_number_of_rows(
    world: World, rows: int, committed_promises: Callable[[], None]
) -> None:
    promise(world, solved(**ALWAYS), backed(), owned(**ALWAYS))
    for n in range(rows):
        world.ticket(service="network", team="network" if n % 2 else None, subject=f"Matter {n}")
    if rows == 1:
        world.ticket(service="network", team="network")
    keeping.follow()
    committed_promises()
    for who, budget in (("iris", INSIDE), ("nora", GUEST)):
        someone = visitor(world, who)
        someone.get("/board/")
        with CaptureQueriesContext(connection) as queries:
            someone.get("/board/")
        assert len(queries) == budget, (who, [query["sql"][:90] for query in queries])
        with CaptureQueriesContext(connection) as queries:
            someone.get("/board/?ribbons=1")
        assert len(queries) == budget + RIBBONS, who


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_a_list_costs_the_same_queries_for_any_number_of_rows(world: World, rows: int) -> None:
    for _ in range(rows):
        world.ticket()
    iris = visitor(world, "iris")
    iris.get("/board/open")
    with CaptureQueriesContext(connection) as queries:
        page = iris.get("/board/open")

    assert (len(numbers(page)), len(queries)) == (rows, 8)


def test_a_long_list_goes_on_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helmdesk.web.board.lists.PAGE", 2)
    every = [world.ticket().pk for _ in range(5)]
    iris, address, seen = visitor(world, "iris"), "/board/open", list[int]()
    while address:
        page = iris.get(address)
        seen += numbers(page)
        older = re.search(r'href="([^"]+)" rel="next"', page.html)
        address = older[1] if older else ""

    assert seen == every
    assert numbers(iris.get("/board/open?after=nonsense")) == every[:2]


def test_a_page_of_the_board_is_small(world: World) -> None:
    busy(world)
    for _ in range(30):
        world.ticket(subject="A matter with a title of some length that goes on for a while")

    assert len(board(world, "iris").html.encode()) < 60_000
