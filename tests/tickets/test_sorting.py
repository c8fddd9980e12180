"""What a ticket is about and how soon it matters: by who has it, with reasons, and never a way to see more."""

from __future__ import annotations

from typing import Any

from helmdesk.access.scopes import Combination
from helmdesk.catalogue.models import OwnField, PriorityMatrix
from helmdesk.ledger import texts
from helmdesk.ledger.models import Text
from helmdesk.tickets import hand_over, resolution, sorting, taking_part, waiting
from helmdesk.tickets.models import Share, Ticket, TicketTag
from helmdesk.tickets.replay import differences
from tests.tickets.outcomes import clear_for_confidential, events, heard, last, refused
from tests.world import World


def prioritise(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> Ticket:
    return sorting.prioritise(ticket.pk, by=world.who(by), at=world.tick(), **{"impact": 1, "urgency": 2, **how})


def classify(world: World, ticket: Ticket, service: str | None, by: str = "ina", flags: int = 0) -> Ticket:
    return sorting.classify(
        ticket.pk, about=world.about(service, "north", flags=flags), by=world.who(by), at=world.tick()
    )


def set_field(world: World, ticket: Ticket, value: object, code: str = "own", by: str = "ina") -> Ticket:
    return sorting.set_field(ticket.pk, code=code, value=value, by=world.who(by), at=world.tick())


def tag(world: World, ticket: Ticket, by: str = "ina", *, on: bool = True, pk: int | None = None) -> Ticket:
    return sorting.tag(ticket.pk, tag=pk or world.tags["urgent"].pk, on=on, by=world.who(by), at=world.tick())


def sees(world: World, name: str, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(world.who(name)).filter(pk=ticket.pk).exists()


def test_priority_follows_the_matrix_in_force_and_what_was_said_stays(world: World) -> None:
    ticket = world.ticket()
    Ticket.objects.unscoped(reason="test").filter(pk=ticket.pk).update(said_urgency=1)
    with heard() as facts:
        prioritise(world, ticket, impact=2, urgency=3)
    PriorityMatrix.objects.create(version=1, cells=[[5, 5, 5]] * 3, valid_from=world.at, recorded_at=world.at)
    prioritise(world, ticket, impact=1, urgency=1)
    now = world.fresh(ticket)
    assert (now.impact, now.urgency, now.priority, now.said_urgency, now.matrix_version) == (1, 1, 5, 1, 1)
    assert [what for _, what in events(ticket, "prioritised")] == [
        {"impact": 2, "urgency": 3, "priority": 4, "matrix": 0, "reason": "matrix", "was": 5},
        {"impact": 1, "urgency": 1, "priority": 5, "matrix": 1, "reason": "matrix", "was": 4},
    ]
    assert [fact.kinds for fact in facts] == [("prioritised",)]


def test_another_priority_needs_a_reason_and_keeps_it(world: World) -> None:
    ticket = world.ticket()
    with refused("reason", "The matrix gives 2.", cure="Say why it is another priority.", field="reason"):
        prioritise(world, ticket, priority=1)
    prioritise(world, ticket, priority=1, reason="business_deadline")
    assert (world.fresh(ticket).priority, world.fresh(ticket).priority_reason) == (1, "business_deadline")
    assert last(ticket, "prioritised")["reason"] == "business_deadline"


def test_a_priority_that_does_not_exist_is_named(world: World) -> None:
    ticket = world.ticket()
    bad: list[tuple[str, dict[str, Any]]] = [
        ("impact", {"impact": 0}), ("impact", {"impact": 1.0}), ("impact", {"impact": True}),
        ("urgency", {"urgency": 4}), ("urgency", {"urgency": "1"}), ("priority", {"priority": 6, "reason": "agreed"}),
        ("priority", {"priority": 0, "reason": "agreed"}), ("priority", {"priority": 1.0, "reason": "agreed"}),
        ("reason", {"reason": "the boss shouted"}),
    ]  # fmt: skip
    for field, how in bad:
        with refused(field, field=field):
            prioritise(world, ticket, **how)


def test_sorting_is_for_the_responsible_team_and_the_one_that_was_asked(world: World) -> None:
    ticket = world.ticket(service="network")
    OwnField.objects.create(code="own")
    attempts = (
        lambda who: prioritise(world, ticket, who),
        lambda who: classify(world, ticket, "email", who),
        lambda who: sorting.change_type(ticket.pk, to="request", by=world.who(who), at=world.tick()),
        lambda who: tag(world, ticket, who),
        lambda who: set_field(world, ticket, "x", by=who),
    )
    for attempt in attempts:
        for who, code in (("nora", "not_yours"), ("alice", "own_ticket"), ("arno", "not_there"), ("ada", "not_yours")):
            with refused(code):
                attempt(who)
    waiting.ask_team(
        ticket.pk, team=world.teams["network"].pk, question="Is it you?", by=world.who("ina"), at=world.tick()
    )
    for attempt in attempts:
        attempt("nora")
    assert list(differences()) == []


def test_a_new_service_moves_sight_with_it(world: World) -> None:
    ticket = world.ticket(service="email", site="north")
    assert (sees(world, "bela", ticket), sees(world, "nora", ticket)) == (True, False)
    before = last(ticket, "ticket.opened")["scope"]
    classify(world, ticket, "network")
    assert (sees(world, "bela", ticket), sees(world, "nora", ticket)) == (False, True)
    what = last(ticket, "classified")
    assert (what["was"], what["scope"]) == (before, {**before, "service": world.services["network"].pk})
    classify(world, ticket, "network")
    assert len(events(ticket, "classified")) == 1
    for about, field in (
        (Combination(service=999), "service"), (Combination(site=999), "site"), (Combination(category=999), "category"),
    ):  # fmt: skip
        with refused("not_there", field=field, value=999):
            sorting.classify(ticket.pk, about=about, by=world.who("ina"), at=world.tick())
    with refused("flags", field="flags", value=3):
        sorting.classify(ticket.pk, about=Combination(flags=3), by=world.who("ina"), at=world.tick())


def test_a_provider_that_has_the_ball_does_not_lose_sight_by_sorting(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    Share.objects.all().delete()
    classify(world, ticket, "payroll", by="nora")
    assert sees(world, "nils", ticket)
    assert Share.objects.get(ticket=ticket).why == "held"


def test_confidential_needs_the_permission_and_ends_the_sight_of_others(world: World) -> None:
    ticket = world.ticket(service="network")
    taking_part.share(ticket.pk, provider=world.providers["baltic"].pk, by=world.who("max"), at=world.tick())
    assert sees(world, "bela", ticket)
    for name in ("ina", "max"):
        with refused("not_allowed", "role does not allow", value="tickets.confidential"):
            classify(world, ticket, "network", name, flags=1)
    clear_for_confidential(world, "ina")
    with heard() as facts:
        classify(world, ticket, "network", flags=1)
    assert {name: sees(world, name, ticket) for name in ("ina", "ivo", "max", "nora", "bela", "alice")} == {
        "ina": True, "ivo": False, "max": False, "nora": False, "bela": False, "alice": True,
    }  # fmt: skip
    baltic = world.providers["baltic"].pk
    assert last(ticket, "shared") == {"provider": baltic, "on": False}
    assert Share.objects.get(ticket=ticket).ended_at == world.at
    assert [fact.kinds for fact in facts] == [("classified", "shared")]
    classify(world, ticket, "network")
    assert not sees(world, "bela", ticket)  # what was ended stays ended


def test_a_guest_marks_nothing_confidential_whatever_its_grants_say(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    clear_for_confidential(world, "ina")
    with refused("not_allowed", value="tickets.confidential"):
        classify(world, ticket, "network", "nora", flags=1)
    clear_for_confidential(world, "nora")
    classify(world, ticket, "network", "nora", flags=1)
    assert (sees(world, "nora", ticket), sees(world, "nils", ticket)) == (True, False)


def test_the_ball_is_never_left_with_who_can_see_it_no_longer(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    with refused("blinded", "Northwind has this ticket", cure="Pass it to another team first", field="team"):
        classify(world, ticket, "network", "system", flags=1)
    asked = world.ticket(service="network")
    waiting.ask_team(asked.pk, team=world.teams["network"].pk, question="?", by=world.who("ina"), at=world.tick())
    with refused("blinded", cure="end the question"):
        classify(world, asked, "network", "system", flags=1)
    waiting.end_wait(asked.pk, by=world.who("ina"), at=world.tick())
    classify(world, asked, "network", "system", flags=1)
    hand_over.hand_over(
        ticket.pk, to=world.teams["desk"].pk, done="a", asked="b", by=world.who("nora"), at=world.tick()
    )
    classify(world, ticket, "network", "system", flags=1)
    assert not sees(world, "nora", ticket)


def test_the_type_is_one_of_two_and_said_once(world: World) -> None:
    ticket = world.ticket()
    with refused("type", "An incident or a request.", field="type", value="wish"):
        sorting.change_type(ticket.pk, to="wish", by=world.who("ina"), at=world.tick())
    for _ in range(2):
        sorting.change_type(ticket.pk, to="request", by=world.who("ina"), at=world.tick())
    assert [what for _, what in events(ticket, "type.changed")] == [{"type": "request", "was": "incident"}]


def test_a_tag_is_on_or_off_and_twice_is_once(world: World) -> None:
    ticket, urgent = world.ticket(), world.tags["urgent"].pk
    with heard() as facts:
        for on in (True, True, False, False):
            tag(world, ticket, on=on)
    assert [what for _, what in events(ticket, "tagged")] == [{"tag": urgent, "on": True}, {"tag": urgent, "on": False}]
    assert (len(facts), TicketTag.objects.count()) == (2, 0)
    with refused("not_there", "There is no tag 999 here.", field="tag", value=999):
        tag(world, ticket, pk=999)


KINDS: list[tuple[str, list[tuple[object, object]], list[object]]] = [
    ("number", [("7", 7), (-5, -5), (" 0 ", 0), ("", None), (None, None)], ["--5", "7.0", 7.5, "1e3", "9" * 16, True]),
    ("date", [("2026-03-02", "2026-03-02"), ("", None)], ["2026-02-30", "02.03.2026", "tomorrow", 20]),
    ("choice", [("red", "red"), (" blue ", "blue"), (None, None)], ["green", "RED", 1]),
    ("yes_no", [("yes", True), (False, False), ("off", False), (1, True), ("", None)], ["perhaps", 2]),
]


def test_a_field_holds_what_its_kind_holds_and_refuses_the_rest_by_name(world: World) -> None:
    ticket = world.ticket()
    for kind, good, bad in KINDS:
        OwnField.objects.create(code=kind, kind=kind, choices=["red", "blue"] if kind == "choice" else [])
        for given, stored in good:
            set_field(world, ticket, given, kind)
            assert world.fresh(ticket).fields[kind] == stored
            assert last(ticket, "field.set") == {"field": kind, "value": stored, "text": None}
        for value in bad:
            with refused("field", f"{kind}: ", field=kind, value=value) as no:
                set_field(world, ticket, value, kind)
            assert no[0].cure
    with refused("not_there", "There is no field shoe_size here.", field="field", value="shoe_size"):
        set_field(world, ticket, "44", "shoe_size")


def test_a_text_field_lies_beside_the_ledger_and_a_personal_one_is_masked_whole(world: World) -> None:
    OwnField.objects.create(code="free")
    OwnField.objects.create(code="own", personal=True)
    ticket = world.ticket()
    set_field(world, ticket, "Call 0171 1234567", "free")
    set_field(world, ticket, "Blood type 0", "own")
    free, own = (Text.objects.get(pk=world.fresh(ticket).fields[code]["t"]) for code in ("free", "own"))
    assert (free.owner, free.masked_body) == (None, "Call [phone]")
    assert (own.owner, own.masked_body) == (ticket.requester_id, "[…]")
    assert last(ticket, "field.set") == {"field": "own", "value": None, "text": texts.commitment(own)}
    set_field(world, ticket, "Blood type A", "own")
    now = Text.objects.get(pk=world.fresh(ticket).fields["own"]["t"])
    assert (now.rev, now.root_id, now.body, now.masked_body) == (2, own.pk, "Blood type A", "[…]")
    set_field(world, ticket, " ", "own")
    assert (world.fresh(ticket).fields["own"], last(ticket, "field.set")["text"]) == (None, None)
    with refused("field", cure="At most 2000 characters.", field="own") as no:
        set_field(world, ticket, "x" * 2001)
    assert len(no[0].message) < 200


def test_a_field_out_of_use_takes_no_value(world: World) -> None:
    OwnField.objects.create(code="own")
    OwnField.objects.create(code="own", version=2, active=False)
    ticket = world.ticket()
    with refused("not_there", field="field", value="own"):
        set_field(world, ticket, "x")


def test_a_rested_ticket_is_sorted_by_its_team_alone(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    waiting.ask_team(ticket.pk, team=world.teams["desk"].pk, question="?", by=world.who("nora"), at=world.tick())
    prioritise(world, ticket, "ina")
    resolution.resolve(ticket.pk, by=world.who("nora"), at=world.tick())
    with refused("not_yours", "This is with Network."):
        prioritise(world, ticket, "ina")
    prioritise(world, ticket, "nils")
