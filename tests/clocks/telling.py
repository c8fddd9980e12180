"""Tickets told in a few words: `Story` writes events, `judged` gives the turns of a level, `brief` the gist."""

from __future__ import annotations

from typing import Any

from helmdesk.clocks.levels import Level
from helmdesk.clocks.reading import described_from
from helmdesk.clocks.steps import Recorded, Steps, steps
from helmdesk.clocks.ticket import Holding, holdings, turns
from helmdesk.clocks.turns import Turn
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = 1_764_547_200_000_000  # 1 December 2025, midnight UTC
OFFICE = {"zone": "UTC", "week": {day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
ALWAYS = {"always": True}
DESK, NETWORK, NORTHWIND = 1, 2, 3
IN_HOUSE, GUEST = 10, 20
PROVIDERS = {DESK: IN_HOUSE, NETWORK: IN_HOUSE, NORTHWIND: GUEST}
TEAMS = {"desk": DESK, "network": NETWORK, "northwind-desk": NORTHWIND}
RULE, REQUESTER, AGENT, CLIENT = 0, 1, 2, 3


class Codes:
    """The codes of this little desk."""

    def team(self, code: str) -> int | None:
        return TEAMS.get(code)

    def provider(self, code: str) -> int | None:
        return {"in-house": IN_HOUSE, "northwind": GUEST}.get(code)

    def service(self, code: str) -> int | None:
        return {"payroll": 5, "mail": 6}.get(code)

    def category(self, code: str) -> int | None:
        return {"access": 7}.get(code)

    def site(self, code: str) -> int | None:
        return {"vienna": 8}.get(code)

    def group(self, code: str) -> int | None:
        return {"finance": 9}.get(code)


def level(metric: str = "resolution", within: str = "2h", **spec: Any) -> Level:
    """A level whose only target is `within`, unless `targets` are given."""
    given = {"code": "level", "metric": metric, "targets": [{"within": within}], **spec}
    return described_from(given, Codes()).level


def calendar(spec: dict[str, Any] = ALWAYS) -> Calendar:
    return calendar_from(spec)


def clock(text: str) -> int:
    """ "9:30" is Monday at half past nine, "tue 9:30" the day after."""
    day, _, time = text.rpartition(" ")
    hour, _, minute = time.partition(":")
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    weeks, _, name = day.rpartition("+")
    place = days.index(name) if name else 0
    return MONDAY + (7 * int(weeks or 0) + place) * DAY + int(hour) * HOUR + int(minute or 0) * MINUTE


class Story:
    """One ticket, opened at the service desk by its requester; each line is `at, what happens`."""

    def __init__(self, at: str = "9:00", *, team: int = DESK, priority: int | None = 3, **scope: int | None) -> None:
        self.events: list[Recorded] = []
        opening = {
            "team": team, "holder": "team", "priority": priority, "type": "incident",
            "scope": {"service": None, "category": None, "site": None, **scope},
        }  # fmt: skip
        self.then(at, "ticket.opened", REQUESTER, **opening)

    def then(self, at: str, kind: str, hat: int = AGENT, *, recorded: Any = None, **what: Any) -> Story:
        instant = clock(at)
        known = None if recorded is None else clock(recorded)
        self.events.append(Recorded(len(self.events) + 1, kind, instant, what, hat=hat, recorded_at=known))
        return self

    def hands(self, at: str, to: int, *, of: int = DESK, hat: int = AGENT, why: str = "hand_over") -> Story:
        return self.then(at, "handed_over", hat, **{"from": of, "to": to, "why": why})

    def accepts(self, at: str) -> Story:
        return self.then(at, "hand_over.accepted")

    def declines(self, at: str, to: int = DESK) -> Story:
        return self.then(at, "hand_over.declined", to=to, reason="not_ours")

    def waits(self, at: str, wait: str = "requester", *, team: int | None = None, on: int | None = None) -> Story:
        return self.then(at, "wait.started", wait=wait, on=on, team=team, message=None, call=False, until=None)

    def goes_on(self, at: str, hat: int = REQUESTER) -> Story:
        return self.then(at, "wait.ended", hat, why="answered")

    def judges(self, at: str, wait: int, *, upheld: bool, recorded: str | None = None) -> Story:
        return self.then(at, "wait.judged", recorded=recorded, wait=wait, upheld=upheld)

    def takes(self, at: str, *, hat: int = AGENT, how: str = "take", assignee: int | None = 11) -> Story:
        return self.then(at, "assigned", hat, assignee=assignee, was=None, how=how)

    def replies(self, at: str, *, hat: int = AGENT, auto: bool = False, said: str = "reply", thread: int = 1) -> Story:
        return self.then(at, "message.added", hat, message=1, thread=thread, auto=auto, files=0, **{"as": said})

    def asks(self, at: str) -> Story:
        return self.replies(at, hat=REQUESTER)

    def becomes(self, at: str, priority: int) -> Story:
        return self.then(at, "prioritised", priority=priority, reason="matrix", was=None)

    def resolves(self, at: str, *, hat: int = AGENT) -> Story:
        return self.then(at, "resolved", hat, team=DESK, how="solved")

    def reopens(self, at: str, *, team: int | None = None) -> Story:
        return self.then(at, "reopened", REQUESTER, team=team, assignee=None, why="not_solved")

    def closes(self, at: str, how: str = "timer") -> Story:
        return self.then(at, "closed", RULE, how=how)

    def merges(self, at: str) -> Story:
        return self.then(at, "ticket.merged", into=99)

    def unmerges(self, at: str) -> Story:
        return self.then(at, "ticket.unmerged", into=99)

    def receives(self, at: str, source: int = 77) -> Story:
        return self.then(at, "merge.received", source=source)

    def releases(self, at: str, source: int = 77) -> Story:
        return self.then(at, "merge.released", source=source)

    def excludes(self, at: str, start: str, end: str, *, level: str | None = None, approved: bool = True) -> Story:
        self.then(at, "exclusion.asked", **{"from": clock(start), "to": clock(end)}, level=level, message=1)
        kind = "exclusion.approved" if approved else "exclusion.refused"
        return self.then(at, kind, exclusion=len(self.events))

    def steps(self, now: str, **how: Any) -> Steps:
        return steps(self.events, public={1}, until=clock(now), **how)

    def holdings(self, now: str = "4+sun 23:00") -> list[Holding]:
        return holdings(self.steps(now))


def judged(
    story: Story, by: Level, *, now: str = "4+sun 23:00", hours: dict[str, Any] = ALWAYS, group: int | None = None,
    opened: dict[int, int] | None = None, as_of: str | None = None,
) -> list[Turn]:  # fmt: skip
    known = None if as_of is None else clock(as_of)
    told = story.steps(now, opened=opened, as_of=known)
    return turns(told, [(by, calendar_from(hours))], provider_of=PROVIDERS, group=group, now=clock(now))


def brief(found: list[Turn]) -> list[tuple[str, float, str | None]]:
    """Verdict, hours used, why: what most claims are about."""
    return [(turn.verdict.name.lower(), turn.used / HOUR, turn.why) for turn in found]
