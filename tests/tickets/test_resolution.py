"""The end of a matter, and its return: who says it is over, what must be done before, how long it can come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from helmdesk.access.models import Grant
from helmdesk.catalogue.models import OwnField
from helmdesk.providers.models import Membership, Provider, Team
from helmdesk.tickets import assignment, hand_over, merging, relations, resolution, sorting, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Holder, Phase, Share, Ticket
from helmdesk.tickets.replay import differences
from helmdesk.tickets.resolution import REOPEN_WINDOW
from tests.tickets.outcomes import heard, kinds, last, refused, signature
from tests.world import World


def resolve(world: World, ticket: Ticket, by: str = "ina", **how: Any) -> Ticket:
    return resolution.resolve(ticket.pk, by=world.who(by), at=world.tick(), **how)


def reopen(world: World, ticket: Ticket, by: str = "alice", **how: Any) -> Ticket:
    return resolution.reopen(ticket.pk, by=world.who(by), at=world.tick(), **how)


def close(world: World, ticket: Ticket, by: str) -> Ticket:
    return resolution.close(ticket.pk, by=world.who(by), at=world.tick())


def withdraw(world: World, ticket: Ticket, by: str) -> Ticket:
    return resolution.withdraw(ticket.pk, by=world.who(by), at=world.tick())


def part_of(world: World, whole: Ticket) -> Ticket:
    first = world.messages(whole)[0].pk
    return relations.split(whole.pk, messages=[first], subject="A part", by=world.who("ina"), at=world.tick())


def test_resolving_says_how_ends_the_wait_and_brings_rest(world: World) -> None:
    ticket = world.ticket()
    waiting.wait_after_call(ticket.pk, told="No answer", by=world.who("ina"), at=world.tick())
    with heard() as facts:
        resolve(world, ticket, how="workaround", words=Words("Use the other printer."))
    now = world.fresh(ticket)
    assert (now.phase, now.holder, now.holder_id, now.wait, now.resolved_at) == (
        Phase.RESOLVED, Holder.REST, None, None, world.at,
    )  # fmt: skip
    assert last(ticket, "resolved") == {"team": world.teams["desk"].pk, "how": "workaround"}
    assert [fact.kinds for fact in facts] == [("message.added", "wait.ended", "resolved")]
    assert world.messages(ticket)[-1].audience.requester
    with refused("not_open", "The ticket is resolved."):
        resolve(world, ticket)


def test_how_it_was_solved_is_one_of_a_list(world: World) -> None:
    ticket = world.ticket()
    with refused("how", "one of a list", cure="not_reproducible", field="how", value="magic"):
        resolve(world, ticket, how="magic")


def test_the_team_resolves_or_a_company_lead_and_no_other_lead(world: World) -> None:
    ticket = world.ticket(service="network", team="network", by="ina")
    for name, code in (("ina", "not_yours"), ("iris", "not_yours"), ("alice", "own_ticket"), ("bela", "not_there")):
        with refused(code):
            resolve(world, ticket, name)
    waiting.ask_team(ticket.pk, team=world.teams["desk"].pk, question="Yours?", by=world.who("nora"), at=world.tick())
    with refused("not_yours", "This is with Network."):
        resolve(world, ticket, "ina")  # asked, and so holding the ball, but not responsible
    resolve(world, ticket, "max")
    assert signature(ticket, "resolved") == (2, world.people["max"].pk, world.providers["inhouse"].pk)


def test_an_open_part_holds_the_whole_open(world: World) -> None:
    whole = world.ticket()
    part = part_of(world, whole)
    with refused("open_children", "A part of it is still open.", cure="take it out"):
        resolve(world, whole)
    resolve(world, part)
    resolve(world, whole)
    assert world.fresh(whole).phase == Phase.RESOLVED


def test_what_has_to_be_filled_in_is_named_and_only_by_the_newest_definition(world: World) -> None:
    for code in ("cause", "device"):
        OwnField.objects.create(code=code, required_to_resolve=True)
    OwnField.objects.create(code="old", required_to_resolve=True)
    OwnField.objects.create(code="old", version=2, required_to_resolve=False)
    OwnField.objects.create(code="gone", required_to_resolve=True)
    OwnField.objects.create(code="gone", version=2, required_to_resolve=True, active=False)
    ticket = world.ticket()
    with refused("steps", "Still to fill in: cause, device.", cure="Fill it in first.", field="cause"):
        resolve(world, ticket)
    for code in ("cause", "device"):
        sorting.set_field(ticket.pk, code=code, value="A fuse", by=world.who("ina"), at=world.tick())
    resolve(world, ticket)
    assert world.fresh(ticket).phase == Phase.RESOLVED


def test_reopening_gives_it_back_to_who_resolved_it(world: World) -> None:
    ticket = world.ticket()
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())
    with refused("open_already", "The ticket is open."):
        reopen(world, ticket)
    resolve(world, ticket)
    with refused("why", "one of a list", field="why", value="it is still broken, and I am angry"):
        reopen(world, ticket, why="it is still broken, and I am angry")
    with refused("empty", field="text"):
        reopen(world, ticket, words=Words(" "))
    with heard() as facts:
        reopen(world, ticket, words=Words("Not here."))
    now, ina, desk = world.fresh(ticket), world.membership("ina"), world.teams["desk"].pk
    assert (now.phase, now.holder_id, now.assignee_id, now.resolved_at, now.closed_at) == (1, desk, ina, None, None)
    assert last(ticket, "reopened") == {"team": desk, "assignee": ina, "why": "not_solved"}
    assert [fact.kinds for fact in facts] == [("message.added", "reopened")]


def test_reopening_is_for_who_asked_for_the_team_and_for_rules(world: World) -> None:
    ticket = world.ticket(service="network")
    taking_part.add_participant(ticket.pk, person=world.people["arno"].pk, by=world.who("alice"), at=world.tick())
    for name in ("alice", "arno", "ivo", "max", "system"):
        resolve(world, ticket)
        reopen(world, ticket, name)
    resolve(world, ticket)
    with refused("not_yours"):
        reopen(world, ticket, "nora")
    with refused("not_there"):
        reopen(world, ticket, "asha")


def test_the_window_to_reopen_ends_to_the_minute(world: World) -> None:
    ticket = world.ticket()
    resolve(world, ticket)
    close(world, ticket, "alice")
    closed = world.at
    alice = world.who("alice")
    resolution.reopen(ticket.pk, by=alice, at=closed + REOPEN_WINDOW)
    resolution.resolve(ticket.pk, by=world.who("ina"), at=closed + REOPEN_WINDOW)
    world.at = closed + 2 * REOPEN_WINDOW
    with refused("too_late", "more than 14 days ago", cure="Open a new ticket; it will be linked", field="reopen"):
        reopen(world, ticket)


def test_what_comes_back_finds_a_team_that_can_work_and_see_it(world: World) -> None:
    tickets = {name: world.ticket(service="network", team="network", by="ina") for name in ("blind", "out", "planned")}
    for ticket in tickets.values():
        assignment.take(ticket.pk, by=world.who("nils"), at=world.tick())
        resolve(world, ticket, "nils")
    northwind = Provider.objects.filter(code="northwind")
    desk, clients = world.teams["desk"].pk, world.teams["clients"].pk

    grants = Grant.objects.filter(provider=world.providers["northwind"])
    grants.update(revoked_at=world.at)
    reopen(world, tickets["blind"])
    grants.update(revoked_at=None)
    northwind.update(suspended_at=world.at)
    reopen(world, tickets["out"])
    northwind.update(suspended_at=None, active=False, fallback_team=world.teams["clients"])
    reopen(world, tickets["planned"])

    for name, team in (("blind", desk), ("out", desk), ("planned", clients)):
        now = world.fresh(tickets[name])
        assert (now.team_id, now.holder_id, now.assignee_id) == (team, team, None), name
        assert last(tickets[name], "reopened")["team"] == team
    assert list(differences()) == []


def test_what_comes_back_to_a_closed_team_or_a_person_gone_finds_others(world: World) -> None:
    ticket, other = world.ticket(team="clients", by="ina"), world.ticket()
    resolve(world, ticket, "max")
    assignment.take(other.pk, by=world.who("ivo"), at=world.tick())
    resolve(world, other)
    Team.objects.filter(code="clients").update(active=False)
    Membership.objects.filter(pk=world.membership("ivo")).update(ended_at=world.at)
    reopen(world, ticket)
    reopen(world, other)
    assert world.fresh(ticket).team_id == world.teams["desk"].pk
    assert (world.fresh(other).team_id, world.fresh(other).assignee_id) == (world.teams["desk"].pk, None)
    assert list(differences()) == []


def test_closing_says_who_said_so(world: World) -> None:
    how = {}
    for name in ("alice", "system", "iris", "max"):
        ticket = world.ticket()
        resolve(world, ticket)
        close(world, ticket, name)
        how[name] = last(ticket, "closed")["how"]
        now = world.fresh(ticket)
        assert (now.phase, now.holder, now.closed_at) == (Phase.CLOSED, Holder.REST, world.at)
        with refused("closed_already", "closed already"):
            close(world, ticket, name)
    assert how == {"alice": "confirmed", "system": "timer", "iris": "lead", "max": "lead"}


def test_neither_the_requester_nor_the_clock_closes_what_is_not_solved(world: World) -> None:
    ticket = world.ticket(service="network")
    with refused("not_resolved", "It is not solved yet.", cure="Withdraw it"):
        close(world, ticket, "alice")
    with refused("not_resolved", "The ticket is not resolved.", field="phase", value="open"):
        close(world, ticket, "system")
    for name in ("ina", "nora"):
        with refused("leads_only"):
            close(world, ticket, name)
    waiting.wait_after_call(ticket.pk, told="No answer", by=world.who("ina"), at=world.tick())
    close(world, ticket, "iris")
    assert kinds(ticket)[-2:] == ["wait.ended", "closed"]
    assert last(ticket, "wait.ended") == {"why": "ended"}


def test_only_who_asked_withdraws_or_confirms(world: World) -> None:
    ticket = world.ticket(service="network")
    taking_part.add_participant(ticket.pk, person=world.people["arno"].pk, by=world.who("alice"), at=world.tick())
    for name in ("ina", "max", "arno", "system"):
        with refused("not_yours", "Only the one who asked does this.", cure="Resolve it instead."):
            withdraw(world, ticket, name)
    resolve(world, ticket)
    with refused("not_yours", "Only the one who asked does this."):
        close(world, ticket, "arno")
    with refused("not_open"):
        withdraw(world, ticket, "alice")
    reopen(world, ticket)
    waiting.wait_after_call(ticket.pk, told="No answer", by=world.who("ina"), at=world.tick())
    withdraw(world, ticket, "alice")
    assert (last(ticket, "closed"), last(ticket, "wait.ended")) == ({"how": "withdrawn"}, {"why": "withdrawn"})
    assert list(differences()) == []


def test_a_manager_closes_no_ticket_of_their_own_as_a_lead(world: World) -> None:
    ticket = world.ticket("max")
    with refused("not_resolved", "It is not solved yet."):
        close(world, ticket, "max")
    with refused("own_ticket"):
        resolve(world, ticket, "max")
    resolve(world, ticket, "ina")
    close(world, ticket, "max")
    assert (last(ticket, "closed"), signature(ticket, "closed")[0]) == ({"how": "confirmed"}, 1)


def test_a_share_remembers_when_its_ticket_closed(world: World) -> None:
    ticket = world.ticket(service="network")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    resolve(world, ticket, "nora")
    close(world, ticket, "alice")
    assert Share.objects.get(ticket=ticket).closed_at == world.at
    reopen(world, ticket)
    assert Share.objects.get(ticket=ticket).closed_at is None


def test_what_was_merged_is_not_reopened_but_unmerged(world: World) -> None:
    source, target = world.ticket(), world.ticket()
    merging.merge(source.pk, into=target.pk, by=world.who("ina"), at=world.tick())
    with refused("merged", f"It was merged into {target.pk}.", cure="Undo the merge"):
        reopen(world, source)


def test_whatever_fails_within_leaves_nothing_half_done(world: World) -> None:
    from helmdesk.foundation import announce
    from helmdesk.tickets.facts import TicketsChanged
    from tests.tickets.outcomes import everything

    ticket = world.ticket()
    waiting.wait_after_call(ticket.pk, told="No answer", by=world.who("ina"), at=world.tick())
    before = everything()

    def fail(fact: TicketsChanged) -> None:
        raise ZeroDivisionError(fact.seq)

    announce.listen_within(TicketsChanged, fail)
    try:
        resolve(world, ticket, words=Words("Done"))
    except ZeroDivisionError:
        pass
    finally:
        announce._within[TicketsChanged].remove(fail)

    assert everything() == before
    resolve(world, ticket, words=Words("Done"))
    assert (list(differences()), world.fresh(ticket).resolved_at) == ([], world.at)
    assert world.at - timedelta(minutes=1) > world.fresh(ticket).opened_at
