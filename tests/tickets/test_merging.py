"""Two tickets about one matter: one rests, nothing moves, and undoing brings back exactly what was."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Model

from helmdesk.providers.models import Membership, Team
from helmdesk.tickets import assignment, conversation, hand_over, merging, relations, resolution, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Message, Phase, Share, Ticket, Wait
from helmdesk.tickets.refusals import Overtaken
from helmdesk.tickets.replay import differences
from tests.tickets.outcomes import events, heard, kinds, last, refused
from tests.world import World

MOVED_BY_EVERY_EVENT = ("updated_at", "position", "ball_position")


def merge(world: World, source: Ticket, into: Ticket, by: str = "ina") -> Ticket:
    return merging.merge(source.pk, into=into.pk, by=world.who(by), at=world.tick())


def unmerge(world: World, source: Ticket, by: str = "ina") -> Ticket:
    return merging.unmerge(source.pk, by=world.who(by), at=world.tick())


def part_of(world: World, whole: Ticket) -> Ticket:
    first = world.messages(whole)[0].pk
    return relations.split(whole.pk, messages=[first], subject="A part", by=world.who("ina"), at=world.tick())


def columns(row: Model) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in MOVED_BY_EVERY_EVENT
    }


def test_the_source_rests_and_both_say_so_in_one_operation(world: World) -> None:
    from helmdesk.ledger.models import Event

    source, target = world.ticket(), world.ticket()
    with heard() as facts:
        merge(world, source, target)
    now = world.fresh(source)
    assert (now.phase, now.holder, now.merged_into_id, now.closed_at) == (
        Phase.CLOSED, Holder.REST, target.pk, world.at,
    )  # fmt: skip
    assert (last(source, "ticket.merged"), last(target, "merge.received")) == (
        {"into": target.pk}, {"source": source.pk},
    )  # fmt: skip
    pair = Event.objects.filter(kind__in=("ticket.merged", "merge.received")).values_list("operation", "seq")
    assert len({operation for operation, _ in pair}) == 1
    assert None not in {operation for operation, _ in pair}
    assert [set(fact.tickets) for fact in facts] == [{source.pk, target.pk}]
    assert world.fresh(target).open


def test_merging_moves_no_message_and_changes_no_reader(world: World) -> None:
    source, target = world.ticket(service="network"), world.ticket(service="payroll")
    named = frozenset({world.providers["northwind"].pk})
    conversation.note(source.pk, Words("Side"), providers=named, by=world.who("ina"), at=world.tick())
    before = [columns(message) for message in world.messages(source)]
    merge(world, source, target)
    assert [columns(message) for message in world.messages(source)] == before
    nora = Message.objects.visible_to(world.who("nora"))
    assert not nora.filter(ticket=target).exists()
    assert nora.filter(ticket=source).count() == 2


def test_matters_of_different_people_are_linked_not_merged(world: World) -> None:
    source, target = world.ticket("alice"), world.ticket("arno")
    with refused("another_requester", "asked by different people", cure="Link them as duplicates", value=target.pk):
        merge(world, source, target)


def test_nothing_is_merged_into_itself_or_what_is_merged_or_closed(world: World) -> None:
    one, two, three = world.ticket(), world.ticket(), world.ticket()
    with refused("itself", "not merged into itself", field="into"):
        merge(world, one, one)
    merge(world, one, two)
    with refused("merged_already", f"{one.pk} is merged already.", value=one.pk):
        merge(world, three, one)
    with refused("merged_already", f"{one.pk} is merged already."):
        merge(world, one, three)
    resolution.close(three.pk, by=world.who("iris"), at=world.tick())
    with refused("target_closed", "The other ticket is closed.", field="into", value=three.pk):
        merge(world, two, three)


def test_it_takes_the_team_of_both_or_a_company_lead(world: World) -> None:
    source = world.ticket(service="network")
    target = world.ticket(service="network", team="network", by="ina")
    for name in ("ina", "nora", "alice"):
        with refused("own_ticket" if name == "alice" else "not_yours"):
            merge(world, source, target, name)
    with refused("not_there"):
        merge(world, source, target, "bela")
    merge(world, source, target, "max")
    for name in ("ina", "nora"):
        with refused("not_yours"):
            unmerge(world, source, name)
    unmerge(world, source, "max")
    assert world.fresh(source).open


WAITS = ("none", "requester", "third", "parts", "question", "child", "offered", "resolved", "closed")


@pytest.mark.parametrize("wait", WAITS)
def test_undoing_restores_exactly_what_was(world: World, wait: str) -> None:
    source, target = world.ticket(service="network"), world.ticket(service="network")
    ina: dict[str, Any] = {"by": world.who("ina"), "at": world.tick()}
    assignment.take(source.pk, **ina)
    if wait == "requester":
        conversation.ask_requester(source.pk, Words("Which room?"), **ina)
    elif wait == "third" and world.company is not None:
        waiting.wait_for_company(source.pk, company=world.company.pk, told="Ordered", **ina)
    elif wait == "parts":
        waiting.wait_for_date(source.pk, wait="parts", until=world.at.replace(day=9), **ina)
    elif wait == "question":
        waiting.ask_team(source.pk, team=world.teams["network"].pk, question="Yours?", **ina)
    elif wait == "child":
        waiting.wait_on_child(source.pk, child=part_of(world, source).pk, **ina)
    elif wait == "offered":
        hand_over.hand_over(source.pk, to=world.teams["clients"].pk, done="a", asked="b", **ina)
    elif wait in ("resolved", "closed"):
        resolution.resolve(source.pk, **ina)
    if wait == "closed":
        resolution.close(source.pk, by=world.who("alice"), at=world.tick())
    before, shares = columns(world.fresh(source)), list(Share.objects.values())
    merge(world, source, target, "max")
    assert list(differences()) == []
    unmerge(world, source, "max")
    assert columns(world.fresh(source)) == before
    assert list(Share.objects.values()) == shares
    assert kinds(source)[-2:] == ["ticket.merged", "ticket.unmerged"]
    assert last(target, "merge.released") == {"source": source.pk}
    assert list(differences()) == []


def test_what_cannot_stand_as_it_was_follows_as_events_of_its_own(world: World) -> None:
    lost, gone, done, moved = (world.ticket(service="network") for _ in range(4))
    target = world.ticket(service="network")
    hand_over.hand_over(
        lost.pk, to=world.teams["clients"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    assignment.take(gone.pk, by=world.who("ivo"), at=world.tick())
    parts = {whole.pk: part_of(world, whole) for whole in (done, moved)}
    for whole in (done, moved):
        waiting.wait_on_child(whole.pk, child=parts[whole.pk].pk, by=world.who("ina"), at=world.tick())
    for source in (lost, gone, done, moved):
        merge(world, source, target, "max")
    Team.objects.filter(code="clients").update(active=False)
    left = world.membership("ivo")
    Membership.objects.filter(pk=left).update(ended_at=world.at)
    resolution.resolve(parts[done.pk].pk, by=world.who("ina"), at=world.tick())
    network, desk = world.teams["network"].pk, world.teams["desk"].pk
    hand_over.hand_over(parts[moved.pk].pk, to=network, done="a", asked="b", by=world.who("ina"), at=world.tick())
    for source in (lost, gone, done, moved):
        unmerge(world, source, "max")
    assert last(lost, "team.rerouted") == {"from": world.teams["clients"].pk, "to": desk}
    assert last(gone, "assigned") == {"assignee": None, "was": left, "how": "release"}
    assert (last(done, "wait.ended"), world.fresh(done).wait) == ({"why": "answered"}, None)
    assert (last(moved, "wait.moved"), world.fresh(moved).holder_id) == ({"team": network}, network)
    assert list(differences()) == []


def test_a_whole_does_not_wait_for_a_part_that_was_merged_away(world: World) -> None:
    whole, other = world.ticket(), world.ticket()
    part = part_of(world, whole)
    waiting.wait_on_child(whole.pk, child=part.pk, by=world.who("ina"), at=world.tick())
    merge(world, part, other)
    assert (world.fresh(whole).wait, last(whole, "wait.ended")) == (None, {"why": "merged"})
    again = part_of(world, whole)
    waiting.wait_on_child(whole.pk, child=again.pk, by=world.who("ina"), at=world.tick())
    merge(world, again, whole)
    assert (world.fresh(whole).wait, world.fresh(whole).open) == (None, True)
    assert world.fresh(whole).holder_id == world.teams["desk"].pk
    assert list(differences()) == []


def test_only_what_is_merged_is_undone_and_only_for_who_sees_it(world: World) -> None:
    source, target = world.ticket(), world.ticket()
    with refused("not_merged", "This ticket is not merged.", field="source", value=source.pk):
        unmerge(world, source)
    merge(world, source, target)
    for name in ("nora", "arno"):
        with refused("not_there", f"There is no ticket {source.pk} here."):
            unmerge(world, source, name)
    unmerge(world, source)
    with refused("not_merged"):
        unmerge(world, source)


def test_who_was_shown_an_older_ball_merges_nothing(world: World) -> None:
    source, target = world.ticket(), world.ticket()
    shown = world.fresh(source).position
    waiting.wait_after_call(source.pk, told="No answer", by=world.who("ivo"), at=world.tick())
    with pytest.raises(Overtaken, match="Meanwhile it was set to wait"):
        merging.merge(source.pk, into=target.pk, by=world.who("ina"), at=world.tick(), shown=shown)
    assert (world.fresh(source).wait, events(source, "ticket.merged")) == (Wait.REQUESTER, [])
