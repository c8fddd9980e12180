"""Participants, who read and write beside the requester, and single tickets shared with a provider."""

from datetime import datetime

from helmdesk.access.viewer import Viewer, opened_to
from helmdesk.people.models import Person
from helmdesk.providers.models import Membership, Provider
from helmdesk.tickets.acting import acting
from helmdesk.tickets.guards import is_own, must_be, must_not_be_own, must_work
from helmdesk.tickets.models import Participant, Share, Ticket
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.sight import must_go_on_seeing


def add_participant(ticket: int, *, person: int, by: Viewer, at: datetime) -> Ticket:
    """Lets a colleague of the requester read and write in the requester's thread."""
    with acting(ticket, by=by, at=at) as act:
        if not is_own(by, act.ticket):
            must_work(by, act.ticket)
        if not Person.objects.filter(pk=person, active=True, erased_at__isnull=True, merged_into__isnull=True).exists():
            raise NotThere("person", person)
        outsider = Membership.objects.filter(person=person, ended_at__isnull=True, provider__kind="external")
        if outsider.exists():
            raise Refused("outsider", "People of a provider take part as helpers.", field="person", value=person)
        if person == act.ticket.requester_id:
            return act.ticket
        if act.ticket.assignee is not None and act.ticket.assignee.person_id == person:
            raise Refused(
                "works_on_it", "The one who works on it cannot take part as one who asks.", field="person",
                value=person, cure="Have somebody else take it first.",
            )  # fmt: skip
        _, new = Participant.objects.get_or_create(ticket=act.ticket, person_id=person)
        if new:
            act.record(act.ticket, "participant.added", person=person)
    return act.ticket


def remove_participant(ticket: int, *, person: int, by: Viewer, at: datetime) -> Ticket:
    with acting(ticket, by=by, at=at) as act:
        if not is_own(by, act.ticket):
            must_work(by, act.ticket)
        gone, _ = Participant.objects.filter(ticket=act.ticket, person=person).delete()
        if gone:
            act.record(act.ticket, "participant.removed", person=person)
    return act.ticket


def share(ticket: int, *, provider: int, by: Viewer, at: datetime) -> Ticket:
    """Gives a provider sight of this one ticket, beside its grants and for as long as any of them lasts."""
    with acting(ticket, by=by, at=at) as act:
        _must_manage(by, act.ticket)
        found = Provider.objects.filter(pk=provider, active=True, kind=Provider.Kind.EXTERNAL).first()
        if found is None:
            raise NotThere("provider", provider)
        if not opened_to(provider, at=act.at).grants:
            raise Refused(
                "no_grant", f"{found.name} has no grant that holds now, so it could not see this.", field="provider",
                value=provider, cure="Give it a grant first, however narrow.",
            )  # fmt: skip
        if Share.objects.filter(ticket=act.ticket, provider=found, ended_at__isnull=True).exists():
            return act.ticket
        Share.objects.update_or_create(
            ticket=act.ticket, provider=found,
            defaults={"why": Share.Why.GIVEN, "ended_at": None, "closed_at": act.ticket.closed_at},
        )  # fmt: skip
        act.record(act.ticket, "shared", provider=provider, on=True)
    return act.ticket


def unshare(ticket: int, *, provider: int, by: Viewer, at: datetime) -> Ticket:
    """Ends that sight; refused while the provider has the ball and would see it no longer."""
    with acting(ticket, by=by, at=at) as act:
        _must_manage(by, act.ticket)
        ended = Share.objects.filter(ticket=act.ticket, provider=provider, ended_at__isnull=True).update(
            ended_at=act.at
        )
        if ended:
            act.record(act.ticket, "shared", provider=provider, on=False)
            must_go_on_seeing(act, act.ticket)
    return act.ticket


def _must_manage(by: Viewer, ticket: Ticket) -> None:
    must_be(by, "access.manage")
    must_not_be_own(by, ticket)
