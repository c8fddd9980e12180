"""How a ticket begins: asked for by the requester, or opened for them by somebody else."""

from dataclasses import dataclass, field
from datetime import datetime

from helmdesk.access.scopes import Combination, intern, intern_audience
from helmdesk.access.viewer import Viewer
from helmdesk.catalogue.matrix import current_matrix
from helmdesk.catalogue.models import Category, Service
from helmdesk.foundation.loading import loaded
from helmdesk.foundation.statements import run
from helmdesk.ledger import texts
from helmdesk.ledger.models import Hat
from helmdesk.people.models import Person, Site
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.acting import acting
from helmdesk.tickets.conversation import Words, draft, known_names, new_thread, post_into
from helmdesk.tickets.guards import must_be
from helmdesk.tickets.models import Channel, Holder, Share, Ticket, TicketType
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.tickets.sight import let_see

LONGEST_SUBJECT = 250
POSITIONS = "UPDATE helmdesk_ticket SET position = %s, ball_position = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: subject and words, for whom, about what. `team` None means the triage team."""

    subject: str
    words: Words
    requester: int
    type: str = TicketType.INCIDENT
    channel: str = Channel.PORTAL
    team: int | None = None
    about: Combination = field(default_factory=Combination)
    impact: int = 3
    said_urgency: int | None = None


def open_ticket(asked: Asked, *, by: Viewer, at: datetime) -> Ticket:
    """Opens a ticket with its first message. For oneself always; for others with the right to.

    Whoever asks may say that it is confidential; on behalf of others only those who may see such tickets.
    """
    subject = valid_subject(asked.subject)
    asked.words.must_say_something()
    person = _requester(asked.requester, by)
    _check(asked)
    must_exist(asked.about)
    if asked.about.confidential and person.pk != by.person:
        must_be(by, "tickets.confidential")
    with acting(by=by, at=at) as act:
        matrix = current_matrix(at)
        urgency = asked.said_urgency or 3
        team = _first_team(asked.team)
        about = asked.about if asked.about.site else _at_site(asked.about, person.site_id)
        ticket = Ticket.objects.create(
            type=asked.type,
            channel=asked.channel,
            subject=texts.write(draft(subject, "subject", owner=person.pk, known=known_names(person.pk))),
            requester=person,
            opened_by_id=by.person if by.person != person.pk else None,
            scope=intern(about),
            team=team,
            holder=Holder.TEAM,
            holder_id=team.pk,
            impact=asked.impact,
            urgency=urgency,
            said_urgency=asked.said_urgency,
            priority=matrix.priority(impact=asked.impact, urgency=urgency),
            matrix_version=matrix.version,
            opened_at=at,
            updated_at=at,
        )
        act.tickets[ticket.pk], act.first = ticket, ticket.pk
        if not team.provider.internal:
            let_see(act, ticket, team, why=Share.Why.HELD)
        act.record(
            ticket, "ticket.opened", type=ticket.type, channel=ticket.channel, team=team.pk, requester=person.pk,
            opened_by=ticket.opened_by_id, scope=about.as_dict(), impact=ticket.impact, urgency=urgency,
            said_urgency=asked.said_urgency, priority=ticket.priority, matrix=matrix.version,
            subject=texts.commitment(ticket.subject), holder="team",
        )  # fmt: skip
        words = Words(asked.words.text, "original", asked.words.files, asked.words.automatic)
        post_into(act, ticket, new_thread(act, ticket, intern_audience(requester=True, in_house=False)), words)
        run(POSITIONS, [ticket.position, ticket.ball_position, ticket.pk])
        act.written.add(ticket.pk)
    return ticket


def valid_subject(given: str) -> str:
    subject = " ".join(given.split())
    if not subject:
        raise Refused("subject", "The ticket needs a subject.", field="subject", cure="A few words are enough.")
    if len(subject) > LONGEST_SUBJECT:
        raise Refused(
            "subject", f"The subject has {len(subject)} characters.", field="subject", value=subject[:40] + "…",
            cure=f"At most {LONGEST_SUBJECT}; the rest belongs in the message.",
        )  # fmt: skip
    return subject


def _requester(pk: int, by: Viewer) -> Person:
    """The person helped. Somebody else's ticket needs the right; an unknown person and one without it look alike."""
    person = loaded(Person, "id = %s AND active = %s AND erased_at IS NULL AND merged_into_id IS NULL", [pk, True])
    allowed = by.person == pk or by.hat == Hat.SYSTEM or by.may("tickets.open_for")
    if person is None or not allowed:
        raise NotThere("person", pk)
    return person


def _check(asked: Asked) -> None:
    for name, value, allowed in (
        ("type", asked.type, TicketType.values),
        ("channel", asked.channel, Channel.values),
        ("impact", asked.impact, [1, 2, 3]),
        ("said_urgency", asked.said_urgency, [None, 1, 2, 3]),
    ):
        if value not in allowed or isinstance(value, (bool, float)):
            raise Refused(name, f"{name} cannot be {value!r}.", field=name, value=value, cure=f"One of: {allowed}.")


def must_exist(about: Combination) -> None:
    for name, model, pk in (("service", Service, about.service), ("category", Category, about.category)):
        if pk is not None and not model.objects.filter(pk=pk, active=True).exists():
            raise NotThere(name, pk)
    if about.site is not None and not Site.objects.filter(pk=about.site).exists():
        raise NotThere("site", about.site)
    if about.flags not in (0, 1):
        raise Refused("flags", "There is no such flag.", field="flags", value=about.flags)


def _at_site(about: Combination, site: int | None) -> Combination:
    return Combination(about.service, site, about.category, about.flags)


WORKING = """active = %s AND provider_id IN
(SELECT id FROM helmdesk_provider WHERE active = %s AND suspended_at IS NULL)"""


def _first_team(pk: int | None) -> Team:
    named, value = ("id = %s", pk) if pk is not None else ("triage = %s ORDER BY id", True)
    team = loaded(Team, f"{WORKING} AND {named}", [True, True, value])
    if team is None and pk is not None:
        raise NotThere("team", pk)
    if team is None:
        raise Refused("no_triage", "No team takes new tickets.", field="team", cure="Mark a team as triage in set-up.")
    team.provider = loaded(Provider, "id = %s", [team.provider_id]) or team.provider
    return team
