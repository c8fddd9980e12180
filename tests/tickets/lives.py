"""Random lives of tickets in the small company: every verb, by anybody, with arguments that often make sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.models import Event
from helmdesk.providers.models import Membership
from helmdesk.tickets import (
    assignment,
    conversation,
    hand_over,
    merging,
    opening,
    redaction,
    relations,
    rerouting,
    resolution,
    sorting,
    taking_part,
    waiting,
    work_log,
)
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Message, Ticket
from tests.world import World

ACTORS = "alice arno ina ivo iris max nora nils bela system".split()
SERVICES = (None, "network", "email")
HOURS = (0, 0, 1, 30, 400)
MOST_TICKETS = 7


@dataclass(frozen=True)
class Step:
    """One attempt: which verb, on which ticket, by whom (or by somebody whose turn it is), and dice for the rest."""

    verb: str
    ticket: int
    actor: int
    fitting: bool
    hours: int
    dice: tuple[int, int]


@dataclass
class Attempt:
    """A step with everything looked up: what the verbs below are called with."""

    verb: str
    world: World
    ticket: Ticket
    tickets: list[Ticket]
    by: Viewer
    at: Any
    dice: tuple[int, int]

    @property
    def who(self) -> dict[str, Any]:
        return {"by": self.by, "at": self.at}

    @property
    def later(self) -> Any:
        return self.at + timedelta(days=self.dice[0] - 1)

    def pick(self, some: Any, die: int = 0) -> Any:
        options = list(some)
        return options[self.dice[die] % len(options)]

    @property
    def other(self) -> int:
        return self.pick(self.tickets).pk

    @property
    def team(self) -> int:
        return self.pick(self.world.teams.values()).pk

    @property
    def member(self) -> int:
        return self.pick(Membership.objects.order_by("pk").values_list("pk", flat=True))

    @property
    def message(self) -> int:
        """A message of the ticket, more often a late one."""
        rows = Message.objects.unscoped(reason="a test picks").filter(ticket=self.ticket).order_by("-pk")
        return self.pick(rows.values_list("pk", flat=True), 1)

    @property
    def requester(self) -> int:
        return self.pick(["alice", "arno", "asha"], 1)


def somebody(a: Attempt) -> int:
    return a.world.people[a.pick(["alice", "arno", "asha", "ina"])].pk


def told(a: Attempt) -> Words:
    return Words("It is the cable, says Alice Berg.", automatic=a.dice[1] == 0)


VERBS: dict[str, Callable[[Attempt], Any]] = {
    "open": lambda a: opening.open_ticket(
        opening.Asked("Again", Words("It is broken."), somebody(a), about=a.world.about(a.pick(SERVICES, 1), "north")),
        **a.who,
    ),
    "take": lambda a: assignment.take(a.ticket.pk, **a.who),
    "assign": lambda a: assignment.assign(a.ticket.pk, to=a.member, **a.who),
    "release": lambda a: assignment.release(a.ticket.pk, **a.who),
    "hand over": lambda a: hand_over.hand_over(a.ticket.pk, to=a.team, done="Looked", asked="Look", **a.who),
    "accept": lambda a: hand_over.accept(a.ticket.pk, **a.who),
    "decline": lambda a: hand_over.decline(a.ticket.pk, reason=a.pick(hand_over.DECLINE_REASONS), **a.who),
    "recall": lambda a: hand_over.recall(a.ticket.pk, **a.who),
    "reply": lambda a: conversation.reply(a.ticket.pk, told(a), **a.who),
    "note": lambda a: conversation.note(a.ticket.pk, told(a), **a.who),
    "ask requester": lambda a: conversation.ask_requester(a.ticket.pk, told(a), **a.who),
    "revise": lambda a: conversation.revise(a.message, "It was the switch.", **a.who),
    "redact": lambda a: redaction.redact(a.message, "cable", reason="secret", **a.who),
    "wait after call": lambda a: waiting.wait_after_call(a.ticket.pk, told="No answer", until=a.later, **a.who),
    "wait for company": lambda a: waiting.wait_for_company(
        a.ticket.pk, company=a.world.company.pk if a.world.company else 0, told="Ordered", **a.who
    ),
    "wait for date": lambda a: waiting.wait_for_date(
        a.ticket.pk, wait=a.pick(["parts", "change"], 1), until=a.later, **a.who
    ),
    "ask team": lambda a: waiting.ask_team(a.ticket.pk, team=a.team, question="Is it you?", **a.who),
    "wait on child": lambda a: waiting.wait_on_child(a.ticket.pk, child=child_of(a), **a.who),
    "wait until agreed": lambda a: waiting.wait_until_agreed(a.ticket.pk, until=a.later, message=a.message, **a.who),
    "end wait": lambda a: waiting.end_wait(a.ticket.pk, **a.who),
    "contest": lambda a: waiting.contest(a.ticket.pk, **a.who),
    "judge": lambda a: waiting.judge(a.ticket.pk, wait=last_wait(a), upheld=a.dice[1] > 2, **a.who),
    "resolve": lambda a: resolution.resolve(a.ticket.pk, words=a.pick([None, told(a)]), **a.who),
    "reopen": lambda a: resolution.reopen(a.ticket.pk, words=a.pick([None, told(a)]), **a.who),
    "close": lambda a: resolution.close(a.ticket.pk, **a.who),
    "withdraw": lambda a: resolution.withdraw(a.ticket.pk, **a.who),
    "prioritise": lambda a: sorting.prioritise(
        a.ticket.pk, impact=a.pick([1, 2, 3]), urgency=a.pick([1, 2, 3], 1), **a.who
    ),
    "classify": lambda a: sorting.classify(
        a.ticket.pk, about=a.world.about(a.pick(SERVICES), "north", flags=int(a.dice[1] == 0)), **a.who
    ),
    "change type": lambda a: sorting.change_type(a.ticket.pk, to=a.pick(["incident", "request"]), **a.who),
    "tag": lambda a: sorting.tag(a.ticket.pk, tag=a.world.tags["urgent"].pk, on=a.dice[0] > 2, **a.who),
    "link": lambda a: relations.link(a.ticket.pk, to=a.other, on=a.dice[1] > 1, **a.who),
    "set parent": lambda a: relations.set_parent(a.ticket.pk, parent=a.pick([a.other, a.other, None], 1), **a.who),
    "split": lambda a: relations.split(a.ticket.pk, messages=[a.message], subject="The other half", **a.who),
    "merge": lambda a: merging.merge(a.ticket.pk, into=a.other, **a.who),
    "unmerge": lambda a: merging.unmerge(merged_one(a), **a.who),
    "log time": lambda a: work_log.log_time(a.ticket.pk, seconds=600, day=a.at.date(), **a.who),
    "add participant": lambda a: taking_part.add_participant(a.ticket.pk, person=somebody(a), **a.who),
    "remove participant": lambda a: taking_part.remove_participant(a.ticket.pk, person=somebody(a), **a.who),
    "share": lambda a: taking_part.share(a.ticket.pk, provider=a.pick(a.world.providers.values()).pk, **a.who),
    "unshare": lambda a: taking_part.unshare(a.ticket.pk, provider=a.pick(a.world.providers.values()).pk, **a.who),
    "reroute": lambda a: rerouting.reroute(a.ticket.pk, to=a.team, **a.who),
    "suspend": lambda a: rerouting.suspend_provider(a.pick(a.world.providers.values()).pk, **a.who),
}
MAKES_TICKETS = {"open", "split"}
# What moves the ball is tried more often than what does not.
OFTEN = """
    take, hand over, hand over, accept, decline, recall, reply, note, ask requester, wait for company, wait for date,
    ask team, wait on child, wait on child, end wait, resolve, resolve, reopen, close, set parent, split, merge, merge,
    unmerge, unmerge
"""
NAMES = [*VERBS, *(name.strip() for name in OFTEN.split(","))]
BY_REQUESTER = {"withdraw", "contest", "reopen"}
BY_COMPANY_LEAD = {"share", "unshare", "reroute", "suspend", "judge"}

STEPS = st.builds(
    Step,
    verb=st.sampled_from(NAMES),
    ticket=st.integers(0, MOST_TICKETS - 1),
    actor=st.integers(0, len(ACTORS) - 1),
    fitting=st.sampled_from([True, True, True, False]),
    hours=st.sampled_from(HOURS),
    dice=st.tuples(st.integers(0, 5), st.integers(0, 5)),
)


def child_of(a: Attempt) -> int:
    """A part of the ticket where it has one."""
    return next((one.pk for one in a.tickets if one.parent_id == a.ticket.pk), a.other)


def last_wait(a: Attempt) -> int:
    started = Event.objects.filter(stream=1, stream_id=a.ticket.pk, kind="wait.started").order_by("-n").first()
    return started.n if started else 99


def merged_one(a: Attempt) -> int:
    return next((one.pk for one in a.tickets if one.merged_into_id is not None), a.ticket.pk)


def attempted(world: World, step: Step) -> Attempt:
    """The step, made concrete in the world as it is."""
    tickets = list(Ticket.objects.unscoped(reason="a test looks at the truth").order_by("pk"))
    ticket = tickets[step.ticket % len(tickets)]
    step = replace(step, verb=sensible(ticket, step))
    at = world.tick(hours=step.hours)
    name = whose_turn(world, ticket, step) if step.fitting else ACTORS[step.actor]
    return Attempt(step.verb, world, ticket, tickets, world.who(name), at, step.dice)


def sensible(ticket: Ticket, step: Step) -> str:
    """The verb, or where it makes little sense now and a fitting one was asked for, one that does."""
    if not step.fitting or step.verb in MAKES_TICKETS:
        return step.verb
    elif ticket.merged_into_id is not None:
        menu = ["unmerge"]
    elif not ticket.open:
        menu = ["reopen", "reopen", "reply", "close", "merge", "set parent"]
    elif ticket.wait is not None:
        menu = ["end wait", "reply", "note", "resolve", "hand over", "contest", "judge", "merge", "close", "set parent"]
    elif ticket.offered_from_id is not None:
        menu = ["accept", "decline", "recall", "hand over", "resolve", "merge"]
    else:
        return step.verb
    return step.verb if step.verb in menu else menu[sum(step.dice) % len(menu)]


def whose_turn(world: World, ticket: Ticket, step: Step) -> str:
    """Somebody who might do this: the requester, the company's lead, or one of the team that has the ball."""
    if step.verb in BY_COMPANY_LEAD:
        return "max"
    if step.verb in BY_REQUESTER and step.dice[1] > 1:
        return next(name for name, person in world.people.items() if person.pk == ticket.requester_id)
    if step.verb in ("redact", "assign"):
        return "iris"
    if step.verb == "revise":
        return author_of(world, ticket, step)
    if step.verb == "recall":
        return {"desk": "iris", "clients": "max"}.get(team_code(world, ticket.offered_from_id), "nora")
    teams = {"desk": ["ina", "ivo", "iris"], "clients": ["max"], "network": ["nora", "nils"], "night": ["bela"]}
    answers = step.verb == "note" and ticket.holder == "team"
    holders = teams[team_code(world, ticket.holder_id if answers else ticket.team_id)]
    return holders[step.actor % len(holders)]


def team_code(world: World, pk: int | None) -> str:
    return next((code for code, team in world.teams.items() if team.pk == pk), "desk")


def author_of(world: World, ticket: Ticket, step: Step) -> str:
    rows = Message.objects.unscoped(reason="a test picks").filter(ticket=ticket).order_by("-pk")
    authors = list(rows.values_list("person", flat=True))
    person = authors[step.dice[1] % len(authors)]
    return next((name for name, row in world.people.items() if row.pk == person), "system")
