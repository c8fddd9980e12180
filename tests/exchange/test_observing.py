"""History comes in by the observed door: whole, replayable, and nobody hears of it."""

from datetime import timedelta

import pytest

from helmdesk.access.scopes import intern_audience
from helmdesk.exchange.observing import Happening, Observed, StillLive, write
from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.time import to_us
from helmdesk.ledger.chain import Stamp, head_of_body, link
from helmdesk.ledger.door import Observation
from helmdesk.ledger.models import Event, Head
from helmdesk.ledger.texts import Draft
from helmdesk.tickets import assignment
from helmdesk.tickets.models import Holder, Phase
from helmdesk.tickets.replay import differences
from tests.world import World

UNNAMED = dict.fromkeys(("on", "team", "message", "until"))


def observed(world: World, ref: str = "INC1", *, resolved: bool = True) -> Observed:
    us = to_us(world.at - timedelta(days=30))
    desk, network = world.teams["desk"].pk, world.teams["network"].pk
    alice = world.people["alice"].pk
    opened = {
        "type": "incident", "channel": "import", "team": desk, "requester": alice, "opened_by": None,
        "scope": {"service": None, "site": None, "category": None, "flags": 0}, "impact": 2, "urgency": 2,
        "said_urgency": None, "priority": 3, "matrix": 0, "holder": "team",
    }  # fmt: skip
    happenings = [
        Happening("ticket.opened", us, opened, words=Draft("Old matter", "subject", alice)),
        Happening(
            "message.added", us + 1, {"as": "original", "auto": False, "files": 0}, Stamp(1, alice),
            Draft("It was long ago", "message", alice), intern_audience(requester=True, in_house=False),
        ),
        Happening("handed_over", us + 2, {"from": desk, "to": network, "why": "hand_over", "src": {"row": 2}}),
        Happening("wait.started", us + 3, {"wait": "third", "call": False, **UNNAMED}),
    ]  # fmt: skip
    if resolved:
        happenings += [
            Happening("wait.ended", us + 4, {"why": "ended"}),
            Happening("resolved", us + 5, {"team": network, "how": "solved"}),
            Happening("closed", us + 6, {"how": "observed"}),
        ]
    return Observed(happenings, ref, shares={world.providers["northwind"].pk: "held"})


def test_a_ticket_comes_in_whole_and_replays_to_the_same_row(world: World) -> None:
    under = Observation(batch=1, recorded_at=world.at)
    numbers = write([observed(world, f"INC{n}", resolved=n % 2 == 0) for n in range(40)], under=under)
    assert len(set(numbers)) == 40
    assert list(differences()) == []
    first, second = (world.fresh_by(pk) for pk in numbers[:2])
    assert (first.phase, first.holder, first.subject.body) == (Phase.CLOSED, Holder.REST, "Old matter")
    assert (second.phase, second.holder, second.wait) == (Phase.OPEN, Holder.THIRD, "third")
    assert Job.objects.count() == 0


def test_its_events_are_chained_like_any_other(world: World) -> None:
    world.ticket()
    write([observed(world)], under=Observation(batch=1, recorded_at=world.at))
    world.ticket()
    previous = bytes(32)
    for seq, event in enumerate(Event.objects.order_by("seq"), 1):
        assert event.seq == seq
        assert event.body.startswith(head_of_body(event))
        assert bytes(event.hash) == link(previous, event.body)
        previous = bytes(event.hash)
    assert (Head.objects.get().seq, bytes(Head.objects.get().hash)) == (seq, previous)


def test_history_is_added_to_only_until_somebody_works_on_it_here(world: World) -> None:
    under = Observation(batch=1, recorded_at=world.at)
    (pk,) = write([observed(world, resolved=False)], under=under)
    us = to_us(world.at)
    write([Observed([Happening("wait.ended", us, {"why": "ended"})], ticket=pk)], under=under)
    assert world.fresh_by(pk).holder == Holder.TEAM
    assignment.take(pk, by=world.who("nora"), at=world.tick())
    with pytest.raises(StillLive):
        write([Observed([Happening("resolved", us, {"team": 1, "how": "solved"})], ticket=pk)], under=under)
    assert list(differences()) == []
