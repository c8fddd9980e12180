"""A ticket's life from first word to last, through the pages alone."""

from __future__ import annotations

from helmdesk.tickets.models import Holder, Phase, Ticket
from helmdesk.tickets.replay import differences
from tests.web.visiting import visitor
from tests.world import World


def test_a_ticket_goes_from_first_word_to_last_in_the_pages(world: World) -> None:
    alice, ina, nora = (visitor(world, name) for name in ("alice", "ina", "nora"))

    asked = alice.post(
        "/help/requests", subject="Gateway is slow", text="Since this morning.", type="incident",
        service=world.services["network"].pk,
    )  # fmt: skip
    pk = int(asked.leads_to.removeprefix("/help/"))
    assert "Gateway is slow" in ina.get("/tickets/?view=nobody")

    ina.post(f"/tickets/{pk}/taking")
    ina.post(f"/tickets/{pk}/messages", to="requester", text="I have a look.", how="send")
    assert "Ina Huber from our own IT is on it" in alice.get(f"/help/{pk}")

    ina.post(
        f"/tickets/{pk}/hand-over", to=world.teams["network"].pk, what_was_done="Looked at the cable",
        what_is_asked="Look at the switch",
    )  # fmt: skip
    assert "handed over to you" in nora.get("/tickets/")

    nora.post(f"/tickets/{pk}/acceptance")
    nora.post(f"/tickets/{pk}/messages", to="requester", text="Which room?", how="ask")
    home = alice.get("/help/")
    assert "Waiting for you" in home
    assert "Which room?" in home

    alice.post(f"/help/{pk}/messages", text="Room 12")
    nora.post(f"/tickets/{pk}/messages", to="requester", text="The switch is back.", how="solve")
    assert "We think that it is solved" in alice.get(f"/help/{pk}")

    alice.post(f"/help/{pk}/reopening", text="Not here.")
    nora.post(f"/tickets/{pk}/resolution", how="solved", last_word="Now it is.")
    alice.post(f"/help/{pk}/confirmation")

    done = Ticket.objects.unscoped(reason="a test looks at the truth").get(pk=pk)
    assert (done.phase, done.holder) == (Phase.CLOSED, Holder.REST)
    assert list(differences()) == []
    story = nora.get(f"/tickets/{pk}").text
    told = [
        "Since this morning.", "I have a look.", "Look at the switch", "passed it to Network (Northwind)",
        "Which room?", "Room 12", "The switch is back.", "Not here.", "Now it is.", "confirmed that it is solved",
    ]  # fmt: skip
    assert sorted(told, key=story.index) == told


def test_what_the_agents_say_among_themselves_never_reaches_the_requester(world: World) -> None:
    pk = world.ticket("alice", service="network").pk
    visitor(world, "ina").post(f"/tickets/{pk}/messages", to="us", text="She asks this every week.")

    page = visitor(world, "alice").get(f"/help/{pk}")

    assert "every week" not in page.html
    assert "only us" not in page.html


def test_a_requester_withdraws_what_they_need_no_longer(world: World) -> None:
    pk = world.ticket("alice").pk
    alice = visitor(world, "alice")

    alice.post(f"/help/{pk}/withdrawal")

    assert "Closed" in alice.get(f"/help/{pk}")


def test_a_colleague_takes_part_once_they_were_let_in(world: World) -> None:
    pk = world.ticket("alice").pk
    alice, arno = visitor(world, "alice"), visitor(world, "arno")
    arno.get(f"/help/{pk}", status=404)
    assert "Arno Kraus" in alice.get(f"/help/{pk}/participants?who=kraus")

    alice.post(f"/help/{pk}/participants", person=world.people["arno"].pk)
    arno.post(f"/help/{pk}/messages", text="It hits me too.")
    assert "It hits me too." in alice.get(f"/help/{pk}")

    alice.post(f"/help/{pk}/participants/removal", person=world.people["arno"].pk)
    arno.get(f"/help/{pk}", status=404)


def test_an_agent_opens_a_ticket_for_somebody_they_found_by_name(world: World) -> None:
    ina = visitor(world, "ina")
    found = ina.get("/tickets/new?who=berg")
    assert "Alice Berg" in found

    opened = ina.post(
        "/tickets/new", person=world.people["alice"].pk, subject="New screen", text="Hers flickers.", type="request",
        channel="phone", impact=3, urgency=2,
    )  # fmt: skip

    page = ina.get(opened.leads_to)
    assert "Hers flickers." in page
    assert "on the phone" in page
    assert "Ina Huber opened it for Alice Berg" in page


def test_a_subject_is_made_of_the_first_words_for_who_gave_none(world: World) -> None:
    alice = visitor(world, "alice")
    asked = alice.post("/help/requests", subject="", text="The scanner at gate 3 reads nothing. Lorries wait.")
    assert "The scanner at gate 3 reads nothing" in alice.get(asked.leads_to)


def test_an_agent_is_led_to_the_requesters_page_of_their_own_ticket(world: World) -> None:
    pk = world.ticket("ina").pk
    ina = visitor(world, "ina")
    assert ina.get(f"/tickets/{pk}", status=302).leads_to == f"/help/{pk}"
    assert ina.get(f"/tickets/{pk}/hand-over", status=302).leads_to == f"/help/{pk}"
    assert ina.post(f"/tickets/{pk}/taking").leads_to == f"/help/{pk}"
    ina.get(f"/help/{pk}")


def test_everybody_arrives_where_they_work(world: World) -> None:
    assert visitor(world, "alice").get("/", status=302).leads_to == "/help/"
    assert visitor(world, "nora").get("/", status=302).leads_to == "/tickets/"
