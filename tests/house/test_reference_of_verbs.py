"""The reference of events and verbs says what the code does: every kind, every payload, every verb, every refusal."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from helmdesk.catalogue.models import OwnField
from helmdesk.history import fold
from helmdesk.ledger.models import Event, Stream
from helmdesk.tickets import (
    assignment,
    conversation,
    exclusions,
    hand_over,
    merging,
    relations,
    resolution,
    sorting,
    taking_part,
    waiting,
    work_log,
)
from helmdesk.tickets.conversation import Words
from tests.house.recorded import kinds_recorded
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
TICKETS = ROOT / "src/helmdesk/tickets"
VERB_FILES = (
    "opening assignment hand_over conversation waiting resolution sorting relations merging following work_log "
    "taking_part rerouting exclusions"
).split()
OTHER_FILES = "guards sight standing_in refusals".split()
SUPPORTING = {
    "valid_subject", "must_exist", "works_there", "pass_on", "target_team", "post", "post_into", "thread_for",
    "new_thread", "attach",
    "draft", "known_names", "with_own", "must_be_resolved",
}  # fmt: skip
SAID_BY_VALUE = {
    "impact", "urgency", "said_urgency", "channel", "type", "contested_already", "judged_already",
    "not_there", "overtaken",
}  # fmt: skip


def table(document: str, heading: str, *, until: str = "\n## ") -> Iterator[list[str]]:
    """The rows of the tables below a heading, as cells."""
    text = (ROOT / "docs/reference" / document).read_text()
    section = text.split(f"## {heading}\n", maxsplit=1)[1].split(until)[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z_.]+)`", cell))


def documented() -> dict[str, set[str]]:
    """Every kind of event in the reference, and the keys of its payload."""
    parts = ("Of a ticket", "Of people, providers and what is set up", "Of access")
    rows = [row for part in parts for row in table("events.md", part)]
    return {kind: names(row[1]) for row in rows for kind in names(row[0])}


def test_every_kind_that_is_recorded_is_in_the_reference_and_no_other() -> None:
    recorded = kinds_recorded()
    assert {"ticket.opened", "person.ended", "grant.changed", "import.begun", "sealed"} <= recorded.keys()
    assert {kind: files for kind, files in recorded.items() if kind not in documented()} == {}
    assert documented().keys() - recorded.keys() == set()


def test_the_fold_knows_the_kinds_of_a_ticket_and_no_others() -> None:
    of_tickets = {kind for row in table("events.md", "Of a ticket") for kind in names(row[0])}
    assert of_tickets == fold.KINDS
    silent = {kind for row in table("events.md", "Of a ticket") for kind in names(row[0]) if row[2].startswith("none")}
    assert silent == fold.WITHOUT_EFFECT


def test_payloads_hold_the_keys_that_the_reference_names(world: World) -> None:
    a_full_life(world)
    told = documented()
    found: dict[str, set[str]] = {}
    for kind, body in Event.objects.filter(stream=Stream.TICKET).values_list("kind", "body"):
        found.setdefault(kind, set()).update(json.loads(body)["what"])
    of_tickets = {kind for row in table("events.md", "Of a ticket") for kind in names(row[0])}
    assert found.keys() == of_tickets - {
        "subject.revised",
        "team.rerouted",
        "notice.sent",
    }  # redaction, suspension and notices have tests of their own
    assert {kind: keys for kind, keys in found.items() if keys != told[kind]} == {}


def a_full_life(world: World) -> None:
    """Nearly every verb once."""
    OwnField.objects.create(code="own")
    ina, nora, max_, alice = (world.who(name) for name in ("ina", "nora", "max", "alice"))
    one, two = world.ticket(service="network"), world.ticket()
    pk, desk, network = one.pk, world.teams["desk"].pk, world.teams["network"].pk
    at = world.tick
    assignment.take(pk, by=ina, at=at())
    said = conversation.reply(pk, Words("Hello"), by=ina, at=at())
    conversation.revise(said.pk, "Hello!", by=ina, at=at())
    sorting.prioritise(pk, impact=1, urgency=1, by=ina, at=at())
    sorting.change_type(pk, to="request", by=ina, at=at())
    sorting.tag(pk, tag=world.tags["urgent"].pk, by=ina, at=at())
    sorting.set_field(pk, code="own", value="x", by=ina, at=at())
    sorting.classify(pk, about=world.about("network", "south"), by=ina, at=at())
    relations.link(pk, to=two.pk, by=ina, at=at())
    taking_part.add_participant(pk, person=world.people["arno"].pk, by=ina, at=at())
    taking_part.remove_participant(pk, person=world.people["arno"].pk, by=ina, at=at())
    taking_part.share(pk, provider=world.providers["baltic"].pk, by=max_, at=at())
    work_log.log_time(pk, seconds=60, day=world.at.date(), by=ina, at=at())
    child = relations.split(pk, messages=[said.pk], subject="Part", by=ina, at=at())
    waiting.wait_on_child(pk, child=child.pk, by=ina, at=at())
    waiting.contest(pk, by=alice, at=at())
    waiting.judge(pk, wait=world.fresh(one).wait_position or 0, upheld=True, by=max_, at=at())
    for decide in (exclusions.approve_exclusion, exclusions.refuse_exclusion):
        span = {"since": one.opened_at, "until": world.at, "reason": "agreed", "message": said.pk}
        exclusions.ask_exclusion(pk, **span, by=ina, at=at())
        decide(pk, exclusion=world.fresh(one).position, by=max_, at=at())
    hand_over.hand_over(child.pk, to=network, done="a", asked="b", by=ina, at=at())
    hand_over.recall(child.pk, by=world.who("iris"), at=at())
    hand_over.hand_over(child.pk, to=network, done="a", asked="b", by=ina, at=at())
    hand_over.decline(child.pk, reason="not_ours", by=nora, at=at())
    hand_over.hand_over(child.pk, to=network, done="a", asked="b", by=ina, at=at())
    hand_over.accept(child.pk, by=nora, at=at())
    hand_over.hand_over(child.pk, to=desk, done="a", asked="b", by=nora, at=at())
    resolution.resolve(child.pk, by=ina, at=at())
    merging.merge(two.pk, into=pk, by=ina, at=at())
    merging.unmerge(two.pk, by=ina, at=at())
    resolution.resolve(pk, by=ina, at=at())
    resolution.reopen(pk, by=alice, at=at())
    resolution.withdraw(pk, by=alice, at=at())


def test_every_verb_is_in_the_reference_and_no_other() -> None:
    text = (ROOT / "docs/reference/verbs.md").read_text().split("## Refusals")[0]
    told = {name for line in text.splitlines() if line.startswith("| `") for name in names(line.split(" | ")[0])}
    assert told == set(verbs())


def verbs() -> Iterator[str]:
    for file in VERB_FILES:
        module = import_module(f"helmdesk.tickets.{file}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_") and name not in SUPPORTING:
                yield name


def test_every_verb_is_told_who_and_all_but_private_wishes_when() -> None:
    for file in VERB_FILES:
        module = import_module(f"helmdesk.tickets.{file}")
        for name in set(verbs()) & set(vars(module)):
            given = inspect.signature(getattr(module, name)).parameters
            keyword_only = {each for each, one in given.items() if one.kind == inspect.Parameter.KEYWORD_ONLY}
            assert {"by", "at"} - keyword_only <= ({"at"} if name == "follow" else set()), name


def test_every_refusal_is_in_the_reference_and_no_other() -> None:
    told = {code for row in table("verbs.md", "Refusals") for code in names(row[0])}
    assert told == refusals() | SAID_BY_VALUE


def refusals() -> set[str]:
    """The codes that verbs refuse with, where the code stands there as it is."""
    codes: set[str] = set()
    for file in (*VERB_FILES, *OTHER_FILES):
        for node in ast.walk(ast.parse((TICKETS / f"{file}.py").read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                codes |= {str(part.value) for part in node.args[:1] if isinstance(part, ast.Constant)}
    return codes
