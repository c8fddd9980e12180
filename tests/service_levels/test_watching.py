"""What comes to a share of its target, or past it, is noticed once, told to the right people, when they work."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from helmdesk.providers.models import TeamMembership
from helmdesk.service_levels.models import Clock, Notice, Told
from helmdesk.service_levels.telling import MANY, tell
from helmdesk.service_levels.watching import watch
from helmdesk.tickets import assignment, conversation, hand_over, merging, resolution
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.replay import differences
from tests.service_levels.promising import answered, backed, calendars, later, owned, promise, solved, works_by
from tests.tickets.outcomes import last
from tests.world import World


@pytest.fixture(autouse=True)
def _calendars(world: World) -> None:
    calendars(world.at)


def noticed(ticket: Ticket) -> list[tuple[str, int, datetime]]:
    rows = Notice.objects.filter(ticket=ticket).select_related("level").order_by("pk")
    return [(one.level.code, one.share, one.at) for one in rows]


def go(world: World, at: datetime) -> None:
    world.at = at
    watch(at=at)
    tell(at=at)


def heard(world: World, ticket: Ticket) -> dict[int, set[str]]:
    """By share, who was told."""
    names = {person.pk: name for name, person in world.people.items()}
    found: dict[int, set[str]] = {}
    for one in Told.objects.filter(notice__ticket=ticket).select_related("notice"):
        found.setdefault(one.notice.share, set()).add(names[one.person_id])
    return found


def test_each_share_and_the_miss_are_noticed_once_when_they_come(world: World) -> None:
    promise(world, solved(calendar="always"))
    ticket = world.ticket()
    opened = ticket.opened_at
    half, three, due = (later(opened, hours=hours) for hours in (4, 6, 8))
    assert watch(at=half - timedelta(microseconds=1)) == 0
    assert [watch(at=at) for at in (half, half, three, due, due, later(due, days=9))] == [1, 0, 1, 1, 0, 0]
    assert noticed(ticket) == [("solved", 500, half), ("solved", 750, three), ("solved", 1000, due)]
    assert Clock.objects.get().next_at is None


def test_after_an_outage_only_the_last_share_is_noticed(world: World) -> None:
    promise(world, solved(calendar="always"))
    ticket, other = world.ticket(), world.ticket()
    opened = ticket.opened_at
    resolution.resolve(other.pk, by=world.who("ina"), at=world.tick())
    assert watch(at=later(opened, days=2)) == 1
    assert noticed(ticket) == [("solved", 1000, later(opened, hours=8))]
    assert noticed(other) == []


def test_a_pause_puts_a_warning_off_and_its_cap_brings_it_back(world: World) -> None:
    promise(world, solved(calendar="always", pauses=[{"wait": "requester", "cap": "10h"}], warn_at=[0.5]))
    ticket = world.ticket()
    opened = ticket.opened_at
    asked = world.tick(hours=1)
    conversation.ask_requester(ticket.pk, Words("Which one?"), by=world.who("ina"), at=asked)
    runs_on = later(asked, hours=10)
    assert watch(at=later(runs_on, hours=2)) == 0
    assert watch(at=later(runs_on, hours=3)) == 1
    assert noticed(ticket) == [("solved", 500, later(opened, hours=14))]
    assert watch(at=later(opened, hours=18)) == 1


def test_a_merged_ticket_never_warns(world: World) -> None:
    """DEMANDS 1.1, row 14 (zammad#904): merged ticket still escalates."""
    promise(world, solved(calendar="always"), answered(calendar="always"))
    ticket, target = world.ticket(), world.ticket()
    merging.merge(ticket.pk, into=target.pk, by=world.who("ina"), at=world.tick())
    watch(at=later(world.at, days=3))
    assert noticed(ticket) == []
    assert len(noticed(target)) == 2


def test_who_has_it_is_warned_and_else_who_leads_the_team(world: World) -> None:
    promise(world, solved(calendar="always", warn_at=[0.5, 0.75]))
    ticket = world.ticket()
    go(world, later(ticket.opened_at, hours=4))
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    go(world, later(ticket.opened_at, hours=6))
    go(world, later(ticket.opened_at, hours=8))
    assert heard(world, ticket) == {500: {"iris"}, 750: {"ina"}, 1000: {"ina", "max"}}
    what = last(ticket, "notice.sent")
    assert (what["share"], what["to"]) == (1000, sorted(world.people[name].pk for name in ("ina", "max")))
    assert list(differences()) == []


def test_a_providers_clock_is_told_to_that_provider_and_to_nobody_of_another(world: World) -> None:
    """DEMANDS 1.1, row 9: whoever has nothing to do with it hears nothing of it."""
    promise(world, backed("northwind"), owned())
    ticket = world.ticket(service="network")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="Looked", asked="The line", by=world.who("ina"), at=world.tick()
    )
    go(world, later(world.at, hours=5))
    assert heard(world, ticket) == {1000: {"nora"}}
    for person in ("nils", "bela", "alice", "ina"):
        assert not Told.objects.filter(person=world.people[person]).exists()


def test_nobody_is_told_of_what_they_may_not_see_or_asked_for_themselves(world: World) -> None:
    promise(world, solved(calendar="always", warn_at=[]), backed("northwind"))
    secret = world.ticket(flags=1)
    own = world.ticket("iris")
    TeamMembership.objects.filter(membership__person=world.people["ina"]).update(lead=True)
    go(world, later(world.at, hours=9))
    assert heard(world, secret) == {}
    assert heard(world, own) == {1000: {"ina", "max"}}


def test_a_notice_waits_for_the_hours_of_its_level_unless_that_says_otherwise(world: World) -> None:
    """DEMANDS 1.1, row 13 (zammad#4432, #2157): escalation mails at midnight and weekends despite service hours."""
    promise(
        world, backed("northwind", calendar="always"), solved(code="a", targets=[{"within": "7h"}], warn_at=[]),
        solved(code="b", targets=[{"within": "7h"}], warn_at=[], notices_any_hour=True),
    )  # fmt: skip
    ticket = world.ticket()
    due = Clock.objects.filter(level__code="a").get().due_at
    assert due == datetime(2026, 3, 3, 8, 1, tzinfo=due.tzinfo)
    midnight = datetime(2026, 3, 7, 0, 0, tzinfo=due.tzinfo)
    go(world, midnight)
    shown = {one.notice.level.code: one.show_at for one in Told.objects.select_related("notice__level")}
    assert shown == {"a": datetime(2026, 3, 9, 8, 0, tzinfo=due.tzinfo), "b": midnight}
    assert noticed(ticket) == [("a", 1000, due), ("b", 1000, due)]


def test_a_notice_waits_for_the_hours_of_the_team_of_whoever_gets_it(world: World) -> None:
    promise(
        world, solved(code="a", calendar="always", targets=[{"within": "1h"}], warn_at=[]),
        solved(code="b", calendar="always", targets=[{"within": "1h"}], warn_at=[], notices_any_hour=True),
    )  # fmt: skip
    works_by(world, desk="office")
    TeamMembership.objects.filter(membership__person=world.people["ina"], team=world.teams["desk"]).update(lead=True)
    world.ticket()
    evening = world.at.replace(hour=20, minute=0)
    go(world, evening)

    desk = TeamMembership.objects.filter(team=world.teams["desk"]).values_list("membership__person", flat=True)
    rows = Told.objects.select_related("notice__level")
    shown = {(one.notice.level.code, one.person_id in desk, one.show_at) for one in rows}
    assert shown == {
        ("a", True, later(evening, hours=12)), ("a", False, evening), ("b", True, evening), ("b", False, evening),
    }  # fmt: skip


def test_after_a_days_outage_everybody_gets_one_digest(world: World) -> None:
    promise(world, solved(calendar="always", warn_at=[]))
    tickets = [world.ticket() for _ in range(MANY + 3)]
    go(world, later(world.at, days=1))
    rows = Told.objects.filter(person=world.people["iris"])
    assert rows.count() == len(tickets)
    (digest,) = set(rows.values_list("digest", flat=True))
    assert digest == Notice.objects.order_by("pk").values_list("pk", flat=True)[0]
    late = world.ticket()
    go(world, later(world.at, hours=8, minutes=1))
    assert set(Told.objects.filter(notice__ticket=late).values_list("digest", flat=True)) == {None}


def test_a_warning_of_what_was_solved_meanwhile_is_told_to_nobody(world: World) -> None:
    promise(world, solved(calendar="always", warn_at=[0.5]))
    ticket = world.ticket()
    watch(at=later(ticket.opened_at, hours=4))
    world.at = later(ticket.opened_at, hours=4)
    resolution.resolve(ticket.pk, by=world.who("ina"), at=world.tick())
    assert tell(at=world.tick()) == 1
    assert heard(world, ticket) == {}
    assert tell(at=world.tick()) == 0
