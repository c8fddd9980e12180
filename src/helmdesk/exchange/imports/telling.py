"""Turns the steps that a source shows into the events of one of our tickets: ids for names, drafts for texts."""

from collections.abc import Callable
from typing import Any, Final

from helmdesk.access.models import Audience
from helmdesk.exchange.imports.desk import Desk, Standing
from helmdesk.exchange.imports.watching import Watched
from helmdesk.exchange.observing import Happening, Instead, Observed
from helmdesk.history.observation import Made, Step
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.models import Hat
from helmdesk.ledger.texts import Draft
from helmdesk.tickets.conversation import draft, known_names


def tell(watched: Watched, desk: Desk, standing: Standing | None) -> Observed:
    """The ticket as the writer takes it; without `standing` nothing can be written, only counted."""
    return _Teller(watched, desk, standing).tell()


class _Teller:
    """Follows one ticket, knowing which team and agent have it."""

    def __init__(self, watched: Watched, desk: Desk, standing: Standing | None) -> None:
        self.watched, self.desk, self.standing = watched, desk, standing
        self.stamp = Stamp() if standing is None else standing.stamp
        self.happenings: list[Happening] = []
        self.shares: dict[int, str] = {}
        here = watched.here
        self.team = here.team if here is not None and here.shown else None
        self.assignee = here.assignee if here is not None else None
        self.requester = here.requester if here is not None else None
        self.names: list[str] = []

    def tell(self) -> Observed:
        for made in self.watched.made:
            for step in made.steps:
                TOLD[step.kind](self, step, made)
        if self.watched.here is not None:
            return Observed(self.happenings, ticket=self.watched.here.ticket, shares=self.shares)
        nobody = self.desk.people.nobody() if self.requester is None else self.requester
        instead = None if self.standing is None else Instead(self.standing.triage, nobody)
        return Observed(self.happenings, self.watched.external_id, shares=self.shares, instead=instead)

    def _add(self, step: Step, words: Draft | None = None, /, **what: Any) -> Happening:
        what["src"] = step.what["src"]
        happening = Happening(step.kind, step.at, what, self.stamp, words)
        self.happenings.append(happening)
        return happening

    def _as_shown(self, step: Step, made: Made) -> None:
        self._add(step, **step.what)

    def _opened(self, step: Step, made: Made) -> None:
        people, what = self.desk.people, step.what
        self.team = self._held_by(what["team"])
        if what["requester"] is not None:
            self.requester = people.of(what["requester"])
            self.names = people.words_of(what["requester"])
        opened_by = None if what["opened_by"] is None else people.of(what["opened_by"])
        scope = _scope(what["scope"])
        told = {**what, "team": self.team, "requester": self.requester, "opened_by": opened_by, "scope": scope}
        self._add(step, self._subject(what), **told)

    def _subject(self, what: dict[str, Any]) -> Draft:
        """The subject that is shown; else what kind of matter it is, and the source's own number for it."""
        if what["subject"] is not None:
            return self._draft(what["subject"], "subject")
        matter, number = self.desk.about.matter(what["scope"]["category"]), self.watched.external_id
        return Draft(f"{matter} ({number})" if matter else number, "subject", self.requester)

    def _draft(self, text: str, kind: str) -> Draft:
        return draft(text, kind, owner=self.requester, known=self._known())

    def _known(self) -> list[str]:
        """What would tell who the requester is."""
        if not self.names and self.watched.here is not None:
            self.names = known_names(self.watched.here.requester)
        return self.names

    def _said(self, step: Step, made: Made) -> None:
        happening = self._add(step, self._draft(step.what["text"], "message"), **step.what)
        happening.audience = Audience() if self.standing is None else self.standing.audience
        if self.requester is not None:
            happening.stamp = Stamp(Hat.REQUESTER.value, self.requester)

    def _subject_revised(self, step: Step, made: Made) -> None:
        self._add(step, self._draft(step.what["text"], "subject"), **step.what)

    def _assigned(self, step: Step, made: Made) -> None:
        was, agent = self.assignee, step.what["assignee"]
        self.assignee = None if agent is None else self._member(int(agent), at=step.at)
        self._add(step, **{**step.what, "assignee": self.assignee, "was": was})

    def _member(self, person: int, *, at: int) -> int:
        """The agent's membership of the provider whose team has the ticket; of their own where no team is shown."""
        if self.team is not None:
            provider = self.desk.teams.provider_of[self.team]
        else:
            provider = self.desk.crew.provider_of(person) or self.desk.teams.provider_without_place()
        return self.desk.crew.member(person, provider=provider, team=self.team, at=at)

    def _handed_over(self, step: Step, made: Made) -> None:
        was = self.team if step.what["from"] is not None else None
        self.team, self.assignee = self._held_by(step.what["to"]), None
        self._add(step, **{**step.what, "from": was, "to": self.team})

    def _held_by(self, group: str | None) -> int | None:
        """The team; a company from outside may see what it has held."""
        if group is None:
            return None
        team = int(group)
        provider = self.desk.teams.provider_of[team]
        if provider in self.desk.teams.external:
            self.shares[provider] = "held"
        return team

    def _with_team(self, step: Step, made: Made) -> None:
        """Resolved and reopened name the team that has it, and whom it was assigned to."""
        what = {**step.what, "team": self.team}
        if "assignee" in what:
            what["assignee"] = self.assignee
        self._add(step, **what)

    def _waiting(self, step: Step, made: Made) -> None:
        on = step.what["on"]
        # What is waited for is a company or, named by the source only, a problem, which has no id here.
        company = int(on) if on is not None and step.what["wait"] == "third" else None
        self._add(step, **{**step.what, "on": company})

    def _classified(self, step: Step, made: Made) -> None:
        self._add(step, **{**step.what, "scope": _scope(step.what["scope"]), "was": _scope(step.what["was"])})

    def _field_set(self, step: Step, made: Made) -> None:
        code, value = step.what["field"], step.what["value"]
        if value is not None:
            value, words = self._status(value)
        else:
            value, words = self.desk.fields.told(code, step.what["text"], requester=self.requester, names=self._known())
        self._add(step, words, **{**step.what, "value": value, "text": None})

    def _status(self, status: str) -> tuple[Any, Draft | None]:
        enumerated = self.desk.fields.status(status)
        return (enumerated, None) if enumerated is not None else (None, self._draft(status, "field"))


def _scope(named: dict[str, Any]) -> dict[str, Any]:
    """The scope of a step, whose ids are texts; the innermost category counts."""
    service, site, path = named["service"], named["site"], named["category"]
    return {
        "service": None if service is None else int(service),
        "site": None if site is None else int(site),
        "category": int(path[-1]) if path else None,
        "flags": named["flags"],
    }


TOLD: Final[dict[str, Callable[[_Teller, Step, Made], None]]] = {
    "ticket.opened": _Teller._opened,
    "message.added": _Teller._said,
    "subject.revised": _Teller._subject_revised,
    "assigned": _Teller._assigned,
    "handed_over": _Teller._handed_over,
    "wait.started": _Teller._waiting,
    "wait.ended": _Teller._as_shown,
    "resolved": _Teller._with_team,
    "reopened": _Teller._with_team,
    "closed": _Teller._as_shown,
    "classified": _Teller._classified,
    "prioritised": _Teller._as_shown,
    "type.changed": _Teller._as_shown,
    "field.set": _Teller._field_set,
}
