"""What is found, by whom, in which order."""

import pytest

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.models import Event
from helmdesk.tickets import conversation, hand_over, sorting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.search import asking
from helmdesk.tickets.search.asking import search
from helmdesk.tickets.search.keeping import catch_up
from tests.world import World


def found(typed: str, viewer: Viewer, **how: bool) -> list[int]:
    catch_up.func()
    return [hit.ticket for hit in search(typed, viewer=viewer, **how).hits]


def test_words_of_subject_message_number_and_person_find_a_ticket(world: World) -> None:
    ticket = world.ticket("alice", subject="Drucker druckt nicht", text="Der Papierstau im Flur ist zurück.")
    ina = world.who("ina")
    for typed in ("drucker", "Druckern", "papierstau", str(ticket.pk), "Berg", "flur zuruck", '"druckt nicht"'):
        assert found(typed, ina) == [ticket.pk], typed
    assert found("kaffee", ina) == []


def test_the_newest_comes_first_and_the_rest_on_the_next_page(world: World) -> None:
    tickets = [world.ticket(subject=f"VPN drops {n}").pk for n in range(5)]
    assert found("vpn", world.who("ina")) == tickets[::-1]
    first = search("vpn", viewer=world.who("ina"), limit=2)
    assert [hit.ticket for hit in first.hits] == tickets[:2:-1]
    second = search("vpn", viewer=world.who("ina"), limit=2, before=first.more_before)
    assert [hit.ticket for hit in second.hits] == tickets[2:0:-1]
    last = search("vpn", viewer=world.who("ina"), limit=2, before=second.more_before)
    assert ([hit.ticket for hit in last.hits], last.more_before) == (tickets[:1], None)


@pytest.mark.parametrize("gathered", [1, 5, 9])
def test_a_word_is_found_alike_whether_its_matches_are_gathered_or_walked(
    world: World, monkeypatch: pytest.MonkeyPatch, gathered: int
) -> None:
    monkeypatch.setattr(asking, "GATHERED", gathered)
    tickets = [world.ticket(subject=f"VPN drops {n}", text="Again.").pk for n in range(5)]
    assert found("vpn", world.who("ina")) == tickets[::-1]
    assert found("absent", world.who("ina")) == []
    page = search("vpn", viewer=world.who("ina"), limit=2, before=tickets[1])
    assert [hit.ticket for hit in page.hits] == tickets[:1]


def test_a_guest_finds_only_what_the_grant_names_or_what_was_shared(world: World) -> None:
    network = world.ticket(subject="Gateway slow", service="network")
    payroll = world.ticket(subject="Gateway in payroll", service="payroll")
    assert found("gateway", world.who("nora")) == [network.pk]
    assert found("gateway", world.who("bela")) == []
    assert found("gateway", world.who("alice")) == [payroll.pk, network.pk]
    assert found("gateway", world.who("arno")) == []


def test_a_side_thread_is_found_by_its_readers_alone(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    conversation.note(ticket.pk, Words("secretplan among us"), by=world.who("ina"), at=world.tick())
    conversation.note(
        ticket.pk, Words("northplan with them"), providers=frozenset({world.providers["northwind"].pk}),
        by=world.who("ina"), at=world.tick(),
    )  # fmt: skip
    assert found("secretplan", world.who("ina")) == [ticket.pk]
    assert found("secretplan", world.who("nora")) == []
    assert found("northplan", world.who("nora")) == [ticket.pk]
    assert found("northplan", world.who("alice")) == []


def test_a_name_finds_nothing_for_those_who_may_not_read_names(world: World) -> None:
    world.ticket("alice", service="network", text="Please call Alice Berg")
    assert found("berg", world.who("nora")) == []
    assert len(found("berg", world.who("ina"))) == 1


def test_a_ticket_handed_over_stays_findable_when_its_service_changes(world: World) -> None:
    ticket = world.ticket(subject="Switch dark", service="network")
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    sorting.classify(ticket.pk, about=world.about("payroll", "north"), by=world.who("nora"), at=world.tick())
    assert found("switch", world.who("nora")) == [ticket.pk]


def test_relevance_puts_the_ticket_that_says_it_most_first(world: World) -> None:
    often = world.ticket(subject="Toner toner toner", text="toner")
    once = world.ticket(subject="Printer", text="The toner was changed last week by somebody else, I think")
    assert found("toner", world.who("ina")) == [once.pk, often.pk]
    assert found("toner", world.who("ina"), by_relevance=True)[0] == often.pk


def test_searching_writes_nothing_to_the_ledger(world: World) -> None:
    world.ticket()
    before = Event.objects.count()
    found("printer", world.who("ina"))
    assert Event.objects.count() == before
