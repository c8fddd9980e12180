"""What the clocks of a zone showed and will show, by the installed `tzdata` package, not by the machine's own files."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from importlib import metadata, resources
from zoneinfo import ZoneInfo

from helmdesk.worktime.horizon import DAY, SECOND, year_start

Period = tuple[int, int, int]


@cache
def names() -> frozenset[str]:
    """All names that the zone database knows."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text().split())


def edition() -> str:
    """The edition of the zone database, as evidence names it: "2026.6"."""
    return metadata.version("tzdata")


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name. Raises KeyError when the database has none."""
    if name not in names():
        raise KeyError(name)
    with resources.files("tzdata.zoneinfo").joinpath(name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@lru_cache(maxsize=4096)
def periods(name: str, year: int) -> tuple[Period, ...]:
    """(since, until, offset) in µs: the stretches of a UTC year with one offset each, in order, without holes.

    Offsets are asked for once a day, and a change between two days is sought to the second. No zone changed twice
    within a day since 1990, which a test reads from the database itself.
    """
    since, until = year_start(year), year_start(year + 1)
    changes = [since]
    offset = _offset(name, since)
    for instant in range(since + DAY, until + 1, DAY):
        following = _offset(name, min(instant, until - SECOND))
        if following != offset:
            changes.append(_change(name, instant - DAY, instant))
            offset = following
    return tuple((a, b, _offset(name, a)) for a, b in zip(changes, [*changes[1:], until], strict=True))


def _change(name: str, before: int, after: int) -> int:
    offset = _offset(name, before)
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        if _offset(name, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(name: str, instant: int) -> int:
    offset = datetime.fromtimestamp(instant // SECOND, zone(name)).utcoffset()
    assert offset is not None
    return (offset.days * 86_400 + offset.seconds) * SECOND
