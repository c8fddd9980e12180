"""What was promised, in words: whose promise, by when, how it stands, how much of its time is used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from helmdesk.clocks.levels import Binds, Metric
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.time import to_us
from helmdesk.history.fold import Event
from helmdesk.measures.ribbon import MOST_HATCHES
from helmdesk.service_levels import versions
from helmdesk.service_levels.hours import hours
from helmdesk.service_levels.reading import Reading
from helmdesk.tickets import conversation, hand_over, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.parties import all_parties
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.promises import Scene, marks, promises, told
from helmdesk.web.tickets.ribbon import Mark, Ribbon, ribbon
from tests.service_levels.promising import HOUR, MINUTE, backed, calendars, owned, promise, solved, works_by
from tests.web.visiting import visitor
from tests.world import World

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_utc() -> Iterator[None]:
    with timezone.override("UTC"):
        yield


def scene(world: World, who: str = "ina", *, wait: str | None = None, terms: Any = ()) -> Scene:
    return Scene(Names.of(world.who(who), all_parties()), "Dana", to_us(NOON), wait, terms)


def reading(verdict: Verdict = Verdict.RUNNING, *, due: float | None = 3, **changed: Any) -> Reading:
    """A clock of 2 hours, of which 42 minutes are used; due in hours from noon."""
    stopped = verdict in (Verdict.MET, Verdict.MISSED, Verdict.UNJUDGED)
    given: dict[str, Any] = {
        "ticket": 7, "level": 1, "code": "solved", "name": {"en": "Solved"}, "n": 1, "metric": Metric.RESOLUTION,
        "binds": Binds.REQUESTER, "party": None, "verdict": verdict, "start": NOON - timedelta(hours=1),
        "stop": NOON if stopped else None, "due_at": None if due is None else NOON + timedelta(hours=due), "why": None,
        "used": 42 * MINUTE, "gross": HOUR, "target": 2 * HOUR, "version": 1, "calendar_version": 1,
    }  # fmt: skip
    return Reading(**{**given, **changed})


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (reading(), ("", "open", "1 h 18 left", "by 15:00")),
        (reading(due=0.5), ("soon", "soon", "1 h 18 left", "by 12:30")),
        (reading(due=21), ("", "open", "1 h 18 left", "by tomorrow 09:00")),
        (reading(Verdict.PAUSED, due=None), ("paused", "paused", "paused", "")),
        (reading(Verdict.LATE, due=-2), ("late", "late", "2 h late", "by 10:00")),
        (reading(Verdict.MET, due=None), ("met", "met", "kept", "")),
        (reading(Verdict.MISSED, due=-0.15), ("late", "late", "9 min late", "by 11:51")),
        (reading(Verdict.UNJUDGED, due=None, why="merged"), ("paused", "paused", "not counted: merged", "")),
        (reading(used=None, gross=None, target=None), ("", "open", "3 h left", "by 15:00")),
        (reading(used=None, gross=None, target=None, due=None), ("", "open", "running", "")),
    ],
)
def test_how_it_stands_in_words_shape_and_colour(world: World, one: Reading, said: tuple[str, ...]) -> None:
    found = told(one, scene(world))
    assert (found.css, found.mark, found.state, found.by) == said


def test_the_absolute_time_and_the_time_that_counts(world: World) -> None:
    """DEMANDS 1.1, row 21."""
    found = told(reading(), scene(world))
    assert (found.by, found.zoned, found.used, found.gross, found.explain) == (
        "by 15:00", "Tuesday 3 March 2026, 15:00:00 UTC (UTC+00:00)", "42 min of 2 h", "1 h have passed",
        "/tickets/7/clocks/solved-1",
    )  # fmt: skip


def test_who_may_read_the_date_alone_is_told_no_more(world: World) -> None:
    found = told(reading(used=None, gross=None, target=None), scene(world, "nora"))
    assert (found.used, found.gross, found.explain) == ("", "", "")


@pytest.mark.parametrize(
    ("who", "binds", "party", "words"),
    [
        ("ina", Binds.REQUESTER, None, "promised to Dana"),
        ("ina", Binds.PROVIDER, "northwind", "owed by Northwind"),
        ("nora", Binds.PROVIDER, "northwind", "owed by us"),
        ("ina", Binds.TEAM, "desk", "between us: Desk"),
    ],
)
def test_whose_promise_it_is(world: World, who: str, binds: Binds, party: str | None, words: str) -> None:
    pk = None
    if party is not None:
        pk = (world.providers if binds == Binds.PROVIDER else world.teams)[party].pk
    assert told(reading(binds=binds, party=pk), scene(world, who)).whose == words


def test_of_each_level_the_last_turn_is_shown_and_earlier_ones_are_folded(world: World) -> None:
    turns = [reading(Verdict.MET, due=None, n=1), reading(Verdict.MISSED, due=-1, n=2), reading(n=3)]
    found = promises([*turns, reading(level=2, n=1, code="answered")], scene(world))

    assert [(one.explain.rpartition("/")[2]) for one in found.shown] == ["solved-3", "answered-1"]
    assert [(one.explain.rpartition("/")[2]) for one in found.before] == ["solved-1", "solved-2"]
    assert found.counted == "2 earlier ones"


def test_the_head_of_the_page_has_the_nearest_promise_to_the_requester(world: World) -> None:
    far, near = reading(due=9), reading(due=2, level=2, code="answered")
    owed = reading(due=1, level=3, binds=Binds.PROVIDER, party=world.providers["northwind"].pk)

    assert [one.explain for one in promises([far, near, owed], scene(world)).heads] == ["/tickets/7/clocks/answered-1"]
    assert promises([reading(Verdict.MET, due=None)], scene(world)).heads == []


def test_a_pause_says_how_long_it_can_last(world: World) -> None:
    calendars(world.at)
    promise(world, solved(pauses=[{"wait": "requester", "cap": "72h"}, {"wait": "parts"}]))
    terms = versions.current()
    one = reading(Verdict.PAUSED, due=None, version=terms[0].version)

    assert told(one, scene(world, wait="requester", terms=terms)).note == "while it waits, for 72 h at most"
    assert told(one, scene(world, wait="parts", terms=terms)).note == "while it waits"
    assert told(reading(), scene(world, wait="parts", terms=terms)).note == ""


def test_marks_stand_where_time_is_or_would_have_been_used_up(world: World) -> None:
    calendars(world.at)
    promise(world, solved(calendar="always"))
    terms = versions.current()
    known: dict[str, Any] = {"version": terms[0].version, "calendar_version": terms[0].calendar_version}
    kept = reading(Verdict.MET, due=None, stop=NOON - timedelta(hours=2), **known)
    late, ahead = reading(Verdict.LATE, due=-1, level=2, **known), reading(due=3, level=3, **known)
    found = marks([ahead, kept, late], scene(world, terms=terms))

    assert [(mark.at, mark.mark, mark.label) for mark in found] == [
        (to_us(NOON) - HOUR, "late", "Solved by 11:00, 1 h late"),
        (to_us(NOON) - 42 * MINUTE, "met", "Solved by 11:18"),
        (to_us(NOON) + 3 * HOUR, "open", "Solved by 15:00"),
    ]
    assert found[-1].told == "Promised to Dana, Solved: by 15:00, 1 h 18 left"


def test_a_ribbon_with_many_turns_has_few_marks(world: World) -> None:
    turns = [reading(Verdict.MISSED, due=-n, n=n, level=n) for n in range(1, 40)]
    assert len(marks(turns, scene(world))) == 12


# --- the ribbon ---


def life(world: World) -> Ticket:
    """Monday 9:01; asked back 9:31 to 10:01; with Northwind from 10:31."""
    ticket = world.ticket("alice", service="network")
    conversation.ask_requester(ticket.pk, Words("Which?"), by=world.who("ina"), at=world.tick(minutes=30))
    conversation.reply(ticket.pk, Words("All."), by=world.who("alice"), at=world.tick(minutes=30))
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick(minutes=30)
    )
    return ticket


def drawn(world: World, ticket: Ticket, *, who: str = "ina", at: datetime, **more: Any) -> Ribbon:
    from helmdesk.tickets.lives import lives_of

    names = Names.of(world.who(who), all_parties())
    found = ribbon(lives_of([ticket.pk])[ticket.pk], names, asker="Alice", present=to_us(at), **more)
    assert found is not None
    return found


def test_spans_are_in_proportion_and_said_in_words(world: World) -> None:
    ticket = life(world)
    band = drawn(world, ticket, at=world.at + timedelta(minutes=90))

    assert [(piece.name, piece.width) for piece in band.pieces] == [
        ("us", 16.67), ("waiting for Alice", 16.66), ("us", 16.67), ("Northwind", 50.0),
    ]  # fmt: skip
    assert "with us 30 min, waiting for Alice 30 min, with us 30 min, with Northwind 1 h 30." in band.words
    assert (band.now, band.ended, band.hatched) == (100, False, [])


def test_hours_off_duty_are_hatched_where_a_level_says_when_they_work(world: World) -> None:
    calendars(world.at)
    promise(world, owned(), backed(calendar="office"))
    ticket = life(world)
    band = drawn(
        world,
        ticket,
        at=world.at.replace(hour=17, minute=0) + timedelta(days=1),
        hours=hours(versions.known(), all_parties().teams.values()),
    )

    assert band.off == (1 + 15 + 1) * HOUR
    assert len(band.hatched) == 3
    assert "(17 h of it off duty)" in band.words


def test_hours_off_duty_are_hatched_by_a_team_s_own_calendar(world: World) -> None:
    calendars(world.at)
    works_by(world, network="office")
    ticket = life(world)
    known = hours(versions.known(), all_parties().teams.values())
    band = drawn(world, ticket, at=world.at.replace(hour=17, minute=0) + timedelta(days=1), hours=known)

    assert (band.off, len(band.hatched)) == ((1 + 15 + 1) * HOUR, 3)


def test_a_life_of_years_has_few_hatches(world: World) -> None:
    calendars(world.at)
    promise(world, owned(), backed(calendar="office"))
    ticket = life(world)
    for days in (20, 100, 900, 4000):
        band = drawn(
            world,
            ticket,
            at=world.at + timedelta(days=days),
            hours=hours(versions.known(), all_parties().teams.values()),
        )
        assert len(band.hatched) <= MOST_HATCHES


def test_due_times_stand_on_the_band_and_in_its_words(world: World) -> None:
    ticket = life(world)
    now = world.at + timedelta(minutes=90)
    met = Mark(to_us(now - timedelta(hours=2)), "met", "answer", "Promised to Alice, answer: by 10:01, kept")
    ahead = Mark(to_us(now + timedelta(hours=1)), "open", "solve", "Promised to Alice, solved: by 13:01, 1 h left")
    band = drawn(world, ticket, at=now, marks=[met, ahead])

    assert [(tick.mark, tick.label, tick.row) for tick in band.ticks] == [("met", "answer", 0), ("open", "solve", 0)]
    assert band.now < band.ticks[1].x < 100
    assert band.words.endswith("answer: by 10:01, kept. Promised to Alice, solved: by 13:01, 1 h left.")
    assert band.rows == 1


def test_what_another_provider_was_asked_is_drawn_as_the_responsible_team_s(world: World) -> None:
    ticket = world.ticket("alice", service="email", site="north")
    waiting.ask_team(
        ticket.pk, team=world.teams["night"].pk, question="Is it up?", by=world.who("ina"), at=world.tick(minutes=30)
    )
    later = world.at + timedelta(hours=1)

    assert [piece.name for piece in drawn(world, ticket, at=later).pieces] == ["us", "Baltic"]
    assert [piece.name for piece in drawn(world, ticket, who="nora", at=later).pieces] == ["Inhouse"]


def test_events_that_cannot_be_followed_draw_nothing(world: World) -> None:
    names = Names.of(world.who("ina"), all_parties())
    broken = [Event(n=1, kind="resolved", at=0, what={})]

    assert ribbon(broken, names, asker="Alice", present=1) is None
    assert ribbon([], names, asker="Alice", present=1) is None


def test_the_page_draws_ticks_and_hatches(world: World) -> None:
    calendars(world.at)
    promise(world, solved(), owned(), backed(calendar="office"))
    page = visitor(world, "ina").get(f"/tickets/{life(world).pk}")

    assert 'fill="url(#rib-off)"' in page.html
    assert '<g class="tk ' in page.html
    assert "off duty in it" in page
    assert "style=" not in page.html
