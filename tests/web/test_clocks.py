"""The page that explains a figure: it adds up to the clock, shows the rules, and is there for whom the clock is."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import ImageFile

from helmdesk.clocks import account
from helmdesk.ledger.models import Event
from helmdesk.service_levels.evidence import Evidence, document, evidence
from helmdesk.service_levels.models import Clock
from helmdesk.tickets import conversation, exclusions, hand_over, resolution
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.parties import all_parties
from helmdesk.tickets.reading import opened
from helmdesk.web.clocks import paper
from tests.service_levels.promising import HOUR, answered, backed, calendars, owned, promise, solved
from tests.web.visiting import visitor
from tests.world import World

INSIDE, GUEST = 11, 12
"""Queries of an explanation: of somebody in-house, and of a guest, whose scopes are listed."""


@pytest.fixture
def promising(world: World) -> World:
    """The small company, with promises of all kinds."""
    calendars(world.at)
    promise(world, solved(), answered(), owned(), backed())
    return world


def passed(world: World) -> Ticket:
    """Opened on Monday 9:01, asked back from 9:31 to 10:01, with Northwind from 10:31, solved on Tuesday 10:31."""
    ticket = world.ticket("alice", service="network")
    conversation.ask_requester(ticket.pk, Words("Which room?"), by=world.who("ina"), at=world.tick(minutes=30))
    conversation.reply(ticket.pk, Words("All."), by=world.who("alice"), at=world.tick(minutes=30))
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick(minutes=30)
    )
    resolution.resolve(ticket.pk, by=world.who("nora"), at=world.tick(days=1))
    return ticket


def told_to(name: str, world: World, ticket: Ticket, code: str, n: int) -> Evidence | None:
    viewer = world.who(name)
    return evidence(
        opened(ticket.pk, viewer=viewer), code, n, viewer=viewer, at=world.tick(), parties=all_parties()
    )  # fmt: skip


def test_the_sum_of_the_table_is_the_figure_of_the_clock(promising: World) -> None:
    ticket = passed(promising)
    for row in Clock.objects.filter(ticket=ticket):
        one = told_to("ina", promising, ticket, row.level.code, row.n)

        assert one is not None
        assert (one.used, sum(line.counted for line in one.lines)) == (row.used, row.used)
        assert (one.turn.used, one.turn.gross, one.turn.target) == (row.used, row.gross, row.target)
        assert (one.lines[0].start, one.lines[-1].end) == (
            int(row.start.timestamp() * 1e6), int((row.stop or promising.at).timestamp() * 1e6),
        )  # fmt: skip


def test_the_page_tells_each_span_with_who_had_it_and_why_it_counts(promising: World) -> None:
    page = visitor(promising, "ina").get(f"/tickets/{passed(promising).pk}/clocks/solved-1")

    assert "Solved, promised to Alice Berg" in page
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r'<tr class="o[nf]+.*?</tr>', page.html)]
    told = [[part for part in row.split("|") if part] for row in rows]
    assert told == [
        ["09:01", "09:31", "Desk", "0:30:00", "0:30:00", "0:30:00", "counts"],
        ["09:31", "10:01", "Alice Berg", "0:30:00", "0:30:00",
         "stands still: waiting for an answer of Alice Berg"],
        ["10:01", "10:31", "Desk", "0:30:00", "0:30:00", "1:00:00", "counts"],
        ["10:31", "24:00", "Northwind", "5:29:00", "5:29:00", "6:29:00", "counts"],
        ["00:00", "10:31", "Northwind", "2:31:00", "2:31:00", "9:00:00", "counts ", "Here the time is used up."],
    ]  # fmt: skip
    for words in ("1 h late", "25:30:00", "8 h for all", "version 1", "tzdata", "office"):
        assert words in page


def test_a_provider_handed_a_ticket_late_is_not_blamed_and_the_promise_is_late(promising: World) -> None:
    """DEMANDS 1.1, row 3: both are shown, side by side."""
    promise(promising, solved(targets=[{"within": "2h"}]), backed(targets=[{"within": "1h"}]))
    ticket = promising.ticket("alice", service="network")
    hand_over.hand_over(
        ticket.pk, to=promising.teams["network"].pk, done="a", asked="b", by=promising.who("ina"),
        at=promising.tick(minutes=90),
    )  # fmt: skip
    resolution.resolve(ticket.pk, by=promising.who("nora"), at=promising.tick(minutes=45))

    page = visitor(promising, "ina").get(f"/tickets/{ticket.pk}")

    assert re.search(r"promised to Alice Berg Solved 15 min late, by .*? 2 h 15 of 2 h", page.text)
    assert "owed by Northwind Back kept 45 min of 1 h" in page.text


def test_the_ticket_says_by_when_and_how_much_of_the_time_is_used(promising: World) -> None:
    """DEMANDS 1.1, row 21: the absolute time and the time that counts."""
    page = visitor(promising, "ina").get(f"/tickets/{passed(promising).pk}")

    assert re.search(r"promised to Alice Berg Solved 1 h late, by 3 March 9 h of 8 h 1 day have passed", page.text)
    assert "Promised to Alice Berg, Solved: by 3 March, 1 h late." in page.html


def test_evidence_is_one_canonical_text_with_the_hashes_of_the_ledger(promising: World) -> None:
    ticket = passed(promising)
    one = visitor(promising, "ina").get(f"/tickets/{ticket.pk}/clocks/solved-1.json")
    told = json.loads(one.html)
    row = Clock.objects.get(ticket=ticket, level__code="solved")

    assert one.html == json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert one.response["Content-Disposition"] == f'attachment; filename="{ticket.pk}-solved-1.json"'
    assert (told["clock"]["used_us"], told["clock"]["verdict"]) == (row.used, "missed")
    assert (told["level"]["digest"], told["calendar"]["digest"]) == (row.version.digest, row.calendar_version.digest)
    events = {event.seq: bytes(event.hash).hex() for event in Event.objects.filter(stream=1, stream_id=ticket.pk)}
    assert [event["hash"] for event in told["events"]] == [events[event["seq"]] for event in told["events"]]
    assert {"ticket.opened", "wait.started", "wait.ended", "handed_over", "resolved"} <= {
        event["kind"] for event in told["events"]
    }
    assert sum(line["counted_us"] for line in told["lines"]) == told["lines"][-1]["sum_us"] == row.used


def test_the_page_names_the_fingerprint_of_the_json_of_a_clock_that_stopped(promising: World) -> None:
    ticket = passed(promising)
    ina = visitor(promising, "ina")
    told = json.loads(ina.get(f"/tickets/{ticket.pk}/clocks/solved-1.json").html)

    page = ina.get(f"/tickets/{ticket.pk}/clocks/solved-1")
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert f"(SHA-256 of its JSON): {sha256(text.encode()).hexdigest()}" in page


@pytest.mark.parametrize(
    ("clock", "may"),
    [
        ("solved-1", {"ina", "ada"}),
        ("northwind-back-1", {"ina", "ada", "nora"}),
        ("owned-1", {"ina", "ada"}),
        ("solved-2", set()),
        ("solved", set()),
        ("-1", set()),
    ],
)
def test_a_figure_is_explained_to_whom_the_clock_is_shown_as_a_whole(
    promising: World, clock: str, may: set[str]
) -> None:
    ticket = passed(promising)
    for name in ("ina", "ada", "nora", "bela"):
        for form in ("", ".json"):
            visitor(promising, name).get(
                f"/tickets/{ticket.pk}/clocks/{clock}{form}", status=200 if name in may else 404
            )


def test_who_asked_is_led_to_their_own_page(promising: World) -> None:
    ticket = passed(promising)
    seen = visitor(promising, "alice").get(f"/tickets/{ticket.pk}/clocks/solved-1", status=302)

    assert seen.leads_to == f"/requests/{ticket.pk}" or str(ticket.pk) in seen.leads_to


def test_time_that_was_agreed_not_to_count_is_left_out_and_says_so(promising: World) -> None:
    ticket = passed(promising)
    start = Ticket.objects.unscoped(reason="a test").get(pk=ticket.pk).opened_at
    message = promising.messages(ticket)[0].pk
    exclusions.ask_exclusion(
        ticket.pk, since=start, until=start + timedelta(minutes=20), reason="agreed", message=message, level="solved",
        by=promising.who("ina"), at=promising.tick(),
    )  # fmt: skip
    asked = Event.objects.get(stream=1, stream_id=ticket.pk, kind="exclusion.asked").n
    exclusions.approve_exclusion(ticket.pk, exclusion=asked, by=promising.who("max"), at=promising.tick())

    page = visitor(promising, "ina").get(f"/tickets/{ticket.pk}/clocks/solved-1")

    assert "left out: agreed by a lead of the company" in page
    assert Clock.objects.get(ticket=ticket, level__code="solved").used == 9 * HOUR - 20 * HOUR // 60
    assert "8:40:00" in page
    assert "exclusion.approved" in page


def test_a_clock_that_runs_is_told_up_to_now(promising: World) -> None:
    ticket = promising.ticket("alice")
    page = visitor(promising, "ina").get(f"/tickets/{ticket.pk}/clocks/solved-1")

    assert "not yet" in page
    assert "Began" in page


@pytest.mark.parametrize("notes", [1, 30])
def test_an_explanation_costs_the_same_queries_however_long_the_ticket(promising: World, notes: int) -> None:
    ticket = promising.ticket("alice", service="network")
    hand_over.hand_over(
        ticket.pk, to=promising.teams["network"].pk, done="a", asked="b", by=promising.who("ina"), at=promising.tick()
    )
    for n in range(notes):
        conversation.note(ticket.pk, Words(f"Note {n}"), by=promising.who("nora"), at=promising.tick())
    for who, form, budget in (("ina", "", INSIDE), ("nora", "", GUEST), ("nora", ".json", GUEST)):
        address = f"/tickets/{ticket.pk}/clocks/northwind-back-1{form}"
        someone = visitor(promising, who)
        someone.get(address)
        with CaptureQueriesContext(connection) as queries:
            someone.get(address)
        assert len(queries) == budget, (who, [query["sql"][:90] for query in queries])


def test_evidence_on_paper(promising: World) -> None:
    try:
        paper.weasyprint()
    except paper.NoPaper as missing:
        pytest.skip(str(missing))
    ticket = passed(promising)
    response = visitor(promising, "ina").client.get(f"/tickets/{ticket.pk}/clocks/solved-1.pdf")

    assert response.content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    assert not ImageFile.LOAD_TRUNCATED_IMAGES, "pictures cut short are refused still"


def test_without_its_libraries_paper_says_what_is_missing(promising: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise paper.NoPaper('pip install "helmdesk[pdf]"')

    monkeypatch.setattr(paper, "weasyprint", missing)
    page = visitor(promising, "ina").get(f"/tickets/{passed(promising).pk}/clocks/solved-1.pdf", status=501)

    assert 'pip install "helmdesk[pdf]"' in page


def test_paper_fetches_nothing() -> None:
    with pytest.raises(ValueError, match="secrets"):
        paper._nothing("file:///etc/secrets")


def test_the_reference_of_evidence_names_what_there_is(promising: World) -> None:
    one = told_to("ina", promising, passed(promising), "solved", 1)
    assert one is not None
    told = document(one)
    text = (Path(__file__).parents[2] / "docs/reference/evidence.md").read_text()
    whole, whys = text.split("`why` of a line is one of")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", whole, re.MULTILINE))

    assert set(rows) == set(told)
    for key in ("clock", "level", "calendar", "put_right"):
        assert set(told[key]) <= set(re.findall(r"`(\w+)`", rows[key])), key
    for key in ("lines", "events"):
        assert set(told[key][0]) <= set(re.findall(r"`(\w+)`", rows[key])), key
    assert set(re.findall(r"^\| `(\w+)` \|", whys, re.MULTILINE)) - {"why"} == {
        account.COUNTS, account.CLOSED, account.PAUSED, account.ELSEWHERE, account.EXCLUDED, account.AT_REST,
        account.NOT_YET, account.MOVED,
    }  # fmt: skip
