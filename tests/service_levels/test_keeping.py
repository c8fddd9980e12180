"""Clocks are rows kept in step by every verb: whose they are, what they count, and what is due next."""

from __future__ import annotations

import pytest

from helmdesk.foundation.time import to_us
from helmdesk.service_levels import retiming, versions
from helmdesk.service_levels.keeping import retime
from helmdesk.service_levels.models import Clock, Retiming
from helmdesk.service_levels.watching import watch
from helmdesk.tickets import assignment, conversation, exclusions, hand_over, resolution, sorting, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from tests.service_levels.promising import (
    MINUTE,
    answered,
    backed,
    calendars,
    clocks,
    later,
    owned,
    promise,
    solved,
    told,
)
from tests.world import World


@pytest.fixture(autouse=True)
def _calendars(world: World) -> None:
    calendars(world.at)


def test_a_ticket_has_the_clocks_that_were_promised_and_is_due_when_the_first_is(world: World) -> None:
    promise(world, solved(), answered(), owned(), backed())
    ticket = world.ticket()
    assert told(ticket) == [
        ("answered", 1, "RUNNING", 0), ("owned", 1, "RUNNING", 0), ("solved", 1, "RUNNING", 0),
    ]  # fmt: skip
    opened = ticket.opened_at
    assert [clock.due_at for clock in clocks(ticket)] == [
        later(opened, hours=1), later(opened, minutes=30), later(opened, days=1),
    ]  # fmt: skip
    assert world.fresh(ticket).next_due_at == later(opened, hours=1)
    conversation.reply(ticket.pk, Words("It is the cable."), by=world.who("ina"), at=world.tick(minutes=20))
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick(minutes=20))
    assert told(ticket) == [
        ("answered", 1, "MET", 20), ("owned", 1, "MISSED", 40), ("solved", 1, "RUNNING", 40),
    ]  # fmt: skip
    assert world.fresh(ticket).next_due_at == later(opened, days=1)
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick(minutes=20))
    assert told(ticket)[2] == ("solved", 1, "MET", 60)
    assert world.fresh(ticket).next_due_at is None


def test_the_same_is_promised_whoever_opens_it(world: World) -> None:
    """DEMANDS 1.1, row 7 (glpi#24267): SLA attached when an admin opens the ticket, not when a requester does."""
    promise(world, solved(calendar="always"), answered(calendar="always"))
    made = [world.ticket("alice", by=name) for name in ("alice", "ina", "max", "nora", "system")]
    alike = {tuple((one.level.code, one.target, one.due_at - one.start) for one in clocks(ticket)) for ticket in made}
    assert len(alike) == 1
    assert {len(clocks(ticket)) for ticket in made} == {2}


def test_a_provider_handed_a_ticket_late_is_not_blamed_for_what_others_used(world: World) -> None:
    """DEMANDS 1.1, row 3 (glpi#1911): G1 hands over at 1h30 of a 2 h target, G2 "has no time"."""
    promise(
        world, solved(calendar="always", targets=[{"within": "2h"}]),
        backed(targets=[{"within": "2h"}], code="northwind-solved", metric="resolution"),
    )  # fmt: skip
    ticket = world.ticket(service="network")
    pass_to_northwind(world, ticket, minutes=90)
    (own,) = clocks(ticket, code="northwind-solved")
    assert (own.used, own.due_at) == (0, later(ticket.opened_at, hours=3, minutes=30))
    resolution.resolve(ticket.pk, by=world.who("nora"), at=world.tick(minutes=60))
    assert told(ticket) == [("northwind-solved", 1, "MET", 60), ("solved", 1, "MISSED", 150)]


def pass_to_northwind(world: World, ticket: Ticket, **passed: int) -> None:
    to, ina = world.teams["network"].pk, world.who("ina")
    hand_over.hand_over(ticket.pk, to=to, done="Looked", asked="The line", by=ina, at=world.tick(**passed))


def test_a_team_that_lost_the_ticket_has_no_clock_that_runs_on(world: World) -> None:
    """DEMANDS 1.1, row 12 (zammad#5624): after moving to another group the old group's target persists."""
    promise(world, owned(), owned(code="northwind-takes", binds={"team": "network"}, calendar="always"))
    ticket = world.ticket(service="network")
    pass_to_northwind(world, ticket, minutes=10)
    assert told(ticket) == [("northwind-takes", 1, "RUNNING", 0), ("owned", 1, "MET", 10)]


@pytest.mark.parametrize("way", ["reply", "participant", "end", "automatic"])
def test_the_requesters_clock_runs_on_when_the_answer_comes_by_any_way_in(world: World, way: str) -> None:
    """DEMANDS 1.1, row 15 (zammad#1322): requester's answer through the web does not restart the clock."""
    promise(world, solved(calendar="always"))
    ticket = world.ticket()
    taking_part.add_participant(ticket.pk, person=world.people["arno"].pk, by=world.who("alice"), at=world.tick())
    conversation.ask_requester(ticket.pk, Words("Which one?"), by=world.who("ina"), at=world.tick(minutes=9))
    assert told(ticket) == [("solved", 1, "PAUSED", 10)]
    alice, at = world.who("alice"), world.tick(minutes=60)
    if way == "reply":
        conversation.reply(ticket.pk, Words("The second."), by=alice, at=at)
    elif way == "participant":
        conversation.reply(ticket.pk, Words("The second."), by=world.who("arno"), at=at)
    elif way == "end":
        waiting.end_wait(ticket.pk, by=alice, at=at)
    else:
        conversation.reply(ticket.pk, Words("I am away.", automatic=True), by=alice, at=at)
    verdict = "PAUSED" if way == "automatic" else "RUNNING"
    assert told(ticket) == [("solved", 1, verdict, 10)]
    assert clocks(ticket)[0].gross == 70 * MINUTE


def test_a_question_to_another_team_ends_with_its_note_and_that_teams_clock_with_it(world: World) -> None:
    promise(world, solved(calendar="always", pauses=[{"wait": "question"}]), backed())
    ticket = world.ticket(service="network")
    team = world.teams["network"].pk
    waiting.ask_team(ticket.pk, team=team, question="Is it up?", by=world.who("ina"), at=world.tick(minutes=10))
    assert told(ticket) == [("northwind-back", 1, "RUNNING", 0), ("solved", 1, "PAUSED", 10)]
    conversation.note(ticket.pk, Words("It is."), by=world.who("nora"), at=world.tick(minutes=30))
    assert told(ticket) == [("northwind-back", 1, "MET", 30), ("solved", 1, "RUNNING", 10)]


def test_a_wait_judged_untrue_and_time_excluded_change_what_was_used(world: World) -> None:
    promise(world, solved(calendar="always"))
    ticket = world.ticket()
    conversation.ask_requester(ticket.pk, Words("Which one?"), by=world.who("ina"), at=world.tick(minutes=10))
    asked = world.fresh(ticket).wait_position or 0
    waiting.contest(ticket.pk, by=world.who("alice"), at=world.tick(minutes=20))
    waiting.judge(ticket.pk, wait=asked, upheld=False, by=world.who("max"), at=world.tick(minutes=10))
    assert told(ticket) == [("solved", 1, "RUNNING", 40)]
    message = world.messages(ticket)[0].pk
    exclusions.ask_exclusion(
        ticket.pk, since=later(ticket.opened_at, minutes=5), until=later(ticket.opened_at, minutes=25),
        reason="agreed", message=message, level="solved", by=world.who("ina"), at=world.tick(minutes=20),
    )  # fmt: skip
    assert told(ticket) == [("solved", 1, "RUNNING", 40)]
    n = world.fresh(ticket).position
    exclusions.approve_exclusion(ticket.pk, exclusion=n, by=world.who("max"), at=world.tick(minutes=1))
    assert told(ticket) == [("solved", 1, "RUNNING", 41)]


def test_a_change_of_priority_chooses_the_target_again_and_keeps_what_was_used(world: World) -> None:
    """DEMANDS 1.1, rows 1 and 2 (glpi#6902, #15605): new SLA after a priority change ignores time spent pending."""
    promise(world, solved(calendar="always"))
    ticket = world.ticket()
    conversation.ask_requester(ticket.pk, Words("Which one?"), by=world.who("ina"), at=world.tick(minutes=30))
    conversation.reply(ticket.pk, Words("The second."), by=world.who("alice"), at=world.tick(days=2))
    sorting.prioritise(ticket.pk, impact=1, urgency=1, by=world.who("ina"), at=world.tick(minutes=30))
    (one,) = clocks(ticket)
    assert (one.used, one.target, one.due_at) == (60 * MINUTE, 120 * MINUTE, later(world.at, hours=1))
    assert world.fresh(ticket).next_due_at == one.due_at


def test_what_began_under_a_version_goes_on_by_it_and_still_warns(world: World) -> None:
    """DEMANDS 1.1, row 16 (zammad#3523): a release broke every escalation view and trigger."""
    promise(world, solved(calendar="always"))
    old = world.ticket()
    world.tick()
    promise(world, solved(calendar="always", targets=[{"within": "4h"}]))
    new = world.ticket()
    assert [clocks(ticket)[0].version.n for ticket in (old, new)] == [1, 2]
    resolution.resolve(new.pk, by=world.who("ina"), at=world.tick())
    assert watch(at=later(old.opened_at, hours=8)) == 1
    assert world.fresh(old).next_due_at == later(old.opened_at, hours=8)


def test_a_version_for_the_past_times_anew_batch_by_batch_and_goes_on_after_a_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise(world, solved(calendar="always"))
    tickets = [world.ticket() for _ in range(5)]
    began = tickets[0].opened_at
    monkeypatch.setattr(retiming, "BATCH", 2)
    promise(world, solved(calendar="always", targets=[{"within": "3h"}]), valid_from=began)
    row = Retiming.objects.get()
    assert row.total == 5
    seen = []
    while retiming.go_on(row.pk, at=world.at):
        row.refresh_from_db()
        seen.append((row.done, len(Clock.objects.filter(version__n=2))))
    assert seen == [(2, 2), (4, 4)]
    assert {clock.version.n for clock in Clock.objects.all()} == {2}
    assert {clock.due_at - clock.start for clock in Clock.objects.all()} == {later(began, hours=3) - began}
    assert [one.finished_at for one in Retiming.objects.all()] == [world.at]
    assert not retiming.go_on(row.pk, at=world.at)


def test_without_a_level_nothing_is_kept_and_a_ticket_is_never_due(world: World) -> None:
    ticket = world.ticket()
    assert (told(ticket), world.fresh(ticket).next_due_at) == ([], None)


def test_what_was_brought_in_has_no_clock_until_it_is_worked_on_and_its_past_warns_nobody(world: World) -> None:
    promise(world, solved(calendar="always"), answered(calendar="always"))
    ticket = world.ticket()
    Clock.objects.all().delete()
    Ticket.objects.unscoped(reason="as an import leaves it").update(live=False)
    retiming._retimed([ticket.pk])
    assert told(ticket) == []
    sorting.prioritise(ticket.pk, impact=2, urgency=2, by=world.who("ina"), at=world.tick(hours=20))
    assert {(one.verdict, one.next_at is None) for one in clocks(ticket)} == {(3, False)}
    Clock.objects.all().delete()
    retime([ticket.pk], versions.current(), silent_before=to_us(world.at))
    assert {(one.verdict, one.next_at is None) for one in clocks(ticket)} == {(3, True)}
    assert watch(at=later(world.at, days=1)) == 0
