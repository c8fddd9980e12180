"""Whatever is forgotten in whatever order: the ledger stays true, the figures stay, and no secret is left."""

from __future__ import annotations

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.tickets import conversation, hand_over, resolution
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.erasure import erase_person
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.redaction import redact, redact_subject
from helmdesk.tickets.refusals import Refused
from tests.thoroughness import examples
from tests.tickets.traces import SECRET, figures, has_older, said_anywhere, still_true
from tests.world import World

VERBS = ("redact", "subject", "person", "note", "reply", "revise", "pass", "resolve")


@settings(max_examples=examples(6), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 3)), min_size=1, max_size=7))
def test_any_sequence_of_forgetting_leaves_a_true_ledger_and_no_secret(
    world: World, steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        world.tick(hours=1)
        forget_and_look(world, steps)
        transaction.set_rollback(True)


def forget_and_look(world: World, steps: list[tuple[str, int]]) -> None:
    tickets = [world.ticket(name, subject=f"{SECRET} one", text=f"two {SECRET}") for name in ("alice", "arno")]
    for verb, which in steps:
        try:
            do(world, verb, tickets[which % 2])
        except Refused:
            world.tick()
    before = [figures(world.fresh(ticket)) for ticket in tickets]

    for ticket in tickets:
        forget_all(world, ticket)

    assert [figures(world.fresh(ticket)) for ticket in tickets] == before
    assert said_anywhere(SECRET) == []
    still_true()


def do(world: World, verb: str, ticket: Ticket) -> None:
    at = world.tick()
    match verb:
        case "redact":
            redact(world.messages(ticket)[-1].pk, SECRET, reason="secret", by=world.who("iris"), at=at)
        case "subject":
            redact_subject(ticket.pk, SECRET, reason="secret", by=world.who("iris"), at=at)
        case "person":
            erase_person(ticket.requester_id, reason="asked", by=world.who("max"), at=at)
        case "note":
            conversation.note(ticket.pk, Words(f"note {SECRET}"), by=world.who("ina"), at=at)
        case "reply":
            conversation.reply(ticket.pk, Words(f"reply {SECRET}"), by=world.who("ina"), at=at)
        case "revise":
            last = world.messages(ticket)[-1]
            author = next(name for name, person in world.people.items() if person.pk == last.person_id)
            conversation.revise(last.pk, f"better {SECRET}", by=world.who(author), at=at)
        case "pass":
            hand_over.hand_over(
                ticket.pk, to=world.teams["clients"].pk, done=SECRET, asked="more", by=world.who("ina"), at=at
            )
        case "resolve":
            resolution.resolve(ticket.pk, by=world.who("ina"), at=at)


def forget_all(world: World, ticket: Ticket) -> None:
    iris = world.who("iris")
    for message in world.messages(ticket):
        if SECRET in (message.text.body or "") or has_older(message.text):
            whole = [(0, len(message.text.body or ""))]
            redact(message.pk, whole, reason="secret", by=iris, at=world.tick())
    subject = world.fresh(ticket).subject
    if SECRET in (subject.body or ""):
        redact_subject(ticket.pk, SECRET, reason="secret", by=iris, at=world.tick())
