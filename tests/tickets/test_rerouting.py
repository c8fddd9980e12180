"""When a provider is out, what it had goes to who can work: the plan's team, else triage, never to nobody."""

from __future__ import annotations

from helmdesk.access.models import Grant
from helmdesk.access.scopes import resolve
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets import hand_over
from helmdesk.tickets.models import Share, Ticket
from helmdesk.tickets.replay import differences
from helmdesk.tickets.rerouting import suspend_provider
from tests.tickets.outcomes import heard, last
from tests.world import World


def suspend(world: World, provider: str = "northwind") -> list[int]:
    return suspend_provider(world.providers[provider].pk, by=world.who("max"), at=world.tick())


def pass_on(world: World, ticket: Ticket, to: str, by: str) -> None:
    hand_over.hand_over(ticket.pk, to=world.teams[to].pk, done="a", asked="b", by=world.who(by), at=world.tick())


def test_a_whole_provider_is_freed_in_one_verb_and_one_fact(world: World) -> None:
    held = [world.ticket(service="network", team="network", by="ina") for _ in range(3)]
    with heard() as facts:
        assert suspend(world) == [ticket.pk for ticket in held]
    assert [(set(fact.tickets), set(fact.kinds)) for fact in facts] == [
        ({ticket.pk for ticket in held}, {"team.rerouted"})
    ]
    assert list(differences()) == []


def test_a_plan_whose_team_is_closed_or_out_itself_is_passed_over(world: World) -> None:
    northwind = Provider.objects.filter(code="northwind")
    northwind.update(fallback_team=world.teams["clients"])
    Team.objects.filter(code="clients").update(active=False)
    ticket = world.ticket(service="network", team="network", by="ina")
    suspend(world)
    assert world.fresh(ticket).team_id == world.teams["desk"].pk


def test_an_outside_plan_is_followed_as_far_as_its_grant_goes_and_goes_on_seeing(world: World) -> None:
    grant = Grant.objects.get(provider=world.providers["baltic"])
    grant.services.add(world.services["network"])
    resolve(grant)
    Provider.objects.filter(code="northwind").update(fallback_team=world.teams["night"])
    north = world.ticket(service="network", site="north", team="network", by="ina")
    south = world.ticket("arno", service="network", site="south", team="network", by="ina")
    suspend(world)
    assert (world.fresh(north).team_id, world.fresh(south).team_id) == (
        world.teams["night"].pk, world.teams["desk"].pk,
    )  # fmt: skip
    assert Share.objects.filter(provider=world.providers["baltic"]).values_list("ticket", flat=True)[0] == north.pk
    assert Share.objects.filter(provider=world.providers["baltic"]).count() == 1


def test_what_a_suspended_provider_offered_does_not_fall_back_to_it(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    pass_on(world, ticket, "desk", "nora")
    suspend(world)
    hand_over.decline(ticket.pk, reason="not_ours", by=world.who("ina"), at=world.tick())
    now, desk = world.fresh(ticket), world.teams["desk"].pk
    assert (now.team_id, now.holder_id, now.offered_from_id) == (desk, desk, None)
    assert last(ticket, "hand_over.declined")["to"] == desk
    assert list(differences()) == []
