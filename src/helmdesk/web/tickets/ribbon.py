"""The ribbon: who had the ball, when, as one band. Drawn here, with the same said in words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from helmdesk.foundation.time import from_us
from helmdesk.history.fold import Event, Span, Unfoldable, intervals
from helmdesk.measures.ribbon import Place, Scale, Stretch, apart, closed, hatches, scale
from helmdesk.service_levels.hours import Hours
from helmdesk.tickets.parties import may_know_of_question
from helmdesk.web.phrases import gettext as _
from helmdesk.web.tickets.naming import Names
from helmdesk.web.times import span, when

RAILS = {2: 29, 3: 43, 0: 36}
TALL: Final = 900
THIN: Final = 150
"""About how many pixels wide a band is."""
LETTER: Final = 0.8
"""About how much of a tall band, in percent, a letter needs."""
ROWS: Final = 3


class Mark(NamedTuple):
    """A due time on the ribbon: when, its mark (met, late, open), in short and in full."""

    at: int
    mark: str
    label: str
    told: str


class Tick(NamedTuple):
    """A mark in its place. `row` is that of its label: 0, 1, or none where there is no room for words."""

    x: float
    mark: str
    label: str
    anchor: str
    row: int | None


class Piece(NamedTuple):
    """A stretch of the band: in percent from the left, whose it is, for how many microseconds, and when off duty."""

    x: float
    width: float
    kind: str
    hue: int
    name: str
    start: int
    length: int
    offs: tuple[Stretch, ...] = ()

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The band, what it is made of in sum, its due times, and the same as a sentence."""

    pieces: list[Piece]
    legend: list[Piece]
    hatched: list[Place]
    off: int
    ticks: list[Tick]
    words: str
    hues: list[int]
    ended: bool
    now: float

    @property
    def rows(self) -> int:
        """How many rows of words are under the band."""
        return max((tick.row + 1 for tick in self.ticks if tick.row is not None), default=0)


type Off = Callable[[Span, int], list[Stretch]]
"""When the team that has the ball is off duty, from the span's start to its end or the instant given."""


def ribbon(
    events: Iterable[Event], names: Names, *, asker: str, present: int, hours: Hours | None = None,
    marks: Sequence[Mark] = (), pixels: int = TALL,
) -> Ribbon | None:  # fmt: skip
    """The ribbon of a ticket as far as this viewer may know it; None where its events cannot be followed."""
    try:
        spans = intervals(events)
    except Unfoldable:
        return None
    if not spans:
        return None
    held = _merged([_held(one, names, asker, present, hours) for one in spans])
    ended = spans[-1].holder_kind == "rest"
    drawn = scale(held[0].start, held[-1].end, [] if ended else [mark.at for mark in marks])
    pieces = [_drawn(piece, drawn) for piece in held]
    offs = [off for piece in pieces for off in piece.offs]
    return Ribbon(
        pieces, _legend(pieces), hatches(offs, drawn, pixels=pixels), sum(b - a for a, b in offs),
        _ticks(marks, drawn), _told(pieces, marks, present),
        sorted({piece.hue for piece in pieces if piece.hue}), ended, drawn.past,
    )  # fmt: skip


def _held(one: Span, names: Names, asker: str, present: int, hours: Hours | None) -> Piece:
    end = max(present, one.start) if one.end is None else one.end
    length = end - one.start
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
    team = (one.team if asked else one.holder_id) or 0
    provider = names.provider_of(team)
    side = names.side(provider)
    calendar = hours.of(team, provider, one.start) if hours else None
    offs = () if calendar is None else tuple(closed(one.start, end, calendar.spans(one.start, end)))
    return Piece(0, 0, "with", side.hue, side.name, one.start, length, offs)


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one party are one stretch: that another agent or team of it went on is not the ribbon's matter."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and (joined[-1].kind, joined[-1].name) == (piece.kind, piece.name):
            last = joined[-1]
            joined[-1] = last._replace(length=last.length + piece.length, offs=last.offs + piece.offs)
        else:
            joined.append(piece)
    return joined


def _drawn(piece: Piece, drawn: Scale) -> Piece:
    x, width = drawn.place((piece.start, piece.end))
    return piece._replace(x=x, width=width)


def _ticks(marks: Sequence[Mark], drawn: Scale) -> list[Tick]:
    labelled = sorted((_label(drawn.x(mark.at), mark), drawn.x(mark.at), mark) for mark in marks)
    rows = apart([label.place for label, _x, _mark in labelled])
    return [
        Tick(x, mark.mark, mark.label, label.anchor, row if row < ROWS else None)
        for (label, x, mark), row in zip(labelled, rows, strict=True)
    ]


class _Label(NamedTuple):
    """Where words under a mark lie, about, and from which of their ends they are placed."""

    place: Place
    anchor: str


def _label(x: float, mark: Mark) -> _Label:
    width = len(mark.label) * LETTER
    if x < width / 2:
        return _Label((x, width), "start")
    elif x > 100 - width / 2:
        return _Label((x - width, width), "end")
    return _Label((x - width / 2, width), "middle")


def _legend(pieces: list[Piece]) -> list[Piece]:
    total: dict[tuple[str, str], Piece] = {}
    for piece in pieces:
        key = (piece.kind, piece.name)
        total[key] = piece if key not in total else total[key]._replace(length=total[key].length + piece.length)
    return list(total.values())


def _told(pieces: list[Piece], marks: Sequence[Mark], present: int) -> str:
    parts = [_said(piece) for piece in pieces]
    told = _("Opened %(when)s. %(parts)s.") % {
        "when": when(pieces[0].start, from_us(present)),
        "parts": ", ".join(parts),
    }
    return " ".join([told, *(f"{mark.told}." for mark in marks)])


def _said(piece: Piece) -> str:
    told = f"{_('with %(who)s') % {'who': piece.name} if piece.kind == 'with' else piece.name} {lasting(piece)}"
    off = sum(b - a for a, b in piece.offs)
    return f"{told} ({_('%(span)s of it off duty') % {'span': span(off / 1_000_000)}})" if off else told


def lasting(piece: Piece) -> str:
    return span(piece.length / 1_000_000)


def weave(hue: int) -> str:
    """The path of a party's weave on the tall band: four rails by three beats, as in its chip."""
    rail, beat = (hue - 1) % 4, (hue - 1) // 4
    lines = f"M0 {RAILS[(rail + 1) % 4]}h24" if rail else ""
    return lines + ("", "M4 22v28M16 22v28", "M4 26l8 10-8 10M16 26l8 10-8 10")[beat]
