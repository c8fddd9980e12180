"""A ticket on the board: how long it has, what it is, with whom, why it is here, and what can be done about it."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from django.urls import reverse
from django.utils.translation import ngettext

from helmdesk.access.viewer import Viewer
from helmdesk.measures.standing import ASKED, LATENESS, MOVES, Kind, Pick
from helmdesk.tickets.picked import rows_of
from helmdesk.tickets.queue import Row
from helmdesk.web.phrases import gettext as _
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.ribbon import Ribbon
from helmdesk.web.tickets.whereabouts import Ball, where
from helmdesk.web.tickets.words import PRIORITIES
from helmdesk.web.times import exact, machine, span, when

SOON: Final = 3600 * 1_000_000
NONE: Final[Mapping[int, Ribbon]] = {}


class Act(NamedTuple):
    """Something to do about it: the words of its button, and the page of the verb."""

    label: str
    address: str


class Due(NamedTuple):
    """How long it has: its look, its mark and its words, and the instant for machines and in full."""

    css: str
    mark: str
    words: str
    machine: str
    exact: str


class Line(NamedTuple):
    """A row: who asked, then where it is (words, perhaps a party's chip, words), and why it is on this list."""

    pk: int
    subject: str
    due: Due
    asker: str
    words: str
    hue: int | None
    party: str
    tail: str
    why: str
    acts: list[Act]
    band: Ribbon | None


def rows_picked(picks: Iterable[Pick], names: Names) -> dict[int, Row]:
    """The tickets of some lists by number. One that is gone since it was picked is left out."""
    return rows_of(list(dict.fromkeys(pick.pk for pick in picks)), names.viewer)


def lines(
    picks: Iterable[Pick], rows: Mapping[int, Row], names: Names, *, present: int, bands: Mapping[int, Ribbon] = NONE
) -> dict[Kind, list[Line]]:
    """The rows of each list; those of what goes late with their thin ribbons, where they are drawn."""
    found: dict[Kind, list[Line]] = {}
    for pick in picks:
        if pick.pk in rows:
            band = bands.get(pick.pk) if pick.kind in LATENESS else None
            found.setdefault(pick.kind, []).append(_line(pick, rows[pick.pk], names, present, band))
    return found


def _line(pick: Pick, row: Row, names: Names, present: int, band: Ribbon | None) -> Line:
    asker = names.person(row.requester, row.requester_name)
    who = names.person(row.assignee, row.assignee_name, names.provider_of(row.team)) if row.assignee else None
    ball = Ball(
        team=row.team, holder=row.holder, holder_id=row.holder_id, wait=row.wait, wait_on=row.wait_on,
        wait_since=row.wait_since, wait_until=row.wait_until, since=row.since, who=who, asker=asker, present=present,
    )  # fmt: skip
    place = where(ball, names)
    party, hue = (place.party.name, place.party.hue) if place.party else ("", None)
    told = row.wait in ("requester", "agreed")
    return Line(
        row.pk, row.subject or _("[removed]"), due(pick, present), "" if told else asker, place.words, hue, party,
        place.tail, " · ".join(_why(pick, row, place.paused, present)), list(acts(pick, row, names.viewer)), band,
    )  # fmt: skip


def due(pick: Pick, present: int) -> Due:
    """The nearest of its dates; without one, how long it has been open."""
    if pick.due is None:
        age = _("open %(span)s") % {"span": span((present - pick.opened_at) / 1_000_000)}
        return Due("paused", "", age, machine(pick.opened_at), exact(pick.opened_at))
    left = pick.due - present
    said = machine(pick.due), exact(pick.due)
    if left <= 0:
        return Due("late", "late", _("%(span)s late") % {"span": span(-left / 1_000_000)}, *said)
    near = left < SOON
    return Due("soon" if near else "", "soon" if near else "open", span(left / 1_000_000), *said)


def _why(pick: Pick, row: Row, paused: bool, present: int) -> Iterable[str]:
    """Why it is here, beyond how long it has."""
    if row.priority <= 2:
        yield str(PRIORITIES[row.priority])
    if pick.contested:
        yield _("somebody says the wait is not true")
    if pick.over is not None and paused:
        yield _("the clock goes on since %(when)s") % {"when": when(pick.over)}
    if pick.kind in STUCK:
        if pick.moves >= MOVES:
            yield ngettext("passed on %(n)d time", "passed on %(n)d times", pick.moves) % {"n": pick.moves}
        if pick.asked >= ASKED:
            yield ngettext("asked %(n)d time", "asked %(n)d times", pick.asked) % {"n": pick.asked}
        yield _("open %(span)s") % {"span": span((present - pick.opened_at) / 1_000_000)}
    elif pick.kind == Kind.NOBODY and row.offered_from is not None:
        yield _("passed on, not accepted yet")


STUCK = frozenset({Kind.STUCK, Kind.ASKED, Kind.MOVED, Kind.OLD})


def acts(pick: Pick, row: Row, viewer: Viewer) -> Iterable[Act]:
    """What this viewer may do about it; where that is nothing, to look at it."""
    may_work, over_all = viewer.may("tickets.work"), viewer.may("tickets.company_lead")
    works = may_work and (row.team in viewer.teams or over_all)
    leads = over_all or (viewer.may("tickets.lead") and row.team in viewer.leads)
    if pick.contested and over_all:
        yield Act(_("Decide on the wait"), reverse("tickets:waits-judgement", args=[row.pk]))
    elif row.assignee is None and may_work and row.team in viewer.teams:
        yield Act(_("Take"), reverse("tickets:taking", args=[row.pk]))
    elif leads:
        yield Act(_("Give to …"), reverse("tickets:assignment", args=[row.pk]))
    if works:
        yield Act(_("Pass on"), reverse("tickets:hand-over", args=[row.pk]))
        yield Act(_("Tell the person"), reverse("tickets:show", args=[row.pk]) + "#write")
    elif not leads:
        yield Act(_("Look"), reverse("tickets:show", args=[row.pk]))
