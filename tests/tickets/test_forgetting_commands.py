"""Forgetting from the command line: shown before it is done, done for good, refused in words."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from helmdesk.people.models import Person
from helmdesk.people.persons import hold
from tests.world import World


def test_a_secret_is_removed_and_its_other_places_are_named(world: World) -> None:
    first, second = world.ticket(text="It is hunterzwei"), world.ticket("arno", text="hunterzwei, she said")
    message, other = world.messages(first)[0], world.messages(second)[0]

    told = run("redact", message.pk, "--text", "hunterzwei", "--reason", "typed in haste")

    assert told.splitlines() == [
        f"Message {message.pk} of ticket {first.pk} says it no more, in no revision.",
        f"The same words stand in these messages too: {other.pk} (ticket {second.pk})",
    ]
    assert world.messages(first)[0].text.body == "It is [removed]"


def test_what_cannot_be_redacted_is_said(world: World) -> None:
    message = world.messages(world.ticket())[0]

    with pytest.raises(CommandError, match="does not hold"):
        run("redact", message.pk, "--text", "nowhere")
    with pytest.raises(CommandError, match="There is no message 999"):
        run("redact", 999, "--text", "x")


def test_a_dry_run_shows_what_would_be_forgotten(world: World) -> None:
    world.ticket("alice")
    world.ticket("arno", text="Alice Berg knows")

    told = run("erase", "alice@company.example", "--dry-run")

    pk = world.people["alice"].pk
    assert told.startswith(f"Would forget: person {pk} with 2 texts, 0 files, 1 addresses, 1 accounts, shown on 1 tick")
    assert "these mentions would be removed with --mentions" in told
    assert Person.objects.get(pk=pk).name == "Alice Berg"


def test_a_person_is_erased_by_number_with_mentions(world: World) -> None:
    other = world.ticket("arno", text="Alice Berg knows")

    told = json.loads(run("erase", str(world.people["alice"].pk), "--mentions", "--json"))

    assert (told["accounts"], told["mentions"], told["dry_run"]) == (1, 1, False)
    assert world.messages(other)[0].text.body == "[removed: asked] knows"
    assert Person.objects.get(pk=world.people["alice"].pk).name.startswith("Former person")


def test_who_is_not_there_erased_or_held_is_said(world: World) -> None:
    for who in ("nobody@company.example", "99999", "9" * 40, "x"):
        with pytest.raises(CommandError, match="There is no person"):
            run("erase", who)
    arno, asha = world.people["arno"].pk, world.people["asha"].pk
    hold(arno, until=world.at + timedelta(days=36_500), by=world.who("max").stamp, at=world.tick())
    with pytest.raises(CommandError, match="legal hold"):
        run("erase", str(arno))
    run("erase", str(asha))
    with pytest.raises(CommandError, match="erased already"):
        run("erase", str(asha))


def run(command: str, *args: object) -> str:
    out = io.StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()
