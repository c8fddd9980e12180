"""The people around one ticket: who is on duty, who works on it, and what happens while time goes by."""

from datetime import datetime, timedelta
from random import Random

from helmdesk.exchange.demo.acts import Accept, Assign, Note, Release, Reply, Take
from helmdesk.exchange.demo.company import Agent, Company, Language, Person
from helmdesk.exchange.demo.draft import Draft
from helmdesk.exchange.demo.shifts import Hours
from helmdesk.exchange.demo.speech import Scene

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_RESPONSE = (5, 12, 35, 90, 200)  # minutes of the team's working time until somebody takes it, by priority


class Crew:
    """`at` is the moment that the story has reached; acts are never earlier than the last one in the draft."""

    impact: int
    urgency: int

    def __init__(self, company: Company, scene: Scene, rng: Random, *, at: datetime) -> None:
        self.company, self.scene, self.rng, self.at = company, scene, rng, at
        self.requester = scene.requester
        self.draft = Draft(scene.requester.ref)

    @property
    def priority(self) -> int:
        return self.impact + self.urgency - 1

    def _pass(self, seconds: float, *, team_time: bool = True) -> None:
        """Time goes by; over a longer silence the requester may ask what is going on."""
        before = self.at
        hours = self.company.team[self.draft.team].hours
        self.at = hours.after(self.at, seconds) if team_time else self.at + timedelta(seconds=seconds)
        silence = (self.at - before).total_seconds()
        if silence > 1.5 * _DAY and self.draft.wait != "requester" and self.rng.random() < 0.35:
            self._chase(before + timedelta(seconds=silence * self.rng.uniform(0.5, 0.9)))

    def _chase(self, at: datetime) -> None:
        when = self._awake().next(at)
        if when < self.at:
            text = self.scene.say(self.requester.language, "requester", "chase")
            self.draft.add(Reply(when, self.requester.ref, text))
            self._urge(when)

    def _urge(self, at: datetime) -> None:
        """Sometimes a lead sees the chase and gives a reason to hurry."""
        lead = self._lead_on_duty(at)
        if lead is not None and lead.person != self.draft.assignee and self.rng.random() < 0.4:
            later = at + timedelta(minutes=self.rng.uniform(5, 50))
            if later < self.at:
                self.scene.know(agent=self._person(self.draft.assignee or lead.person).given)
                text = self.scene.say(self._inside_language(lead.person), "team", "lead")
                self.draft.add(Note(later, lead.person, text, self._readers()))

    def _spread(self, median: float, sigma: float = 0.8) -> float:
        return median * self.rng.lognormvariate(0, sigma)

    def _on_duty(self, team: str, at: datetime | None = None) -> list[Agent]:
        return [agent for agent in self.company.members(team) if agent.hours.covers(at or self.at)]

    def _lead_on_duty(self, at: datetime) -> Agent | None:
        return next((agent for agent in self._on_duty(self.draft.team, at) if agent.lead), None)

    def _take(self, *, accept: bool = False) -> None:
        if self.draft.assignee is not None:
            return
        self._pass(self._spread(_RESPONSE[self.priority - 1] * _MINUTE, 0.9))
        there = self._wait_for_somebody()
        chosen, lead = self.rng.choice(there), self._lead_on_duty(self.at)
        if lead is not None and lead is not chosen and self.rng.random() < 0.12:
            self.draft.add(Assign(self.at, lead.person, chosen.person))
            return
        if accept and self.draft.offered_from and self.rng.random() < 0.3:
            self.draft.add(Accept(self.at, chosen.person))
            self._pass(self.rng.uniform(60, 1500))
            chosen = self.rng.choice(self._wait_for_somebody())
        self.draft.add(Take(self.at, chosen.person))

    def _wait_for_somebody(self) -> list[Agent]:
        there = self._on_duty(self.draft.team)
        if not there:
            self.at = min(agent.hours.next(self.at) for agent in self.company.members(self.draft.team))
            there = self._on_duty(self.draft.team)
        return there

    def _worker(self) -> str:
        """Who acts now: the assignee when at work, else after the night, or a colleague of the next shift."""
        if self.draft.assignee is None:
            self._take()
        agent = self.company.agent[self.draft.assignee or ""]
        back = agent.hours.next(self.at)
        if (back - self.at).total_seconds() > 3 * _HOUR and self.rng.random() < 0.4:
            self._relieve(agent)
        else:
            self.at = back
        return self.draft.assignee or ""

    def _relieve(self, agent: Agent) -> None:
        others = [other for other in self._on_duty(self.draft.team) if other is not agent]
        end = _end_of_shift(agent.hours, self.draft.at)
        if not others or not self.draft.at <= end <= self.at:
            self.at = agent.hours.next(self.at)
            return
        self.draft.add(Release(end, agent.person))
        self.draft.add(Take(self.at, self.rng.choice(others).person))

    def awake_after(self, at: datetime) -> datetime:
        return self._awake().next(at)

    def _awake(self) -> Hours:
        """When the requester answers: at machines early and late, at desks by day."""
        floor = self.company.department[self.requester.department or ""].floor
        if floor:
            return Hours(self.requester.zone, (0, 1, 2, 3, 4, 5), 300, 1320)
        return Hours(self.requester.zone, (0, 1, 2, 3, 4), 440, 1090)

    def _person(self, ref: str) -> Person:
        return self.company.person[ref]

    def _speaks(self, person: str) -> Language:
        return self.company.person[person].language

    def _inside_language(self, writer: str) -> Language:
        """English as soon as somebody reads it who may know no German."""
        return "de" if not self._readers() and self._speaks(writer) == "de" else "en"

    def _writes_down_in(self, agent: str) -> Language:
        """The caller's language where the agent speaks it."""
        spoken = self._speaks(agent)
        return spoken if spoken in ("de", self.requester.language) else "en"

    def _outsider(self) -> str | None:
        provider = self.company.team[self.draft.team].provider
        return None if provider == "inhouse" else provider

    def _readers(self) -> tuple[str, ...]:
        outsider = self._outsider()
        return () if outsider is None else (outsider,)


def _end_of_shift(hours: Hours, at: datetime) -> datetime:
    return next(end for _, end in hours.spans(at) if end > at) - timedelta(minutes=2)
