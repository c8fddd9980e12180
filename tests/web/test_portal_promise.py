"""By when, for whoever asked: in plain words, never red, and nothing of who owes what to whom."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmdesk.clocks.levels import Binds, Metric
from helmdesk.clocks.turns import Verdict
from helmdesk.service_levels.reading import Reading
from helmdesk.tickets import conversation, hand_over, taking_part
from helmdesk.tickets.conversation import Words
from helmdesk.web.portal.promising import by_when
from tests.service_levels.promising import answered, backed, calendars, owned, promise, solved
from tests.web.visiting import visitor
from tests.world import World

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ANSWER, DONE, NEWS = Metric.FIRST_RESPONSE, Metric.RESOLUTION, Metric.UPDATE


def reading(metric: Metric, hours: float | None, *, verdict: Verdict | None = None) -> Reading:
    due = None if hours is None else NOON + timedelta(hours=hours)
    stands = Verdict.LATE if hours is not None and hours <= 0 else Verdict.RUNNING
    return Reading(
        ticket=1, level=metric, code="l", name={}, n=1, metric=metric, binds=Binds.REQUESTER, party=None,
        verdict=verdict or stands, start=NOON, stop=NOON if verdict == Verdict.MET else None, due_at=due, why=None,
        used=None, gross=None, target=None, version=1, calendar_version=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ([], ""),
        ([reading(ANSWER, 27)], "We will answer by tomorrow 15:00"),
        ([reading(DONE, 48)], "It will be done by Thu 12:00"),
        ([reading(NEWS, 2)], "You hear from us again by 14:00"),
        ([reading(DONE, 48), reading(ANSWER, 1)], "We will answer by 13:00"),
        ([reading(DONE, -1)], "We are late with this"),
        ([reading(DONE, -1), reading(NEWS, 48)], "We are late with this; new time: Thu 12:00"),
        ([reading(ANSWER, -1), reading(DONE, 48)], "We are late with our answer; new time: Thu 12:00"),
        ([reading(ANSWER, -1)], "We are late with our answer"),
        ([reading(DONE, None, verdict=Verdict.PAUSED)], ""),
        ([reading(ANSWER, -1, verdict=Verdict.MET), reading(DONE, 48)], "It will be done by Thu 12:00"),
    ],
)
def test_by_when_in_plain_words(readings: list[Reading], words: str) -> None:
    assert by_when(readings, at=NOON) == words


@pytest.fixture
def promising(world: World) -> World:
    calendars(world.at)
    promise(
        world, solved(calendar="always", targets=[{"within": "8h"}]), answered(calendar="always"), owned(), backed()
    )
    world.at = datetime.now(UTC) - timedelta(minutes=20)
    return world


def test_the_first_page_and_the_matter_say_by_when(promising: World) -> None:
    ticket = promising.ticket("alice", service="network")
    alice = visitor(promising, "alice")

    for page in (alice.get("/help/"), alice.get(f"/help/{ticket.pk}")):
        assert re.search(r"We will answer by (tomorrow )?\d\d:\d\d", page.text)
    conversation.reply(ticket.pk, Words("I look."), by=promising.who("ina"), at=promising.tick())
    for page in (alice.get("/help/"), alice.get(f"/help/{ticket.pk}")):
        assert re.search(r"It will be done by (tomorrow )?\d\d:\d\d", page.text)


def test_lateness_is_said_in_words_and_never_red(promising: World) -> None:
    promising.at = datetime.now(UTC) - timedelta(hours=3)
    ticket = promising.ticket("alice")
    page = visitor(promising, "alice").get(f"/help/{ticket.pk}")

    assert re.search(r"We are late with our answer; new time: ", page.text)
    assert not re.search(r'class="[^"]*\blate\b', page.html)


def test_nothing_of_what_parties_owe_each_other_is_told(promising: World) -> None:
    ticket = promising.ticket("alice", service="network")
    hand_over.hand_over(
        ticket.pk, to=promising.teams["network"].pk, done="a", asked="b", by=promising.who("ina"), at=promising.tick()
    )
    taking_part.add_participant(
        ticket.pk, person=promising.people["arno"].pk, by=promising.who("alice"), at=promising.tick()
    )

    for name in ("alice", "arno"):
        page = visitor(promising, name).get(f"/help/{ticket.pk}")
        for words in ("owed by", "between us", "promised to", "clocks/", "have passed"):
            assert words not in page.html, (name, words)


def test_the_first_page_costs_the_same_queries_for_any_number_of_matters(promising: World) -> None:
    found = []
    for more in (1, 9):
        for _ in range(more):
            promising.ticket("alice")
        alice = visitor(promising, "alice")
        alice.get("/help/")
        with CaptureQueriesContext(connection) as queries:
            alice.get("/help/")
        found.append(sum(1 for query in queries if "calendarversion" not in query["sql"]))

    assert found[0] == found[1] <= 12
