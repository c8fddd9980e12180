"""Figures as people read them: the same numbers everywhere, a list behind each, and nothing of what is not theirs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.foundation.time import now
from helmdesk.ledger.models import Event, Stream
from helmdesk.measures import keeping
from helmdesk.measures.figures import MEASURES
from helmdesk.people.models import Role
from helmdesk.tickets import assignment, conversation, hand_over, resolution
from helmdesk.tickets.conversation import Words
from helmdesk.web.measures import words
from tests.service_levels.promising import calendars, promise, solved, works_by
from tests.web.visiting import Seen, Visitor, visitor
from tests.world import World

BUDGET = 12
ROUTES = ("/measures/", "/measures/tickets?figure=opened", "/measures/comparison")


@pytest.fixture
def busy(world: World) -> World:
    """Some weeks ago: two solved by the desk, one passed on to Northwind, one hidden, one open; a promise."""
    world.at = now() - timedelta(days=20)
    calendars(world.at)
    promise(world, solved(calendar="always", name={"en": "Solved in time"}))
    works_by(world, desk="always", network="office")
    for _ in range(2):
        ticket = world.ticket("arno", site="south", subject="Own desk matter")
        assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
        resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick(hours=2))
    passed = world.ticket("alice", service="network", site="north", subject="Passed on matter")
    hand_over.hand_over(
        passed.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    conversation.reply(passed.pk, Words("We look."), by=world.who("nora"), at=world.tick())
    resolution.resolve(passed.pk, by=world.who("nora"), at=world.tick(hours=30))
    world.ticket("asha", service="payroll", flags=1, subject="Hidden matter of Asha")
    world.ticket("arno", subject="Still open matter")
    keeping.follow()
    return world


@pytest.fixture
def remembered(busy: World, committed_promises: Callable[[], None]) -> None:
    """The promises of a busy desk, as a process has them after a while."""
    committed_promises()


def number(page: Seen, title: str, column: int = 0) -> str:
    """What the table of every figure says: the row of this title, the column after it."""
    row = re.search(rf'<tr><th scope="row">{title}<span.*?</tr>', page.html, re.DOTALL)
    assert row, title
    cells = re.findall(r'<td class="num">(.*?)</td>', row[0], re.DOTALL)
    return re.sub(r"<span.*?</span>|<[^>]+>", "", cells[column]).strip()


def test_the_page_the_file_and_the_command_say_the_same(busy: World) -> None:
    manager = visitor(busy, "max")
    page = manager.get("/measures/?by=provider")
    file: Any = manager.client.post("/measures/exports", {"what": "figures", "format": "csv", "by": "provider"})
    rows = list(csv.DictReader(StringIO(b"".join(file.streaming_content).decode())))
    said = {row["figure"]: row for row in rows if row["by"] == "all"}
    for code, title, value in (
        ("opened", "New", said["opened"]["n"]),
        ("resolved", "Solved", said["resolved"]["value"]),
        ("contained", "Kept by the first team", f"{said['contained']['met']} of {said['contained']['n']}"),
        ("backlog", "Open", said["backlog"]["n"]),
    ):
        assert number(page, title) == value, code
    assert (number(page, "New"), number(page, "Kept by the first team")) == ("4", "2 of 3")
    command = StringIO()
    call_command("measures", "--by", "provider", "--json", stdout=command)
    figures = json.loads(command.getvalue())["groups"][1]["figures"]
    assert figures["resolved"]["n"] == int(number(page, "Solved", 2)) == 1


def test_each_number_opens_the_tickets_behind_it(busy: World) -> None:
    manager = visitor(busy, "max")
    page = manager.get("/measures/")
    links = [address.replace("&amp;", "&") for address in re.findall(r'<td class="num"><a href="([^"]+)"', page.html)]
    assert len(links) > 10
    for address in links:
        listed = manager.get(address)
        count = re.search(r"(\d+) tickets?, ", listed.text)
        assert count
        assert listed.html.count('<th scope="row"><a href="/tickets/') == int(count[1]) > 0
    assert "Hidden matter" not in "".join(manager.get(address).html for address in links)


def test_charts_ask_questions_and_say_in_words_what_they_draw(busy: World) -> None:
    page = visitor(busy, "max").get("/measures/")
    for question in (
        "Do promises hold?", "Who let tickets go late?", "How long did each party have the ball?",
        "Where do tickets come back?", "How long until it is solved?",
    ):  # fmt: skip
        assert question in page
    drawn = re.findall(r'<svg class="track"[^>]*role="img" aria-label="([^"]+)"', page.html)
    assert any(told.startswith("Solved in time · Northwind: 0 of 1") for told in drawn)
    assert any(told.startswith("Inhouse: ") and "%" in told for told in drawn)
    assert page.text.count(" in working hours") == 2 * len(("Inhouse", "Northwind"))
    assert page.html.count('<details class="numbers">') == page.html.count('<figure class="card pad chart')
    assert "style=" not in page.html
    assert page.html.count("<script") == 2


def test_below_thirty_no_percentage_is_said(busy: World) -> None:
    page = visitor(busy, "max").get("/measures/")
    table = page.html.split('class="tbl figures"')[1].split("</table>")[0]
    assert "%" not in re.sub(r"<[^>]+>", " ", table)
    assert number(page, "Until solved", 2).startswith("30 h")


@pytest.mark.parametrize("route", ROUTES)
def test_who_may_not_see_figures_finds_no_page(busy: World, route: str) -> None:
    for name in ("alice", "ina", "ada", "nils", "bela"):
        visitor(busy, name).get(route, status=404)
    visitor(busy, "iris").get(route)


def test_the_place_is_in_the_bar_of_those_who_may(busy: World) -> None:
    assert 'href="/measures/"' in visitor(busy, "max").get("/tickets/").html
    assert 'href="/measures/"' not in visitor(busy, "ina").get("/tickets/").html


def test_a_guest_reads_their_own_companys_figures_and_no_other_name(busy: World) -> None:
    nora = visitor(busy, "nora")
    inhouse = busy.providers["inhouse"].pk
    for address in ("/measures/", f"/measures/?provider={inhouse}", "/measures/?by=service", "/measures/?by=provider"):
        page = nora.get(address)
        assert number(page, "New") == "1"
        body = page.html.split("<main")[1]
        assert not any(name in body for name in ("Inhouse", "Baltic", "Own desk matter", "Hidden matter"))
    nora.get("/measures/comparison", status=404)
    listed = nora.get(f"/measures/tickets?figure=held:team&key={inhouse}")
    assert "No ticket behind it" in listed
    assert "Passed on matter" in nora.get("/measures/tickets?figure=opened")


@pytest.mark.parametrize("by", words.BY)
def test_every_way_to_split_is_a_page(busy: World, by: str) -> None:
    page = visitor(busy, "max").get(f"/measures/?by={by}")
    assert "Every figure" in page


def test_small_teams_are_named_as_not_shown(busy: World) -> None:
    page = visitor(busy, "max").get("/measures/?by=team")
    assert "fewer than five people stand behind them: Desk, Network" in page
    narrowed = visitor(busy, "max").get(f"/measures/?team={busy.teams['desk'].pk}")
    assert "Fewer than five people stand behind this" in narrowed
    assert "Every figure" not in narrowed


def test_opening_up_persons_is_announced_on_every_page_with_its_reason(busy: World) -> None:
    Role.objects.filter(code="manager").update(permissions=["measures.view", "measures.open", "tickets.work"])
    manager, lead = visitor(busy, "max"), visitor(busy, "iris")
    lead.get("/measures/people", status=404)
    lead.post("/measures/people", reason="Because", status=404)
    refused = manager.post("/measures/people", reason=" ", status=422)
    assert "Say why, and who agreed" in refused
    manager.post("/measures/people", reason="Agreed with the works council.")
    for route in ROUTES:
        assert "Agreed with the works council." in lead.get(route)
    assert "Ina Huber" in lead.get("/measures/?by=person")
    manager.post("/measures/people/removal")
    page = lead.get("/measures/?by=person")
    assert "Ina Huber" not in page
    assert "their figures are their own" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [("from=soon", "from: soon"), ("by=colour", "by: colour"), ("team=x", "team: x"), ("as_of=x", "as_of: x")],
)
def test_what_cannot_be_asked_is_said_with_the_way_out(busy: World, query: str, said: str) -> None:
    for route in ("/measures/", "/measures/comparison"):
        page = visitor(busy, "max").get(f"{route}?{query}", status=400)
        assert said in page
        assert "Back to the figures" in page


@pytest.mark.parametrize("query", ["figure=nothing", "figure=opened&key=x", "figure=opened&key=999999999999999999999"])
def test_a_list_of_nothing_that_is_does_not_exist(busy: World, query: str) -> None:
    visitor(busy, "max").get(f"/measures/tickets?{query}", status=404)


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_an_export_is_a_file_and_goes_into_the_history(busy: World, form: str) -> None:
    answer: Any = visitor(busy, "max").client.post("/measures/exports", {"what": "tickets", "format": form})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'.{form}"')
    assert len(b"".join(answer.streaming_content)) > 100
    event = Event.objects.get(stream=Stream.ACCESS)
    assert (event.kind, event.person) == ("exported", busy.people["max"].pk)


def test_only_who_may_export_exports_and_only_by_a_form(busy: World) -> None:
    visitor(busy, "iris").post("/measures/exports", what="figures", format="csv", status=404)
    visitor(busy, "max").get("/measures/exports?what=figures&format=csv", status=405)
    visitor(busy, "max").post("/measures/exports", what="figures", format="pdf", status=400)
    assert not Event.objects.filter(stream=Stream.ACCESS).exists()


def test_the_comparison_says_where_nothing_can_be_compared(busy: World) -> None:
    page = visitor(busy, "max").get("/measures/comparison?figure=contained")
    assert "They hardly have the same tickets." in page
    assert "too few tickets to compare" in page
    assert "better than" not in page


@pytest.mark.parametrize("route", [*ROUTES, "/measures/?by=team", "/measures/?by=person", "/measures/?by=month"])
@pytest.mark.usefixtures("remembered")
def test_a_page_asks_the_database_a_dozen_times_at_most(busy: World, route: str) -> None:
    manager = visitor(busy, "max")
    manager.get(route)
    for more in (0, 5):
        for _ in range(more):
            busy.ticket("arno")
        keeping.follow()
        assert queries(manager, route) <= BUDGET


def queries(who: Visitor, route: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        who.get(route)
    return len(asked)


def test_an_earlier_day_is_shown_as_it_was_known(busy: World) -> None:
    early = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
    page = visitor(busy, "max").get(f"/measures/?as_of={early}")
    assert "No ticket in these days" in page
    today: Any = visitor(busy, "max").get(f"/measures/?as_of={datetime.now(UTC).date().isoformat()}")
    assert (number(today, "New"), "as it was recorded by" in today) == ("4", True)


def test_every_figure_of_the_table_is_one_of_the_reference(busy: World) -> None:
    page = visitor(busy, "max").get("/measures/")
    assert all(str(words.FIGURES[measure.code][0]) in page for measure in MEASURES)
