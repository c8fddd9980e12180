"""The history as an auditor reads it, whether it is whole, and background jobs that were given up."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.time import now
from helmdesk.ledger import seals
from helmdesk.ledger.models import Event
from helmdesk.people.models import Role
from helmdesk.people.places import SiteEntry, add_site
from helmdesk.web.ledger import reading
from tests.web.visiting import Visitor, visitor
from tests.world import World


@pytest.fixture
def auditor(world: World) -> Visitor:
    cache.clear()
    return visitor(world, "ada")


def test_the_newest_events_come_first_with_who_hat_and_provider(world: World, auditor: Visitor) -> None:
    world.ticket("alice", service="network", team="network", by="nora")

    page = auditor.get("/ledger/")

    assert "ticket opened" in page
    assert "Nora West, at work Northwind" in page
    seqs = [int(seq) for seq in re.findall(r'class="num quiet">(\d+)<', page.html)]
    assert seqs == sorted(Event.objects.values_list("seq", flat=True), reverse=True)


def test_no_text_is_in_the_history_and_no_link_to_what_one_may_not_see(world: World, auditor: Visitor) -> None:
    hidden = world.ticket("asha", subject="Very secret matter", flags=1)
    shown = world.ticket("alice", subject="Very plain matter")

    page = auditor.get("/ledger/")

    assert "matter" not in page
    assert (f'href="/tickets/{hidden.pk}"' in page.html, f'href="/tickets/{shown.pk}"' in page.html) == (False, True)


def test_names_are_masked_for_who_may_not_read_them(world: World, auditor: Visitor) -> None:
    from helmdesk.access.models import Grant

    Grant.objects.update(personal_data=False)
    world.ticket("alice")

    page = auditor.get("/ledger/")

    assert "Alice" not in page
    assert f"Person {world.people['alice'].pk}" in page


def test_the_history_is_narrowed_by_stream_number_and_kind(world: World, auditor: Visitor) -> None:
    first, second = world.ticket(), world.ticket()
    add_site("west", SiteEntry("West"), by=world.who("system").stamp, at=world.tick())

    def abouts(query: str) -> set[str]:
        return set(re.findall(r'role="cell">(?:<a [^>]+>)?(ticket \d+|set-up)<', auditor.get(f"/ledger/{query}").html))

    assert abouts("?stream=config") == {"set-up"}
    assert abouts(f"?stream=ticket&id={first.pk}") == {f"ticket {first.pk}"}
    assert abouts("?kind=ticket.opened") == {f"ticket {first.pk}", f"ticket {second.pk}"}
    assert abouts("?kind=provider.suspended") == set()
    for broken in ("?stream=moon", "?id=x", f"?before={'9' * 40}", "?kind=%00", "?stream=person&id=-1"):
        assert len(abouts(broken)) in (0, 3)


def test_pages_of_the_history_join_without_a_gap(
    world: World, auditor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 7)
    monkeypatch.setattr(reading, "PIECE", 10)
    for _ in range(8):
        world.ticket()
    for start, kind in (("/ledger/", None), ("/ledger/?kind=ticket.opened", "ticket.opened")):
        seen, address = [], start
        while address:
            page = auditor.get(address)
            seen += [int(seq) for seq in re.findall(r'class="num quiet">(\d+)<', page.html)]
            older = re.search(r'href="(\?[^"]*before=[^"]*)" rel="next"', page.html)
            address = "/ledger/" + older[1].replace("&amp;", "&") if older else ""
        rows = Event.objects.filter(kind=kind) if kind else Event.objects.all()
        assert seen == sorted(rows.values_list("seq", flat=True), reverse=True)


@pytest.mark.parametrize("many", [1, 30])
def test_the_history_asks_as_much_for_few_as_for_many(
    world: World, auditor: Visitor, many: int, django_assert_max_num_queries: object
) -> None:
    for _ in range(many):
        world.ticket()
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        auditor.get("/ledger/")


def test_an_auditor_checks_it_and_everybody_reads_when_it_was_checked(world: World, auditor: Visitor) -> None:
    world.ticket()
    assert "Not checked yet." in auditor.get("/ledger/")

    told = auditor.post("/ledger/verifications", status=200, all="yes")

    assert "Nothing was altered." in told
    assert "Nothing was altered (checked" in auditor.get("/ledger/")


def test_what_was_altered_is_named(world: World, auditor: Visitor) -> None:
    ticket = world.ticket()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE helmdesk_ticket SET position = position + 1 WHERE id = %s", [ticket.pk])

    told = auditor.post("/ledger/verifications", status=200)

    assert "1 thing is not as it was recorded." in told
    assert f"ticket:{ticket.pk} lacks its last events" in told
    assert "1 thing is not as it was recorded" in auditor.get("/ledger/")


def test_seals_are_listed(world: World, auditor: Visitor) -> None:
    world.ticket()
    seal = seals.seal(at=now())
    assert seal is not None

    page = auditor.get("/ledger/verifications")

    assert bytes(seal.root).hex()[:24] in page


def dead(n: int = 1) -> Job:
    """A job that was given up."""
    return Job.objects.create(
        queue="default", name="helmdesk.mail.jobs.send_mail", args={"args": [n]}, run_at=now(), created_at=now(),
        attempts=12, finished_at=now(), died_at=now() - timedelta(minutes=n), last_error="Traceback\nConnectionError",
    )  # fmt: skip


def test_jobs_given_up_are_shown_run_again_and_dropped(world: World) -> None:
    manager, jobs = visitor(world, "max"), [dead(n) for n in range(1, 5)]

    page = manager.get("/jobs/")
    assert "send mail" in page
    assert "ConnectionError" in page
    assert "4 given up" in page
    assert "1 failed" not in manager.get("/setup/")
    assert "4 failed" in manager.get("/setup/")

    manager.post(f"/jobs/{jobs[0].pk}/attempts")
    manager.post(f"/jobs/{jobs[1].pk}/removal")
    assert Job.objects.get(pk=jobs[0].pk).status == "waiting"
    assert not Job.objects.filter(pk=jobs[1].pk).exists()
    manager.post(f"/jobs/{jobs[1].pk}/removal", status=404)
    manager.post(f"/jobs/{jobs[0].pk}/removal", status=404)
    manager.post("/jobs/given-up/attempts")
    assert not Job.objects.filter(died_at__isnull=False).exists()
    dead()
    manager.post("/jobs/given-up/removal")
    assert not Job.objects.filter(died_at__isnull=False).exists()


def test_who_only_manages_jobs_finds_them_under_set_up(world: World) -> None:
    Role.objects.filter(code="agent").update(permissions=["jobs.manage"])
    ina = visitor(world, "ina")

    page = ina.get("/setup/")

    assert "Background jobs" in page
    assert "People" not in page.text.split("Overview")[1]
    assert "Nothing was given up." in ina.get("/jobs/")
