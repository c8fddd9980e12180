"""Exclusions: a span of time that shall not count against a promise; asked by one, decided by another."""

from datetime import datetime
from typing import Any, Final

import msgspec

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Event, Stream
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.guards import must_be, must_not_be_own
from helmdesk.tickets.models import Message, Ticket
from helmdesk.tickets.refusals import NotThere, Refused

EXCLUSION_REASONS: Final = (
    "requester_unavailable",
    "agreed",
    "third_party",
    "force_majeure",
    "wrong_record",
    "contract",
)
_decode = msgspec.json.Decoder().decode


def ask_exclusion(
    ticket: int, *, since: datetime, until: datetime, reason: str, message: int, level: str | None = None,
    by: Viewer, at: datetime,
) -> Ticket:  # fmt: skip
    """Asks that a span that has passed does not count, for one level (by its code) or all; a message is evidence."""
    if reason not in EXCLUSION_REASONS:
        cure = ", ".join(EXCLUSION_REASONS)
        raise Refused("reason", "A reason from the list.", field="reason", value=reason, cure=cure)
    with acting(ticket, by=by, at=at) as act:
        must_not_be_own(by, act.ticket)
        must_be(by, "tickets.work")
        _must_have_passed(act, since, until)
        if not Message.objects.visible_to(by).filter(pk=message, ticket=act.ticket).exists():
            raise NotThere("message", message)
        what = {"from": to_us(since), "to": to_us(until), "level": level, "reason": reason, "message": message}
        act.record(act.ticket, "exclusion.asked", **what)
    return act.ticket


def approve_exclusion(ticket: int, *, exclusion: int, by: Viewer, at: datetime) -> Ticket:
    """A company lead other than who asked (event n) agrees: figures as of later do not count the span."""
    with acting(ticket, by=by, at=at) as act:
        asked = _asked(act, exclusion)
        what = {name: asked[name] for name in ("from", "to", "level")}
        act.record(act.ticket, "exclusion.approved", exclusion=exclusion, **what)
    return act.ticket


def refuse_exclusion(ticket: int, *, exclusion: int, by: Viewer, at: datetime) -> Ticket:
    """A company lead other than who asked does not agree: the span counts as it did."""
    with acting(ticket, by=by, at=at) as act:
        _asked(act, exclusion)
        act.record(act.ticket, "exclusion.refused", exclusion=exclusion)
    return act.ticket


def _must_have_passed(act: Act, since: datetime, until: datetime) -> None:
    if not act.ticket.opened_at <= since < until:
        raise Refused(
            "span", "The span does not lie within the ticket's life.", field="since", value=since.isoformat(),
            cure="Give a beginning after the ticket was opened, and a later end.",
        )  # fmt: skip
    if until > act.at:
        raise Refused(
            "span", "The span has not passed yet.", field="until", value=until.isoformat(),
            cure="Ask for what has passed; for what is to come, agree a wait.",
        )  # fmt: skip


def _asked(act: Act, exclusion: int) -> dict[str, Any]:
    """What was asked in event n, where this viewer may decide it and nobody has."""
    must_not_be_own(act.by, act.ticket)
    if not act.by.may("tickets.company_lead"):
        raise Refused("company_leads_only", "A lead of the company decides on an exclusion.")
    kinds = ("exclusion.asked", "exclusion.approved", "exclusion.refused")
    events = Event.objects.filter(stream=Stream.TICKET, stream_id=act.ticket.pk, n__gte=exclusion, kind__in=kinds)
    found = list(events.order_by("n").values_list("n", "kind", "person", "body"))
    if not found or found[0][:2] != (exclusion, "exclusion.asked"):
        raise NotThere("exclusion", exclusion)
    if act.by.person is not None and found[0][2] == act.by.person:
        raise Refused("own_exclusion", "Nobody decides on what they asked for themselves.", cure="Ask another lead.")
    if any(_decode(body)["what"].get("exclusion") == exclusion for _n, _kind, _person, body in found[1:]):
        raise Refused("decided_already", "This was decided already.", field="exclusion", value=exclusion)
    asked: dict[str, Any] = _decode(found[0][3])["what"]
    return asked
