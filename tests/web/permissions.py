"""The permissions table: every route, what is sent to it, and who gets something done there.

Three tickets stand for all: `own` (Alice's, about the network: Northwind's grant names it), `shared` (Arno's, about
payroll, shown to Baltic alone) and `hidden` (Asha's, confidential). Who may is said by roles, which `PEOPLE` turns
into names for each ticket; whoever is not among them must find the ticket unchanged, and whoever does not see it
must find no trace of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from helmdesk.foundation.time import now
from helmdesk.ledger.models import Event, Head
from helmdesk.tickets import (
    assignment,
    conversation,
    exclusions,
    hand_over,
    merging,
    relations,
    resolution,
    taking_part,
)
from helmdesk.tickets import waiting as waits
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Follow, Snooze, Ticket
from tests.world import World

EVERYBODY = ("alice", "arno", "asha", "ina", "ivo", "iris", "max", "ada", "nora", "nils", "bela", "nobody")
DESK = ("ina", "ivo", "iris", "max")

HOUSE = {"works": set(DESK), "team": {"ina", "ivo", "iris"}, "leads": {"iris", "max"}, "company": {"max"}}
PEOPLE: dict[str, dict[str, set[str]]] = {
    "own": {
        **HOUSE,
        "sees": {"alice", *DESK, "ada", "nora", "nils"},
        "watches": {*DESK, "ada", "nora", "nils"},
        "asks": {"alice"},
        "agents": {*DESK, "nora", "nils"},
        "next": {"nora", "nils"},
        "ina": {"ina"},
        "ivo": {"ivo"},
        "takes_part": {"ada"},
    },
    "shared": {
        **HOUSE,
        "sees": {"arno", *DESK, "ada", "bela"},
        "watches": {*DESK, "ada", "bela"},
        "asks": {"arno"},
        "agents": {*DESK, "bela"},
        "next": set(),
        "ina": {"ina"},
        "ivo": {"ivo"},
        "takes_part": {"ada"},
    },
    "hidden": {
        **{role: set() for role in (*HOUSE, "watches", "agents", "next", "ina", "ivo")},
        "sees": {"asha"},
        "asks": {"asha"},
        "takes_part": {"ada"},
    },
}

Given = Callable[[World, Ticket], Any]
Body = dict[str, Any] | Callable[[World, Ticket], dict[str, Any]]


def seq() -> int:
    return Head.objects.values_list("seq", flat=True).first() or 0


@dataclass(frozen=True, slots=True)
class Row:
    """One route below a ticket. `given` brings the ticket where the act makes sense, before anybody tries."""

    may: str = "works"
    body: Body | None = None
    given: Given | None = None
    wrote: Callable[[], int] = seq
    seen: str = "sees"
    on: tuple[str, ...] = ("own", "shared", "hidden")


def soon(_: World, __: Ticket) -> str:
    return (now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")


def handed(world: World, ticket: Ticket) -> None:
    hand_over.hand_over(
        ticket.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )


def taken(world: World, ticket: Ticket) -> None:
    assignment.take(ticket.pk, by=world.who("ina"), at=world.tick())


def waiting(world: World, ticket: Ticket) -> None:
    conversation.ask_requester(ticket.pk, Words("Which room?"), by=world.who("system"), at=world.tick())


def contested(world: World, ticket: Ticket) -> None:
    waiting(world, ticket)
    waits.contest(ticket.pk, by=world.who("system"), at=world.tick())


def resolved(world: World, ticket: Ticket) -> None:
    resolution.resolve(ticket.pk, by=world.who("system"), at=now())


def twin(world: World, ticket: Ticket, **how: Any) -> Ticket:
    """Another ticket of the same person, about the same."""
    name = next(name for name, person in world.people.items() if person.pk == ticket.requester_id)
    return world.ticket(name, **how)


def merged(world: World, ticket: Ticket) -> None:
    merging.merge(ticket.pk, into=twin(world, ticket).pk, by=world.who("system"), at=world.tick())


def first_message(world: World, ticket: Ticket) -> int:
    return world.messages(ticket)[0].pk


def linked(world: World, ticket: Ticket) -> None:
    other = twin(world, ticket)
    relations.link(ticket.pk, to=other.pk, by=world.who("system"), at=world.tick())


def child(world: World, ticket: Ticket) -> None:
    part = twin(world, ticket)
    relations.set_parent(part.pk, parent=ticket.pk, by=world.who("system"), at=world.tick())


def newest(world: World, _: Ticket) -> int:
    return int(Ticket.objects.unscoped(reason="a test looks at the truth").latest("pk").pk)


def taking(world: World, ticket: Ticket) -> None:
    taking_part.add_participant(ticket.pk, person=world.people["ada"].pk, by=world.who("system"), at=world.tick())


def given_to_northwind(world: World, ticket: Ticket) -> None:
    taking_part.share(ticket.pk, provider=world.providers["northwind"].pk, by=world.who("max"), at=world.tick())


def on(field: str, value: Callable[[World, Ticket], Any]) -> Body:
    return lambda world, ticket: {field: value(world, ticket)}


def asked_out(world: World, ticket: Ticket) -> dict[str, Any]:
    span = {"since": "2026-03-03T10:00", "until": "2026-03-03T11:00"}
    return {**span, "reason": "agreed", "message": first_message(world, ticket)}


def excluded(world: World, ticket: Ticket) -> None:
    since = ticket.opened_at
    exclusions.ask_exclusion(
        ticket.pk, since=since, until=since + timedelta(minutes=5), reason="agreed",
        message=first_message(world, ticket), by=world.who("system"), at=world.tick(hours=1),
    )  # fmt: skip


def last_event(_: World, ticket: Ticket) -> int:
    return int(Event.objects.filter(stream=1, stream_id=ticket.pk).latest("n").n)


SORTED = {"impact": 1, "urgency": 1, "reason": "matrix"}

ROWS: dict[str, Row] = {
    "tickets:taking": Row("team"),
    "tickets:assignment": Row("leads+ivo", lambda w, t: {"to": w.membership("ivo")}),
    "tickets:release": Row("ina+leads", None, taken, on=("own", "shared")),
    "tickets:hand-over": Row(
        "works", lambda w, t: {"to": w.teams["clients"].pk, "what_was_done": "a", "what_is_asked": "b"}
    ),
    "tickets:acceptance": Row("next", None, handed, on=("own",)),
    "tickets:refusal": Row("next", {"reason": "not_ours"}, handed, on=("own",)),
    "tickets:recall": Row("leads", None, handed, on=("own",)),
    "tickets:messages": Row("works", {"text": "A word", "to": "requester", "how": "send"}),
    "tickets:waits-call": Row("works", {"said": "I called at nine."}),
    "tickets:waits-company": Row("works", lambda w, t: {"company": w.company and w.company.pk, "said": "I wrote."}),
    "tickets:waits-date": Row("works", lambda w, t: {"wait": "parts", "until": soon(w, t)}),
    "tickets:waits-question": Row("works", lambda w, t: {"team": w.teams["clients"].pk, "question": "Known to you?"}),
    "tickets:waits-agreement": Row("works", lambda w, t: {"message": first_message(w, t), "until": soon(w, t)}),
    "tickets:waits-child": Row("works", on("child", newest), child),
    "tickets:waits-end": Row("works", None, waiting),
    "tickets:waits-objection": Row("leads", None, waiting),
    "tickets:waits-judgement": Row(
        "company", lambda w, t: {"wait": w.fresh(t).wait_position, "upheld": "yes"}, contested
    ),
    "tickets:exclusions": Row("agents", asked_out),
    "tickets:exclusion-decisions": Row(
        "company", lambda w, t: {"exclusion": last_event(w, t), "approved": "yes"}, excluded
    ),
    "tickets:resolution": Row("works", {"how": "solved"}),
    "tickets:reopening": Row("works", None, resolved),
    "tickets:closing": Row("leads", None, resolved),
    "tickets:merge": Row("works", on("into", newest), lambda w, t: twin(w, t)),
    "tickets:merge-removal": Row("works", None, merged),
    "tickets:classification": Row("works", lambda w, t: {"service": w.services["email"].pk}),
    "tickets:priority": Row("works", SORTED),
    "tickets:type": Row("works", {"type": "request"}),
    "tickets:tags": Row("works", lambda w, t: {"tags": [w.tags["urgent"].pk]}),
    "tickets:links": Row("works", lambda w, t: {"kind": "related", "to": newest(w, t)}, lambda w, t: twin(w, t)),
    "tickets:links-removal": Row("works", lambda w, t: {"kind": "related", "to": newest(w, t)}, linked),
    "tickets:parent": Row("works", on("parent", newest), lambda w, t: twin(w, t)),
    "tickets:split": Row("works", lambda w, t: {"subject": "A part", "messages": [first_message(w, t)]}),
    "tickets:participants": Row("works", lambda w, t: {"person": w.people["ada"].pk}),
    "tickets:participants-removal": Row("works", lambda w, t: {"person": w.people["ada"].pk}, taking),
    "tickets:shares": Row("company", lambda w, t: {"provider": w.providers["northwind"].pk}),
    "tickets:shares-removal": Row(
        "company", lambda w, t: {"provider": w.providers["northwind"].pk}, given_to_northwind, on=("own", "shared")
    ),
    "tickets:time": Row("agents", {"minutes": 5, "day": "2026-03-02", "work": "support"}),
    "tickets:following": Row("watches", None, None, Follow.objects.count),
    "tickets:snooze": Row("watches", on("until", soon), None, Snooze.objects.count),
    "portal:messages": Row("asks", {"text": "A word"}, seen="asks"),
    "portal:reopening": Row("asks", {"text": "Not yet."}, resolved, seen="asks"),
    "portal:confirmation": Row("asks", None, resolved, seen="asks"),
    "portal:withdrawal": Row("asks", seen="asks"),
    "portal:participants": Row("asks", lambda w, t: {"person": w.people["max"].pk}, seen="asks"),
    "portal:participants-removal": Row(
        "asks+takes_part", lambda w, t: {"person": w.people["ada"].pk}, taking, seen="asks+takes_part"
    ),
}

NOT_BY_ROW = {
    "portal:front": "one's own front page",
    "portal:home": "one's own matters",
    "portal:requests": "asks for oneself only",
    "portal:show": "every portal row asks for it first",
    "tickets:queue": "what it shows is compared with `visible_to` in test_what_lists_show",
    "tickets:search": "the same",
    "tickets:narrowing": "names only what the viewer may narrow by",
    "tickets:new": "opening for others is in test_on_behalf",
    "tickets:show": "every row asks for it first",
    "tickets:fields": "the world has no own fields; see tests of sorting",
    "tickets:following-removal": "one's own wish only",
    "tickets:snooze-removal": "one's own wish only",
    "tickets:messages-revision": "one's own message only; see test_forgetting",
    "tickets:messages-redaction": "tickets.redact; see test_files_and_messages",
    "tickets:files-erasure": "tickets.redact; see test_files_and_messages",
    "tickets:picture": "see test_files_and_messages",
    "tickets:file": "see test_files_and_messages",
}
"""Routes without a row of their own, and where they are tested."""
