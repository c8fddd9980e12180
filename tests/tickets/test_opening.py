"""A ticket begins: for oneself by anybody, for others by who may; routed or at triage, and complete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helmdesk.access.scopes import Combination
from helmdesk.ledger import texts
from helmdesk.ledger.models import Text
from helmdesk.people.models import Person
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Phase, Share, Ticket
from helmdesk.tickets.opening import Asked, open_ticket
from helmdesk.tickets.refusals import NotThere
from helmdesk.tickets.replay import differences
from tests.tickets.outcomes import clear_for_confidential, events, heard, kinds, refused, signature
from tests.world import World


def asked(world: World, who: str = "alice", **changes: Any) -> Asked:
    return replace(Asked("No sound", Words("It is silent."), world.people[who].pk), **changes)


def open_as(world: World, who: str, ask: Asked) -> Ticket:
    return open_ticket(ask, by=world.who(who), at=world.tick())


def test_who_asks_gets_a_ticket_at_triage_and_the_ledger_says_all_of_it(world: World) -> None:
    service = world.services["network"].pk
    ask = asked(world, impact=2, said_urgency=1, type="request", about=Combination(service=service))

    with heard() as facts:
        ticket = open_as(world, "alice", ask)

    desk, alice, north = world.teams["desk"].pk, world.people["alice"], world.sites["north"].pk
    assert (ticket.phase, ticket.holder, ticket.holder_id, ticket.team_id) == (Phase.OPEN, Holder.TEAM, desk, desk)
    assert events(ticket, "ticket.opened")[0][1] == {
        "type": "request", "channel": "portal", "team": desk, "requester": alice.pk, "opened_by": None,
        "scope": {"service": service, "site": north, "category": None, "flags": 0}, "impact": 2, "urgency": 1,
        "said_urgency": 1, "priority": 2, "matrix": 0, "subject": texts.commitment(ticket.subject), "holder": "team",
    }  # fmt: skip
    assert kinds(ticket) == ["ticket.opened", "thread.opened", "message.added"]
    assert signature(ticket, "ticket.opened") == (1, alice.pk, None)
    assert [(fact.tickets, fact.kinds) for fact in facts] == [((ticket.pk,), tuple(kinds(ticket)))]
    assert list(differences()) == []


def test_an_agent_opens_for_somebody_and_it_says_so(world: World) -> None:
    ticket = open_as(world, "ina", asked(world, channel="phone"))

    ina = world.people["ina"]
    assert (ticket.requester, ticket.opened_by, ticket.channel) == (world.people["alice"], ina, "phone")
    assert events(ticket, "ticket.opened")[0][1]["opened_by"] == ina.pk
    assert signature(ticket, "ticket.opened") == (2, ina.pk, world.providers["inhouse"].pk)
    first = world.messages(ticket)[0]
    assert (first.said_as, first.person, first.text.body) == ("original", ina, "It is silent.")


def test_an_agent_who_asks_for_themselves_asks_as_everybody_does(world: World) -> None:
    ticket = open_as(world, "nora", asked(world, "nora"))

    assert ticket.opened_by is None
    assert signature(ticket, "ticket.opened") == signature(ticket, "message.added") == (1, ticket.requester_id, None)
    first = world.messages(ticket)[0]
    assert (first.hat, first.provider_id) == (1, None)


def test_without_the_right_others_look_like_nobody(world: World) -> None:
    Person.objects.filter(pk=world.people["asha"].pk).update(merged_into=world.people["arno"].pk)
    merged, gone = world.people["asha"].pk, world.people["arno"].pk
    Person.objects.filter(pk=gone).update(active=False)
    for by, whom in (("alice", world.people["ina"].pk), ("alice", 9999), ("ina", merged), ("ina", gone), ("ada", gone)):
        with refused("not_there", f"There is no person {whom} here", field="person", value=whom):
            open_as(world, by, replace(asked(world), requester=whom))


def test_no_team_for_new_tickets_is_said_with_its_cure(world: World) -> None:
    Team.objects.filter(code="desk").update(triage=False)
    with refused("no_triage", "No team takes new tickets", cure="Mark a team as triage"):
        open_as(world, "alice", asked(world))


def test_a_team_that_is_closed_or_whose_provider_is_out_gets_nothing(world: World) -> None:
    Team.objects.filter(code="clients").update(active=False)
    Provider.objects.filter(code="northwind").update(suspended_at=world.at)
    Provider.objects.filter(code="baltic").update(active=False)
    for code in ("clients", "network", "night"):
        with refused("not_there", field="team", value=world.teams[code].pk):
            open_as(world, "ina", asked(world, team=world.teams[code].pk))


def test_a_guests_team_gets_only_what_its_provider_may_see_and_goes_on_seeing_it(world: World) -> None:
    network = world.teams["network"].pk
    with refused("cannot_see", "Northwind may not see this ticket", cure="widen their grant", value=network):
        open_as(world, "ina", asked(world, team=network, about=world.about("payroll")))

    ticket = open_as(world, "ina", asked(world, team=network, about=world.about("network")))

    share = Share.objects.get(ticket=ticket)
    assert (share.provider, share.why, ticket.holder_id) == (world.providers["northwind"], "held", network)


def test_who_asks_may_keep_it_confidential_and_others_only_when_cleared(world: World) -> None:
    secret = asked(world, about=world.about("network", "north", flags=1))
    own = open_as(world, "alice", secret)
    for name in ("ina", "max", "nora"):
        with refused("not_allowed", "role does not allow", field="permission", value="tickets.confidential"):
            open_as(world, name, secret)
    clear_for_confidential(world, "ina")

    others = open_as(world, "ina", secret)

    assert (own.scope.flags, others.scope.flags) == (1, 1)
    seen = Ticket.objects.visible_to(world.who("ivo"))
    assert not seen.filter(pk__in=[own.pk, others.pk]).exists()


def test_a_subject_is_one_line_of_some_length(world: World) -> None:
    ticket = open_as(world, "alice", asked(world, subject="  No\n\tsound   at all "))
    assert ticket.subject.body == "No sound at all"
    assert open_as(world, "alice", asked(world, subject="x" * 250)).subject.body == "x" * 250
    with refused("subject", "has 251 characters", cure="At most 250", field="subject", value="x" * 40 + "…"):
        open_as(world, "alice", asked(world, subject="x" * 251))
    for empty in ("", " \n\t "):
        with refused("subject", "needs a subject", field="subject"):
            open_as(world, "alice", asked(world, subject=empty))


def test_nothing_to_read_is_no_ticket(world: World) -> None:
    for empty in ("", "  \n "):
        with refused("empty", "nothing to send", cure="Write a sentence", field="text"):
            open_as(world, "alice", asked(world, words=Words(empty)))


def test_a_text_beyond_all_bounds_is_refused_with_its_length(world: World) -> None:
    assert open_as(world, "alice", asked(world, words=Words("x" * texts.LONGEST))).pk
    with refused("too_long", f"has {texts.LONGEST + 1} characters", cure="attach the rest as a file", field="text"):
        open_as(world, "alice", asked(world, words=Words("x" * (texts.LONGEST + 1))))


def test_what_no_database_can_hold_is_replaced_and_the_ledger_still_opens_it(world: World) -> None:
    ticket = open_as(world, "alice", asked(world, subject="a\x00b", words=Words("nul \x00, half \ud83d pair, 🖨 and ß")))

    said = world.messages(ticket)[0].text
    said.refresh_from_db()
    assert (ticket.subject.body, said.body) == ("a\ufffdb", "nul \ufffd, half ? pair, 🖨 and ß")
    committed = events(ticket, "message.added")[0][1]["text"]
    assert texts.opens(Text.objects.get(pk=said.pk), committed) is True


BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("type", "type", {"type": "complaint"}), ("channel", "channel", {"channel": "pigeon"}),
    ("impact", "impact", {"impact": 0}), ("impact", "impact", {"impact": 4}), ("impact", "impact", {"impact": True}),
    ("impact", "impact", {"impact": 1.0}), ("said_urgency", "said_urgency", {"said_urgency": 9}),
    ("said_urgency", "said_urgency", {"said_urgency": 2.0}), ("not_there", "team", {"team": 999}),
    ("not_there", "service", {"about": Combination(service=999)}), ("flags", "flags", {"about": Combination(flags=2)}),
    ("not_there", "category", {"about": Combination(category=999)}),
    ("not_there", "site", {"about": Combination(site=999)}),
]  # fmt: skip


def test_a_value_that_does_not_exist_is_named(world: World) -> None:
    for code, field, change in BAD:
        with refused(code, field=field):
            open_as(world, "alice", asked(world, **change))


def test_a_service_out_of_use_is_not_there(world: World) -> None:
    world.services["email"].active = False
    world.services["email"].save()
    with pytest.raises(NotThere, match="There is no service"):
        open_as(world, "alice", asked(world, about=world.about("email")))
