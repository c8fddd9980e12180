"""One report for a question: every figure, for all and split. Pages, commands and exports show this, nothing else."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from django.db.models import Subquery

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.models import Head
from helmdesk.measures import persons
from helmdesk.measures.attainment import Attained, attained
from helmdesk.measures.figures import MEASURES, Beyond, Counted, Figure, Measure, Row, counted, figure
from helmdesk.measures.models import Followed
from helmdesk.measures.questions import Question
from helmdesk.measures.rows import Had, Rows, beyond, rows_for

AT_ONE_INSTANT: Final = frozenset({"backlog", "backlog_age"})
"""Figures of the period's end, which are not split by month."""


MINUTE: Final = 60_000_000
type Key = int | str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one part of the tickets; `withheld` where too few people stand behind them."""

    key: Key
    tickets: int
    figures: dict[str, Figure]
    promises: tuple[Attained, ...] = ()
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a question comes to: for all, split, how long each party had the ball, and how fresh it is."""

    question: Question
    whole: Group
    groups: tuple[Group, ...]
    held: tuple[Had, ...]
    hidden_people: int
    behind: int


@dataclass(frozen=True, slots=True)
class Material:
    """The rows of one question, read once, and what follows from them."""

    question: Question
    rows: Rows
    tickets: list[Row]
    beyond: Beyond
    rule: persons.Rule

    @classmethod
    def of(cls, question: Question, viewer: Viewer) -> "Material":
        question = question.bounded(viewer)
        rows = rows_for(question, viewer)
        tickets = rows.tickets()
        about_few = question.by in ("team", "person") or question.asked_only("team")
        rule = persons.rule_for(viewer) if about_few else persons.EVERYBODY
        return cls(question, rows, tickets, beyond(question, rows, tickets), rule)

    @property
    def window(self) -> tuple[int, int]:
        return self.question.start, self.question.until


def report(question: Question, viewer: Viewer) -> Report:
    """The report, made once for a viewer, a question and a state of the ledger."""
    place = Followed.objects.filter(pk=1).values("seq")[:1]
    head = Head.objects.filter(pk=1).values_list("seq", "hash", Subquery(place)).first()
    if head is None:
        return _made(Material.of(question, viewer), viewer, 0)
    seq, state, followed = head
    minute = replace(question, now=question.now // MINUTE * MINUTE)
    return _remembered(minute, _as_key(viewer), bytes(state), seq - (followed or 0))


@lru_cache(maxsize=64)
def _remembered(question: Question, viewer: Viewer, state: bytes, behind: int) -> Report:
    return _made(Material.of(question, viewer), viewer, behind)


def _as_key(viewer: Viewer) -> Viewer:
    """The viewer that a request has promised, as a value."""
    return replace(copy(viewer), permissions=frozenset(viewer.permissions))


def _made(material: Material, viewer: Viewer, behind: int) -> Report:
    question = material.question
    promises = attained(material, viewer)
    parts = [] if question.by == "all" else list(parted(material))
    shown = [(key, rows) for key, rows in parts if _may_show(material, key)]
    return Report(
        question=question,
        whole=_group(material, None, material.tickets, promises, withheld=_few_people_asked(material)),
        groups=tuple(
            _group(material, key, rows, promises, withheld=_few_people(material, key, rows)) for key, rows in shown
        ),
        held=() if _few_people_asked(material) else tuple(_held(material)),
        hidden_people=len(parts) - len(shown),
        behind=behind,
    )


def _held(material: Material) -> Iterator[Had]:
    """A guest is told of their own provider's time only, and of the requester's; teams too small are told together."""
    provider = material.question.asked_only("provider")
    for had in material.rows.held():
        if provider is None or had.party.provider in (None, provider):
            yield had


def _may_show(material: Material, key: Key) -> bool:
    return material.question.by != "person" or (not isinstance(key, str) and material.rule.shows_person(key))


def _few_people(material: Material, key: Key, rows: Iterable[Row]) -> bool:
    if _few_people_asked(material):
        return True
    if material.question.by != "team" or isinstance(key, str):
        return False
    return not material.rule.shows_team(key, {row.person for row in rows})


def _few_people_asked(material: Material) -> bool:
    """Whether the question narrows to a team behind which too few people stand."""
    team = material.question.asked_only("team")
    return bool(team) and not material.rule.shows_team(team, {row.person for row in material.tickets})


def parted(material: Material) -> Iterator[tuple[Key, list[Row]]]:
    """The tickets of each part, in the order of its key; a ticket may count in several months."""
    by = material.question.by
    if by == "month":
        for first in months(material.question):
            yield first.isoformat()[:7], material.tickets
        return
    parts: dict[int | None, list[Row]] = {}
    place = Row._fields.index(by)
    for row in material.tickets:
        key: Any = row[place]
        parts.setdefault(key, []).append(row)
    yield from sorted(parts.items(), key=lambda part: (part[0] is None, part[0] or 0))


def months(question: Question) -> Iterator[date]:
    """The first day of each month that the period touches."""
    day = question.first.replace(day=1)
    while day <= question.last:
        yield day
        day = (day + timedelta(days=32)).replace(day=1)


def window_of(question: Question, key: Key) -> tuple[int, int]:
    """From when to before when a part counts: all of the period, or its month."""
    if question.by != "month" or not isinstance(key, str):
        return question.start, question.until
    first = date.fromisoformat(f"{key}-01")
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    part = replace(question, first=max(first, question.first), last=min(last, question.last))
    return part.start, part.until


def measures_of(question: Question, key: Key) -> Sequence[Measure]:
    in_month = question.by == "month" and key is not None
    return [one for one in MEASURES if not (in_month and one.code in AT_ONE_INSTANT)]


def _group(
    material: Material, key: Key, rows: list[Row], promises: dict[Hashable, tuple[Attained, ...]], *, withheld: bool
) -> Group:
    if withheld:
        return Group(key, len(rows), {}, withheld=True)
    window = window_of(material.question, key)
    figures = {
        measure.code: figure(measure, counted(measure, rows, material.beyond, window))
        for measure in measures_of(material.question, key)
    }
    split = rows is not material.tickets or key is not None
    tickets = figures["opened"].n if isinstance(key, str) else len(rows)
    return Group(key, tickets, figures, promises.get((key,) if split else "all", ()))


def behind(measure: Measure, key: Key, *, question: Question, viewer: Viewer, split: bool) -> list[Counted]:
    """The tickets behind one number of a report, largest first; none where the number is withheld."""
    material = Material.of(question, viewer)
    rows: list[Row] = material.tickets
    if split:
        rows = next((part for own, part in parted(material) if own == key), [])
        if not _may_show(material, key) or _few_people(material, key, rows):
            return []
    elif _few_people_asked(material):
        return []
    found = counted(measure, rows, material.beyond, window_of(material.question, key if split else None))
    return sorted(found, key=lambda one: (-one.value, one.ticket))


def behind_late(key: Key, *, question: Question, viewer: Viewer, split: bool) -> list[Counted]:
    """The tickets on which any promise was missed, each with how late it was in all."""
    found = report(question, viewer)
    group = next((one for one in found.groups if one.key == key), None) if split else found.whole
    late: dict[int, int] = {}
    for one in () if group is None else group.promises:
        for ticket, value in one.tickets:
            if value:
                late[ticket] = late.get(ticket, 0) + value
    return sorted((Counted(*one) for one in late.items()), key=lambda one: (-one.value, one.ticket))


def behind_held(kind: str, provider: int | None, *, question: Question, viewer: Viewer) -> list[Counted]:
    """The tickets of which a party had the ball, those it had longest first; a guest is told of their own only."""
    material = Material.of(question, viewer)
    own = material.question.asked_only("provider")
    if _few_people_asked(material) or (own is not None and provider not in (None, own)):
        return []
    return sorted(material.rows.held_by(kind, provider), key=lambda one: (-one.value, one.ticket))


def behind_promise(code: str, key: Key, *, question: Question, viewer: Viewer, split: bool) -> list[Counted]:
    """The tickets whose turns of a promise were decided, the latest first; each with how late it was."""
    found = report(question, viewer)
    group = next((one for one in found.groups if one.key == key), None) if split else found.whole
    promises = () if group is None else group.promises
    turns = next((one.tickets for one in promises if one.code == code), ())
    return sorted(turns, key=lambda one: (-one.value, one.ticket))
