"""Nobody sees, counts or finds what they may not: random companies, grants and conversations against a plain twin."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.access.models import Grant, Scope
from helmdesk.access.scopes import resolve
from helmdesk.access.viewer import Viewer, nobody, viewer_of
from helmdesk.ledger.models import Hat
from helmdesk.providers.models import Membership
from helmdesk.tickets import conversation, sorting, taking_part
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Message, Participant, Share, Thread, Ticket
from helmdesk.tickets.search.asking import search
from helmdesk.tickets.search.index import reindex
from helmdesk.tickets.seen import NobodyLooks
from tests.thoroughness import examples
from tests.world import World

EVERYBODY = ("alice", "arno", "asha", "ina", "iris", "max", "ada", "nora", "nils", "bela")

SERVICES = st.sampled_from([None, "network", "email", "payroll"])
STATES = st.sampled_from(["live", "ended", "revoked", "later"])
SITES = st.sampled_from([None, "north", "south"])
TICKETS = st.tuples(
    st.sampled_from(["alice", "arno", "ina", "nora"]), SERVICES, SITES, st.booleans(),
    st.lists(st.sampled_from(["requester", "us", "northwind", "baltic", "take_part", "share", "hide"]), max_size=4),
)  # fmt: skip
GRANTS = st.tuples(
    st.sampled_from(["northwind", "baltic", "inhouse"]), st.frozensets(SERVICES.filter(bool), max_size=2),
    st.frozensets(SITES.filter(bool), max_size=1), st.booleans(), st.booleans(), STATES,
)  # fmt: skip


@given(tickets=st.lists(TICKETS, min_size=1, max_size=5), grants=st.lists(GRANTS, max_size=3))
@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lists_counts_and_search_agree_with_the_twin(world: World, tickets: list[Any], grants: list[Any]) -> None:
    from django.db import transaction

    with transaction.atomic():
        for grant in grants:
            _grant(world, *grant)
        for n, ticket in enumerate(tickets):
            _ticket(world, n, *ticket)
        everything = list(Ticket.objects.unscoped(reason="the twin decides").select_related("scope").order_by("pk"))
        reindex(ticket.pk for ticket in everything)
        for name in (*EVERYBODY, "nobody"):
            viewer = nobody() if name == "nobody" else viewer_of(world.people[name].pk, at=world.at)
            _compare(viewer, everything)
        transaction.set_rollback(True)


def _compare(viewer: Viewer, everything: list[Ticket]) -> None:
    seen = [ticket.pk for ticket in everything if twin_sees(viewer, ticket)]
    visible = Ticket.objects.visible_to(viewer)
    assert list(visible.order_by("pk").values_list("pk", flat=True)) == seen
    assert visible.count() == len(seen)
    assert visible.exists() == bool(seen)
    messages = Message.objects.unscoped(reason="the twin decides").select_related("ticket__scope", "audience")
    read = [m.pk for m in messages.order_by("pk") if twin_reads(viewer, m)]
    assert list(Message.objects.visible_to(viewer).order_by("pk").values_list("pk", flat=True)) == read
    threads = Thread.objects.unscoped(reason="the twin decides").select_related("ticket__scope", "audience")
    opened = [t.pk for t in threads.order_by("pk") if twin_reads(viewer, t)]
    assert list(Thread.objects.visible_to(viewer).order_by("pk").values_list("pk", flat=True)) == opened
    for how in (False, True):
        hits = search("word", viewer=viewer, by_relevance=how).hits
        assert {hit.message for hit in hits} <= set(read) | {None}
        by_message = {m.ticket_id for m in Message.objects.unscoped(reason="the twin decides").filter(pk__in=read)}
        assert {hit.ticket for hit in hits} == by_message


def twin_sees(viewer: Viewer, ticket: Ticket) -> bool:
    """`visible_to` in the plainest words."""
    if _own(viewer, ticket):
        return True
    if viewer.hat != Hat.MEMBER:
        return False
    live = [
        g for g in Grant.objects.filter(provider=viewer.provider)
        if g.revoked_at is None and (g.ends_at is None or g.ends_at > NOW["at"]) and g.starts_at <= NOW["at"]
    ]  # fmt: skip
    shared = Share.objects.filter(ticket=ticket, provider=viewer.provider, ended_at=None).exists()
    return any(_opens(viewer, grant, ticket.scope) for grant in live) or (bool(live) and shared)


def _opens(viewer: Viewer, grant: Grant, scope: Scope) -> bool:
    services = {s.pk for s in grant.services.all()}
    sites = {s.pk for s in grant.sites.all()}
    if services and scope.service_id not in services:
        return False
    if sites and scope.site_id not in sites:
        return False
    return not scope.flags or (grant.confidential and "tickets.confidential" in viewer.permissions)


def twin_reads(viewer: Viewer, said: Any) -> bool:
    if not twin_sees(viewer, said.ticket):
        return False
    if said.audience.requester:
        return True
    if _own(viewer, said.ticket) or viewer.hat != Hat.MEMBER:
        return False
    return viewer.internal or viewer.provider in {p.pk for p in said.audience.providers.all()}


def _own(viewer: Viewer, ticket: Ticket) -> bool:
    taking = Participant.objects.filter(ticket=ticket, person=viewer.person or 0).exists()
    return viewer.person is not None and (ticket.requester_id == viewer.person or taking)


NOW: dict[str, Any] = {}


def _grant(
    world: World, provider: str, services: Any, sites: Any, confidential: bool, personal: bool, state: str
) -> None:
    from datetime import timedelta

    NOW["at"] = world.at
    grant = Grant.objects.create(
        provider=world.providers[provider], confidential=confidential, personal_data=personal,
        starts_at=world.at + timedelta(days=9 if state == "later" else -1),
        ends_at=world.at - timedelta(hours=1) if state == "ended" else None,
        revoked_at=world.at if state == "revoked" else None,
    )  # fmt: skip
    grant.services.set([world.services[code] for code in services])
    grant.sites.set([world.sites[code] for code in sites])
    resolve(grant)


def _ticket(
    world: World, n: int, who: str, service: str | None, site: str | None, confidential: bool, acts: Any
) -> None:
    ticket = world.ticket(who, subject=f"Matter {n}", text="word", service=service, site=site, flags=int(confidential))
    for act in acts:
        at, system = world.tick(), world.who("system")
        if act == "requester":
            conversation.reply(ticket.pk, Words("word to you"), by=system, at=at)
        elif act == "us":
            conversation.note(ticket.pk, Words("word us"), by=system, at=at)
        elif act in ("northwind", "baltic"):
            named = frozenset({world.providers[act].pk})
            conversation.note(ticket.pk, Words("word side"), providers=named, by=system, at=at)
        elif act == "take_part":
            taking_part.add_participant(ticket.pk, person=world.people["asha"].pk, by=system, at=at)
        elif act == "share":
            taking_part.share(ticket.pk, provider=world.providers["baltic"].pk, by=system, at=at)
        elif act == "hide":
            about = world.about(service, site or "north", flags=1)
            sorting.classify(ticket.pk, about=about, by=system, at=at)
    NOW["at"] = world.at


def test_a_query_that_does_not_say_who_looks_refuses_to_run(world: World) -> None:
    ticket = world.ticket()
    for attempt in (
        lambda: list(Ticket.objects.filter(pk=ticket.pk)),
        lambda: Ticket.objects.count(),
        lambda: Message.objects.filter(ticket=ticket).exists(),
        lambda: Ticket.objects.get(pk=ticket.pk),
        lambda: list(Thread.objects.values_list("pk")),
        lambda: list(Ticket.objects.all().iterator()),
        lambda: Ticket.objects.filter(pk=ticket.pk).update(impact=1),
        lambda: Ticket.objects.filter(pk=ticket.pk).delete(),
        lambda: ticket.messages.count(),
    ):
        with pytest.raises(NobodyLooks):
            attempt()


def test_a_manager_who_asks_for_help_reads_no_side_thread_about_it(world: World) -> None:
    ticket = world.ticket("max")
    conversation.note(ticket.pk, Words("Between us"), by=world.who("ina"), at=world.tick())
    max_ = world.who("max")
    said = Message.objects.visible_to(max_).filter(ticket=ticket)
    assert [m.text.body for m in said] == ["It does not print."]


def test_a_guest_whose_grant_ends_sees_nothing_any_more(world: World) -> None:
    ticket = world.ticket(service="network")
    assert Ticket.objects.visible_to(world.who("nora")).filter(pk=ticket.pk).exists()
    Grant.objects.filter(provider=world.providers["northwind"]).update(revoked_at=world.at)
    assert not Ticket.objects.visible_to(world.who("nora")).exists()


def test_someone_who_left_is_a_requester_like_any_other(world: World) -> None:
    world.ticket("alice", service="network")
    Membership.objects.filter(person=world.people["nils"]).update(ended_at=world.at)
    nils = world.who("nils")
    assert (nils.hat, Ticket.objects.visible_to(nils).count()) == (Hat.REQUESTER, 0)


def test_a_guest_is_never_allowed_what_is_the_companys(world: World) -> None:
    from helmdesk.people.models import Role

    Membership.objects.get(person=world.people["nora"]).roles.set(Role.objects.all())
    nora = world.who("nora")
    assert not any(nora.may(code) for code in ("tickets.company_lead", "people.manage", "people.view", "access.manage"))
