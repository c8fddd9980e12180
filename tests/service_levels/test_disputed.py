"""One ticket whose figures are disputed, from the hand-over at 1 h 30 to the last word; every record of it agrees."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from helmdesk.ledger.models import Event
from helmdesk.service_levels.replaying import differences
from helmdesk.tickets import conversation, exclusions, hand_over, resolution, sorting, waiting
from helmdesk.tickets.conversation import Words
from tests.service_levels.promising import MINUTE, backed, calendars, promise, solved, told
from tests.web.visiting import visitor
from tests.world import World


def test_what_was_contested_left_out_and_declined_is_the_same_in_every_record(world: World) -> None:
    calendars(world.at)
    targets = [{"priority": 1, "within": "1h"}, {"within": "2h"}]
    promise(
        world,
        solved(calendar="always", targets=targets, on_change="carry"),
        backed(targets=[{"within": "1h"}], on_decline="carry"),
    )
    ina, nora, max_ = world.who("ina"), world.who("nora"), world.who("max")
    ticket = world.ticket("alice", service="network").pk

    def at(minutes: int) -> datetime:
        world.at = opened + timedelta(minutes=minutes)
        return world.at

    opened = world.at
    conversation.ask_requester(ticket, Words("Which room?"), by=ina, at=at(30))
    conversation.reply(ticket, Words("All."), by=world.who("alice"), at=at(50))
    assert told(ticket) == [("solved", 1, "RUNNING", 30)]

    hand_over.hand_over(ticket, to=world.teams["network"].pk, done="a", asked="b", by=ina, at=at(90))
    hand_over.decline(ticket, reason="not_ours", by=nora, at=at(100))
    hand_over.hand_over(ticket, to=world.teams["network"].pk, done="a", asked="b", by=ina, at=at(110))
    sorting.prioritise(ticket, impact=1, urgency=1, by=nora, at=at(130))
    assert told(ticket)[-1] == ("solved", 1, "LATE", 110)

    resolution.resolve(ticket, by=nora, at=at(150))
    assert told(ticket) == [
        ("northwind-back", 1, "UNJUDGED", 0), ("northwind-back", 2, "MET", 40), ("solved", 1, "MISSED", 130),
    ]  # fmt: skip

    asked = Event.objects.get(stream=1, stream_id=ticket, kind="wait.started").n
    waiting.contest(ticket, wait=asked, by=world.who("alice"), at=at(160))
    waiting.judge(ticket, wait=asked, upheld=False, by=max_, at=at(170))
    assert told(ticket)[-1] == ("solved", 1, "MISSED", 150)

    message = world.messages(world.fresh_by(ticket))[0].pk
    exclusions.ask_exclusion(
        ticket, since=opened, until=opened + timedelta(minutes=95), reason="agreed", message=message, level="solved",
        by=ina, at=at(180),
    )  # fmt: skip
    asked = Event.objects.get(stream=1, stream_id=ticket, kind="exclusion.asked").n
    exclusions.approve_exclusion(ticket, exclusion=asked, by=max_, at=at(190))
    assert told(ticket)[-1] == ("solved", 1, "MET", 55)

    evidence = json.loads(visitor(world, "max").get(f"/tickets/{ticket}/clocks/solved-1.json").html)
    said = {name: evidence["clock"][name] for name in ("verdict", "used_us", "gross_us", "why")}
    assert said == {"verdict": "met", "used_us": 55 * MINUTE, "gross_us": 150 * MINUTE, "why": "resolved"}
    assert {"wait.judged", "exclusion.approved"} <= {event["kind"] for event in evidence["events"]}
    assert datetime.fromisoformat(evidence["as_of"]) == opened + timedelta(minutes=190)
    assert list(differences()) == []
