"""The course of one ticket: who takes it, asks, passes it on, waits, mends it, and how it comes back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from helmdesk.exchange.demo.acts import (
    CLOCK,
    Answer,
    Ask,
    Channel,
    Classify,
    Close,
    Decline,
    DeclineReason,
    EndWait,
    HandOver,
    Link,
    LogTime,
    Note,
    Open,
    Prioritise,
    Reopen,
    ReopenCode,
    Reply,
    ResolutionCode,
    Resolve,
    SetField,
    SideAnswer,
    SideQuestion,
    Tag,
    Take,
    WaitParts,
    WaitThird,
)
from helmdesk.exchange.demo.arrivals import Arrival
from helmdesk.exchange.demo.company import Company, Language
from helmdesk.exchange.demo.crew import Crew
from helmdesk.exchange.demo.draft import Draft
from helmdesk.exchange.demo.shifts import zone
from helmdesk.exchange.demo.speech import Scene, letter, opening, phoned

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CHANNELS: dict[str, dict[Channel, int]] = {
    "day": {"portal": 40, "mail": 33, "phone": 17, "chat": 10},
    "night": {"phone": 62, "portal": 30, "chat": 8},
}
_BEFORE_CLOSING = timedelta(days=5)


class Course(Crew):
    """Plays one ticket to its end."""

    def __init__(self, company: Company, arrival: Arrival, scene: Scene, rng: Random, *, first: str | None) -> None:
        super().__init__(company, scene, rng, at=arrival.at)
        self.arrival, self.kind = arrival, arrival.kind
        self.site = arrival.requester.site or "graz"
        self.first = first  # the story that reported the same trouble first
        self.impact, self.urgency = self._weight()
        self.said = self._said()
        self.channel = self._channel()

    # How it begins

    def play(self) -> Draft:
        self._open()
        if self.rng.random() < 0.02 and self.arrival.trouble is None:
            self._withdraw()
        else:
            self._serve()
        return self.draft

    def _weight(self) -> tuple[int, int]:
        if self.arrival.trouble is not None:
            return 1, 1 if self.rng.random() < 0.8 else 2
        draw = self.rng.choices
        return draw((1, 2, 3), self.kind.impact)[0], draw((1, 2, 3), self.kind.urgency)[0]

    def _said(self) -> int | None:
        """People find their own matter more urgent than it is; some say nothing."""
        if self.rng.random() < 0.15:
            return None
        return max(1, self.urgency - (self.rng.random() < 0.25))

    def _channel(self) -> Channel:
        night = self._local_hour() not in range(6, 19)
        shares = _CHANNELS["night" if night and self.kind.floor else "day"]
        return self.rng.choices(list(shares), list(shares.values()))[0]

    def _local_hour(self) -> int:
        return self.at.astimezone(zone(self.requester.zone)).hour

    def _entry(self) -> str:
        """The in-house desk while it is open, the 24/7 desk at night and for some of Houston."""
        open_here = self.company.team["service_desk"].hours.covers(self.at)
        away = self._may_go_to("baltic_desk")
        if away and (not open_here or (self.site == "houston" and self.rng.random() < 0.7) or self.rng.random() < 0.1):
            return "baltic_desk"
        return "service_desk"

    def _may_go_to(self, team: str) -> bool:
        provider = self.company.team[team].provider
        return self.company.may_see(provider, self.kind.service, self.site, confidential=self.kind.confidential)

    def _resolver(self) -> str:
        return self.kind.resolver if self._may_go_to(self.kind.resolver) else "client_systems"

    def _open(self) -> None:
        team = self._entry()
        there = self._on_duty(team)
        if self.channel == "phone" and not there:
            self.channel = "mail"
        if self.channel != "phone":
            text = opening(self.scene, self.said or 3, self.rng)
            self.draft.add(Open(self.at, self.requester.ref, text, team))
            return
        agent = self.rng.choice(there)
        text = phoned(self.scene, self._writes_down_in(agent.person), self.urgency, self.rng)
        self.draft.add(Open(self.at, agent.person, text, team))
        self._pass(self.rng.uniform(20, 240), team_time=False)
        self.draft.add(Take(self.at, agent.person))

    def _withdraw(self) -> None:
        self._pass(self._spread(90 * _MINUTE), team_time=False)
        text = self.scene.say(self.requester.language, "requester", "withdraw")
        self.draft.add(Close(self.at, self.requester.ref, "withdrawn", text))

    # The way through the teams

    def _serve(self) -> None:
        self._first_line()
        if self.arrival.trouble is not None:
            self._until_over(self.arrival.trouble.end)
        elif self._needs_more():
            self._hand_over(self._resolver(), "asked")
            self._second_line()
        else:
            self._work(self.kind.effort * 0.6)
        self._finish()

    def _first_line(self) -> None:
        self._take()
        if self.arrival.trouble is not None:
            return
        if self.rng.random() < 0.5:
            self._tell("ack" if self.kind.type == "incident" else "ack_request")
        self._sort()
        if self.rng.random() < self.kind.asks * 0.6:
            self._ask()

    def _needs_more(self) -> bool:
        return (
            self._resolver() != self.draft.team and self.rng.random() < self.kind.passed_on and not self.draft.resting
        )

    def _second_line(self) -> None:
        if self.rng.random() < 0.06:
            self._decline()
        self._take(accept=True)
        if self.rng.random() < 0.6:
            self._note()
        if self.rng.random() < self.kind.asks:
            self._ask()
        if self.rng.random() < 0.13 and not self.draft.resting:
            self._side_question()
        if self.rng.random() < 0.11 and not self.draft.resting:
            self._bounce()
        self._waits()
        self._work(self.kind.effort)

    def _waits(self) -> None:
        for chance, wait in (
            (self.kind.vendor_waits, self._wait_third),
            (self.kind.parts, lambda: self._wait_until("parts")),
            (self.kind.change, lambda: self._wait_until("change")),
        ):
            if not self.draft.resting and self.rng.random() < chance:
                self._work(self.kind.effort * 0.4)
                wait()

    def _until_over(self, end: datetime) -> None:
        """One cause, many reports: the first is worked on, the others are told and wait with it."""
        if self.first is not None:
            self.draft.add(Link(self.at, self._worker(), self.first))
        self.draft.add(Tag(self.at, self._worker(), "outage" if self.kind.tag != "patch_day" else "patch_day"))
        self._pass(self.rng.uniform(30, 400))
        self._tell("known")
        if self.first is None:
            self.draft.add(SetField(self.at, self._worker(), "workaround", self.rng.choice(["yes", "partly", "no"])))
            if self._resolver() != self.draft.team:
                self._hand_over(self._resolver(), "asked")
                self._take(accept=True)
                self._note()
        self.at = max(self.at, end + timedelta(minutes=self.rng.uniform(2, 45)))

    def _tell(self, key: Literal["ack", "ack_request", "known", "news", "vendor", "parts", "change", "remind"]) -> None:
        who = self._worker()
        self.scene.know(agent=self._person(who).given)
        body = self.scene.say(self.requester.language, "agent", key)
        self.draft.add(Reply(self.at, who, letter(self.scene, self._person(who), body, self.rng)))

    def _note(self) -> None:
        self._pass(self._spread(12 * _MINUTE))
        who = self._worker()
        text = self.scene.matter(self._inside_language(who), "note", fresh=True)
        self.draft.add(Note(self.at, who, text, self._readers()))

    # What they do

    def _sort(self) -> None:
        """Fields, tags, another category, another priority."""
        chance = self.rng.random
        if self.kind.field and chance() < 0.55:
            self.draft.add(SetField(self.at, self._worker(), self.kind.field, self._field_value(self.kind.field)))
        if self.kind.tag and chance() < 0.7:
            self.draft.add(Tag(self.at, self._worker(), self.kind.tag))
        if self._local_hour() in (22, 23, 0, 1, 2, 3, 4) and chance() < 0.6:
            self.draft.add(Tag(self.at, self._worker(), "night"))
        if chance() < 0.05:
            category = self.rng.choice([row.code for row in self.company.categories if row.parent])
            self.draft.add(Classify(self.at, self._worker(), category))
        if (self.said or 3) != self.urgency and chance() < 0.8:
            reason: Literal["misjudged", "business_deadline"] = "misjudged" if self.said else "business_deadline"
            self.draft.add(Prioritise(self.at, self._worker(), self.impact, self.urgency, reason))

    def _field_value(self, field: str) -> str:
        if field == "cost_centre":
            return str(self.rng.randrange(2100, 9900, 10))
        if field == "call_back":
            return self.requester.phone
        return self.scene["machine" if field == "machine" else "asset"]

    def _ask(self) -> None:
        self._pass(self._spread(14 * _MINUTE))
        who = self._worker()
        language = self.requester.language
        question, answer = self.scene.question(language)
        call = self.rng.random() < 0.12
        if call:
            text = self.scene.say(self._inside_language(who), "team", "call")
        else:
            self.scene.know(agent=self._person(who).given)
            text = letter(
                self.scene,
                self._person(who),
                f"{self.scene.say(language, 'agent', 'ask')} {question}".strip(),
                self.rng,
            )
        self.draft.add(Ask(self.at, who, text, call))
        if self._answers(self._spread(2.2 * _HOUR, 1.3)):
            opener = self.scene.say(language, "requester", "called" if call else "answer")
            answer = "" if call else answer
            self.draft.add(Answer(self.at, self.requester.ref, f"{opener} {answer}".strip()))

    def _answers(self, delay: float) -> bool:
        """Goes on to the answer, past reminders; False when it never came and the ticket was given up."""
        never = self.rng.random() < 0.05
        answered = self._awake().after(self.at, 30 * _DAY if never else min(delay, 6 * _DAY))
        for _ in range(2):
            self.at = min(answered, self.company.team[self.draft.team].hours.after(self.at, 11 * _HOUR))
            if self.at < answered:
                self._remind(answered)
        self.at = max(self.at, self.draft.at + timedelta(seconds=30))
        if never:
            self._give_up()
        else:
            self.at = max(self.at, answered)
        return not never

    def _remind(self, answered: datetime) -> None:
        who = self._worker()
        if self.at < answered:
            self.scene.know(agent=self._person(who).given)
            body = self.scene.say(self.requester.language, "agent", "remind")
            self.draft.add(Reply(self.at, who, letter(self.scene, self._person(who), body, self.rng)))

    def _give_up(self) -> None:
        self._pass(9 * _HOUR)
        who = self._worker()
        body = self.scene.say(self.requester.language, "agent", "giveup")
        self.draft.add(Resolve(self.at, who, "cancelled", letter(self.scene, self._person(who), body, self.rng)))

    def _hand_over(self, to: str, why: Literal["asked", "back"]) -> None:
        self._pass(self._spread(15 * _MINUTE))
        if self.draft.resting:
            return
        who = self._worker()
        outside = {self.company.team[team].provider for team in (to, self.draft.team)} != {"inhouse"}
        language: Language = "en" if outside else self._inside_language(who)
        tried = "done" if self.kind.type == "incident" else "done_request"
        done, asked, known = (self.scene.say(language, "team", part) for part in (tried, why, "known"))
        self.draft.add(HandOver(self.at, who, to, done, asked, known))

    def _decline(self) -> None:
        """The team says no, the first one looks again and passes it on once more with what was missing."""
        resolver = self.draft.team
        self._pass(self._spread(40 * _MINUTE))
        who = self.rng.choice(self._wait_for_somebody()).person
        if self.draft.offered_from is None:
            return
        readers = self._readers()
        language = self._inside_language(who)
        reasons: Sequence[DeclineReason] = ("not_ours", "missing_information", "no_capacity", "out_of_contract")
        self.draft.add(Decline(self.at, who, self.rng.choices(reasons, (2, 4, 1, 1))[0]))
        self.draft.add(Note(self.at, who, self.scene.say(language, "team", "decline"), readers))
        self._take()
        self._hand_over(resolver, "asked")

    def _bounce(self) -> None:
        """Back to the team before, and often forth again."""
        here = self.draft.team
        before = next(act.team for act in self.draft.acts if isinstance(act, Open))
        if before == here:
            return
        self._hand_over(before, "back")
        self._take(accept=True)
        self._note()
        for _ in range(self.rng.choice([0, 1, 1, 2])):
            self._hand_over(here, "asked")
            self._take(accept=True)
            here, before = before, here
            if self.rng.random() < 0.5:
                return
            self._hand_over(here, "back")
            self._take(accept=True)
            here, before = before, here

    def _side_question(self) -> None:
        outsider = self._outsider()
        asked = [
            team.code
            for team in self.company.teams
            if team.code != self.draft.team
            and self._may_go_to(team.code)
            and (team.provider == "inhouse" or outsider is None)
        ]
        team = self.rng.choice(asked)
        self._pass(self._spread(20 * _MINUTE))
        who = self._worker()
        outside = outsider or self.company.team[team].provider != "inhouse"
        language: Language = "en" if outside else self._inside_language(who)
        question, answer = self.scene.side_question(language)
        self.draft.add(SideQuestion(self.at, who, team, question))
        self.at = self.company.team[team].hours.after(self.at, self._spread(70 * _MINUTE))
        answerers = [agent for agent in self._on_duty(team) if self.draft.team not in agent.teams]
        if not answerers:
            strangers = [agent for agent in self.company.members(team) if self.draft.team not in agent.teams]
            self.at = min(agent.hours.next(self.at) for agent in strangers)
            answerers = [agent for agent in strangers if agent.hours.covers(self.at)]
        answerer = self.rng.choice(answerers).person
        self.draft.add(SideAnswer(self.at, answerer, answer))

    def _wait_third(self) -> None:
        who = self._worker()
        vendor = next(third for third in self.company.third_parties if third.code == self.kind.vendor)
        self.scene.know(vendor=vendor.name)
        if self.rng.random() < 0.6:
            self._tell("vendor")
        text = self.scene.say(self._inside_language(who), "team", "vendor")
        self.draft.add(WaitThird(self.at, self._worker(), vendor.code, text, self.rng.random() < 0.3))
        self._pass(self._spread(9 * _HOUR, 1.0))
        self.draft.add(EndWait(self.at, self._worker()))

    def _wait_until(self, wait: Literal["parts", "change"]) -> None:
        who = self._worker()
        vendor = next((third for third in self.company.third_parties if third.code == self.kind.vendor), None)
        self.scene.know(vendor=vendor.name if vendor else "Borealis Hardware")
        if wait == "parts" and self.rng.random() < 0.7:
            text = self.scene.say(self._inside_language(who), "team", "part")
            self.draft.add(Note(self.at, who, text, self._readers()))
        if self.rng.random() < 0.7:
            self._tell(wait)
        days = self.rng.choice([2, 3, 3, 4, 5, 7, 9, 14] if wait == "parts" else [1, 2, 3, 6])
        until = self.company.team[self.draft.team].hours.next(
            (self.at + timedelta(days=days)).replace(hour=8, minute=0, second=0, microsecond=0)
        )
        self.draft.add(WaitParts(self.at, self._worker(), wait, until))
        late = self.rng.random() < 0.3
        self._pass((until - self.at).total_seconds(), team_time=False)
        self._pass(self._spread(2 * _HOUR if not late else 14 * _HOUR))
        self.draft.add(EndWait(self.at, self._worker()))

    def _work(self, minutes: float) -> None:
        if self.draft.resting:
            return
        spent = max(self._spread(minutes * _MINUTE, 0.7), 90)
        self._pass(spent * self.rng.uniform(1.0, 1.0 + self.priority * 1.6))
        who = self._worker()
        if self.rng.random() < 0.6:
            self._log(who, spent)

    def _log(self, who: str, spent: float) -> None:
        work: Sequence[Literal["support", "travel", "research", "coordination"]] = (
            "support",
            "research",
            "travel",
            "coordination",
        )
        chosen = self.rng.choices(work, (70, 18, 6, 6))[0]
        day = self.at.astimezone(zone(self._person(who).zone)).date()
        seconds = min(max(round(spent / 300), 1) * 300, 6 * _HOUR)
        self.draft.add(LogTime(self.at, who, seconds, chosen, day))

    # How it ends

    def _finish(self) -> None:
        reopened = 0
        while True:
            self._resolve()
            again = self.rng.random() < (0.07 if reopened == 0 else 0.25) and reopened < 2
            if not again or not self._reopen():
                break
            reopened += 1
        self._close()

    def _resolve(self) -> None:
        if self.draft.resting:
            return
        who = self._worker()
        self.scene.know(agent=self._person(who).given)
        done = self.scene.matter(self.requester.language, "done", fresh=True)
        codes: Sequence[ResolutionCode] = ("solved", "workaround", "explained", "not_reproducible")
        code = self.rng.choices(codes, (82, 9, 7, 2))[0]
        text = letter(self.scene, self._person(who), done, self.rng)
        self.draft.add(Resolve(self.at, who, code, text))

    def _reopen(self) -> bool:
        when = self._awake().next(self.at + timedelta(seconds=self._spread(7 * _HOUR, 1.2)))
        if when >= self.draft.at + _BEFORE_CLOSING:
            return False
        self.at = when
        text = self.scene.say(self.requester.language, "requester", "reopen")
        codes: Sequence[ReopenCode] = ("not_solved", "came_back", "partly")
        self.draft.add(Reopen(self.at, self.requester.ref, self.rng.choice(codes), text))
        self._pass(self._spread(40 * _MINUTE))
        self._note()
        self._work(self.kind.effort)
        return True

    def _close(self) -> None:
        confirmed = self._awake().next(self.draft.at + timedelta(seconds=self._spread(3 * _HOUR, 1.6)))
        closing = self.draft.at + _BEFORE_CLOSING
        if confirmed < closing and self.rng.random() < 0.42:
            text = self.scene.say(self.requester.language, "requester", "confirm")
            self.draft.add(Close(confirmed, self.requester.ref, "confirmed", text))
        else:
            self.draft.add(Close(closing, CLOCK, "timer"))
