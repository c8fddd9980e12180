"""Very many tickets, quickly, for measuring: plain rows whose words come from pools of real texts.

Told as tuples, because a million dataclasses would take longer than the database. The strings of a pool are the
same objects throughout, so that a writer can work out their index terms once. Words are as frequent as in the
texts themselves; one is rare by design, one common, and one service holds a thousandth of all tickets.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import accumulate, pairwise
from random import Random
from typing import NamedTuple

from helmdesk.exchange.demo.company import Company
from helmdesk.exchange.demo.kinds import KINDS, Kind
from helmdesk.exchange.demo.speech import Scene, letter, opening
from helmdesk.exchange.demo.streams import stream

RARE_WORD, COMMON_WORD, ABSENT_WORD = "zirkonquarz", "verbindung", "xylophonkasten"
RARE_MESSAGES, COMMON_SHARE = 20, 0.15
NARROW_SERVICE, NARROW_EVERY = "testbench", 1000
_DAYS = 730
_HOUR = 3_600_000_000
_POOL = 16_000


class BulkTicket(NamedTuple):
    """One ticket; instants are microseconds, `messages` (at, who, as, text) with the opening words first."""

    number: int  # 0 …, in order of opening
    opened_at: int
    resolved_at: int  # 0 while open
    closed_at: int  # 0 while not closed
    requester: str
    team: str
    assignee: str  # "" while nobody has it
    type: str
    service: str
    category: str
    site: str
    impact: int
    urgency: int
    channel: str
    subject: str
    messages: tuple[tuple[int, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts to draw from: only `common` has the common word, only `rare` the rare one."""

    subjects: tuple[str, ...]
    bodies: tuple[str, ...]
    common: tuple[str, ...]
    rare: tuple[str, ...]


def bulk(
    company: Company,
    seed: int | str,
    *,
    tickets: int,
    open_share: float,
    messages: int = 3,
    now: datetime,
    days: int = _DAYS,
) -> Iterator[BulkTicket]:
    """So many tickets in order of opening, over some years up to `now`; the newer, the likelier still open."""
    rng = stream(seed, "bulk")
    words = pool(company, seed)
    cast = _Cast.of(company)
    rare = _rare_places(tickets, messages, stream(seed, "rare"))
    until = int(now.timestamp() * 1_000_000) - _HOUR
    step = days * 24 * _HOUR / max(tickets, 1)
    steepness = min(8.0, 1 / open_share) if open_share else 1.0
    draw, bits = rng.random, rng.getrandbits
    for number in range(tickets):
        share = (number + 1) / tickets
        opened = min(until, int(until - (tickets - number) * step + draw() * step))
        still_open = draw() < open_share * steepness * share ** (steepness - 1)
        drawn = bits(96)
        requester, site = cast.requesters[drawn % cast.people]
        team, agent = cast.workers[(drawn >> 10) % len(cast.workers)]
        kind = cast.narrow if number % NARROW_EVERY == NARROW_EVERY // 2 else cast.kinds[(drawn >> 20) % cast.lots]
        said = _said(words, draw, messages, (opened, requester, agent), rare.get(number, -1))
        ended = 0 if still_open else opened + messages * _HOUR + (drawn >> 40) % (96 * _HOUR)
        ended = min(ended, until)
        yield BulkTicket(
            number,
            opened,
            ended,
            0 if still_open else min(ended + 120 * _HOUR, until + _HOUR),
            requester,
            team,
            agent if messages > 1 or not still_open else "",
            kind.type,
            kind.service,
            kind.category,
            site,
            1 + (drawn >> 30) % 3,
            1 + (drawn >> 33) % 3,
            "portal" if drawn >> 36 & 1 else "mail",
            words.subjects[(drawn >> 64) % len(words.subjects)],
            said,
        )


def _said(
    words: Pool, draw: Callable[[], float], count: int, who: tuple[int, str, str], rare: int
) -> tuple[tuple[int, str, str, str], ...]:
    """The conversation: requester and agent by turns, an hour apart."""
    opened, requester, agent = who
    said = []
    for place in range(count):
        lot = draw()
        if place == rare:
            text = words.rare[int(lot * len(words.rare))]
        elif lot < COMMON_SHARE:
            text = words.common[int(lot / COMMON_SHARE * len(words.common))]
        else:
            text = words.bodies[int((lot - COMMON_SHARE) / (1 - COMMON_SHARE) * len(words.bodies))]
        said.append((opened + place * _HOUR, agent if place % 2 else requester, "reply" if place else "original", text))
    return tuple(said)


class _Cast(NamedTuple):
    """Who and what the tickets are about, laid out for drawing by number."""

    requesters: Sequence[tuple[str, str]]  # person, site
    people: int
    workers: Sequence[tuple[str, str]]  # team, agent
    kinds: Sequence[Kind]  # each as often as its weight says
    lots: int
    narrow: Kind

    @staticmethod
    def of(company: Company) -> "_Cast":
        requesters = [(person.ref, person.site or "") for person in company.requesters]
        workers = [(team, agent.person) for agent in company.agents for team in agent.teams]
        kinds = [kind for kind in KINDS.values() for _ in range(round(kind.weight * 10))]
        kinds = [kind for kind in kinds if kind.service != NARROW_SERVICE]
        narrow = next(kind for kind in KINDS.values() if kind.service == NARROW_SERVICE)
        return _Cast(requesters, len(requesters), workers, kinds, len(kinds), narrow)


def _rare_places(tickets: int, messages: int, rng: Random) -> dict[int, int]:
    """The tickets, spread over all, one message of which has the rare word, and which message."""
    if not messages:
        return {}
    count = min(RARE_MESSAGES, tickets)
    edges = [tickets * place // count for place in range(count + 1)]
    return {rng.randrange(first, last): rng.randrange(messages) for first, last in pairwise(edges)}


@cache
def _weights() -> list[float]:
    return list(accumulate(kind.weight for kind in KINDS.values()))


def pool(company: Company, seed: int | str, *, size: int = _POOL) -> Pool:
    """Subjects and bodies as the story tells them, sorted by whether they have the common word."""
    rng = stream(seed, "pool")
    kinds = list(KINDS.values())
    agents = [company.person[agent.person] for agent in company.agents]
    subjects: list[str] = []
    bodies: list[str] = []
    while len(bodies) < size:
        kind = rng.choices(kinds, cum_weights=_weights())[0]
        scene = Scene(company, rng.choice(company.requesters), kind, rng)
        agent = rng.choice(agents)
        scene.know(agent=agent.given)
        told = [opening(scene, rng.randrange(1, 4), rng), letter(scene, agent, _progress(scene, rng), rng)]
        if COMMON_WORD[:6] not in scene.subject.lower():
            subjects.append(scene.subject)
        bodies += [body for body in told if COMMON_WORD[:6] not in body.lower()]
    common = [f"{body}\n\n{rng.choice(_COMMON_SENTENCES)}" for body in rng.sample(bodies, size // 6)]
    rare = [f"{body} {RARE_WORD.capitalize()}." for body in rng.sample(bodies, RARE_MESSAGES)]
    return Pool(tuple(subjects), tuple(bodies), tuple(common), tuple(rare))


_COMMON_SENTENCES = (
    "Die Verbindung bricht immer wieder ab.",
    "Ohne Verbindung zum Server geht nichts.",
    "Die Verbindung ist danach wieder da.",
    "Bitte die Verbindung prüfen.",
)


def _progress(scene: Scene, rng: Random) -> str:
    """What an agent writes: a question, a step, the end."""
    language = scene.requester.language
    if rng.random() < 0.4:
        return scene.question(language)[0]
    return scene.matter(language, rng.choice(["done", "done", "detail"]), fresh=True)
