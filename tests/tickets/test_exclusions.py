"""Exclusions: time that shall not count, asked by one with evidence, decided once by another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from helmdesk.foundation.time import to_us
from helmdesk.tickets import exclusions
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.replay import differences
from tests.tickets.outcomes import events, last, refused, signature
from tests.world import World


def ask(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> int:
    """Asks for the time since the ticket was opened; returns the number of the asking."""
    given = {
        "since": ticket.opened_at,
        "until": world.tick(),
        "reason": "agreed",
        "message": first(world, ticket),
        **how,
    }
    exclusions.ask_exclusion(ticket.pk, by=world.who(by), at=world.tick(), **given)
    return world.fresh(ticket).position


def first(world: World, ticket: Ticket) -> int:
    return world.messages(ticket)[0].pk


def test_a_span_is_asked_for_with_a_reason_and_evidence_and_another_lead_agrees(world: World) -> None:
    ticket = world.ticket()
    opened, until = ticket.opened_at, world.tick(hours=2)
    n = ask(world, ticket, until=until, level="solved")
    span = {"from": to_us(opened), "to": to_us(until), "level": "solved"}
    asked = {**span, "reason": "agreed", "message": first(world, ticket)}
    assert last(ticket, "exclusion.asked") == asked
    exclusions.approve_exclusion(ticket.pk, exclusion=n, by=world.who("max"), at=world.tick())
    assert last(ticket, "exclusion.approved") == {**span, "exclusion": n}
    assert signature(ticket, "exclusion.approved")[1] == world.people["max"].pk
    assert list(differences()) == []


def test_nobody_decides_on_their_own_asking_nor_twice_nor_below_a_company_lead(world: World) -> None:
    ticket = world.ticket()
    own, other = ask(world, ticket, by="max"), ask(world, ticket)
    who = {"at": world.tick()}
    for decide in (exclusions.approve_exclusion, exclusions.refuse_exclusion):
        with refused("own_exclusion"):
            decide(ticket.pk, exclusion=own, by=world.who("max"), **who)
        for name in ("ina", "iris"):
            with refused("company_leads_only"):
                decide(ticket.pk, exclusion=other, by=world.who(name), **who)
        with refused("own_ticket"):
            decide(ticket.pk, exclusion=other, by=world.who("alice"), **who)
        for no_asking in (1, 99):
            with refused("not_there", value=no_asking):
                decide(ticket.pk, exclusion=no_asking, by=world.who("max"), **who)
    exclusions.refuse_exclusion(ticket.pk, exclusion=other, by=world.who("max"), **who)
    assert last(ticket, "exclusion.refused") == {"exclusion": other}
    with refused("decided_already", value=other):
        exclusions.approve_exclusion(ticket.pk, exclusion=other, by=world.who("max"), at=world.tick())
    assert len(events(ticket, "exclusion.approved", "exclusion.refused")) == 1


def test_only_time_that_has_passed_in_the_tickets_life_is_asked_for(world: World) -> None:
    ticket = world.ticket()
    opened: datetime = ticket.opened_at
    minute = timedelta(minutes=1)
    for since, until, field in (
        (opened - minute, opened + minute, "since"),
        (opened + minute, opened + minute, "since"),
        (opened, world.at + timedelta(days=1), "until"),
    ):
        with refused("span", field=field):
            ask(world, ticket, since=since, until=until)
    with refused("reason", field="reason", value="because"):
        ask(world, ticket, until=world.tick(), reason="because")


def test_evidence_is_a_message_of_this_ticket_that_one_reads_and_the_requester_does_not_ask(world: World) -> None:
    ticket, other = world.ticket(service="network", team="network"), world.ticket()
    world.tick(hours=1)
    for message in (first(world, other), 9999):
        with refused("not_there", value=message):
            ask(world, ticket, message=message)
    with refused("own_ticket"):
        ask(world, ticket, by="alice")
    with refused("not_there"):
        ask(world, ticket, by="bela")
    ask(world, ticket, by="nora", until=world.at)
    assert signature(ticket, "exclusion.asked")[2] == world.providers["northwind"].pk
