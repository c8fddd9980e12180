"""Half a year of the company's tickets, each told from its first word to its last, or to where it stands now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle, islice
from random import Random

from helmdesk.exchange.demo.acts import Act, HandOver, Merge, Open, Reply, Resolve, Take, TicketStory
from helmdesk.exchange.demo.arrivals import Arrival, arrivals
from helmdesk.exchange.demo.company import Company
from helmdesk.exchange.demo.course import Course
from helmdesk.exchange.demo.draft import Draft, Label
from helmdesk.exchange.demo.speech import Scene
from helmdesk.exchange.demo.streams import stream

_A_YEARS_HALF = 182
_TICKETS_A_DAY = 16.5
_OPEN_SHARE = 0.04
_TWICE_ASKED_SHARE = 0.012

# States in which tickets are left open, and how many days old they may be.
_LEFT: tuple[tuple[Label, float, float], ...] = (
    ("fresh", 0.0, 1.5), ("working", 0.0, 4.0), ("requester", 0.5, 9.0), ("offered", 0.0, 4.0), ("third", 1.0, 21.0),
    ("working", 10.0, 75.0), ("parts", 0.5, 14.0), ("asked_again", 3.0, 30.0), ("side", 0.0, 8.0), ("fresh", 1.0, 5.0),
    ("requester", 12.0, 60.0), ("reopened", 0.5, 20.0), ("third", 15.0, 90.0), ("working", 2.0, 12.0),
)  # fmt: skip


def story(
    company: Company, seed: int | str, *, now: datetime, days: int = _A_YEARS_HALF, tickets: int | None = None
) -> Iterator[TicketStory]:
    """Tickets in order of opening, with every act up to `now`; about one in 25 is still open then."""
    count = round(days * _TICKETS_A_DAY) if tickets is None else tickets
    told = _told(company, seed, arrivals(company, seed, now=now, days=days, tickets=count))
    doubles = list(_doubles(told, stream(seed, "doubles"), count=round(count * _TWICE_ASKED_SHARE)))
    _leave_open(told, {double.into for double in doubles}, stream(seed, "open"), now=now)
    stories = [_story(tale) for tale in told] + [double.story for double in doubles]
    for ticket in sorted(stories, key=lambda each: (each.opened_at, each.ref)):
        if ticket.opened_at < now:
            yield replace(ticket, acts=tuple(act for act in ticket.acts if act.at <= now))


@dataclass(slots=True)
class _Tale:
    """A ticket played to its end, before it is cut to what has happened by now."""

    ref: str
    course: Course
    draft: Draft
    acts: list[Act]


@dataclass(frozen=True, slots=True)
class _Double:
    into: str
    story: TicketStory


def _told(company: Company, seed: int | str, arriving: Sequence[Arrival]) -> list[_Tale]:
    told: list[_Tale] = []
    first_of: dict[tuple[str, int], str] = {}
    for number, arrival in enumerate(arriving, 1):
        rng = stream(seed, "ticket", number)
        scene = Scene(company, arrival.requester, arrival.kind, rng)
        if arrival.printer:
            scene.know(printer=arrival.printer)
        ref, first = f"t{number:05d}", None
        if arrival.trouble is not None:
            first = first_of.setdefault((arrival.kind.code, arrival.trouble.number), ref)
        course = Course(company, arrival, scene, rng, first=first if first != ref else None)
        draft = course.play()
        told.append(_Tale(ref, course, draft, draft.acts))
    return told


def _story(tale: _Tale) -> TicketStory:
    course = tale.course
    return TicketStory(
        ref=tale.ref,
        kind=course.kind.code,
        type=course.kind.type,
        subject=course.scene.subject,
        language=course.requester.language,
        requester=course.requester.ref,
        service=course.kind.service,
        site=course.site,
        category=course.kind.category,
        confidential=course.kind.confidential,
        impact=course.impact,
        urgency=course.said or 3,
        said_urgency=course.said,
        channel=course.channel,
        acts=tuple(tale.acts),
    )


def _doubles(told: Sequence[_Tale], rng: Random, *, count: int) -> Iterator[_Double]:
    """The same person asks the same thing once more by another way; whoever took the first merges the second."""
    for tale in rng.sample(told, len(told)):
        if count == 0:
            return
        window = _while_with_first_taker(tale.acts)
        if window is None or tale.course.arrival.trouble is not None:
            continue
        taker, begin, end = window
        merged = begin + (end - begin) * rng.uniform(0.3, 0.9)
        asked = tale.acts[0].at + (merged - tale.acts[0].at) * rng.uniform(0.3, 0.95)
        if (end - begin) > timedelta(minutes=4) and (merged - asked) > timedelta(seconds=40):
            yield _Double(tale.ref, _asked_again(tale, rng, asked=asked, merged=merged, by=taker))
            count -= 1


def _while_with_first_taker(acts: Sequence[Act]) -> tuple[str, datetime, datetime] | None:
    """Who took it first, and from when until which act it surely stayed with them."""
    for index, act in enumerate(acts[:-1]):
        if isinstance(act, Take):
            return act.who, act.at, acts[index + 1].at
        if isinstance(act, HandOver | Resolve):
            return None
    return None


def _asked_again(tale: _Tale, rng: Random, *, asked: datetime, merged: datetime, by: str) -> TicketStory:
    original = _story(tale)
    scene, opened = tale.course.scene, tale.acts[0]
    assert isinstance(opened, Open)
    language = original.language
    text = f"{scene.say(language, 'requester', 'double')} {scene.matter(language, 'symptom')}"
    return replace(
        original,
        ref=f"{tale.ref}b",
        subject=scene.matter(language, "subject"),
        channel="mail" if original.channel != "mail" else "portal",
        acts=(Open(asked, original.requester, text, opened.team), Merge(merged, by, tale.ref)),
    )


def _leave_open(told: Sequence[_Tale], spared: set[str], rng: Random, *, now: datetime) -> None:
    """Cuts some stories short, so that tickets of every state and age are open now."""
    wanted = round(len(told) * _OPEN_SHARE) - sum(_open_at(tale.draft, now) for tale in told)
    tales = [
        tale
        for tale in told
        if tale.ref not in spared and tale.course.arrival.trouble is None and not _open_at(tale.draft, now)
    ]
    left: set[str] = set()
    for label, young, old in islice(cycle(_LEFT), max(wanted, 0) * 8):
        if len(left) >= wanted:
            return
        opened = (now - timedelta(days=old), now - timedelta(days=young))
        chosen = _candidate([tale for tale in tales if tale.ref not in left], label, opened, rng)
        if chosen is not None:
            tale, length = chosen
            left.add(tale.ref)
            tale.acts = tale.acts[:length] + list(_still_waiting(tale, length, rng, now=now))


def _open_at(draft: Draft, now: datetime) -> bool:
    happened = [label for act, label in zip(draft.acts, draft.labels, strict=True) if act.at <= now]
    return bool(happened) and happened[-1] != "resting"


def _candidate(
    tales: Iterable[_Tale], label: Label, opened: tuple[datetime, datetime], rng: Random
) -> tuple[_Tale, int] | None:
    """A ticket opened between these that was in this state by then, and how many acts led there."""
    after, before = opened
    fitting = [
        (tale, tale.draft.labels.index(label) + 1)
        for tale in tales
        if after <= tale.acts[0].at <= before and label in tale.draft.labels
    ]
    fitting = [(tale, length) for tale, length in fitting if tale.acts[length - 1].at <= before]
    return rng.choice(fitting) if fitting else None


def _still_waiting(tale: _Tale, length: int, rng: Random, *, now: datetime) -> Iterator[Reply]:
    """Who waits long for others asks what is going on."""
    label, since = tale.draft.labels[length - 1], tale.acts[length - 1].at
    if label in ("requester", "asked_again"):
        return
    at = since
    while rng.random() < 0.6:
        at = tale.course.awake_after(at + timedelta(days=rng.uniform(2, 12)))
        if at >= now:
            return
        text = tale.course.scene.say(tale.course.requester.language, "requester", "chase")
        yield Reply(at, tale.course.requester.ref, text)
