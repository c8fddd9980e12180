"""Where a ticket is now, in words: with whom, or waiting for whom and why, and since when."""

from dataclasses import dataclass

from helmdesk.tickets.models import Holder, Wait
from helmdesk.tickets.parties import holder_as_seen
from helmdesk.web.phrases import gettext as _
from helmdesk.web.tickets.naming import Names, Party
from helmdesk.web.times import span, when


@dataclass(frozen=True, slots=True)
class Where:
    """Said in this order: words, a party's chip, and for how long or since when it is so."""

    words: str
    party: Party | None = None
    tail: str = ""
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball:
    """What a ticket's row says of who has to act; instants in microseconds, `present` is now.

    `who` is the assignee's name, `asker` the requester's, `since` when the ball last moved.
    """

    phase: int = 1
    team: int
    holder: str
    holder_id: int | None
    wait: str | None
    wait_on: int | None
    wait_since: int | None
    wait_until: int | None
    since: int | None
    who: str | None
    asker: str
    present: int
    in_full: bool = False

    @property
    def lasting(self) -> str:
        if self.since is None:
            return ""
        length = span((self.present - self.since) / 1_000_000)
        return _("for %(span)s") % {"span": length} if self.in_full else length

    @property
    def waiting_since(self) -> str:
        return "" if self.wait_since is None else _("since %(date)s") % {"date": when(self.wait_since)}


def where(ball: Ball, names: Names) -> Where:
    """Where it is, as far as this viewer may know."""
    holder, holder_id, wait = holder_as_seen(
        names.viewer, holder=ball.holder, holder_id=ball.holder_id, wait=ball.wait, team=ball.team,
        parties=names.parties,
    )  # fmt: skip
    if ball.phase == 3:
        return Where(_("closed"), tail=when(ball.since) if ball.since else "")
    elif ball.phase == 2:
        return Where(_("solved"), tail=when(ball.since) if ball.since else "")
    elif wait is not None:
        return _waiting(Wait(wait), ball, names)
    elif holder == Holder.UNKNOWN:
        return Where(_("not known with whom"))
    else:
        return Where(_("with"), _with(holder_id or ball.team, ball, names), ball.lasting)


def _with(team: int, ball: Ball, names: Names) -> Party:
    party = names.team(team)
    place = names.parties.teams.get(team)
    ours = place is not None and place.side.pk == names.provider
    return Party(ball.who, party.hue) if ours and ball.who and team == ball.team else party


def _waiting(wait: Wait, ball: Ball, names: Names) -> Where:
    until = when(ball.wait_until) if ball.wait_until is not None else ""
    if wait == Wait.REQUESTER:
        return Where(_("waiting for %(who)s") % {"who": ball.asker}, tail=ball.waiting_since, paused=True)
    elif wait == Wait.AGREED:
        words = _("waiting for %(who)s until %(date)s, as agreed")
        return Where(words % {"who": ball.asker, "date": until}, paused=True)
    elif wait == Wait.THIRD:
        words = _("waiting for %(who)s until %(date)s") if until else _("waiting for %(who)s")
        company = names.company(ball.wait_on)
        return Where(words % {"who": company, "date": until}, tail="" if until else ball.waiting_since, paused=True)
    elif wait == Wait.PARTS:
        return Where(_("waiting for parts until %(date)s") % {"date": until}, paused=True)
    elif wait == Wait.CHANGE:
        return Where(_("waiting for the change on %(date)s") % {"date": until}, paused=True)
    elif wait == Wait.QUESTION:
        return Where(_("asked"), names.team(ball.holder_id), ball.waiting_since)
    else:
        return Where(_("waiting for %(number)s with") % {"number": ball.wait_on}, names.team(ball.holder_id))
