"""Waits: a named reason why somebody else must act, or why the team that keeps the ball cannot."""

from datetime import datetime

import msgspec

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.models import Event, Hat, Stream
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.ball import WITH_REQUESTER, accept_if_offered, begin_wait, finish_wait
from helmdesk.tickets.conversation import Words, post
from helmdesk.tickets.guards import (
    capped,
    is_own,
    must_be_later,
    must_be_open,
    must_hold,
    must_lead,
    must_not_be_own,
    must_not_wait,
    must_work,
)
from helmdesk.tickets.hand_over import target_team
from helmdesk.tickets.models import Message, Share, ThirdParty, Ticket, Wait
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.sight import let_see

_decode = msgspec.json.Decoder().decode
WHY_ENDED = ("ended", "answered", "withdrawn", "expired")


def wait_after_call(
    ticket: int, *, told: str, until: datetime | None = None, by: Viewer, at: datetime, shown: int | None = None
) -> Ticket:
    """Waits for the requester after a call that did not reach them, 30 days at most; the attempt is the evidence."""
    words = Words(told, said_as="call")
    words.must_say_something()
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _may_wait(act.ticket, by)
        last = capped(until, at=act.at)
        accept_if_offered(act, act.ticket)
        attempt = post(act, act.ticket, words, requester=True)
        begin_wait(act, act.ticket, Wait.REQUESTER, message=attempt.pk, call=True, until=last)
    return act.ticket


def wait_for_company(
    ticket: int, *, company: int, told: str, call: bool = False, until: datetime | None = None,
    by: Viewer, at: datetime, shown: int | None = None,
) -> Ticket:  # fmt: skip
    """Waits for another company, after an outgoing message or a recorded call."""
    words = Words(told, said_as="call" if call else "note")
    words.must_say_something()
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _may_wait(act.ticket, by)
        must_be_later(until, at=act.at)
        third = ThirdParty.objects.filter(pk=company, active=True).first()
        if third is None:
            raise NotThere("company", company)
        accept_if_offered(act, act.ticket)
        message = post(act, act.ticket, words, providers=_own_circle(by))
        begin_wait(act, act.ticket, Wait.THIRD, on=third.pk, message=message.pk, call=call, until=until)
    return act.ticket


def wait_for_date(
    ticket: int, *, wait: str, until: datetime, by: Viewer, at: datetime, shown: int | None = None
) -> Ticket:
    """Waits for parts or a change window, until a date; the team keeps the ball."""
    if wait not in (Wait.PARTS, Wait.CHANGE):
        raise Refused("wait", "This wait is for parts or a change window.", field="wait", value=wait)
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _may_wait(act.ticket, by)
        must_be_later(until, at=act.at)
        accept_if_offered(act, act.ticket)
        begin_wait(act, act.ticket, Wait(wait), until=until)
    return act.ticket


def ask_team(ticket: int, *, team: int, question: str, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """Asks another team in a side thread that it reads; the responsible team stays responsible."""
    words = Words(question, said_as="question")
    words.must_say_something()
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _may_wait(act.ticket, by)
        asked = target_team(team, act.ticket)
        let_see(act, act.ticket, asked, why=Share.Why.ASKED)
        accept_if_offered(act, act.ticket)
        circle = _own_circle(by) | (frozenset() if asked.provider.internal else frozenset({asked.provider_id}))
        if len(circle) > 1:
            raise Refused("two_providers", "One provider does not ask another; ask your client's team.", field="team")
        message = post(act, act.ticket, words, providers=circle)
        begin_wait(act, act.ticket, Wait.QUESTION, team=asked.pk, message=message.pk)
    return act.ticket


def wait_on_child(ticket: int, *, child: int, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """Waits for a child ticket, and so for the team that has it."""
    with acting(ticket, child, by=by, at=at, shown=shown) as act:
        _may_wait(act.ticket, by)
        other = act.tickets[child]
        if other.parent_id != act.ticket.pk:
            raise Refused("not_a_child", f"{child} is not a part of this ticket.", field="child", value=child)
        must_be_open(other)
        accept_if_offered(act, act.ticket)
        begin_wait(act, act.ticket, Wait.CHILD, on=child, team=other.team_id)
    return act.ticket


def wait_until_agreed(
    ticket: int, *, until: datetime, message: int, by: Viewer, at: datetime, shown: int | None = None
) -> Ticket:
    """Waits until a date that the requester agreed to, in this message of their own."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        _may_wait(act.ticket, by)
        must_be_later(until, at=act.at)
        said = Message.objects.visible_to(by).filter(pk=message, ticket=act.ticket, hat=Hat.REQUESTER)
        if not said.filter(person=act.ticket.requester_id, automatic=False).exists():
            raise Refused(
                "not_agreed", "Only a message in which the requester agrees allows this wait.", field="message",
                value=message, cure="Ask them first. To put it off for yourself, snooze it.",
            )  # fmt: skip
        accept_if_offered(act, act.ticket)
        begin_wait(act, act.ticket, Wait.AGREED, message=message, until=until)
    return act.ticket


def end_wait(ticket: int, *, why: str = "ended", by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """The wait is over: the team goes on, or the timer saw its date pass (`expired`)."""
    if why not in WHY_ENDED:
        raise Refused("why", "Why a wait ends is one of a list.", field="why", value=why, cure=", ".join(WHY_ENDED))
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        if act.ticket.wait is None:
            raise Refused("no_wait", "The ticket is not waiting.")
        if is_own(by, act.ticket) and act.ticket.wait in WITH_REQUESTER:
            finish_wait(act, act.ticket, "answered")
        else:
            must_hold(by, act.ticket)
            finish_wait(act, act.ticket, why)
    return act.ticket


def contest(ticket: int, *, wait: int | None = None, by: Viewer, at: datetime) -> Ticket:
    """The requester or a lead says that a wait is not, or was not, true: the present one, or that of event n."""
    with acting(ticket, by=by, at=at) as act:
        started = wait if wait is not None else act.ticket.wait_position
        if started is None:
            raise Refused("no_wait", "The ticket is not waiting.", cure="Say which wait you mean.")
        if not is_own(by, act.ticket):
            must_lead(by, act.ticket)
        _who_began(act, started)
        said = _last_word(act, started)
        if said is not None:
            raise Refused(f"{said}_already", f"This wait was {said} already.", field="wait", value=started)
        act.record(act.ticket, "wait.contested", wait=started)
    return act.ticket


def judge(ticket: int, *, wait: int, upheld: bool, by: Viewer, at: datetime) -> Ticket:
    """A company lead decides on a contested wait, never the one who started it. Later figures follow the judgement."""
    with acting(ticket, by=by, at=at) as act:
        must_not_be_own(by, act.ticket)
        if not by.may("tickets.company_lead"):
            raise Refused("company_leads_only", "A lead of the company judges a wait.")
        if by.person is not None and _who_began(act, wait) == by.person:
            raise Refused("own_wait", "Nobody judges a wait that they started themselves.", cure="Ask another lead.")
        if _last_word(act, wait) != "contested":
            raise Refused("not_contested", "Nobody contests this wait.", field="wait", value=wait)
        act.record(act.ticket, "wait.judged", wait=wait, upheld=upheld)
    return act.ticket


def _who_began(act: Act, wait: int) -> int | None:
    """The person who started the wait of event n; None is the desk itself."""
    events = Event.objects.filter(stream=Stream.TICKET, stream_id=act.ticket.pk, n=wait, kind="wait.started")
    began = list(events.values_list("person", flat=True))
    if not began:
        raise NotThere("wait", wait)
    return began[0]


def _last_word(act: Act, wait: int) -> str | None:
    """What was said of this wait last: "contested", "judged", or nothing yet."""
    kinds = ("wait.contested", "wait.judged")
    events = Event.objects.filter(stream=Stream.TICKET, stream_id=act.ticket.pk, n__gt=wait, kind__in=kinds)
    for kind, body in events.order_by("-n").values_list("kind", "body"):
        if _decode(body)["what"]["wait"] == wait:
            return str(kind.removeprefix("wait."))
    return None


def _may_wait(ticket: Ticket, by: Viewer) -> None:
    must_be_open(ticket)
    must_work(by, ticket)
    must_not_wait(ticket)


def _own_circle(by: Viewer) -> frozenset[int]:
    return frozenset() if by.internal or by.provider is None else frozenset({by.provider})
