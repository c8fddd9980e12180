"""The search page: what answers, in the words that the viewer may read."""

from __future__ import annotations

import re

import pytest

from helmdesk.tickets.search.keeping import catch_up
from helmdesk.web.tickets.search import PAGE, cut
from tests.web.visiting import Seen, visitor
from tests.world import World


def search(world: World, who: str, words: str, **more: str) -> Seen:
    catch_up.func()
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return visitor(world, who).get(f"/search?q={words}{query}")


def numbers(seen: Seen) -> list[int]:
    return [int(number) for number in re.findall(r'<h2><a href="/tickets/(\d+)"', seen.html)]


def test_a_hit_shows_the_words_that_answer(world: World) -> None:
    ticket = world.ticket("alice", subject="Third floor", text="The Drucker by the window is out of paper again.")
    page = search(world, "ina", "druckern")
    assert numbers(page) == [ticket.pk]
    assert "<mark>Drucker</mark>" in page.html
    assert "Alice Berg" in page


def test_a_masked_reader_finds_and_reads_the_masked_words(world: World) -> None:
    world.ticket("alice", service="network", subject="Router", text="Please ring Alice Berg about the router.")
    page = search(world, "nora", "router")
    assert "Please ring [name] about the" in page
    assert "Alice" not in page.html
    assert numbers(search(world, "nora", "berg")) == []


def test_a_guest_finds_only_what_they_may_see(world: World) -> None:
    network = world.ticket(service="network", subject="Gateway slow")
    world.ticket(service="payroll", subject="Gateway of the bank")
    assert numbers(search(world, "nora", "gateway")) == [network.pk]
    assert "Nothing you may see holds these words" in search(world, "bela", "gateway")


def test_hits_come_in_pages_and_by_relevance(world: World) -> None:
    often = world.ticket(subject="Toner toner toner", text="toner").pk
    others = [world.ticket(subject=f"Toner {n}").pk for n in range(PAGE)]
    first = search(world, "ina", "toner")
    assert numbers(first) == others[::-1]
    older = re.search(r'href="\?q=toner&amp;before=(\d+)"', first.html)
    assert older is not None
    assert numbers(search(world, "ina", "toner", before=older[1])) == [often]
    assert numbers(search(world, "ina", "toner", order="relevance"))[0] == often


def test_the_search_of_the_queue_leads_to_the_search_page(world: World) -> None:
    assert visitor(world, "ina").get("/tickets/?q=a+b", status=302).leads_to == "/search?q=a+b"


@pytest.mark.parametrize(
    ("typed", "cut_out"),
    [
        ("window", ("The printer by the ", "window", " is out of paper")),
        ("WINDOWS", ("The printer by the ", "window", " is out of paper")),
        ("absent", ("The printer by the window is out of paper", "", "")),
        ("", ("The printer by the window is out of paper", "", "")),
        ('"by window"', ("The printer ", "by", " the window is out of paper")),
    ],
)
def test_a_piece_is_cut_around_the_first_word(typed: str, cut_out: tuple[str, str, str]) -> None:
    assert cut("The printer by the\n window is  out of paper", typed) == cut_out


def test_accents_do_not_hide_the_word() -> None:
    assert cut("Der Schlüssel fehlt", "schlussel")[1] == "Schlüssel"
