"""The ribbon: who had the ball, when, as one band. Drawn here, with the same said in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from helmdesk.history.fold import Event, Span, Unfoldable, intervals
from helmdesk.tickets.parties import may_know_of_question
from helmdesk.web.phrases import gettext as _
from helmdesk.web.tickets.naming import Names
from helmdesk.web.times import span, when

NAMED_FROM = 9.0
RAILS = {2: 29, 3: 43, 0: 36}


class Piece(NamedTuple):
    """A stretch of the band: in percent from the left, whose it is, and for how many microseconds."""

    x: float
    width: float
    kind: str
    hue: int
    name: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The band, what it is made of in sum, and the same as a sentence."""

    pieces: list[Piece]
    legend: list[Piece]
    words: str
    hues: list[int]
    ended: bool

    @property
    def now(self) -> float:
        return self.pieces[-1].x + self.pieces[-1].width


def ribbon(events: Iterable[Event], names: Names, *, asker: str, present: int) -> Ribbon | None:
    """The ribbon of a ticket as far as this viewer may know it; None where its events cannot be followed."""
    try:
        spans = intervals(events)
    except Unfoldable:
        return None
    if not spans:
        return None
    pieces = _drawn(_merged([_held(one, names, asker, present) for one in spans]))
    return Ribbon(
        pieces, _legend(pieces), _told(pieces), sorted({piece.hue for piece in pieces if piece.hue}),
        ended=spans[-1].holder_kind == "rest",
    )  # fmt: skip


def _held(one: Span, names: Names, asker: str, present: int) -> Piece:
    length = (present if one.end is None else one.end) - one.start
    if one.holder_kind == "requester":
        return Piece(0, 0, "wait", 0, _("waiting for %(who)s") % {"who": asker}, one.start, length)
    elif one.holder_kind == "third":
        who = names.company(one.holder_id)
        return Piece(0, 0, "wait", 0, _("waiting for %(who)s") % {"who": who}, one.start, length)
    elif one.holder_kind == "rest":
        return Piece(0, 0, "rest", 0, _("solved"), one.start, length)
    elif one.holder_kind == "unknown":
        return Piece(0, 0, "unknown", 0, _("not known with whom"), one.start, length)
    asked = one.wait_kind == "question" and not may_know_of_question(names.viewer, one.holder_id, names.parties)
    side = names.side(names.provider_of((one.team if asked else one.holder_id) or 0))
    return Piece(0, 0, "with", side.hue, side.name, one.start, length)


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one party are one stretch: that another agent or team of it went on is not the ribbon's matter."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and (joined[-1].kind, joined[-1].name) == (piece.kind, piece.name):
            joined[-1] = joined[-1]._replace(length=joined[-1].length + piece.length)
        else:
            joined.append(piece)
    return joined


def _drawn(pieces: list[Piece]) -> list[Piece]:
    whole = max(sum(piece.length for piece in pieces), 1)
    placed, x = [], 0.0
    for piece in pieces:
        width = piece.length * 100 / whole
        placed.append(piece._replace(x=round(x, 2), width=round(width, 2)))
        x += width
    return placed


def _legend(pieces: list[Piece]) -> list[Piece]:
    total: dict[tuple[str, str], Piece] = {}
    for piece in pieces:
        key = (piece.kind, piece.name)
        total[key] = piece if key not in total else total[key]._replace(length=total[key].length + piece.length)
    return list(total.values())


def _told(pieces: list[Piece]) -> str:
    parts = [f"{_said(piece)} {lasting(piece)}" for piece in pieces]
    return _("Opened %(when)s. %(parts)s.") % {"when": when(pieces[0].start), "parts": ", ".join(parts)}


def _said(piece: Piece) -> str:
    return _("with %(who)s") % {"who": piece.name} if piece.kind == "with" else piece.name


def lasting(piece: Piece) -> str:
    return span(piece.length / 1_000_000)


def weave(hue: int) -> str:
    """The path of a party's weave on the tall band: four rails by three beats, as in its chip."""
    rail, beat = (hue - 1) % 4, (hue - 1) // 4
    lines = f"M0 {RAILS[(rail + 1) % 4]}h24" if rail else ""
    return lines + ("", "M4 22v28M16 22v28", "M4 26l8 10-8 10M16 26l8 10-8 10")[beat]


def totals(pieces: Iterable[Piece]) -> dict[str, int]:
    """How long each party had it, in microseconds."""
    summed: dict[str, int] = defaultdict(int)
    for piece in pieces:
        summed[piece.name] += piece.length
    return dict(summed)
