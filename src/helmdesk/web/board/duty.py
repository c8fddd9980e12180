"""Who is on duty, in words and as pictures: each party now, the next 24 hours, and the week over what came in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import ngettext

from helmdesk.foundation.time import from_us, to_us
from helmdesk.measures import coverage
from helmdesk.measures.coverage import Gap, Hour, Quarter
from helmdesk.service_levels.duty import Duty, Spans
from helmdesk.tickets.parties import Place, Side
from helmdesk.web.phrases import gettext as _
from helmdesk.web.tickets.naming import Names, Party
from helmdesk.web.times import when

DAY: Final = 24 * 3_600_000_000
EVERY: Final = 4
"""Hours between two words of the axis."""


class Bar(NamedTuple):
    """A stretch on the strip, in percent of its width."""

    x: float
    width: float


class Crew(NamedTuple):
    """A party: its teams on duty now as words, until or from when, and the next 24 hours; `told` says them in words."""

    party: Party
    now: str
    tail: str
    bars: list[Bar]
    told: str
    known: bool


class Member(NamedTuple):
    """A team and its hours: on duty, off duty, or not known."""

    name: str
    party: Party
    words: str


class Cell(NamedTuple):
    """An hour of the week: its look, what came in it, and all of it in words."""

    css: str
    came: str
    urgent: bool
    told: str


class Day(NamedTuple):
    name: str
    exact: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the board says of duty. `nobody` are the gaps of the next day as bars, `gaps` those of the week."""

    crews: list[Crew]
    members: list[Member]
    axis: list[tuple[float, str]]
    nobody: list[Bar]
    days: list[Day]
    gaps: list[tuple[str, str]]
    of: str
    unknown: str
    any_known: bool


def picture(
    teams: Sequence[Place], whole: Duty, came: Sequence[Quarter], names: Names, *, at: datetime, zone: ZoneInfo
) -> Picture:  # fmt: skip
    """Of these teams and their hours; `came` are the arrivals of the last weeks."""
    present = to_us(at)
    sides = sorted({team.side for team in teams}, key=lambda side: (side.pk != names.provider, side.name))
    crews = {side.pk: whole.of(team.pk for team in teams if team.side.pk == side.pk) for side in sides}
    gaps, of = _gaps(whole, crews, names, came, at=at, zone=zone)
    opened = whole.open(present, present + DAY)
    return Picture(
        [_crew(side, crews[side.pk], names, present) for side in sides],
        [_member(team, whole.of([team.pk]), names, present) for team in teams],
        _axis(present, zone),
        [_bar(span, present) for span in _between(opened, present, present + DAY)] if whole.known else [],
        [_day(day, hours, names) for day, hours in coverage.week(crews, came, at=at, zone=zone).items()],
        [(_when(gap, present), _came(gap)) for gap in gaps],
        of,
        ", ".join(team.name for team in teams if team.pk in whole.unknown),
        bool(whole.known),
    )  # fmt: skip


def _gaps(
    whole: Duty, crews: dict[int, Duty], names: Names, came: Sequence[Quarter], *, at: datetime, zone: ZoneInfo
) -> tuple[list[Gap], str]:
    """When nobody at all is on duty; where that never is, when none of the viewer's own provider is."""
    found = coverage.gaps(whole, came, at=at, zone=zone)
    own = crews.get(names.provider or 0)
    if found or own is None or len(crews) == 1:
        return found, ""
    return coverage.gaps(own, came, at=at, zone=zone), names.side(names.provider).name


def _crew(side: Side, crew: Duty, names: Names, present: int) -> Crew:
    party = names.side(side.pk)
    if not crew.known:
        return Crew(party, _("hours not known"), "", [], _("The hours of %(who)s are not known.") % {"who": party.name},
                    False)  # fmt: skip
    on, hidden = len(crew.on(present)), len(crew.unknown)
    tail = [] if on else [_opens(crew, present)]
    if hidden:
        tail.append(ngettext("hours of %(n)d not known", "hours of %(n)d not known", hidden) % {"n": hidden})
    opened = crew.open(present, present + DAY)
    words = ", ".join(_("%(from)s to %(to)s") % {"from": when(a), "to": when(b)} for a, b in opened)
    told = _("%(who)s: on duty %(times)s") % {"who": party.name, "times": words or _("not within 24 hours")}
    now = ngettext("%(n)d team", "%(n)d teams", on) % {"n": on} if on else "0"
    return Crew(party, now, ", ".join(tail), [_bar(span, present) for span in opened], told, True)


def _opens(crew: Duty, present: int) -> str:
    opens = crew.opens(present)
    return _("never") if opens is None else _("from %(when)s") % {"when": when(opens)}


def _member(team: Place, alone: Duty, names: Names, present: int) -> Member:
    if not alone.known:
        words = _("hours not known")
    elif alone.on(present):
        ends = alone.open(present, present + 7 * DAY)[0][1]
        words = _("on duty until %(when)s") % {"when": when(ends)} if ends < present + 7 * DAY else _("always on duty")
    else:
        words = _("off duty, %(from)s") % {"from": _opens(alone, present)}
    return Member(team.name, names.side(team.side.pk), words)


def _between(opened: Spans, start: int, end: int) -> Spans:
    edges = [start, *(edge for span in opened for edge in span), end]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def _bar(span: tuple[int, int], present: int) -> Bar:
    left, right = ((at - present) * 100 / DAY for at in span)
    return Bar(round(left, 2), round(right - left, 2))


def _axis(present: int, zone: ZoneInfo) -> list[tuple[float, str]]:
    """Every fourth hour by the clock on the wall, but none that would run into "now" or over the edge."""
    found = []
    today = from_us(present).astimezone(zone).date()
    for hour in range(0, 49, EVERY):
        at = coverage.instant(today, hour, zone)
        if present + DAY // 24 < at < present + DAY * 23 // 24:
            found.append((round((at - present) * 100 / DAY, 2), f"{hour % 24:02}"))
    return found


def _day(day: date, hours: Iterable[Hour], names: Names) -> Day:
    name = date_format(day, "D j")
    return Day(name, date_format(day, "l j F"), [_cell(n, hour, names) for n, hour in enumerate(hours)])


def _cell(n: int, hour: Hour, names: Names) -> Cell:
    if hour.skipped:
        return Cell("skip", "", False, _("There is no such hour: clocks go forward."))
    on = [names.side(party) for party in hour.on]
    css = ("none had" if hour.came else "none") if not on else f"one p{on[0].hue}" if len(on) == 1 else "many"
    if hour.part and len(hour.part) == len(hour.on):
        css += " part"
    who = ", ".join(party.name for party in on) or _("nobody")
    return Cell(css, str(hour.came or ""), hour.urgent > 0, f"{n:02}–{(n + 1) % 24:02}: {who}{_urgent(hour.urgent)}")


def _urgent(number: int) -> str:
    return "; " + ngettext("%(n)d urgent", "%(n)d urgent", number) % {"n": number} if number else ""


def _when(gap: Gap, present: int) -> str:
    """Today, tomorrow or a weekday, from when to when."""
    ends = when(gap.end)
    if gap.start <= present:
        return _("Now until %(to)s") % {"to": ends}
    return _("%(from)s to %(to)s") % {"from": _day_of(gap.start, present), "to": ends}


def _day_of(at: int, present: int) -> str:
    said = when(at)
    if at - present > DAY or not said[0].isdecimal():
        return said[:1].upper() + said[1:]
    words = _("Today %(time)s") if int(said[:2]) < 17 else _("Tonight %(time)s")
    return words % {"time": said}


def _came(gap: Gap) -> str:
    """What came at that time of the last weeks."""
    weeks = coverage.WEEKS
    if gap.most == 0:
        return _("In the last %(weeks)d weeks nothing came at that time.") % {"weeks": weeks}
    elif gap.least == gap.most:
        words = ngettext(
            "In each of the last %(weeks)d weeks %(n)d ticket came at that time%(urgent)s.",
            "In each of the last %(weeks)d weeks %(n)d tickets came at that time%(urgent)s.", gap.most,
        )  # fmt: skip
    else:
        words = ngettext(
            "In the last %(weeks)d weeks %(least)d to %(n)d ticket came at that time%(urgent)s.",
            "In the last %(weeks)d weeks %(least)d to %(n)d tickets came at that time%(urgent)s.", gap.most,
        )  # fmt: skip
    return words % {"weeks": weeks, "least": gap.least, "n": gap.most, "urgent": _in_all(gap.urgent)}


def _in_all(urgent: int) -> str:
    if not urgent:
        return _(", none of them urgent")
    return ngettext(", %(n)d of them urgent", ", %(n)d of them urgent", urgent) % {"n": urgent}
