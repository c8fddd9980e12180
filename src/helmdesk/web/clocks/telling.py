"""A clock's account in words: who had it, why time counts or does not, and by which rules it was judged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format

from helmdesk.clocks import account
from helmdesk.clocks.account import Line
from helmdesk.clocks.levels import Target
from helmdesk.clocks.ticket import Holding
from helmdesk.foundation.time import from_us
from helmdesk.measures.ribbon import Place, scale
from helmdesk.service_levels.evidence import Evidence
from helmdesk.web.phrases import gettext as _
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.words import PRIORITIES
from helmdesk.web.times import hours, to_the_second


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the table. `hue` is the party's, 0 for who is none; `counts` says whether its time does."""

    day: str
    start: str
    end: str
    who: str
    hue: int
    opened: str
    counted: str
    sum: str
    why: str
    counts: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the picture: where, in whose hue, and whether its time counts."""

    place: Place
    hue: int
    counts: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks of whose ticket, and in which zone the calendar thinks."""

    names: Names
    asker: str
    zone: ZoneInfo


def lines(one: Evidence, voice: Voice) -> list[Told]:
    """The table; a day is said only where it begins. The line in which the target is passed is marked late."""
    told: list[Told] = []
    day = ""
    for line in one.lines:
        begins = day_of(line.start, voice.zone)
        told.append(_line(line, one, voice, "" if begins == day else begins))
        day = begins
    return told


def _line(line: Line, one: Evidence, voice: Voice, day: str) -> Told:
    who, hue = holder(line.holding, voice)
    counted = whole(line.sum) - whole(line.sum - line.counted)
    opened = counted if line.open == line.counted else whole(line.open)
    return Told(
        day=day,
        start=clock(line.start, voice.zone),
        end=_until(line, voice.zone),
        who=who,
        hue=hue,
        opened=to_the_second(opened) if line.open else "",
        counted=to_the_second(counted) if line.counted else "",
        sum=to_the_second(whole(line.sum)),
        why=why(line, one, voice),
        counts=line.counted > 0,
        late=line.sum > one.turn.target >= line.sum - line.counted,
    )


def whole(us: int) -> int:
    """Full seconds; what a line counts is told as the difference of two such sums, so that the table adds up."""
    return us - us % 1_000_000


def _until(line: Line, zone: ZoneInfo) -> str:
    """The end of a line, with its day where that is another; the end of a day is its 24:00."""
    over = clock(line.end, zone) == "00:00" and line.end > line.start
    last = line.end - 1 if over else line.end
    end = "24:00" if over else clock(line.end, zone)
    same = day_of(line.start, zone) == day_of(last, zone)
    return end if same else f"{date_format(from_us(last).astimezone(zone), 'D j M')} {end}"


def day_of(at: int, zone: ZoneInfo) -> str:
    return date_format(from_us(at).astimezone(zone), "D j F Y")


def clock(at: int, zone: ZoneInfo) -> str:
    """To the minute where it is a whole one, else to the second."""
    then = from_us(at).astimezone(zone)
    return f"{then:%H:%M:%S}" if then.second or then.microsecond else f"{then:%H:%M}"


def holder(held: Holding | None, voice: Voice) -> tuple[str, int]:
    """Who had the ball, and their hue."""
    names = voice.names
    if held is None or held.party_kind == "rest":
        return _("nobody: it was solved"), 0
    elif held.party_kind == "requester":
        return voice.asker, 0
    elif held.party_kind == "third":
        return names.company(held.party), 0
    elif held.party_kind == "unknown":
        return _("not known with whom"), 0
    party = names.team(held.party)
    return party.name, party.hue


def why(line: Line, one: Evidence, voice: Voice) -> str:
    """Why it counts, or why not."""
    held = line.holding
    if line.why == account.COUNTS:
        if line.capped:
            return _("counts: the longest pause for this wait, %(cap)s, is over") % {"cap": hours(_cap(one, held) or 0)}
        elif held is not None and held.overruled:
            return _("counts: it was judged that there was nothing to wait for")
        return _("counts")
    elif line.why == account.PAUSED:
        cap = _cap(one, held)
        words = _("stands still: %(wait)s, for %(cap)s at most") if cap else _("stands still: %(wait)s")
        return words % {"wait": waited(held, voice), "cap": hours(cap) if cap else ""}
    elif line.why == account.EXCLUDED:
        return _("left out: agreed by a lead of the company")
    return WHYS[line.why]()


WHYS: Final = {
    account.CLOSED: lambda: _("off duty: the calendar is closed"),
    account.ELSEWHERE: lambda: _("does not count: another had it"),
    account.AT_REST: lambda: _("does not count: it was solved"),
    account.NOT_YET: lambda: _("does not count: nothing was promised for such"),
    account.MOVED: lambda: _("taken over: what happened just then counts so much, or gives it back"),
}


def waited(held: Holding | None, voice: Voice) -> str:
    wait = held.wait if held is not None else None
    if wait == "requester":
        return _("waiting for an answer of %(who)s") % {"who": voice.asker}
    elif wait == "agreed":
        return _("waiting until a day that %(who)s agreed to") % {"who": voice.asker}
    elif wait == "third":
        return _("waiting for another company")
    elif wait == "parts":
        return _("waiting for parts")
    elif wait == "change":
        return _("waiting for a change window")
    elif wait == "question":
        return _("another team was asked")
    return _("waiting for a part of it")


def _cap(one: Evidence, held: Holding | None) -> int | None:
    wait = held.wait if held is not None else None
    return next((pause.cap for pause in one.described.level.pauses if pause.wait == wait), None)


def picture(one: Evidence, voice: Voice) -> list[Bar]:
    """The same as a band: in hue what counts, pale what does not."""
    if not one.lines or one.lines[-1].end <= one.lines[0].start:
        return []
    drawn = scale(one.lines[0].start, one.lines[-1].end)
    return [
        Bar(
            drawn.place((line.start, line.end)),
            holder(line.holding, voice)[1],
            line.counted > 0,
            line.why == account.PAUSED,
        )
        for line in one.lines
        if line.start < line.end
    ]


def rule(one: Evidence) -> str:
    """Why the target is what it is: for what its row says."""
    target = next((row for row in one.described.level.targets if row.within == one.turn.target), None)
    fits = [] if target is None else list(_fits(target))
    within = hours(one.turn.target)
    if not fits:
        return _("%(span)s for all") % {"span": within}
    return _("%(span)s for %(what)s") % {"span": within, "what": ", ".join(fits)}


def _fits(target: Target) -> Iterable[str]:
    """What a row asks of a ticket; the rest than priority is in the level itself."""
    if target.priorities:
        yield _("priority %(names)s") % {"names": " / ".join(str(PRIORITIES[n]) for n in target.priorities)}
    for given, words in (
        (target.services, _("its service")), (target.categories, _("its kind of work")), (target.sites, _("its site")),
        (target.providers, _("its provider")), (target.groups, _("its department")), (target.types, _("its kind")),
    ):  # fmt: skip
        if given:
            yield words


def stamp(at: datetime) -> str:
    """An instant in full, in the reader's zone."""
    then = timezone.localtime(at)
    return f"{date_format(then, 'D j F Y')}, {then:%H:%M:%S} {then.tzname()}"
