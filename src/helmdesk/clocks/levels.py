"""A service level as data: whom it binds, what it measures, how long, and what interrupts it. All ids are integers."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import msgspec


class Metric(IntEnum):
    """What a level measures; docs/reference/service-levels.md says when a turn of each begins and stops."""

    FIRST_RESPONSE = 1
    NEXT_RESPONSE = 2
    UPDATE = 3
    RESOLUTION = 4
    OWN = 5
    HAND_OVER = 6
    GIVE_BACK = 7


class Binds(IntEnum):
    """Whose promise it is: to the requester end to end (SLA), a team's (OLA), a provider's (underpinning contract)."""

    REQUESTER = 1
    TEAM = 2
    PROVIDER = 3


class Then(IntEnum):
    """What becomes of a turn when something happens to its ticket.

    KEEP: it goes on as it was, with the target of its beginning, and the time used counts. CARRY: its target is chosen
    again, and the time used counts. RESTART: it ends, missed where it was late by then and else unjudged, and another
    begins with nothing used. docs/reference/service-levels.md says it for each happening.
    """

    KEEP = 1
    CARRY = 2
    RESTART = 3


class Until(IntEnum):
    """What stops a resolution: resolved, or closed (then automatic closing counts, because the level says so)."""

    RESOLVED = 1
    CLOSED = 2


class Wait(IntEnum):
    """The named waits of history.fold, as numbers."""

    REQUESTER = 1
    THIRD = 2
    PARTS = 3
    CHANGE = 4
    QUESTION = 5
    CHILD = 6
    PROBLEM = 7
    AGREED = 8


TYPES: Final = {"incident": 1, "request": 2}
WAITS: Final = {wait.name.lower(): wait.value for wait in Wait}


class Target(msgspec.Struct, frozen=True):
    """`within` µs of working time for the tickets that fit; None fits all, and the first row that fits counts."""

    within: int
    priorities: tuple[int, ...] | None = None
    services: tuple[int, ...] | None = None
    categories: tuple[int, ...] | None = None
    sites: tuple[int, ...] | None = None
    providers: tuple[int, ...] | None = None
    groups: tuple[int, ...] | None = None
    types: tuple[int, ...] | None = None


class Pause(msgspec.Struct, frozen=True):
    """While a ticket waits so, a clock stands still, for at most `cap` µs of the level's working time a wait."""

    wait: str
    cap: int | None = None


class Level(msgspec.Struct, frozen=True):
    """One version of a service level. `party` is the team or provider bound, None for a requester promise."""

    code: str
    metric: Metric
    targets: tuple[Target, ...]
    binds: Binds = Binds.REQUESTER
    party: int | None = None
    until: Until = Until.RESOLVED
    pauses: tuple[Pause, ...] = ()
    on_change: Then = Then.CARRY
    on_hand_over: Then = Then.CARRY
    on_decline: Then = Then.CARRY
    on_reopen: Then = Then.CARRY
    on_merge: Then = Then.KEEP
    warn_at: tuple[float, ...] = (0.75,)


class FormKind(IntEnum):
    """What a promise says of many turns together."""

    SHARE = 1
    PERCENTILE = 2
    MEAN_EXCESS = 3
    OLDEST_OPEN = 4


class Form(msgspec.Struct, frozen=True):
    """SHARE: at least `share` of the turns are met. PERCENTILE: of all times used, the percentile `p` is within `us`.

    MEAN_EXCESS: late turns are late by at most `us` in the mean. OLDEST_OPEN: no open ticket is older than `us`.
    """

    kind: FormKind
    share: float | None = None
    p: float | None = None
    us: int | None = None


class Described(msgspec.Struct, frozen=True):
    """A level with what surrounds it: names by language, the code of its calendar, its form, when notices may come."""

    level: Level
    name: dict[str, str]
    calendar_code: str | None
    form: Form | None
    notices_any_hour: bool = False
