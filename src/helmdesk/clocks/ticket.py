"""One ticket: its turns by any number of levels, and who had the ball when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from helmdesk.clocks import running
from helmdesk.clocks import situations as fold
from helmdesk.clocks.encoding import encoded, excluded_for, turn_of
from helmdesk.clocks.levels import WAITS, Level
from helmdesk.clocks.steps import Steps
from helmdesk.clocks.turns import Elapses, Turn
from helmdesk.clocks.walking import walk

KINDS: Final = {
    fold.WITH_TEAM: "team",
    fold.WITH_REQUESTER: "requester",
    fold.WITH_THIRD: "third",
    fold.UNKNOWN: "unknown",
    fold.REST: "rest",
}
WAIT_NAMES: Final = {number: name for name, number in WAITS.items()}


class Version(msgspec.Struct, frozen=True):
    """One version of a level with one of its calendar: it judges the turns that start from `valid_from` on."""

    level: Level
    calendar: Elapses
    valid_from: int
    valid_until: int | None = None


class Holding(msgspec.Struct, frozen=True):
    """Who had the ball from `start` to before `end` (None: until now), and under which wait.

    `party_kind` is team, requester, third, unknown or rest; `party` a team or company. `overruled`: there was a wait
    that was judged not to be true, so the responsible team has the time.
    """

    party_kind: str
    party: int | None
    start: int
    end: int | None
    wait: str | None = None
    overruled: bool = False


class Standing(msgspec.Struct, frozen=True):
    """Who is responsible for a ticket and what it is about; None for what is not known."""

    team: int | None
    provider: int | None
    priority: int | None
    service: int | None
    category: int | None
    site: int | None
    type: int | None


def turns(
    steps: Steps,
    levels: Sequence[tuple[Level, Elapses]],
    *,
    provider_of: Mapping[int, int],
    group: int | None = None,
    now: int,
) -> list[Turn]:
    """All turns of these levels as of `now`, level by level, each level's in order of time.

    `provider_of` names the provider of each team, `group` the requester's department. Steps after `now` must not be
    there: `steps.steps(..., until=now)` leaves them out.
    """
    walked = _Walked(steps, provider_of)
    return [turn for level, calendar in levels for turn in walked.turns(level, calendar, group=group, now=now)]


def turns_of_their_day(
    steps: Steps, versions: Iterable[Version], *, provider_of: Mapping[int, int], group: int | None = None, now: int
) -> list[tuple[Version, Turn]]:
    """Of each level, every turn by the version that was valid when it started, numbered anew in order of start."""
    walked = _Walked(steps, provider_of)
    found = [
        (version, turn)
        for version in versions
        for turn in walked.turns(version.level, version.calendar, group=group, now=now)
        if version.valid_from <= turn.start and (version.valid_until is None or turn.start < version.valid_until)
    ]
    found.sort(key=lambda pair: (pair[1].level, pair[1].start, pair[0].valid_from, pair[1].n))
    counts: dict[str, int] = {}
    numbered = []
    for version, turn in found:
        n = counts[turn.level] = counts.get(turn.level, 0) + 1
        numbered.append((version, msgspec.structs.replace(turn, n=n)))
    return numbered


def standing(steps: Steps, at: int, *, provider_of: Mapping[int, int]) -> Standing:
    """How the ticket stood at an instant: after the last step that was not later."""
    sit = _situations(steps, provider_of)
    place = bisect_right(steps.at, at) - 1
    row = sit[place * fold.WIDTH : (place + 1) * fold.WIDTH]
    places = (fold.TEAM, fold.PROVIDER, fold.PRIORITY, fold.SERVICE, fold.CATEGORY, fold.SITE, fold.TYPE)
    return Standing(*(None if row[place] < 0 else row[place] for place in places))


def holdings(steps: Steps) -> list[Holding]:
    """Spans that tile the ticket's life, opening to final closing, as history.fold.intervals does; waits that were
    judged not to be true are the responsible team's."""
    n = len(steps.at)
    out = [0] * (n * fold.H_WIDTH)
    count = fold.tiles(n, steps.at, _situations(steps, {}), out)
    return [_holding(out[k * fold.H_WIDTH : (k + 1) * fold.H_WIDTH]) for k in range(count)]


def _holding(row: Sequence[int]) -> Holding:
    holder, by, start, end, wait, overruled = row
    return Holding(
        KINDS[holder], None if by < 0 else by, start, None if end < 0 else end, WAIT_NAMES.get(wait), overruled == 1
    )


def _situations(steps: Steps, provider_of: Mapping[int, int]) -> list[int]:
    n = len(steps.at)
    sit = [0] * (n * fold.WIDTH)
    fold.situations(n, steps.at, steps.kind, steps.a, steps.b, steps.c, _Providers(provider_of), sit)
    return sit


class _Providers(dict[int, int]):
    """A team whose provider nobody names has none."""

    def __missing__(self, team: int) -> int:
        return -1


class _Walked:
    """The steps folded once, to be walked by level after level."""

    def __init__(self, steps: Steps, provider_of: Mapping[int, int]) -> None:
        self.steps = steps
        self.situations = _situations(steps, provider_of)
        self.state = [0] * (2 * running.HALF)
        self.out = [0] * ((len(steps.at) + 2) * running.T_WIDTH)

    def turns(self, level: Level, calendar: Elapses, *, group: int | None, now: int) -> list[Turn]:
        steps, width = self.steps, running.T_WIDTH
        excluded = excluded_for(level.code, [(one.start, one.end, one.level) for one in steps.exclusions])
        count = walk(
            len(steps.at), steps.at, steps.kind, steps.a, steps.b, steps.c, self.situations, encoded(level),
            -1 if group is None else group, now, calendar, excluded, self.state, self.out,
        )  # fmt: skip
        return [turn_of(level.code, k + 1, self.out[k * width : (k + 1) * width]) for k in range(count)]
