"""A report as numbers for others: one JSON document, or one table of a row a figure. Durations are seconds here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from helmdesk.foundation.time import from_us
from helmdesk.inference.proportions import Interval
from helmdesk.inference.quantiles import Estimate
from helmdesk.measures.attainment import Attained
from helmdesk.measures.figures import Figure
from helmdesk.measures.names import Names, spoken
from helmdesk.measures.reports import Group, Report
from helmdesk.measures.rows import Had

SECOND: Final = 1_000_000
HEADER: Final = (
    "by", "key", "name", "figure", "unit", "n", "met", "value", "low", "high", "p90", "mean", "few", "withheld",
)  # fmt: skip

type Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Told:
    """A figure in the units of the outside: seconds, shares, counts."""

    figure: str
    unit: str
    n: int
    met: int | None
    value: float | None
    low: float | None
    high: float | None
    p90: float | None
    mean: float | None
    few: bool
    values: tuple[float, ...] = ()


def told(figure: Figure) -> Told:
    timed = figure.unit == "duration"
    low, high = _ends(figure.interval, timed=timed)
    return Told(
        figure.code, "seconds" if timed else figure.unit, figure.n, figure.met, _scaled(figure.value, timed=timed), low,
        high, _value(figure.p90, timed=timed), _value(figure.mean, timed=timed), figure.few,
        tuple(value / SECOND for value in figure.values),
    )  # fmt: skip


def _scaled(value: float | None, *, timed: bool) -> float | None:
    return value if value is None or not timed else value / SECOND


def _value(estimate: Estimate | None, *, timed: bool) -> float | None:
    return None if estimate is None else _scaled(estimate.value, timed=timed)


def _ends(interval: Interval | None, *, timed: bool) -> tuple[float | None, float | None]:
    if interval is None:
        return None, None
    return _scaled(interval.low, timed=timed), _scaled(interval.high, timed=timed)


def as_json(report: Report, names: Names) -> dict[str, Any]:
    """The whole report; a share below thirty tickets is null beside its `met` and `n`, and says `few`."""
    question = report.question
    return {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "zone": str(question.zone),
        "as_of": None if question.as_of is None else from_us(question.as_of).isoformat(),
        "known": from_us(question.known).isoformat(),
        "by": question.by,
        "only": dict(question.only),
        "behind": report.behind,
        "all": _group(report.whole, "all", names),
        "groups": [_group(group, question.by, names) for group in report.groups],
        "hidden_people": report.hidden_people,
        "held": [_had(had, names) for had in report.held],
    }


def _group(group: Group, by: str, names: Names) -> dict[str, Any]:
    figures = {code: _figure(told(figure)) for code, figure in group.figures.items()}
    head = {"key": group.key, "name": spoken(names.of(by, group.key)), "tickets": group.tickets}
    if group.withheld:
        return {**head, "withheld": True, "figures": {}, "promises": {}}
    return {
        **head, "withheld": False, "figures": figures,
        "promises": {one.code: promise(one) for one in group.promises},
    }  # fmt: skip


def _figure(one: Told) -> dict[str, Any]:
    if one.unit == "count":
        return {"unit": one.unit, "n": one.n, "value": one.value}
    shown: dict[str, Any] = {"unit": one.unit, "n": one.n, "value": one.value, "low": one.low, "high": one.high}
    if one.unit == "share":
        shown["met"] = one.met
    if one.unit == "seconds":
        shown |= {"p90": one.p90, "mean": one.mean}
    if one.values:
        shown["values"] = list(one.values)
    return {**shown, "few": one.few} if one.unit != "rate" else shown


def promise(one: Attained) -> dict[str, Any]:
    excess = one.mean_excess
    return {
        **_figure(told(one.share)),
        "binds": one.binds.name.lower(),
        "mean_excess": None if excess is None else excess.value / SECOND,
        "undecided": one.undecided,
        "unjudged": one.unjudged,
        "far_over": one.far_over,
    }


def _had(had: Had, names: Names) -> dict[str, Any]:
    return {
        "kind": had.party.kind, "id": had.party.pk, "provider": had.party.provider, "name": party_name(had, names),
        "seconds": had.gross / SECOND, "tickets": had.tickets,
        "working_seconds": None if had.working is None else had.working / SECOND,
    }  # fmt: skip


def party_name(had: Had, names: Names) -> str:
    if had.party.kind == "team":
        return spoken(names.of("team", had.party.pk))
    elif had.party.kind == "third":
        return spoken(names.of("third", had.party.pk))
    return had.party.kind


def table(report: Report, names: Names) -> Iterator[tuple[Cell, ...]]:
    """The rows under HEADER: each figure and promise of all and of each part, then how long each party had the ball."""
    yield from _rows(report.whole, "all", names)
    for group in report.groups:
        yield from _rows(group, report.question.by, names)
    for had in report.held:
        party = (had.party.kind, had.party.pk, party_name(had, names))
        yield (*party, "had_the_ball", "seconds", had.tickets, None, had.gross / SECOND, *[None] * 4, False, False)
        if had.working is not None:
            net = had.working / SECOND
            yield (*party, "had_the_ball_working", "seconds", had.tickets, None, net, *[None] * 4, False, False)


def _rows(group: Group, by: str, names: Names) -> Iterator[tuple[Cell, ...]]:
    head = (by, group.key, spoken(names.of(by, group.key)))
    if group.withheld:
        yield (*head, "", "", None, None, None, None, None, None, None, False, True)
        return
    for figure in group.figures.values():
        yield (*head, *_cells(told(figure)), False)
    for one in group.promises:
        cells = _cells(told(one.share))
        excess = one.mean_excess
        yield (*head, f"promise:{cells[0]}", *cells[1:], False)
        late = None if excess is None else excess.value / SECOND
        n = 0 if excess is None else excess.n
        yield (*head, f"mean_excess:{one.code}", "seconds", n, None, late, None, None, None, late, False, False)


def _cells(one: Told) -> tuple[Cell, ...]:
    return (one.figure, one.unit, one.n, one.met, one.value, one.low, one.high, one.p90, one.mean, one.few)
