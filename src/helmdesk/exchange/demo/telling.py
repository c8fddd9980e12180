"""Turns the acts of a story into the events that the verbs would have left, for the observed door."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from helmdesk.access.models import Audience
from helmdesk.access.scopes import intern_audience
from helmdesk.catalogue.matrix import Matrix
from helmdesk.exchange.demo import acts
from helmdesk.exchange.demo.acts import CLOCK, Act, TicketStory
from helmdesk.exchange.demo.company import Company
from helmdesk.exchange.demo.founding import Ids
from helmdesk.exchange.observing import Happening, Observed
from helmdesk.foundation.time import to_us
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Hat
from helmdesk.ledger.texts import Draft
from helmdesk.tickets.conversation import draft


def tell(stories: Iterable[TicketStory], company: Company, ids: Ids, matrix: Matrix) -> list[Observed]:
    """Every story as an observed ticket; a merge is told on both tickets, each in order of time."""
    audiences: dict[frozenset[int] | None, Audience] = {}
    told = {story.ref: Teller(story, company, ids, matrix, audiences).tell() for story in stories}
    for ref, observed in told.items():
        for happening in observed.happenings:
            if happening.kind == "ticket.merged" and happening.other is not None:
                _receive(told[happening.other[1]], happening, ref)
    return list(told.values())


def _receive(target: Observed, merged: Happening, source: str) -> None:
    place = sum(happening.at <= merged.at for happening in target.happenings)
    received = Happening("merge.received", merged.at, {}, merged.stamp, other=("source", source))
    target.happenings.insert(place, received)


@dataclass
class Teller:
    """Follows one story, act by act, knowing who has the ball."""

    story: TicketStory
    company: Company
    ids: Ids
    matrix: Matrix
    audiences: dict[frozenset[int] | None, Audience]
    happenings: list[Happening] = field(default_factory=list)
    shares: dict[int, str] = field(default_factory=dict)
    team: str = ""
    assignee: int | None = None
    offered: str | None = None
    wait: str | None = None
    priority: int = 3
    category: str = ""
    at: int = 0
    side: frozenset[str] = frozenset()

    def tell(self) -> Observed:
        person = self.company.person[self.story.requester]
        self.names = [person.name, person.given, person.family, person.email, person.phone]
        self.category = self.story.category
        for act in self.story.acts:
            self.at = to_us(act.at)
            getattr(self, f"_{act.verb}")(act)
        return Observed(self.happenings, ref=self.story.ref, shares=self.shares)

    def _stamp(self, who: str) -> Stamp:
        if who == CLOCK:
            return Stamp()
        person, agent = self.ids.people[who], self.company.agent.get(who)
        if who == self.story.requester or agent is None:
            return Stamp(Hat.REQUESTER.value, person)
        return Stamp(Hat.MEMBER.value, person, self.ids.memberships[who], self.ids.providers[agent.provider])

    def _add(self, kind: str, by: Stamp, /, named: Happening | None = None, **what: Any) -> Happening:
        happening = Happening(kind, self.at, what, by, named=named)
        self.happenings.append(happening)
        return happening

    def _draft(self, text: str, kind: str, owner: int | None) -> Draft:
        return draft(text, kind, owner=owner, known=self.names)

    def _say(self, act: Act, text: str, said_as: str, audience: Audience | None = None) -> Happening:
        by = self._stamp(act.who)
        self._accept_if_offered(act)
        what = {"as": said_as, "auto": False, "files": 0}
        to = audience or self._audience(None)
        happening = Happening("message.added", self.at, what, by, self._draft(text, "message", by.person), to)
        self.happenings.append(happening)
        return happening

    def _circle(self, *providers: str) -> Audience:
        outside = frozenset(self.ids.providers[code] for code in providers if code in self.ids.external)
        return self._audience(outside)

    def _audience(self, outside: frozenset[int] | None) -> Audience:
        """In-house people and these providers; None for the thread with the requester."""
        if outside not in self.audiences:
            self.audiences[outside] = (
                intern_audience(requester=True, in_house=False)
                if outside is None
                else intern_audience(providers=outside)
            )
        return self.audiences[outside]

    def _provider(self) -> str:
        return self.ids.provider_of[self.team]

    def _share(self, team: str, why: str) -> None:
        provider = self.ids.provider_of[team]
        if provider in self.ids.external:
            self.shares.setdefault(self.ids.providers[provider], why)

    def _accept_if_offered(self, act: Act) -> None:
        agent = self.company.agent.get(act.who)
        if self.offered is None or agent is None or self.team not in agent.teams:
            return
        self._add("hand_over.accepted", self._stamp(act.who), **self._move(self.offered, self.team))
        self.offered = None

    def _move(self, source: str, target: str) -> dict[str, Any]:
        return {"from": self.ids.teams[source], "to": self.ids.teams[target]}

    def _end(self, act: Act, why: str) -> None:
        if self.wait is not None:
            self._add("wait.ended", self._stamp(act.who), why=why)
            self.wait = None

    def _begin(self, act: Act, wait: str, message: Happening | None = None, **what: Any) -> None:
        base: dict[str, Any] = {"on": None, "team": None, "message": None, "call": False, "until": None}
        self._add("wait.started", self._stamp(act.who), named=message, wait=wait, **{**base, **what})
        self.wait = wait

    def _scope(self) -> dict[str, Any]:
        return {
            "service": self.ids.services[self.story.service],
            "site": self.ids.sites[self.story.site],
            "category": self.ids.categories[self.category],
            "flags": int(self.story.confidential),
        }

    def _open(self, act: acts.Open) -> None:
        story, by = self.story, self._stamp(act.who)
        requester = self.ids.people[story.requester]
        self.team = act.team
        self.priority = self.matrix.priority(impact=story.impact, urgency=story.urgency)
        happening = self._add(
            "ticket.opened", by, type=story.type, channel=story.channel, team=self.ids.teams[act.team],
            requester=requester, opened_by=by.person if by.person != requester else None, scope=self._scope(),
            impact=story.impact, urgency=story.urgency, said_urgency=story.said_urgency, priority=self.priority,
            matrix=self.matrix.version, holder="team",
        )  # fmt: skip
        happening.words = self._draft(story.subject, "subject", requester)
        self._share(act.team, "held")
        self._say(act, act.text, "original")

    def _take(self, act: acts.Take) -> None:
        self._give(act, self.ids.memberships[act.who], "take")

    def _assign(self, act: acts.Assign) -> None:
        self._give(act, self.ids.memberships[act.to], "assign")

    def _release(self, act: acts.Release) -> None:
        self._give(act, None, "release")

    def _give(self, act: Act, to: int | None, how: str) -> None:
        self._accept_if_offered(act)
        if to != self.assignee:
            self._add("assigned", self._stamp(act.who), assignee=to, was=self.assignee, how=how)
            self.assignee = to

    def _reply(self, act: acts.Reply) -> None:
        self._say(act, act.text, "reply")

    def _note(self, act: acts.Note) -> None:
        self._say(act, act.text, "note", self._circle(*act.readers))

    def _ask(self, act: acts.Ask) -> None:
        message = self._say(act, act.text, "call" if act.call else "question")
        self._begin(act, "requester", message, call=act.call)

    def _answer(self, act: acts.Answer) -> None:
        self._say(act, act.text, "reply")
        self._end(act, "answered")

    def _hand_over(self, act: acts.HandOver) -> None:
        before = self._provider()
        self._share(act.to, "held")
        words = f"Done: {act.done}\n\nAsked: {act.asked}" + (f"\n\nKnown: {act.known}" if act.known else "")
        self._say(act, words, "note", self._circle(before, self.ids.provider_of[act.to]))
        self._end(act, "handed_over")
        self._add("handed_over", self._stamp(act.who), why="hand_over", **self._move(self.team, act.to))
        self.offered, self.team, self.assignee = self.team, act.to, None

    def _accept(self, act: acts.Accept) -> None:
        self._accept_if_offered(act)

    def _decline(self, act: acts.Decline) -> None:
        assert self.offered is not None
        self._end(act, "handed_over")
        moved = self._move(self.team, self.offered)
        self._add("hand_over.declined", self._stamp(act.who), reason=act.reason, **moved)
        self.team, self.offered, self.assignee = self.offered, None, None

    def _wait_third(self, act: acts.WaitThird) -> None:
        message = self._say(act, act.text, "call" if act.call else "note", self._circle(self._provider()))
        self._begin(act, "third", message, on=self.ids.third_parties[act.third], call=act.call)

    def _wait_parts(self, act: acts.WaitParts) -> None:
        self._accept_if_offered(act)
        self._begin(act, act.wait, until=to_us(act.until))

    def _end_wait(self, act: acts.EndWait) -> None:
        self._end(act, "ended")

    def _side_question(self, act: acts.SideQuestion) -> None:
        asked = self.ids.provider_of[act.team]
        self._share(act.team, "asked")
        self.side = frozenset((self._provider(), asked))
        message = self._say(act, act.text, "question", self._circle(*self.side))
        self._begin(act, "question", message, team=self.ids.teams[act.team])

    def _side_answer(self, act: acts.SideAnswer) -> None:
        self._say(act, act.text, "note", self._circle(*self.side))
        self._end(act, "answered")

    def _prioritise(self, act: acts.Prioritise) -> None:
        was, self.priority = self.priority, self.matrix.priority(impact=act.impact, urgency=act.urgency)
        self._add(
            "prioritised", self._stamp(act.who), impact=act.impact, urgency=act.urgency, priority=self.priority,
            matrix=self.matrix.version, reason=act.reason, was=was,
        )  # fmt: skip

    def _classify(self, act: acts.Classify) -> None:
        was = self._scope()
        self.category = act.category
        self._add("classified", self._stamp(act.who), scope=self._scope(), was=was)

    def _set_field(self, act: acts.SetField) -> None:
        own = next(one for one in self.company.fields if one.code == act.field)
        if own.kind == "choice":
            self._add("field.set", self._stamp(act.who), field=act.field, value=act.value, text=None)
            return
        happening = self._add("field.set", self._stamp(act.who), field=act.field, value=None, text=None)
        owner = self.ids.people[self.story.requester] if own.personal else None
        happening.words = Draft(act.value, "field", owner, "[…]" if own.personal else None)

    def _tag(self, act: acts.Tag) -> None:
        self._add("tagged", self._stamp(act.who), tag=self.ids.tags[act.tag], on=True)

    def _log_time(self, act: acts.LogTime) -> None:
        day = act.day.isoformat()
        self._add("time.logged", self._stamp(act.who), seconds=act.seconds, day=day, work=act.work)

    def _resolve(self, act: acts.Resolve) -> None:
        if act.text:
            self._say(act, act.text, "reply")
        self._accept_if_offered(act)
        self._end(act, "resolved")
        self._add("resolved", self._stamp(act.who), team=self.ids.teams[self.team], how=act.code)

    def _reopen(self, act: acts.Reopen) -> None:
        if act.text:
            self._say(act, act.text, "reply")
        self._add(
            "reopened", self._stamp(act.who), team=self.ids.teams[self.team], assignee=self.assignee, why=act.code
        )

    def _close(self, act: acts.Close) -> None:
        if act.text:
            self._say(act, act.text, "reply")
        self._end(act, "withdrawn")
        self._add("closed", self._stamp(act.who), how=act.how)
        self.offered = None

    def _link(self, act: acts.Link) -> None:
        self._add("linked", self._stamp(act.who), link="related", on=True).other = ("to", act.to)

    def _merge(self, act: acts.Merge) -> None:
        self._add("ticket.merged", self._stamp(act.who)).other = ("into", act.into)
