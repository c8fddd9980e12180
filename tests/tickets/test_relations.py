"""How tickets hang together: links, wholes and parts, and a part made of what was said."""

from __future__ import annotations

from helmdesk.access.models import Grant
from helmdesk.ledger import texts
from helmdesk.tickets import conversation, hand_over, relations, resolution, taking_part
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Link, Message, Share, Ticket
from helmdesk.tickets.replay import differences
from tests.tickets.outcomes import events, heard, kinds, last, refused, signature
from tests.world import World


def link(world: World, one: Ticket, to: Ticket, by: str = "ina", kind: str = "related", *, on: bool = True) -> Ticket:
    return relations.link(one.pk, to=to.pk, kind=kind, on=on, by=world.who(by), at=world.tick())


def set_parent(world: World, ticket: Ticket, parent: Ticket | None, by: str = "ina") -> Ticket:
    return relations.set_parent(
        ticket.pk, parent=None if parent is None else parent.pk, by=world.who(by), at=world.tick()
    )


def split(world: World, ticket: Ticket, *messages: int, by: str = "ina", subject: str = "A part") -> Ticket:
    said = messages or (world.messages(ticket)[0].pk,)
    return relations.split(ticket.pk, messages=said, subject=subject, by=world.who(by), at=world.tick())


def test_a_link_is_there_or_not_and_twice_is_once(world: World) -> None:
    one, two = world.ticket(), world.ticket("arno")
    with heard() as facts:
        for on in (True, True, False, False):
            link(world, one, two, kind="duplicate", on=on)
    assert [what for _, what in events(one, "linked")] == [
        {"to": two.pk, "link": "duplicate", "on": True}, {"to": two.pk, "link": "duplicate", "on": False},
    ]  # fmt: skip
    assert ([fact.tickets for fact in facts], Link.objects.count(), kinds(two)) == (
        [(one.pk,), (one.pk,)], 0, ["ticket.opened", "thread.opened", "message.added"],
    )  # fmt: skip


def test_a_link_goes_to_what_one_sees_by_who_has_the_ticket(world: World) -> None:
    one, hidden = world.ticket(service="network", team="network", by="ina"), world.ticket("arno", service="payroll")
    with refused("link", "There is no such link.", cure="duplicate", field="kind", value="friend"):
        link(world, one, hidden, kind="friend")
    with refused("itself", "not linked to itself", field="to"):
        link(world, one, one)
    with refused("not_there", f"There is no ticket {hidden.pk} here."):
        link(world, one, hidden, "nora")
    for name, code in (("ivo", "not_yours"), ("alice", "not_there")):
        with refused(code):
            link(world, one, hidden, name)


def test_a_part_has_one_whole_and_no_circle(world: World) -> None:
    chain = [world.ticket() for _ in range(6)]
    for child, parent in zip(chain[1:5], chain, strict=False):
        set_parent(world, child, parent)
    with refused("circle", "cannot be part of its own part", field="parent", value=chain[3].pk):
        set_parent(world, chain[0], chain[3])
    with refused("circle"):
        set_parent(world, chain[0], chain[0])
    with refused("too_deep", "Parts go 5 deep at most.", field="parent"):
        set_parent(world, chain[5], chain[4])
    before = len(events(chain[1]))
    set_parent(world, chain[1], chain[0])
    assert len(events(chain[1])) == before
    set_parent(world, chain[1], None)
    assert (last(chain[1], "parent.set"), world.fresh(chain[1]).parent_id) == ({"parent": None}, None)


def test_a_whole_is_open_seen_and_not_ones_own(world: World) -> None:
    ticket, done = world.ticket(service="network", team="network", by="ina"), world.ticket()
    hidden, own = world.ticket("arno"), world.ticket("nora")
    resolution.resolve(done.pk, by=world.who("ina"), at=world.tick())
    with refused("not_open", "The ticket is resolved."):
        set_parent(world, ticket, done, "max")
    with refused("not_there", f"There is no ticket {hidden.pk} here."):
        set_parent(world, ticket, hidden, "nora")
    with refused("own_ticket"):
        set_parent(world, ticket, own, "nora")
    with refused("not_yours", "This is with Network."):
        set_parent(world, ticket, hidden, "ina")


def test_a_part_is_made_of_what_was_said_and_refers_to_it(world: World) -> None:
    ticket = world.ticket("alice", service="network", site="north")
    asked = world.messages(ticket)[0]
    with heard() as facts:
        child = split(world, ticket, asked.pk, subject="  The other\nprinter ")
    now = world.fresh(child)
    assert (now.subject.body, now.requester_id, now.scope_id, now.parent_id, now.opened_by_id) == (
        "The other printer", ticket.requester_id, ticket.scope_id, ticket.pk, world.people["ina"].pk,
    )  # fmt: skip
    assert (now.holder, now.holder_id, now.assignee_id) == (Holder.TEAM, world.teams["desk"].pk, None)
    assert kinds(child) == ["ticket.opened", "parent.set", "thread.opened", "message.added"]
    assert last(ticket, "split") == {"child": child.pk, "messages": [asked.pk]}
    copy = world.messages(child)[0]
    assert (copy.text_id, copy.person_id, copy.hat, copy.at, copy.said_as) == (
        asked.text_id, asked.person_id, asked.hat, asked.at, asked.said_as,
    )  # fmt: skip
    assert last(child, "message.added")["text"] == texts.commitment(asked.text)
    assert signature(child, "ticket.opened")[0] == 2
    assert [set(fact.tickets) for fact in facts] == [{ticket.pk, child.pk}]
    assert list(differences()) == []


def test_a_part_is_read_by_the_same_people_or_fewer(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    taking_part.add_participant(ticket.pk, person=world.people["arno"].pk, by=world.who("alice"), at=world.tick())
    taking_part.share(ticket.pk, provider=world.providers["baltic"].pk, by=world.who("max"), at=world.tick())
    named = frozenset({world.providers["northwind"].pk})
    ina = world.who("ina")
    ours = conversation.note(ticket.pk, Words("Ours"), by=ina, at=world.tick())
    side = conversation.note(ticket.pk, Words("Theirs"), providers=named, by=ina, at=world.tick())
    said = conversation.reply(ticket.pk, Words("Hello"), by=ina, at=world.tick())
    child = split(world, ticket, said.pk, side.pk, ours.pk)
    for name in ("alice", "arno", "ivo", "nora", "bela", "asha"):
        viewer = world.who(name)
        then = set(Message.objects.visible_to(viewer).filter(ticket=ticket).values_list("text_id", flat=True))
        now = set(Message.objects.visible_to(viewer).filter(ticket=child).values_list("text_id", flat=True))
        assert now <= then, name
        assert bool(now) == (name in ("alice", "ivo", "nora")), name
    assert [m.audience_id for m in world.messages(child)] == [ours.audience_id, side.audience_id, said.audience_id]


def test_nobody_splits_off_what_they_do_not_read(world: World) -> None:
    ticket, other = world.ticket(service="network", team="network", by="ina"), world.ticket(service="network")
    hidden = conversation.note(ticket.pk, Words("Ours"), by=world.who("ivo"), at=world.tick())
    first = world.messages(ticket)[0].pk
    for missing in (hidden.pk, world.messages(other)[0].pk, 999):
        with refused("not_there", f"There is no message {missing} here.", field="message", value=missing):
            split(world, ticket, first, missing, by="nora")
    with refused("not_there", field="message"):
        relations.split(ticket.pk, messages=[], subject="x", by=world.who("nora"), at=world.tick())
    with refused("subject", "needs a subject"):
        split(world, ticket, first, by="nora", subject=" ")
    for name, code in (("ina", "not_yours"), ("alice", "own_ticket"), ("bela", "not_there")):
        with refused(code):
            split(world, ticket, first, by=name)
    resolution.resolve(ticket.pk, by=world.who("nora"), at=world.tick())
    with refused("not_open"):
        split(world, ticket, first, by="nora")


def test_a_guest_who_holds_a_shared_ticket_sees_the_part_it_makes(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    Grant.objects.get(provider=world.providers["northwind"]).services.set([world.services["payroll"]])
    from helmdesk.access.scopes import resolve

    resolve(Grant.objects.get(provider=world.providers["northwind"]))
    child = split(world, ticket, by="nora")
    assert Ticket.objects.visible_to(world.who("nils")).filter(pk=child.pk).exists()
    assert Share.objects.get(ticket=child).why == "held"
