"""A report counts what its viewer may see, splits it, takes `as_of`, and says the same however it is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from helmdesk.access.models import Grant
from helmdesk.access.viewer import Viewer, system
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.publishing import publish
from helmdesk.calendars.writing import Writing
from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Event
from helmdesk.measures import keeping
from helmdesk.measures.figures import BY_CODE, Figure
from helmdesk.measures.models import HeldSpan
from helmdesk.measures.names import Names
from helmdesk.measures.questions import Question, asked
from helmdesk.measures.reports import Report, behind, report
from helmdesk.measures.rows import AsOf, Live, beyond
from helmdesk.measures.tables import as_json, table
from helmdesk.tickets import assignment, conversation, hand_over, relations, resolution, taking_part, waiting
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from helmdesk.worktime.reading import calendar_from
from tests.measures.naive import Told, columns, fcr
from tests.service_levels.promising import MAX, WEEK, calendars, owned, promise, works_by
from tests.world import World


def question(world: World, **given: str) -> Question:
    """The days around the world's clock."""
    return asked({"from": "2026-02-20", "to": "2026-04-30", **given}, at=world.at, zone=UTC)


def made(world: World, who: str | Viewer = "max", **given: str) -> Report:
    keeping.follow()
    viewer = world.who(who) if isinstance(who, str) else who
    return report(question(world, **given), viewer)


def n(figure: Figure) -> tuple[int, int | None]:
    return figure.n, figure.met


@pytest.fixture
def busy(world: World) -> World:
    """A few lives: solved at once, passed on to Northwind and back, shared with Baltic, hidden, waiting, still open."""
    world.ticket("alice", service="network", site="north")
    plain = world.ticket("arno", site="south")
    resolution.resolve(plain.pk, by=world.who("ina"), at=world.tick(hours=2))
    passed = world.ticket("alice", service="network", site="north")
    assignment.take(passed.pk, by=world.who("ina"), at=world.tick())
    hand_over.hand_over(
        passed.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick(hours=1)
    )
    conversation.reply(passed.pk, Words("We are on it."), by=world.who("nora"), at=world.tick(hours=1))
    resolution.resolve(passed.pk, by=world.who("nora"), at=world.tick(hours=3))
    waiting_one = world.ticket("arno", service="payroll", site="south")
    conversation.ask_requester(waiting_one.pk, Words("Which one?"), by=world.who("ina"), at=world.tick())
    shared = world.ticket("asha", service="payroll", site="south")
    taking_part.share(shared.pk, provider=world.providers["baltic"].pk, by=world.who("max"), at=world.tick())
    hidden = world.ticket("asha", service="payroll", site="south", flags=1)
    resolution.resolve(hidden.pk, by=world.who("system"), at=world.tick(hours=1))
    world.tick(days=9)
    return world


def test_a_report_splits_by_provider_and_its_parts_add_up(busy: World) -> None:
    found = made(busy, "system", by="provider")
    inhouse, northwind = busy.providers["inhouse"].pk, busy.providers["northwind"].pk
    assert [group.key for group in found.groups] == [inhouse, northwind]
    for code in ("opened", "resolved", "backlog"):
        parts = [group.figures[code].n for group in found.groups]
        assert sum(parts) == found.whole.figures[code].n
    assert n(found.whole.figures["contained"]) == (3, 2)
    assert n(found.groups[1].figures["contained"]) == (1, 0)


@pytest.mark.parametrize("by", ["team", "service", "site", "category", "priority", "department", "person", "month"])
def test_every_way_to_split_leaves_nothing_out(busy: World, by: str) -> None:
    from helmdesk.measures.reports import Material, parted

    keeping.follow()
    material = Material.of(question(busy, by=by), system())
    parts = list(parted(material))
    assert parts
    if by != "month":
        assert sorted(row.ticket for _key, rows in parts for row in rows) == sorted(
            row.ticket for row in material.tickets
        )


@pytest.mark.parametrize("name", ["max", "ina", "nora", "bela", "system"])
def test_a_report_counts_exactly_the_tickets_that_its_viewer_may_see(busy: World, name: str) -> None:
    """A guest's figures are as if only what they may see, and is their own provider's, were there."""
    viewer = busy.who(name)
    seen = set(Ticket.objects.visible_to(viewer).values_list("pk", flat=True))
    found = made(busy, viewer)
    asked_for = question(busy).bounded(viewer)
    every = made(busy, "system")

    counted = {one.ticket for one in behind(BY_CODE["opened"], None, question=asked_for, viewer=viewer, split=False)}
    provider = asked_for.asked_only("provider")
    own = {told.ticket for told in tellings() if provider in (None, provider_of(busy, told))}
    assert counted == seen & own
    assert found.whole.figures["opened"].n == len(counted) <= every.whole.figures["opened"].n


def tellings() -> list[Told]:
    numbers = Ticket.objects.unscoped(reason="test").order_by("pk").values_list("pk", flat=True)
    return [Told.of(pk) for pk in numbers]


def provider_of(world: World, told: Told) -> int | None:
    return next(team.provider_id for team in world.teams.values() if team.pk == columns(told)["team_id"])


def test_a_guest_is_told_of_no_other_provider(busy: World) -> None:
    found = made(busy, "nora", by="provider")
    northwind = busy.providers["northwind"].pk
    assert [group.key for group in found.groups] == [northwind]
    assert {had.party.provider for had in found.held} <= {None, northwind}
    asked_other = made(busy, "nora", provider=str(busy.providers["inhouse"].pk))
    assert asked_other.whole.figures == found.whole.figures


def test_a_ticket_made_confidential_leaves_the_figures_of_others_at_once(busy: World) -> None:
    before = made(busy, "max").whole.figures["opened"].n
    open_one: Any = Ticket.objects.unscoped(reason="test").order_by("pk").first()
    from helmdesk.tickets import sorting

    about = busy.about("network", "north", flags=1)
    sorting.classify(open_one.pk, about=about, by=busy.who("system"), at=busy.tick())

    assert report(question(busy), busy.who("max")).whole.figures["opened"].n == before - 1


def test_figures_are_those_of_the_slow_twin(busy: World) -> None:
    found = made(busy, "system")
    told = tellings()
    solved = [one for one in told if columns(one)["resolved_at"] is not None]
    gone_by = [one for one in solved if columns(one)["resolved_at"] + 7 * 86_400_000_000 <= found.question.known]
    assert n(found.whole.figures["fcr"]) == (len(gone_by), sum(fcr(one, told) for one in gone_by))
    gross = sorted(columns(one)["resolved_at"] - columns(one)["opened_at"] for one in solved)
    assert list(found.whole.figures["restore_gross"].values) == gross
    assert found.whole.figures["backlog"].n == sum(one.last.phase == "open" for one in told)
    until, total = found.question.until, dict[tuple[str, int | None], int]()
    for one in told:
        for holder, us in one.held(until).items():
            total[holder] = total.get(holder, 0) + us
    total.pop(("rest", None), None)
    assert {(had.party.kind, had.party.pk): had.gross for had in found.held} == total


def test_a_team_s_time_with_the_ball_is_told_in_its_own_working_hours_too(busy: World) -> None:
    calendars(busy.at)
    works_by(busy, desk="office", network="always")
    keeping.follow()
    found = made(busy, "system")
    office = calendar_from({"week": WEEK, "zone": "UTC"})
    until, expected = found.question.until, dict[int, int]()
    for span in HeldSpan.objects.unscoped(reason="test").filter(holder="team"):
        end = until if span.end is None else min(to_us(span.end), until)
        a = to_us(span.start)
        of = {busy.teams["desk"].pk: office.elapsed(a, end), busy.teams["network"].pk: end - a}
        if span.holder_id in of:
            expected[span.holder_id] = expected.get(span.holder_id, 0) + of[span.holder_id]

    told = {had.party.pk: had.working for had in found.held if had.party.kind == "team"}
    assert {team: us for team, us in told.items() if us is not None} == expected
    assert set(told) == {had.party.pk for had in found.held if had.party.kind == "team"}
    assert {had.working for had in found.held if had.party.kind != "team"} == {None}
    rows = [row for row in table(found, Names(system())) if row[3] == "had_the_ball_working"]
    assert {row[1]: row[7] for row in rows} == {team: us / 1_000_000 for team, us in expected.items()}
    shown = {had["id"]: had["working_seconds"] for had in as_json(found, Names(system()))["held"] if had["id"] in told}
    assert shown == {team: None if us is None else us / 1_000_000 for team, us in told.items()}
    now = question(busy)
    assert Live(now, system()).held() == AsOf(replace(now, as_of=now.now), system()).held() == list(found.held)


def test_a_span_counts_by_the_hours_that_held_when_it_began(world: World) -> None:
    calendars(world.at)
    office, monday = WorkingCalendar.objects.get(code="office").pk, world.at
    works_by(world, desk="office")
    world.ticket("alice")
    publish(office, Writing(always=True), valid_from=monday + timedelta(days=1), by=MAX, at=world.at)
    world.tick(days=2)
    later = world.ticket("arno")
    began = to_us(later.opened_at)
    world.tick(hours=20)
    keeping.follow()
    first = Ticket.objects.unscoped(reason="test").order_by("pk").values_list("opened_at", flat=True)[0]
    old = calendar_from({"week": WEEK, "zone": "UTC"})

    (had,) = Live(now := question(world), system()).held()
    assert had.working == old.elapsed(to_us(first), now.until) + (now.until - began)
    assert had.gross == (now.until - to_us(first)) + (now.until - began)


def test_one_span_of_unknown_hours_leaves_no_figure_for_its_team(world: World) -> None:
    calendars(world.at)
    world.ticket("alice")
    promise(world, owned(), valid_from=world.at + timedelta(days=1))
    world.tick(days=2)
    world.ticket("arno")
    keeping.follow()
    assert [had.working for had in Live(question(world), system()).held()] == [None]
    works_by(world, desk="office")
    assert [had.working is not None for had in Live(question(world), system()).held()] == [True]


def test_the_same_person_about_the_same_within_a_week_spoils_first_contact(world: World) -> None:
    first = world.ticket("alice")
    resolution.resolve(first.pk, by=world.who("ina"), at=world.tick())
    world.ticket("arno")
    world.tick(days=8)
    kept = made(world, "system").whole.figures["fcr"]
    world.at = to_world(world, days=-4)
    world.ticket("alice")
    world.tick(days=8)
    spoiled = made(world, "system").whole.figures["fcr"]

    assert (n(kept), n(spoiled)) == ((1, 1), (1, 0))


def to_world(world: World, **by: int) -> Any:
    from datetime import timedelta

    return world.at + timedelta(**by)


def test_a_duplicate_within_thirty_days_is_counted_as_repeated(world: World) -> None:
    first = world.ticket("alice")
    resolution.resolve(first.pk, by=world.who("ina"), at=world.tick())
    world.tick(days=20)
    second = world.ticket("alice")
    relations.link(second.pk, to=first.pk, kind="duplicate", by=world.who("ina"), at=world.tick())
    world.tick(days=15)
    repeated = made(world, "system", to="2026-05-30").whole.figures["repeated"]
    assert n(repeated) == (1, 1)


def test_an_earlier_day_is_told_as_it_was_known_then(busy: World) -> None:
    before = replace(question(busy, by="provider"), as_of=to_us(busy.at))
    keeping.follow()
    then = report(before, system())
    ticket: Any = Ticket.objects.unscoped(reason="test").filter(resolved_at__isnull=False).order_by("pk").first()
    busy.tick(hours=1)
    resolution.reopen(ticket.pk, why="not_solved", by=busy.who("ina"), at=busy.tick())
    waited = Event.objects.get(kind="wait.started")
    waiting.contest(waited.stream_id, wait=waited.n, by=busy.who("system"), at=busy.tick())
    waiting.judge(waited.stream_id, wait=waited.n, upheld=False, by=busy.who("max"), at=busy.tick())
    keeping.follow()
    again, later = report(before, system()), report(question(busy, by="provider"), system())

    assert shown(again) == shown(then)
    assert later.whole.figures["resolved"].n == then.whole.figures["resolved"].n - 1
    assert "requester" in {had.party.kind for had in again.held} - {had.party.kind for had in later.held}


def shown(found: Report) -> dict[str, Any]:
    return {**as_json(found, Names(system())), "behind": 0}


def test_told_anew_as_of_now_everything_is_as_it_stands(busy: World) -> None:
    keeping.follow()
    now = question(busy)
    known = replace(now, as_of=now.now)
    live, anew = Live(now, system()), AsOf(known, system())
    rows, others = sorted(live.tickets()), sorted(anew.tickets())
    assert [one._replace(merged=bool(one.merged)) for one in rows] == others
    assert beyond(now, live, rows) == beyond(known, anew, others)
    assert live.held() == anew.held()
    for had in live.held():
        party = had.party
        assert sorted(live.held_by(party.kind, party.provider)) == sorted(anew.held_by(party.kind, party.provider))


def test_numbers_and_the_tickets_behind_them_agree(busy: World) -> None:
    for by in ("provider", "month", "priority"):
        found = made(busy, "max", by=by)
        for group in found.groups:
            for code, figure in group.figures.items():
                tickets = behind(BY_CODE[code], group.key, question=found.question, viewer=busy.who("max"), split=True)
                assert len(tickets) == figure.n
                assert figure.met in (None, sum(one.value for one in tickets))


def test_narrowed_to_one_service_only_its_tickets_count(busy: World) -> None:
    payroll = str(busy.services["payroll"].pk)
    found = made(busy, "system", service=payroll)
    none = made(busy, "system", service="0")
    assert (found.whole.figures["opened"].n, none.whole.figures["opened"].n) == (3, 1)


def test_a_desk_without_an_event_has_an_empty_report(db: None) -> None:
    from helmdesk.foundation.time import now

    at = now()
    found = report(asked({"by": "provider"}, at=at, zone=UTC), system())
    assert (found.whole.tickets, found.groups, found.held) == (0, (), ())


def test_the_command_tells_what_the_report_says(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    days = ["--from", "2026-02-20", "--to", "2026-03-20"]
    said, table = StringIO(), StringIO()
    call_command("measures", *days, "--by", "provider", "--json", stdout=said)
    call_command("measures", *days, "--by", "provider", stdout=table)
    told = json.loads(said.getvalue())
    from helmdesk.foundation.time import now

    given = {"from": "2026-02-20", "to": "2026-03-20", "by": "provider"}
    found = report(asked(given, at=now(), zone=Names(system()).zone), system())
    assert told["all"]["figures"] == as_json(found, Names(system()))["all"]["figures"]
    assert (told["from"], told["to"], told["by"], told["behind"]) == ("2026-02-20", "2026-03-20", "provider", 0)
    assert told["all"]["figures"]["contained"] == {
        "unit": "share", "n": 3, "value": None, "low": None, "high": None, "met": 2, "few": True,
    }  # fmt: skip
    assert "2 of 3" in table.getvalue()


def test_the_command_refuses_what_there_is_not(world: World) -> None:
    with pytest.raises(CommandError, match="--team"):
        call_command("measures", "--team", "nobody")
    with pytest.raises(CommandError, match="--from"):
        call_command("measures", "--from", "then")


def test_a_grant_that_ends_ends_the_figures_too(busy: World) -> None:
    before = made(busy, "nora").whole.figures["opened"].n
    Grant.objects.filter(provider=busy.providers["northwind"]).update(revoked_at=busy.at)
    assert (before > 0, made(busy, "nora").whole.figures["opened"].n) == (True, 0)


def test_days_are_written_as_days(busy: World) -> None:
    found = as_json(made(busy, "max"), Names(busy.who("max")))
    assert (found["from"], found["to"]) == (date(2026, 2, 20).isoformat(), date(2026, 4, 30).isoformat())
