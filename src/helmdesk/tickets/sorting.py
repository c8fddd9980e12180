"""What a ticket is about and how soon it matters: type, classification, priority, tags, own fields."""

from datetime import datetime
from typing import Any

from helmdesk.access.models import CONFIDENTIAL
from helmdesk.access.scopes import Combination, combination_of, intern
from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.fields import BadFieldValue, checked, current_fields
from helmdesk.catalogue.matrix import current_matrix
from helmdesk.catalogue.models import OwnField, Tag
from helmdesk.ledger import texts
from helmdesk.ledger.models import Text
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.conversation import draft
from helmdesk.tickets.guards import must_be, must_hold
from helmdesk.tickets.models import Share, Ticket, TicketTag, TicketType
from helmdesk.tickets.opening import must_exist
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.sight import can_see, guests_with, keep_sight, must_go_on_seeing

REASONS = ("matrix", "agreed", "business_deadline", "many_hit", "workaround", "safety", "misjudged")


def prioritise(
    ticket: int, *, impact: int, urgency: int, reason: str = "matrix", priority: int | None = None,
    by: Viewer, at: datetime, shown: int | None = None,
) -> Ticket:  # fmt: skip
    """Sets impact and urgency; priority follows from the matrix unless another is given with a reason.

    What the requester said stays beside it.
    """
    for name, value in (("impact", impact), ("urgency", urgency)):
        if value not in (1, 2, 3) or isinstance(value, (bool, float)):
            raise Refused(name, f"{name} is 1, 2 or 3.", field=name, value=value)
    if reason not in REASONS:
        raise Refused("reason", "A reason from the list.", field="reason", value=reason, cure=", ".join(REASONS))
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_hold(by, act.ticket)
        matrix = current_matrix(at)
        follows = matrix.priority(impact=impact, urgency=urgency)
        if priority is not None and (priority not in (1, 2, 3, 4, 5) or isinstance(priority, (bool, float))):
            raise Refused("priority", "Priority is 1 to 5.", field="priority", value=priority)
        if priority is not None and priority != follows and reason == "matrix":
            raise Refused(
                "reason", f"The matrix gives {follows}.", field="reason", cure="Say why it is another priority."
            )
        was = act.ticket.priority
        act.ticket.impact, act.ticket.urgency = impact, urgency
        act.ticket.priority, act.ticket.priority_reason = priority or follows, reason
        act.ticket.matrix_version = matrix.version
        act.record(
            act.ticket, "prioritised", impact=impact, urgency=urgency, priority=act.ticket.priority,
            matrix=matrix.version, reason=reason, was=was,
        )  # fmt: skip
    return act.ticket


def classify(ticket: int, *, about: Combination, by: Viewer, at: datetime, shown: int | None = None) -> Ticket:
    """Sets service, site, category and flags. What becomes confidential leaves the sight of those not cleared.

    A provider that has the ball goes on seeing it; one that may not see what is confidential has to pass it on first.
    """
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_hold(by, act.ticket)
        must_exist(about)
        was = combination_of(act.ticket.scope)
        if was == about:
            return act.ticket
        if (was.flags ^ about.flags) & CONFIDENTIAL:
            must_be(by, "tickets.confidential")
        for team in guests_with(act.ticket):
            if not about.confidential and can_see(team, act.ticket, at=act.at):
                keep_sight(act.ticket, team, why=Share.Why.HELD)
        act.ticket.scope = intern(about)
        act.record(act.ticket, "classified", scope=about.as_dict(), was=was.as_dict())
        if about.confidential:
            _end_shares(act, act.ticket)
            must_go_on_seeing(act, act.ticket)
    return act.ticket


def _end_shares(act: Act, ticket: Ticket) -> None:
    """A share shows a ticket to all people of a provider; from now on only those see it who are cleared themselves."""
    for share in Share.objects.filter(ticket=ticket, ended_at__isnull=True).order_by("pk"):
        share.ended_at = act.at
        share.save(update_fields=["ended_at"])
        act.record(ticket, "shared", provider=share.provider_id, on=False)


def change_type(ticket: int, *, to: str, by: Viewer, at: datetime) -> Ticket:
    """Something broken, or something wanted."""
    if to not in TicketType.values:
        raise Refused("type", "An incident or a request.", field="type", value=to)
    with acting(ticket, by=by, at=at) as act:
        must_hold(by, act.ticket)
        if act.ticket.type != to:
            act.record(act.ticket, "type.changed", type=to, was=act.ticket.type)
            act.ticket.type = to
    return act.ticket


def tag(ticket: int, *, tag: int, on: bool = True, by: Viewer, at: datetime) -> Ticket:
    """Puts a tag on, or takes it off; doing so twice leaves one event."""
    with acting(ticket, by=by, at=at) as act:
        must_hold(by, act.ticket)
        if not Tag.objects.filter(pk=tag).exists():
            raise NotThere("tag", tag)
        there = TicketTag.objects.filter(ticket=act.ticket, tag=tag)
        if on == there.exists():
            return act.ticket
        if on:
            TicketTag.objects.create(ticket=act.ticket, tag_id=tag)
        else:
            there.delete()
        act.record(act.ticket, "tagged", tag=tag, on=on)
    return act.ticket


def set_field(ticket: int, *, code: str, value: object, by: Viewer, at: datetime) -> Ticket:
    """Sets an own field. A free text goes beside the ledger; the ticket holds `{"t": text id}` for it."""
    field = current_fields().get(code)
    if field is None:
        raise NotThere("field", code)
    try:
        new = checked(field, value)
    except BadFieldValue as bad:
        raise Refused("field", str(bad), field=code, value=value, cure=bad.cure) from bad
    with acting(ticket, by=by, at=at) as act:
        must_hold(by, act.ticket)
        values = dict(act.ticket.fields)
        committed: dict[str, Any] | None = None
        if field.kind == OwnField.Kind.TEXT and new is not None:
            text = _text_of_field(values.get(code), str(new), act.ticket, personal=field.personal)
            committed, values[code] = texts.commitment(text), {"t": text.pk}
            new = None
        else:
            values[code] = new
        act.ticket.fields = values
        act.record(act.ticket, "field.set", field=code, value=new, text=committed)
    return act.ticket


def _text_of_field(was: Any, body: str, ticket: Ticket, *, personal: bool) -> Text:
    words = draft(body, "field", owner=ticket.requester_id if personal else None, ticket=ticket)
    if personal:
        words = texts.Draft(body, "field", ticket.requester_id, masked="[…]")
    before = Text.objects.filter(pk=was["t"]).first() if isinstance(was, dict) else None
    return texts.revise(before, words) if before is not None else texts.write(words)
