"""What a judging says as data: the very words of `helmdesk judge --json`, rule by rule, and the same as rows."""

from collections.abc import Iterator
from typing import Any

from helmdesk.access.viewer import Viewer
from helmdesk.clocks.tallies import Tally
from helmdesk.foundation.time import from_us, to_us
from helmdesk.measures.exporting import Export
from helmdesk.measures.judging.counting import UNKNOWN as NOBODY_KNOWS
from helmdesk.measures.judging.counting import Told
from helmdesk.measures.judging.models import Judging
from helmdesk.measures.names import MODELS
from helmdesk.measures.persons import rule_for

SECOND = 1_000_000
OF_THEIR_DAY = "of their day"
UNKNOWN = "unknown"
HEADER = (
    "rule", "level", "calendar", "by", "group", "met", "missed", "share", "low", "high", "open", "late", "unjudged",
)  # fmt: skip


def told(row: Judging) -> Told:
    return Told.of(row.told, rules=len(row.rules))


def whole(told_by_rule: dict[str, Tally]) -> Tally:
    """All parts together."""
    parts = told_by_rule.values()
    return Tally(*(sum(getattr(one, name) for one in parts) for name in Tally.__struct_fields__))


def hidden(row: Judging, viewer: Viewer) -> frozenset[str]:
    """Teams of which fewer than five people stand behind the number, as wherever figures are shown."""
    if row.by != "team":
        return frozenset()
    rule = rule_for(viewer)
    parts = {part for by_rule in told(row).rules for part in by_rule.groups} - {NOBODY_KNOWS}
    return frozenset(part for part in parts if not rule.shows_team(int(part)))


def as_json(row: Judging, viewer: Viewer) -> dict[str, Any]:
    """First what was asked for, then what stands beside it; without the parts that are hidden."""
    return {
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "judged": [_rule(row, viewer, place) for place in range(len(row.rules))],
    }


def _rule(row: Judging, viewer: Viewer, place: int) -> dict[str, Any]:
    found, rule = told(row), row.rules[place]
    codes, withheld = called(row.by), hidden(row, viewer)
    shown = {part: tally for part, tally in found.rules[place].groups.items() if part not in withheld}
    groups = {codes.get(part, part) or UNKNOWN: tally for part, tally in shown.items()}
    return {
        "level": rule["level"],
        "calendar": OF_THEIR_DAY if rule.get("day") else rule["spec"]["calendar"],
        "as_of": from_us(to_us(row.until) // SECOND * SECOND).isoformat(),
        "by": row.by,
        "tickets": found.tickets,
        "not_applied": found.rules[place].not_applied,
        "holder_unknown": found.holder_unknown,
        "groups": {name: groups[name].as_dict() for name in sorted(groups)},
    }


def called(by: str) -> dict[str, str]:
    """The codes of parts, as files and commands know them."""
    if by not in MODELS:
        return {}
    return {str(pk): code for pk, code in MODELS[by]._default_manager.values_list("pk", "code")}


def as_rows(row: Judging, viewer: Viewer) -> Export:
    return Export(HEADER, _rows(row, viewer))


def _rows(row: Judging, viewer: Viewer) -> Iterator[tuple[Any, ...]]:
    for place in range(len(row.rules)):
        said = _rule(row, viewer, place)
        for name, tally in said["groups"].items():
            low, high = tally["interval"] or (None, None)
            counts = (tally["open"], tally["late"], tally["unjudged"])
            yield (
                place + 1, said["level"], said["calendar"], row.by, name, tally["met"], tally["missed"],
                tally["share"], low, high, *counts,
            )  # fmt: skip
