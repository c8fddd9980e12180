"""Waits: one at a time, each with its evidence, on somebody named; contested, judged, ended, passed on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from helmdesk.access.models import Grant
from helmdesk.providers.models import Provider
from helmdesk.tickets import conversation, hand_over, relations, resolution, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Message, Share, ThirdParty, Ticket, Wait
from helmdesk.tickets.replay import differences
from tests.tickets.outcomes import events, heard, kinds, last, refused, signature, widen
from tests.world import World


def call(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> Ticket:
    return waiting.wait_after_call(ticket.pk, told="No answer at 9:10", by=world.who(by), at=world.tick(), **how)


def company(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> Ticket:
    given = {"company": world.company.pk if world.company else 0, "told": "Ordered a fuser", **how}
    return waiting.wait_for_company(ticket.pk, by=world.who(by), at=world.tick(), **given)


def date(world: World, ticket: Ticket, wait: str = "parts", by: str = "ina", days: int = 2) -> Ticket:
    until = world.at + timedelta(days=days)
    return waiting.wait_for_date(ticket.pk, wait=wait, until=until, by=world.who(by), at=world.tick())


def ask_team(world: World, ticket: Ticket, team: str, by: str = "ina") -> Ticket:
    return waiting.ask_team(
        ticket.pk, team=world.teams[team].pk, question="Is the line up?", by=world.who(by), at=world.tick()
    )


def part_of(world: World, whole: Ticket) -> Ticket:
    first = world.messages(whole)[0].pk
    return relations.split(whole.pk, messages=[first], subject="A part", by=world.who("ina"), at=world.tick())


def on_child(world: World, whole: Ticket, child: Ticket, by: str = "ina") -> Ticket:
    return waiting.wait_on_child(whole.pk, child=child.pk, by=world.who(by), at=world.tick())


def end(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> Ticket:
    return waiting.end_wait(ticket.pk, by=world.who(by), at=world.tick(), **how)


def state(world: World, ticket: Ticket) -> tuple[Any, ...]:
    now = world.fresh(ticket)
    return now.wait, now.wait_on, now.holder, now.holder_id


def test_a_call_that_reached_nobody_is_evidence_the_requester_reads(world: World) -> None:
    ticket = world.ticket()
    with heard() as facts:
        call(world, ticket, until=world.at + timedelta(days=3))
    attempt = world.messages(ticket)[-1]
    what = last(ticket, "wait.started")
    assert (what["wait"], what["call"], what["message"]) == ("requester", True, attempt.pk)
    assert (attempt.said_as, attempt.audience.requester) == ("call", True)
    assert state(world, ticket) == (Wait.REQUESTER, None, Holder.REQUESTER, None)
    assert [fact.kinds for fact in facts] == [("message.added", "wait.started")]
    assert Message.objects.visible_to(world.who("alice")).filter(pk=attempt.pk).exists()
    other = world.ticket()
    with refused("past", field="until"):
        call(world, other, until=world.at)
    with refused("too_long", "at most 30 days", field="until"):
        call(world, other, until=world.at + timedelta(days=31))


def test_another_company_has_the_ball_by_name(world: World) -> None:
    ticket = world.ticket()
    works = world.company
    assert works is not None
    company(world, ticket, call=True, until=world.at + timedelta(days=90))
    assert state(world, ticket) == (Wait.THIRD, works.pk, Holder.THIRD, works.pk)
    what = last(ticket, "wait.started")
    assert (what["on"], what["call"], what["message"]) == (works.pk, True, world.messages(ticket)[-1].pk)
    assert not Message.objects.visible_to(world.who("alice")).filter(pk=what["message"]).exists()
    other = world.ticket()
    with refused("past", field="until"):
        company(world, other, until=world.at)
    ThirdParty.objects.update(active=False)
    for gone in (works.pk, 999):
        with refused("not_there", "There is no company", field="company", value=gone):
            company(world, other, company=gone)


def test_waiting_for_parts_keeps_the_ball_with_the_team_until_a_date(world: World) -> None:
    for wait in ("parts", "change"):
        ticket = world.ticket()
        date(world, ticket, wait)
        assert state(world, ticket) == (wait, None, Holder.TEAM, world.teams["desk"].pk)
        assert world.fresh(ticket).wait_until is not None
    other = world.ticket()
    with refused("past", "The date has passed.", field="until"):
        date(world, other, days=0)
    with refused("wait", "parts or a change window", field="wait", value="requester"):
        date(world, other, "requester")


def test_another_team_is_asked_where_it_reads_and_responsibility_stays(world: World) -> None:
    ticket = world.ticket(service="network")
    ask_team(world, ticket, "network")
    network, desk = world.teams["network"].pk, world.teams["desk"].pk
    assert state(world, ticket) == (Wait.QUESTION, None, Holder.TEAM, network)
    assert world.fresh(ticket).team_id == desk
    question = world.messages(ticket)[-1]
    assert last(ticket, "wait.started")["message"] == question.pk
    readers = {
        name: Message.objects.visible_to(world.who(name)).filter(pk=question.pk).exists()
        for name in ("nora", "ivo", "alice", "bela")
    }
    assert readers == {"nora": True, "ivo": True, "alice": False, "bela": False}
    assert Share.objects.get(ticket=ticket).why == "asked"


def test_a_question_goes_only_to_who_may_see_the_ticket(world: World) -> None:
    ticket = world.ticket(service="payroll")
    with refused("cannot_see", "Northwind may not see this ticket.", cure="Share this one ticket", field="team"):
        ask_team(world, ticket, "network")
    with refused("same_team", "Desk has it already."):
        ask_team(world, ticket, "desk")
    Provider.objects.filter(code="northwind").update(suspended_at=world.at)
    with refused("suspended", "Northwind is suspended."):
        ask_team(world, ticket, "network")


def test_a_provider_asks_the_company_and_never_another_provider(world: World) -> None:
    widen(world, "baltic")
    ticket = world.ticket(service="network", team="network", by="ina")
    with refused("two_providers", "One provider does not ask another", field="team"):
        ask_team(world, ticket, "night", by="nora")
    ask_team(world, ticket, "desk", by="nora")
    asked = world.messages(ticket)[-1]
    assert [p.code for p in asked.audience.providers.all()] == ["northwind"]


def test_a_whole_waits_for_its_part_and_goes_on_with_its_end(world: World) -> None:
    for finish in ("resolve", "close", "withdraw"):
        whole = world.ticket(service="network")
        part, other = part_of(world, whole), world.ticket()
        with refused("not_a_child", f"{other.pk} is not a part", field="child", value=other.pk):
            on_child(world, whole, other)
        on_child(world, whole, part)
        assert state(world, whole) == (Wait.CHILD, part.pk, Holder.TEAM, world.teams["desk"].pk)
        with heard() as facts:
            if finish == "resolve":
                resolution.resolve(part.pk, by=world.who("ina"), at=world.tick())
            elif finish == "close":
                resolution.close(part.pk, by=world.who("iris"), at=world.tick())
            else:
                resolution.withdraw(part.pk, by=world.who("alice"), at=world.tick())
        assert (world.fresh(whole).wait, last(whole, "wait.ended")) == (None, {"why": "answered"})
        assert [set(fact.tickets) for fact in facts] == [{whole.pk, part.pk}]
        with refused("not_open", field="phase"):
            on_child(world, whole, part)
    assert list(differences()) == []


def test_a_part_taken_out_leaves_nobody_waiting_for_it(world: World) -> None:
    whole = world.ticket()
    part = part_of(world, whole)
    on_child(world, whole, part)
    relations.set_parent(part.pk, parent=None, by=world.who("ina"), at=world.tick())
    assert (world.fresh(whole).wait, last(whole, "wait.ended")) == (None, {"why": "withdrawn"})
    assert list(differences()) == []


def test_a_part_that_moves_takes_the_ball_of_the_whole_along(world: World) -> None:
    whole = world.ticket(service="network")
    part = part_of(world, whole)
    on_child(world, whole, part)
    hand_over.hand_over(
        part.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    assert state(world, whole)[3] == world.teams["network"].pk
    resolution.resolve(part.pk, by=world.who("nora"), at=world.tick())
    assert state(world, whole) == (None, None, Holder.TEAM, world.teams["desk"].pk)


def test_an_agreed_date_needs_the_requesters_own_word(world: World) -> None:
    ticket = world.ticket()
    mine = conversation.reply(ticket.pk, Words("Friday?"), by=world.who("ina"), at=world.tick())
    taking_part.add_participant(ticket.pk, person=world.people["arno"].pk, by=world.who("alice"), at=world.tick())
    colleague = conversation.reply(ticket.pk, Words("Fine with me"), by=world.who("arno"), at=world.tick())
    robot = conversation.reply(ticket.pk, Words("Away", automatic=True), by=world.who("alice"), at=world.tick())
    elsewhere = world.messages(world.ticket())[0]
    until, ina = world.at + timedelta(days=40), world.who("ina")
    for message in (mine.pk, colleague.pk, robot.pk, elsewhere.pk, 999):
        with refused("not_agreed", "in which the requester agrees", cure="snooze it", field="message", value=message):
            waiting.wait_until_agreed(ticket.pk, until=until, message=message, by=ina, at=world.tick())
    yes = conversation.reply(ticket.pk, Words("Friday is fine"), by=world.who("alice"), at=world.tick())
    waiting.wait_until_agreed(ticket.pk, until=until, message=yes.pk, by=ina, at=world.tick())
    assert state(world, ticket) == (Wait.AGREED, None, Holder.REQUESTER, None)
    conversation.reply(ticket.pk, Words("Sooner, please"), by=world.who("alice"), at=world.tick())
    assert world.fresh(ticket).wait is None


def test_only_the_responsible_team_starts_a_wait_and_only_one(world: World) -> None:
    ticket, done = world.ticket(service="network"), world.ticket()
    with refused("not_yours", "This is with Desk."):
        date(world, ticket, by="nora")
    with refused("own_ticket", "You asked for help here yourself"):
        date(world, ticket, by="alice")
    date(world, ticket, by="max")  # a company lead stands above every team
    for attempt in (call, company, date):
        with refused("already_waiting", "waits already", cure="End that wait first.", value="parts"):
            attempt(world, ticket)
    resolution.resolve(done.pk, by=world.who("ina"), at=world.tick())
    with refused("not_open"):
        call(world, done)


def test_who_asked_or_who_was_asked_ends_a_wait(world: World) -> None:
    ticket = world.ticket(service="network")
    with refused("no_wait", "The ticket is not waiting."):
        end(world, ticket)
    ask_team(world, ticket, "network")
    with refused("why", "one of a list", cure="ended", field="why", value="because I say so"):
        end(world, ticket, why="because I say so")
    with refused("own_ticket"):
        end(world, ticket, by="alice")  # she is not who is waited for
    end(world, ticket, by="nils", why="answered")
    assert last(ticket, "wait.ended") == {"why": "answered"}
    date(world, ticket)
    with refused("not_yours"):
        end(world, ticket, by="nils")
    end(world, ticket)
    call(world, ticket)
    end(world, ticket, by="alice")
    assert last(ticket, "wait.ended") == {"why": "answered"}
    assert list(differences()) == []


def test_the_requester_or_a_lead_contests_and_nothing_moves(world: World) -> None:
    ticket = world.ticket(service="network")
    call(world, ticket)
    started, before = world.fresh(ticket).wait_position, state(world, ticket)
    for name, code in (("ina", "leads_only"), ("nora", "leads_only"), ("arno", "not_there")):
        with refused(code):
            waiting.contest(ticket.pk, by=world.who(name), at=world.tick())
    waiting.contest(ticket.pk, by=world.who("alice"), at=world.tick())
    assert (last(ticket, "wait.contested"), state(world, ticket)) == ({"wait": started}, before)
    assert signature(ticket, "wait.contested") == (1, world.people["alice"].pk, None)
    with refused("contested_already", "was contested already", value=started):
        waiting.contest(ticket.pk, by=world.who("iris"), at=world.tick())


def test_a_wait_that_is_over_can_be_contested_by_its_number(world: World) -> None:
    ticket = world.ticket()
    call(world, ticket)
    started = world.fresh(ticket).wait_position
    conversation.reply(ticket.pk, Words("I was here all day"), by=world.who("alice"), at=world.tick())
    with refused("no_wait", cure="Say which wait you mean."):
        waiting.contest(ticket.pk, by=world.who("alice"), at=world.tick())
    for other in (1, 999):
        with refused("not_there", field="wait", value=other):
            waiting.contest(ticket.pk, wait=other, by=world.who("alice"), at=world.tick())
    waiting.contest(ticket.pk, wait=started, by=world.who("alice"), at=world.tick())
    assert last(ticket, "wait.contested") == {"wait": started}


def test_a_company_lead_judges_a_contested_wait_once_and_never_their_own(world: World) -> None:
    ticket = world.ticket(team="clients", by="ina")
    call(world, ticket, by="max")
    started = world.fresh(ticket).wait_position or 0

    def judge(who: str, wait: int = started) -> Ticket:
        return waiting.judge(ticket.pk, wait=wait, upheld=False, by=world.who(who), at=world.tick())

    for name, code in (("iris", "company_leads_only"), ("alice", "own_ticket"), ("max", "own_wait")):
        with refused(code):
            judge(name)
    with refused("not_there", field="wait", value=999):
        judge("max", 999)
    with refused("not_contested", "Nobody contests this wait.", value=started):
        judge("system")
    waiting.contest(ticket.pk, by=world.who("alice"), at=world.tick())
    with refused("own_wait", "Nobody judges a wait that they started themselves.", cure="Ask another lead."):
        judge("max")
    judge("system")
    assert last(ticket, "wait.judged") == {"wait": started, "upheld": False}
    with refused("not_contested"):
        judge("system")
    with refused("judged_already", "was judged already"):
        waiting.contest(ticket.pk, by=world.who("alice"), at=world.tick())


def test_a_manager_does_not_judge_a_wait_on_their_own_ticket(world: World) -> None:
    ticket = world.ticket("max")
    call(world, ticket)
    waiting.contest(ticket.pk, by=world.who("max"), at=world.tick())
    with refused("own_ticket", "You asked for help here yourself"):
        waiting.judge(
            ticket.pk, wait=world.fresh(ticket).wait_position or 0, upheld=False, by=world.who("max"), at=world.tick()
        )


def test_a_guest_whose_grant_ended_answers_nothing_and_the_question_can_be_ended(world: World) -> None:
    ticket = world.ticket(service="network")
    ask_team(world, ticket, "network")
    Grant.objects.filter(provider=world.providers["northwind"]).update(revoked_at=world.at)
    with refused("not_there"):
        conversation.note(ticket.pk, Words("Yes"), by=world.who("nils"), at=world.tick())
    end(world, ticket)
    assert state(world, ticket)[3] == world.teams["desk"].pk
    assert kinds(ticket)[-1] == "wait.ended"
    assert len(events(ticket, "wait.started")) == 1
