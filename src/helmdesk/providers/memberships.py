"""Memberships: who works for which provider, from when until when, in which teams, in which roles."""

from collections.abc import Collection
from datetime import datetime

from helmdesk.foundation.announce import announce
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing, existing
from helmdesk.people.facts import PeopleLeft
from helmdesk.people.models import Role
from helmdesk.people.persons import living
from helmdesk.people.sessions import end_sessions
from helmdesk.providers.models import Membership, Provider, Team, TeamMembership


def join(person: int, *, provider: int, by: Stamp, at: datetime) -> Membership:
    """The person works for the provider from now on. Nobody works for two at once, and nothing ends silently."""
    with changing(by=by, at=at) as change:
        row = living(person)
        if not row.active or row.merged_into_id is not None:
            raise BadEntry("person", person, "Only an active person can join; a merged one is another.")
        owner = existing(Provider, provider, field="provider")
        if not owner.active:
            raise BadEntry("provider", owner.code, "This provider is no longer active.")
        there = Membership.objects.filter(person=row, ended_at__isnull=True).select_related("provider").first()
        if there is not None:
            raise BadEntry("person", person, f"They work for {there.provider.code} already; end that, or move them.")
        membership = Membership.objects.create(person=row, provider=owner, started_at=change.at)
        what = {"membership": membership.pk, "person": row.pk, "provider": owner.pk}
        change.record("membership.started", what, person=row.pk, provider=owner.pk)
        end_sessions([row.pk])  # another hat: who is signed in comes in anew
    return membership


def leave(membership: int, *, by: Stamp, at: datetime) -> Membership:
    """Ends a membership with its places in teams, and the person's sessions. What they did stays theirs."""
    with changing(by=by, at=at) as change:
        row = active(membership)
        row.ended_at = change.at
        row.save(update_fields=["ended_at"])
        TeamMembership.objects.filter(membership=row).delete()
        what = {"membership": row.pk, "person": row.person_id, "provider": row.provider_id}
        change.record("membership.ended", what, person=row.person_id, provider=row.provider_id)
        end_sessions([row.person_id])
        announce(PeopleLeft((row.person_id,)))
    return row


def move(membership: int, *, provider: int, by: Stamp, at: datetime) -> Membership:
    """From one provider to another at one instant; teams and roles are given anew."""
    with changing(by=by, at=at):
        row = active(membership)
        if row.provider_id == provider:
            raise BadEntry("provider", provider, "They work there already.")
        leave(row.pk, by=by, at=at)
        return join(row.person_id, provider=provider, by=by, at=at)


def join_team(membership: int, *, team: int, lead: bool = False, by: Stamp, at: datetime) -> TeamMembership:
    """Puts a member into a team of their provider, or changes whether they lead it."""
    with changing(by=by, at=at) as change:
        row, place = active(membership), existing(Team, team, field="team")
        if place.provider_id != row.provider_id:
            raise BadEntry("team", place.code, f"It is a team of another provider than {row.provider.code}.")
        there = TeamMembership.objects.filter(membership=row, team=place).first()
        if there is not None and there.lead == lead:
            return there
        there, _ = TeamMembership.objects.update_or_create(membership=row, team=place, defaults={"lead": lead})
        what = {"membership": row.pk, "person": row.person_id, "team": place.pk, "lead": lead}
        change.record("team.joined", what, person=row.person_id, provider=row.provider_id)
    return there


def leave_team(membership: int, *, team: int, by: Stamp, at: datetime) -> None:
    with changing(by=by, at=at) as change:
        row = active(membership)
        gone, _ = TeamMembership.objects.filter(membership=row, team=team).delete()
        if not gone:
            raise BadEntry("team", team, "They are not in this team.")
        what = {"membership": row.pk, "person": row.person_id, "team": team}
        change.record("team.left", what, person=row.person_id, provider=row.provider_id)
        announce(PeopleLeft((row.person_id,)))


def set_roles(membership: int, roles: Collection[int], *, by: Stamp, at: datetime) -> Membership:
    """Exactly these roles from now on."""
    with changing(by=by, at=at) as change:
        row = active(membership)
        wanted = {existing(Role, role, field="role").pk for role in roles}
        had = set(row.roles.values_list("pk", flat=True))
        if wanted == had:
            return row
        row.roles.set(wanted)
        what = {"membership": row.pk, "person": row.person_id, "roles": sorted(wanted)}
        change.record("roles.set", what, person=row.person_id, provider=row.provider_id)
    return row


def active(membership: int) -> Membership:
    row = existing(Membership, membership, field="membership")
    if row.ended_at is not None:
        raise BadEntry("membership", membership, "It has ended.")
    return row
