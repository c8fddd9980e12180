"""A level as the column that running.py walks by, and the rows that come out of it as turns."""

from __future__ import annotations

from collections.abc import Sequence

from helmdesk.clocks import running
from helmdesk.clocks.levels import WAITS, Level, Target
from helmdesk.clocks.turns import WHYS, Turn, Verdict


def encoded(level: Level) -> list[int]:
    """The level's column."""
    caps = [running.NOT_NAMED] * len(WAITS)
    for pause in level.pauses:
        caps[WAITS[pause.wait] - 1] = running.NO_CAP if pause.cap is None else pause.cap
    head = [
        level.metric, level.binds, -1 if level.party is None else level.party, level.until, level.on_change,
        level.on_hand_over, level.on_decline, level.on_reopen, level.on_merge, *caps,
    ]  # fmt: skip
    rows = [number for target in level.targets for number in _encoded_target(target)]
    return [*map(int, head), len(level.targets), *rows]


def _encoded_target(target: Target) -> list[int]:
    fits = (
        target.priorities, target.services, target.categories, target.sites, target.providers, target.groups,
        target.types,
    )  # fmt: skip
    out = [target.within]
    for values in fits:
        out += [0] if values is None else [len(values), *values]
    return out


def turn_of(level: str, n: int, row: Sequence[int]) -> Turn:
    """One row of the walk, as a turn."""
    verdict, start, stop, used, gross, target, since, due, why = row
    return Turn(
        level,
        n,
        VERDICTS[verdict],
        start,
        _instant(stop),
        used,
        gross,
        target,
        _instant(since),
        _instant(due),
        WHYS[why],
    )


def _instant(value: int) -> int | None:
    return None if value < 0 else value


VERDICTS = {verdict.value: verdict for verdict in Verdict}
EMPTY: list[int] = []


def excluded_for(level: str, exclusions: Sequence[tuple[int, int, str | None]]) -> list[int]:
    """The time that does not count for a level: start, end, start, end, ... in order and apart."""
    spans = sorted((start, end) for start, end, which in exclusions if which in (None, level) and start < end)
    out: list[int] = []
    for start, end in spans:
        if out and start <= out[-1]:
            out[-1] = max(out[-1], end)
        else:
            out += [start, end]
    return out
