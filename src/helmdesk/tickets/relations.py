"""How tickets hang together: links, parent and child, split."""

from collections.abc import Sequence
from datetime import datetime

from helmdesk.access.scopes import combination_of
from helmdesk.access.viewer import Viewer
from helmdesk.ledger import texts
from helmdesk.ledger.models import Text
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.ball import child_ended
from helmdesk.tickets.conversation import draft, thread_for
from helmdesk.tickets.guards import must_be_open, must_hold, must_not_be_own, must_work
from helmdesk.tickets.models import Attachment, Holder, Link, Message, Share, Ticket
from helmdesk.tickets.opening import valid_subject
from helmdesk.tickets.refusals import NotThere, Refused

DEEPEST = 5


def link(ticket: int, *, to: int, kind: str = "related", on: bool = True, by: Viewer, at: datetime) -> Ticket:
    """Ties two tickets that `by` may see, or unties them."""
    if kind not in Link.Kind.values:
        raise Refused("link", "There is no such link.", field="kind", value=kind, cure=", ".join(Link.Kind.values))
    if ticket == to:
        raise Refused("itself", "A ticket is not linked to itself.", field="to", value=to)
    with acting(ticket, to, by=by, at=at) as act:
        must_hold(by, act.ticket)
        there = Link.objects.filter(source=ticket, target=to, kind=kind)
        if on == there.exists():
            return act.ticket
        if on:
            Link.objects.create(source_id=ticket, target_id=to, kind=kind)
        else:
            there.delete()
        act.record(act.ticket, "linked", to=to, link=kind, on=on)
    return act.ticket


def set_parent(ticket: int, *, parent: int | None, by: Viewer, at: datetime) -> Ticket:
    """Makes a ticket a part of another, or a whole of its own again. A whole that waited for it goes on."""
    with acting(*([ticket] if parent is None else [ticket, parent]), by=by, at=at) as act:
        must_work(by, act.ticket)
        if parent is not None:
            must_not_be_own(by, act.tickets[parent])
            _refuse_circle(act.ticket, act.tickets[parent])
            must_be_open(act.tickets[parent])
        if act.ticket.parent_id != parent:
            child_ended(act, "withdrawn")
            act.ticket.parent_id = parent
            act.record(act.ticket, "parent.set", parent=parent)
    return act.ticket


def _refuse_circle(ticket: Ticket, parent: Ticket) -> None:
    above: Ticket | None = parent
    for _ in range(DEEPEST):
        if above is None:
            return
        if above.pk == ticket.pk:
            raise Refused("circle", "A ticket cannot be part of its own part.", field="parent", value=parent.pk)
        above = above.parent
    raise Refused("too_deep", f"Parts go {DEEPEST} deep at most.", field="parent", value=parent.pk)


def split(
    ticket: int, *, messages: Sequence[int], subject: str, by: Viewer, at: datetime, shown: int | None = None
) -> Ticket:
    """A child ticket with its own ball, whose first messages refer to the originals, for the same readers."""
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        must_work(by, act.ticket)
        originals = _originals(act.ticket, messages, by)
        child = _child(act, act.ticket, valid_subject(subject))
        for original in originals:
            _refer(act, child, original)
        act.record(act.ticket, "split", child=child.pk, messages=[m.pk for m in originals])
    return child


def _originals(ticket: Ticket, ids: Sequence[int], by: Viewer) -> list[Message]:
    rows = Message.objects.visible_to(by).filter(ticket=ticket, pk__in=ids).select_related("audience").order_by("pk")
    found = list(rows)
    missing = set(ids) - {message.pk for message in found}
    if missing or not found:
        raise NotThere("message", min(missing) if missing else "")
    return found


def _child(act: Act, parent: Ticket, subject: str) -> Ticket:
    child = Ticket.objects.create(
        type=parent.type, channel=parent.channel, requester_id=parent.requester_id, opened_by_id=act.by.person,
        subject=texts.write(draft(subject, "subject", owner=parent.requester_id, ticket=parent)),
        scope_id=parent.scope_id, team_id=parent.team_id, holder=Holder.TEAM, holder_id=parent.team_id,
        impact=parent.impact, urgency=parent.urgency, said_urgency=parent.said_urgency, priority=parent.priority,
        priority_reason=parent.priority_reason, matrix_version=parent.matrix_version, parent=parent,
        opened_at=act.at, updated_at=act.at,
    )  # fmt: skip
    act.record(
        child, "ticket.opened", type=child.type, channel=child.channel, team=child.team_id,
        requester=child.requester_id, opened_by=child.opened_by_id, scope=combination_of(child.scope).as_dict(),
        impact=child.impact, urgency=child.urgency, said_urgency=child.said_urgency, priority=child.priority,
        matrix=child.matrix_version, subject=texts.commitment(child.subject), holder="team",
    )  # fmt: skip
    act.record(child, "parent.set", parent=parent.pk)
    if Share.objects.filter(ticket=parent, provider=parent.team.provider_id, ended_at__isnull=True).exists():
        Share.objects.create(ticket=child, provider_id=parent.team.provider_id, why=Share.Why.HELD)
    return child


def _refer(act: Act, child: Ticket, original: Message) -> None:
    """The same text, not a copy: what is redacted there is gone here."""
    thread = thread_for(act, child, original.audience)
    text: Text = original.text
    message = Message.objects.create(
        ticket=child, thread=thread, audience_id=original.audience_id, text=text, said_as=original.said_as,
        person_id=original.person_id, hat=original.hat, provider_id=original.provider_id,
        automatic=original.automatic, at=original.at,
    )  # fmt: skip
    if text.body is None:
        committed = {"t": text.root_id or text.pk, "rev": text.rev, "len": 0, "c": ""}
    else:
        committed = texts.commitment(text)
    files = Attachment.objects.filter(message=original).count()
    act.record(
        child, "message.added", message=message.pk, thread=thread.pk, text=committed, auto=original.automatic,
        files=files, **{"as": original.said_as},
    )  # fmt: skip
