"""Private wishes: they move nothing, leave no event, and reach only what one sees."""

from __future__ import annotations

from datetime import timedelta

from helmdesk.tickets import following
from helmdesk.tickets.models import Follow, Snooze
from tests.tickets.outcomes import events, heard, refused
from tests.world import World


def test_following_is_no_event_and_twice_is_once(world: World) -> None:
    ticket = world.ticket()
    before, row = events(ticket), world.fresh(ticket)
    with heard() as facts:
        for on in (True, True, False, False, True):
            following.follow(ticket.pk, on=on, by=world.who("ina"))
    assert list(Follow.objects.values_list("ticket", "person")) == [(ticket.pk, world.people["ina"].pk)]
    assert (events(ticket), world.fresh(ticket).updated_at, facts) == (before, row.updated_at, [])


def test_a_snooze_is_personal_and_the_ball_stays(world: World) -> None:
    ticket = world.ticket()
    before, row = events(ticket), world.fresh(ticket)
    later = world.at + timedelta(days=1)
    for days in (1, 2):
        following.snooze(ticket.pk, until=world.at + timedelta(days=days), by=world.who("ina"), at=world.tick())
    following.snooze(ticket.pk, until=later, by=world.who("ivo"), at=world.tick())
    assert Snooze.objects.filter(ticket=ticket).count() == 2
    now = world.fresh(ticket)
    assert (now.holder, now.holder_id, now.wait, events(ticket)) == (row.holder, row.holder_id, None, before)
    following.snooze(ticket.pk, until=None, by=world.who("ina"), at=world.tick())
    assert list(Snooze.objects.values_list("person", "until")) == [(world.people["ivo"].pk, later)]
    with refused("past", "The date has passed.", cure="Give a later one.", field="until"):
        following.snooze(ticket.pk, until=world.at, by=world.who("ina"), at=world.at)


def test_what_one_does_not_see_is_neither_followed_nor_put_off(world: World) -> None:
    ticket = world.ticket()
    for name in ("nora", "arno", "system"):
        with refused("not_there", f"There is no ticket {ticket.pk} here."):
            following.follow(ticket.pk, by=world.who(name))
        with refused("not_there"):
            following.snooze(ticket.pk, until=None, by=world.who(name), at=world.at)
