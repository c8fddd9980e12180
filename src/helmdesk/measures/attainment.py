"""Whether promises held: of each service level how many turns were met and missed, and by how much they were late.

A turn counts when it is judged: a met one when it stopped, a missed one when its target was used up, stopped or not.
A party's own level counts for that party, whoever had the ticket later; a promise to the requester for the team that
was responsible in the end. Turns that ended unjudged count in neither.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Any, Final, NamedTuple, Protocol

from django.db.models import Q

from helmdesk.access.viewer import Viewer
from helmdesk.clocks.levels import Binds, Metric
from helmdesk.clocks.turns import Verdict
from helmdesk.foundation.time import from_us
from helmdesk.inference.means import mean
from helmdesk.inference.quantiles import Estimate
from helmdesk.measures.figures import Counted, Figure, Row, share
from helmdesk.measures.questions import Question
from helmdesk.measures.rows import FIELDS, Rows, fetched, rows_for
from helmdesk.service_levels import versions
from helmdesk.service_levels.judging import Judged, judged
from helmdesk.service_levels.models import Clock, ServiceLevel
from helmdesk.service_levels.stories import stories
from helmdesk.tickets.seen import may_see

AT_ONCE: Final = 200
FAR_OVER: Final = 2
"""An open ticket older than so many times its target is counted as far over."""


class Turn(NamedTuple):
    """One turn as it counts; instants and durations in µs. `group` are the ticket's own columns."""

    ticket: int
    level: int
    metric: int
    binds: int
    party: int | None
    verdict: int
    start: int
    stop: int | None
    used: int
    target: int
    due: int | None
    group: tuple[int | None, ...]

    @property
    def judged_at(self) -> int | None:
        """When it counts; None while nothing is decided."""
        if self.verdict == Verdict.MET:
            return self.stop
        return None if self.verdict == Verdict.UNJUDGED else self.due

    def decided(self, until: int) -> bool:
        at = self.judged_at
        return at is not None and at < until

    @property
    def late(self) -> int:
        """0 for a met one; how late a missed one is, of one that goes on as far as it is known."""
        return 0 if self.verdict == Verdict.MET else max(1, self.excess)

    @property
    def excess(self) -> int:
        return max(0, self.used - self.target)


@dataclass(frozen=True, slots=True)
class Attained:
    """One level: the share met with its interval, how late on average (µs, of turns that stopped), and the rest.

    `far_over` are open tickets older than twice their target; None for levels that do not measure solving.
    """

    level: int
    code: str
    binds: Binds
    share: Figure
    mean_excess: Estimate | None
    undecided: int
    unjudged: int
    far_over: int | None
    tickets: tuple[Counted, ...] = field(default=(), repr=False)


class Reads(Protocol):
    """What attainment needs of a report's material."""

    @property
    def question(self) -> Question: ...

    @property
    def rows(self) -> Rows: ...


def attained(material: Reads, viewer: Viewer) -> dict[Hashable, tuple[Attained, ...]]:
    """What each level attained: under "all", and under `(key,)` of each part."""
    question = material.question
    found, codes = turns(question, viewer) if question.as_of is None else turns_as_of(question, viewer)
    providers = material.rows.working().providers if any(turn.binds == Binds.TEAM for turn in found) else {}
    parts: dict[Hashable, list[Turn]] = defaultdict(list)
    of = _part_of(question, providers)
    for turn in _narrowed(found, question, providers):
        parts["all"].append(turn)
        if question.by != "all":
            parts[(of(turn),)].append(turn)
    return {key: tuple(_levels(some, question, codes)) for key, some in parts.items()}


def turns(question: Question, viewer: Viewer) -> tuple[list[Turn], dict[int, str]]:
    """Every turn that may count in the period, of tickets that the viewer may see; and the codes of their levels."""
    seen = may_see(viewer, "ticket__")
    touched = Q(ticket__figures__closed_at__gte=from_us(question.start)) | Q(ticket__figures__closed_at__isnull=True)
    rows = Clock.objects.filter(touched, start__lt=from_us(question.until))
    rows = rows if seen is None else rows.filter(seen)
    columns = (
        "ticket_id", "level_id", "metric", "binds", "party", "verdict", "start", "stop", "used", "target", "due_at",
        *(f"ticket__figures__{FIELDS[name]}" for name in FIELDS), "ticket__figures__assignee__person_id",
    )  # fmt: skip
    found = fetched(rows.values_list(*columns, "level__code"))
    return [Turn(*(*row[:11], row[11:-1])) for row in found], {row[1]: row[-1] for row in found}


def turns_as_of(question: Question, viewer: Viewer) -> tuple[list[Turn], dict[int, str]]:
    """The same, judged anew from what was recorded by then, by the versions that were known then.

    Of tickets that have clocks now: what was only brought in, and never timed here, has none.
    """
    assert question.as_of is not None
    rows = {row.ticket: row for row in rows_for(replace(question, only=()), viewer).tickets()}
    timed = Clock.objects.filter(ticket__in=list(rows)).values_list("ticket_id", flat=True).distinct()
    terms = versions.terms(as_of=from_us(question.as_of))
    found = []
    for some in batched(sorted(timed), AT_ONCE, strict=False):
        told, providers = stories(some)
        for story in told:
            story.events = [event for event in story.events if event.recorded_at <= question.as_of]
            if story.events:
                group = _group_of(rows[story.ticket])
                anew = judged(story, terms, providers=providers, now=question.known)
                found += [_as_of(story.ticket, one, group) for one in anew if one.turn.start < question.until]
    return found, dict(ServiceLevel.objects.values_list("pk", "code"))


def _as_of(ticket: int, one: Judged, group: tuple[int | None, ...]) -> Turn:
    level, turn = one.term.read, one.turn
    return Turn(
        ticket, one.term.level, level.metric.value, level.binds.value, level.party, turn.verdict.value, turn.start,
        turn.stop, turn.used, turn.target, turn.due, group,
    )  # fmt: skip


def _group_of(row: Row) -> tuple[int | None, ...]:
    return (*(getattr(row, name) for name in FIELDS), row.person)


def _narrowed(found: Iterable[Turn], question: Question, providers: dict[int, int]) -> Iterator[Turn]:
    """Those that the question names: a provider's or team's own levels by whom they bind, the rest by their ticket."""
    places = {name: place for place, name in enumerate(FIELDS)}
    for turn in found:
        bound = _bound(turn, providers)
        values = {name: bound.get(name, turn.group[places[name]]) for name, _pk in question.only}
        if all((values[name] or None) == (pk or None) for name, pk in question.only):
            yield turn


def _bound(turn: Turn, providers: dict[int, int]) -> dict[str, int | None]:
    """The provider and team that a turn counts for, where it binds one."""
    if turn.binds == Binds.PROVIDER:
        return {"provider": turn.party}
    elif turn.binds == Binds.TEAM:
        return {"team": turn.party, "provider": providers.get(turn.party or 0)}
    return {}


def _part_of(question: Question, providers: dict[int, int]) -> Callable[[Turn], Any]:
    if question.by == "month":
        return lambda turn: _month(turn, question)
    names = [*FIELDS, "person"]
    place = names.index(question.by) if question.by in names else 0
    return lambda turn: _bound(turn, providers).get(question.by, turn.group[place])


def _month(turn: Turn, question: Question) -> str:
    at = turn.judged_at
    return from_us(turn.start if at is None else at).astimezone(question.zone).date().isoformat()[:7]


def _levels(found: list[Turn], question: Question, codes: dict[int, str]) -> Iterator[Attained]:
    by_level: dict[int, list[Turn]] = defaultdict(list)
    for turn in found:
        by_level[turn.level].append(turn)
    for level in sorted(by_level, key=lambda pk: codes[pk]):
        yield _one(level, by_level[level], question, codes[level])


def _one(level: int, found: list[Turn], question: Question, code: str) -> Attained:
    start, until = question.start, question.until
    judged = [turn for turn in found if turn.decided(until) and start <= (turn.judged_at or 0)]
    stopped = [turn for turn in judged if turn.stop is not None and turn.stop < until]
    unjudged = [t for t in found if t.verdict == Verdict.UNJUDGED and t.stop is not None and start <= t.stop < until]
    still = [turn for turn in found if turn.stop is None or turn.stop >= until]
    solving = found[0].metric == Metric.RESOLUTION
    return Attained(
        level=level,
        code=code,
        binds=Binds(found[0].binds),
        share=share(code, sum(turn.verdict == Verdict.MET for turn in judged), len(judged)),
        mean_excess=mean(turn.excess for turn in stopped),
        undecided=sum(not turn.decided(until) for turn in still),
        unjudged=len(unjudged),
        far_over=sum(until - turn.start > FAR_OVER * turn.target for turn in still) if solving else None,
        tickets=tuple(Counted(turn.ticket, turn.late) for turn in judged),
    )
