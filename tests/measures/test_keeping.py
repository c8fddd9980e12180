"""The rows of figures are what the events say, however they came about; `measures` replay == live."""

from __future__ import annotations

from copy import copy
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Event, Head
from helmdesk.measures import keeping, replay
from helmdesk.measures.models import Followed, HeldSpan, TicketFigures
from helmdesk.tickets import assignment, conversation, hand_over, merging, resolution, waiting
from helmdesk.tickets.conversation import Words
from tests.measures.naive import Told, columns
from tests.thoroughness import examples
from tests.tickets.lives import STEPS, Step
from tests.tickets.test_replay import begin, live, undone
from tests.world import World


def rows() -> list[dict[str, Any]]:
    """Every row of figures as the database holds it."""
    found = TicketFigures.objects.unscoped(reason="test").order_by("pk").values(*keeping.FIGURES)
    return [{name: to_us(v) if hasattr(v, "tzinfo") else v for name, v in row.items()} for row in found]


def spans() -> list[tuple[Any, ...]]:
    return list(HeldSpan.objects.unscoped(reason="test").order_by("ticket", "n").values_list(*keeping.SPANS))


@settings(
    max_examples=examples(3),
    phases=[stage for stage in hypothesis.Phase if stage is not hypothesis.Phase.explain],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=8, max_size=18), cut=st.integers(0, 17))
def test_after_any_sequence_of_verbs_rows_are_what_a_slow_twin_says(world: World, steps: list[Step], cut: int) -> None:
    with undone():
        lived = copy(world)
        begin(lived)
        for step in steps[:cut]:
            live(lived, step)
        keeping.follow()
        for step in steps[cut:]:
            live(lived, step)
        keeping.follow()

        for row in rows():
            told = Told.of(row["ticket_id"])
            expected = columns(told)
            assert {name: row[name] for name in expected} == expected
            must_add_up(told, until=to_us(lived.at) + 1)
        assert list(replay.differences()) == []
        kept = rows(), spans()
        keeping.rebuild()
        assert (rows(), spans()) == kept


def must_add_up(told: Told, *, until: int) -> None:
    """All holders' time and the rest add up to the ticket's life, to the microsecond."""
    held: dict[tuple[str, int | None], int] = {}
    for span in HeldSpan.objects.unscoped(reason="test").filter(ticket=told.ticket):
        end = until if span.end is None else to_us(span.end)
        key = (span.holder, span.holder_id)
        held[key] = held.get(key, 0) + end - to_us(span.start)
    expected = told.held(until)
    rest = expected.pop(("rest", None), 0)
    assert held == expected
    assert sum(held.values()) + rest == until - told.rows[0]["at"]


def test_it_follows_in_bounded_batches_and_goes_on_where_it_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        world.ticket()
    monkeypatch.setattr(keeping, "EVENTS", 2)

    passed = keeping.follow(most=1)

    assert (passed, Followed.objects.get().seq, keeping.behind()) == (2, 2, Head.objects.get().seq - 2)
    keeping.follow()
    assert (keeping.behind(), len(rows()), list(replay.differences())) == (0, 3, [])
    assert keeping.follow() == 0


def test_only_tickets_that_changed_are_written_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = [world.ticket() for _ in range(3)]
    keeping.follow()
    written: list[int] = []
    write = keeping.write

    def noted(some: list[int]) -> None:
        written.extend(some)
        write(some)

    monkeypatch.setattr(keeping, "write", noted)

    assignment.take(tickets[1].pk, by=world.who("ina"), at=world.tick())
    keeping.follow()

    assert written == [tickets[1].pk]


def test_a_row_that_the_events_do_not_account_for_is_told(world: World) -> None:
    one, other = world.ticket(), world.ticket()
    keeping.follow()
    TicketFigures.objects.unscoped(reason="test").filter(pk=one.pk).update(moves=7)
    HeldSpan.objects.unscoped(reason="test").filter(ticket=other).delete()

    found = [asdict(difference) for difference in replay.differences()]

    assert found == [
        {"ticket": one.pk, "field": "figures.moves", "row": 7, "events": 0},
        {"ticket": other.pk, "field": "held", "row": 0, "events": 1},
    ]
    assert list(replay.differences(tickets=[other.pk])) != []


def test_a_ticket_that_is_not_followed_yet_is_no_difference(world: World) -> None:
    keeping.follow()
    world.ticket()
    assert (list(replay.differences()), keeping.behind() > 0) == ([], True)


def test_an_answer_counts_when_a_person_says_it_to_the_requester(world: World) -> None:
    ticket = world.ticket()
    conversation.note(ticket.pk, Words("between us"), by=world.who("ina"), at=world.tick())
    conversation.reply(ticket.pk, Words("got it", automatic=True), by=world.who("ina"), at=world.tick())
    conversation.reply(ticket.pk, Words("and?"), by=world.who("alice"), at=world.tick())
    answered = world.tick()
    conversation.reply(ticket.pk, Words("we look"), by=world.who("ina"), at=answered)
    keeping.follow()

    (row,) = rows()
    assert (row["responded_at"], row["exchanges"]) == (to_us(answered), 1)


def test_solving_without_a_word_answers_too(world: World) -> None:
    ticket = world.ticket()
    solved = world.tick(hours=2)
    resolution.resolve(ticket.pk, by=world.who("ina"), at=solved)
    keeping.follow()

    (row,) = rows()
    assert (row["responded_at"], row["resolved_at"], row["worked"]) == (to_us(solved), to_us(solved), 7_200_000_000)


def test_passing_on_and_back_again_is_told_as_two_moves_and_one_return(world: World) -> None:
    ticket = world.ticket("alice", service="network", site="north")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    hand_over.decline(ticket.pk, reason=hand_over.DECLINE_REASONS[0], by=world.who("nora"), at=world.tick())
    keeping.follow()

    (row,) = rows()
    assert (row["moves"], row["returns"], row["team_id"]) == (2, 1, world.teams["desk"].pk)


def test_a_wait_that_was_judged_untrue_is_the_teams_own_time(world: World) -> None:
    ticket = world.ticket()
    conversation.ask_requester(ticket.pk, Words("Which room?"), by=world.who("ina"), at=world.tick())
    waited = Event.objects.get(stream=1, stream_id=ticket.pk, kind="wait.started").n
    world.tick(hours=5)
    waiting.contest(ticket.pk, wait=waited, by=world.who("alice"), at=world.tick())
    keeping.follow()
    before = [(row[4], row[7]) for row in spans()]
    waiting.judge(ticket.pk, wait=waited, upheld=False, by=world.who("max"), at=world.tick())
    keeping.follow()

    after = HeldSpan.objects.unscoped(reason="test").order_by("n").values_list("holder", "wait", "overruled")
    assert before == [("team", None), ("requester", "requester")]
    assert list(after) == [("team", None, False), ("team", None, True)]


def test_a_merged_ticket_is_not_solved_and_is_told_so(world: World) -> None:
    one, other = world.ticket(), world.ticket()
    resolution.resolve(one.pk, by=world.who("ina"), at=world.tick())
    merging.merge(one.pk, into=other.pk, by=world.who("ina"), at=world.tick())
    keeping.follow()

    first = rows()[0]
    assert (first["merged"], first["resolved_at"], first["worked"], first["phase"]) == (True, None, None, 3)


def test_a_withdrawn_ticket_is_told_so_until_it_is_opened_again(world: World) -> None:
    ticket = world.ticket()
    resolution.withdraw(ticket.pk, by=world.who("alice"), at=world.tick())
    keeping.follow()
    withdrawn = rows()[0]["closed_how"]
    resolution.reopen(ticket.pk, why="by_team", by=world.who("ina"), at=world.tick())
    keeping.follow()

    assert (withdrawn, rows()[0]["closed_how"], rows()[0]["reopens"]) == ("withdrawn", None, 1)


def test_the_job_follows(world: World) -> None:
    from helmdesk.measures import jobs

    world.ticket()
    jobs.follow.func()
    assert (keeping.behind(), len(rows())) == (0, 1)


def test_a_ticket_of_last_month_is_found_by_its_days(world: World) -> None:
    world.at -= timedelta(days=40)
    world.ticket()
    keeping.follow()
    assert rows()[0]["opened_at"] == to_us(world.at)
