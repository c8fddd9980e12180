"""The one timeline of a ticket: every message with its readers, days between, small things folded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

from helmdesk.foundation.time import from_us
from helmdesk.tickets.reading import Event, File, Hangings, Opened, Said
from helmdesk.web.phrases import gettext as _
from helmdesk.web.templating import initials
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.telling import Teller
from helmdesk.web.tickets.words import CHANNELS

PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")


class Moment(NamedTuple):
    """An instant as a timeline shows it: by the clock, exactly, for machines."""

    day: date
    clock: str
    exact: str
    machine: str


class Paper(NamedTuple):
    """A file as a page shows it."""

    pk: int
    name: str
    size: str
    picture: bool


class Message(NamedTuple):
    """A message as a page shows it. `hue` is the author's party, none for those who ask."""

    pk: int
    css: str
    mark: str
    readers: str
    who: str
    initials: str
    hue: int | None
    org: str
    moment: Moment
    body: str | None
    papers: list[Paper]
    edited: bool
    own: bool
    other: int | None
    is_message: bool = True


class Fold(NamedTuple):
    """Small things in a row: (clock, sentence)."""

    told: list[tuple[str, str]]
    is_fold: bool = True

    @property
    def summary(self) -> str:
        first, last = self.told[0][0], self.told[-1][0]
        times = first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
        return _("%(times)s: %(n)s small things") % {"times": times, "n": len(self.told)}


class Day(NamedTuple):
    """A new day begins."""

    words: str
    is_day: bool = True


Item = Message | Fold | Day
type Mark = tuple[int, int, Message | str, Moment]
"""Something of the timeline with its place in time: instant, order within it, what it is, how the instant is shown."""


@dataclass(slots=True)
class Clock:
    """Instants in the reader's zone and language; a day is written out once."""

    today: date
    days: dict[date, str] = field(default_factory=dict)

    def moment(self, us: int) -> Moment:
        at = from_us(us)
        then = timezone.localtime(at)
        clock = f"{then.hour:02}:{then.minute:02}"
        exact = f"{self.written(then.date())}, {clock}:{then.second:02} {then.tzname()} (UTC{then.isoformat()[-6:]})"
        return Moment(then.date(), clock, exact, at.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def written(self, day: date) -> str:
        if day not in self.days:
            self.days[day] = date_format(datetime(day.year, day.month, day.day), "l j F Y")  # noqa: DTZ001
        return self.days[day]

    def day(self, day: date) -> Day:
        apart = (self.today - day).days
        if apart in (0, 1):
            named = _("Today, %(day)s") if apart == 0 else _("Yesterday, %(day)s")
            return Day(named % {"day": self.written(day)})
        return Day(self.written(day))


def clock_at(present: datetime) -> Clock:
    return Clock(timezone.localtime(present).date())


@dataclass(frozen=True, slots=True)
class Scene:
    """What every item of one timeline is shown with."""

    ticket: Opened
    hung: Hangings
    names: Names
    asker: str
    clock: Clock


def timeline(
    said: list[Said], events: Iterable[Event], scene: Scene, teller: Teller, *, since: int, until: int | None
) -> list[Item]:
    """Messages and what happened between them, in order of time; `since` and `until` bound what happened."""
    messages = [(one.at, shown(one, scene)) for one in said]
    spoken: list[Mark] = [(at, 0, message, message.moment) for at, message in messages]
    near = [event for event in events if since <= event.at and (until is None or event.at <= until)]
    told: list[Mark] = [(e.at, 1, words, scene.clock.moment(e.at)) for e in near if (words := teller.tell(e))]
    return _woven(sorted([*spoken, *told], key=lambda mark: mark[:2]), scene.clock)


def _woven(marks: list[Mark], clock: Clock) -> list[Item]:
    items: list[Item] = []
    day: date | None = None
    for _at, _order, what, moment in marks:
        if moment.day != day:
            day = moment.day
            items.append(clock.day(day))
        if isinstance(what, Message):
            items.append(what)
        elif items and isinstance(items[-1], Fold):
            items[-1].told.append((moment.clock, what))
        else:
            items.append(Fold([(moment.clock, what)]))
    return items


def shown(one: Said, scene: Scene) -> Message:
    """One message, with its readers in word, shape and colour."""
    names, asker = scene.names, scene.asker
    readers = names.readers(one, asker)
    asks = one.hat == 1
    who = asker if asks and one.person == scene.ticket.requester else names.person(one.person, one.name, one.provider)
    side = None if asks or one.provider is None else names.side(one.provider)
    return Message(
        one.pk, readers.css, readers.mark, readers.words, who, initials(who), side.hue if side else None,
        _org(one, side.name if side else "", scene.ticket), scene.clock.moment(one.at), one.body,
        [paper(file) for file in scene.hung.files.get(one.pk, ())], one.rev > 1,
        one.person is not None and one.person == names.me, None if one.ticket == scene.ticket.pk else one.ticket,
    )  # fmt: skip


def _org(one: Said, side: str, ticket: Opened) -> str:
    parts = [side]
    if one.said_as == "original" and one.ticket == ticket.pk:
        parts.append(str(CHANNELS.get(ticket.channel, "")))
    elif one.said_as == "call":
        parts.append(_("called"))
    if one.automatic:
        parts.append(_("automatic"))
    return " · ".join(part for part in parts if part)


def paper(file: File) -> Paper:
    return Paper(file.pk, file.name, size(file.size), file.media_type in PICTURES)


def size(octets: int) -> str:
    if octets < 1000:
        return _("%(n)d bytes") % {"n": octets}
    elif octets < 1_000_000:
        return f"{octets / 1000:.0f} kB"
    else:
        return f"{octets / 1_000_000:.1f} MB"
