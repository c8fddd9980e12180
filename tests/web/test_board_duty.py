"""Duty on the board: who is there, who is not and from when, gaps in words, and days on which clocks change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Hat
from helmdesk.measures.coverage import Quarter
from helmdesk.service_levels.duty import Duty
from helmdesk.tickets.parties import Parties, Place, Side
from helmdesk.web.board.duty import Picture, picture
from helmdesk.web.tickets.naming import Names
from helmdesk.worktime.reading import calendar_from
from tests.service_levels.promising import backed, calendars, owned, promise
from tests.web.visiting import visitor
from tests.world import World

VIENNA = ZoneInfo("Europe/Vienna")
US, THEM = Side(1, "Inhouse", 1, True), Side(2, "Northwind", 2, False)
DESK, CLIENTS, NETWORK = Place(1, "Desk", US), Place(2, "Clients", US), Place(3, "Network", THEM)
ALL = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA).astimezone(UTC)


def drawn(
    monkeypatch: pytest.MonkeyPatch, hours: Mapping[Place, str | None], *, at: str,
    came: list[Quarter] | None = None,
) -> Picture:  # fmt: skip
    """The picture that Iris sees, of teams that work from then to then every day; None where nothing says so."""
    kept = {
        team.pk: None
        if said is None
        else calendar_from({"zone": "Europe/Vienna", "week": {day: [said] if said else [] for day in ALL}})
        for team, said in hours.items()
    }
    monkeypatch.setattr("helmdesk.web.times.now", lambda: local(at))
    with timezone.override(VIENNA):
        return picture(list(hours), Duty(kept), came or [], names(), at=local(at), zone=VIENNA)


def names() -> Names:
    """As one in-house reads them."""
    parties = Parties({team.pk: team for team in (DESK, CLIENTS, NETWORK)}, {side.pk: side for side in (US, THEM)})
    return Names.of(Viewer(Hat.MEMBER, provider=US.pk, internal=True), parties)


def said(of: Picture) -> list[tuple[str, str, str]]:
    return [(crew.party.name, crew.now, crew.tail) for crew in of.crews]


def test_parties_say_how_many_teams_are_there_and_from_when(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(
        monkeypatch, {DESK: "07:00-18:00", CLIENTS: "09:00-17:00", NETWORK: "14:00-22:00"}, at="2026-11-26 08:00"
    )

    assert said(of) == [("us", "1 team", ""), ("Northwind", "0", "from 14:00")]
    assert [(one.name, one.words) for one in of.members] == [
        ("Desk", "on duty until 18:00"), ("Clients", "off duty, from 09:00"), ("Network", "off duty, from 14:00"),
    ]  # fmt: skip


def test_a_team_whose_hours_nothing_says_is_not_counted_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(monkeypatch, {DESK: "07:00-18:00", CLIENTS: None, NETWORK: None}, at="2026-11-26 08:00")

    assert said(of) == [("us", "1 team", "hours of 1 not known"), ("Northwind", "hours not known", "")]
    assert of.unknown == "Clients, Network"
    assert [one.words for one in of.members][1:] == ["hours not known"] * 2


def test_a_gap_is_told_with_what_came_in_such_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    came = [Quarter(to_us(local("2026-11-12 23:00")), 2, 1), Quarter(to_us(local("2026-11-19 22:30")), 1, 0)]

    of = drawn(monkeypatch, {DESK: "06:00-22:00"}, at="2026-11-26 13:42", came=came)

    assert of.gaps[0] == (
        "Tonight 22:00 to tomorrow 06:00",
        "In the last 8 weeks 0 to 2 tickets came at that time, 1 of them urgent.",
    )
    assert len(of.gaps) == 7
    assert of.of == ""


@pytest.mark.parametrize(
    ("came", "words"),
    [
        ([], "In the last 8 weeks nothing came at that time."),
        ([1] * 8, "In each of the last 8 weeks 1 ticket came at that time, none of them urgent."),
        ([3] * 8, "In each of the last 8 weeks 3 tickets came at that time, none of them urgent."),
        ([0] * 7 + [1], "In the last 8 weeks 0 to 1 ticket came at that time, none of them urgent."),
    ],
)
def test_what_came_is_told_as_it_was(monkeypatch: pytest.MonkeyPatch, came: list[int], words: str) -> None:
    start = local("2026-11-26 23:00")
    rows = [Quarter(to_us(start - timedelta(weeks=n)), number, 0) for n, number in enumerate(came, 1) if number]

    of = drawn(monkeypatch, {DESK: "06:00-22:00"}, at="2026-11-26 13:42", came=sorted(rows))

    assert of.gaps[0][1] == words


def test_when_nobody_is_there_now_it_says_until_when(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(monkeypatch, {DESK: "06:00-22:00"}, at="2026-11-26 05:00")

    assert of.gaps[0][0] == "Now until 06:00"


def test_where_another_party_is_always_there_the_gaps_are_those_of_one_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(monkeypatch, {DESK: "07:00-18:00", NETWORK: "00:00-24:00"}, at="2026-11-26 12:00")

    assert (of.of, of.gaps[0][0]) == ("us", "Tonight 18:00 to tomorrow 07:00")
    assert of.nobody == []
    assert [one.words for one in of.members] == ["on duty until 18:00", "always on duty"]


def test_hours_of_the_week_are_coloured_by_who_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    came = [Quarter(to_us(local("2026-11-19 23:00")), 4, 1)]
    of = drawn(monkeypatch, {DESK: "07:00-12:30", NETWORK: "12:00-22:00"}, at="2026-11-26 12:00", came=came)
    cells = of.days[0].cells

    assert [(cells[n].css, cells[n].came, cells[n].urgent) for n in (6, 8, 12, 23)] == [
        ("none", "", False), ("one p1", "", False), ("many", "", False), ("none had", "4", True),
    ]  # fmt: skip
    assert [cells[n].told for n in (8, 12, 23)] == ["08–09: us", "12–13: us, Northwind", "23–00: nobody; 1 urgent"]
    assert (of.days[0].name, of.days[0].exact, len(of.days)) == ("Thu 26", "Thursday 26 November", 7)


def test_an_hour_that_is_open_for_a_part_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(monkeypatch, {DESK: "07:00-12:30"}, at="2026-11-26 12:00")

    assert [of.days[1].cells[n].css for n in (11, 12, 13)] == ["one p1", "one p1 part", "none"]


def test_in_the_week_in_which_clocks_go_forward_an_hour_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(monkeypatch, {DESK: "00:00-24:00"}, at="2026-03-27 12:00")
    sunday = of.days[2]

    assert (sunday.name, [n for n, cell in enumerate(sunday.cells) if cell.css == "skip"]) == ("Sun 29", [2])
    assert sunday.cells[2].told == "There is no such hour: clocks go forward."
    assert of.gaps == []


@pytest.mark.parametrize(("at", "lasting"), [("2026-03-28 20:00", 23), ("2026-10-24 20:00", 25)])
def test_the_axis_keeps_to_the_clock_on_the_wall_when_it_changes(
    monkeypatch: pytest.MonkeyPatch, at: str, lasting: int
) -> None:
    """From eight in the evening to eight in the morning there are 11 or 13 hours."""
    of = drawn(monkeypatch, {DESK: "08:00-20:00"}, at=at)
    eight = next(x for x, words in of.axis if words == "08")

    assert eight == pytest.approx((lasting - 12) * 100 / 24, abs=0.01)
    assert of.crews[0].bars[-1].x == eight
    assert of.nobody[0] == (0, eight)


def test_bars_and_the_gap_between_them_fill_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(monkeypatch, {DESK: "07:00-18:00"}, at="2026-11-26 12:00")
    (crew,) = of.crews

    assert crew.told == "us: on duty 12:00 to 18:00, tomorrow 07:00 to tomorrow 12:00"
    assert sum(bar.width for bar in (*crew.bars, *of.nobody)) == pytest.approx(100, abs=0.05)
    assert [words for _, words in of.axis] == ["16", "20", "00", "04", "08"]


def test_who_never_works_is_never_on_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn(monkeypatch, {DESK: ""}, at="2026-11-26 12:00")

    assert said(of) == [("us", "0", "never")]
    assert of.crews[0].told == "us: on duty not within 24 hours"
    assert [one.words for one in of.members] == ["off duty, never"]


def test_the_page_says_it_all_in_words(world: World) -> None:
    calendars(world.at)
    promise(world, owned(calendar="always"), backed())
    page = visitor(world, "iris").get("/board/")

    assert "us 1 team (hours of 1 not known)" in page
    assert "Northwind 1 team" in page
    assert "Baltic hours not known" in page
    assert "Somebody is on duty at every hour of the coming week." in page
    assert "Hours not known, and so not counted: Clients, Night." in page


def test_a_guest_reads_of_the_hours_of_their_own_company_alone(world: World) -> None:
    calendars(world.at)
    promise(world, owned(), backed())
    page = visitor(world, "nora").get("/board/")

    assert "us 1 team" in page
    for hidden in ("Inhouse", "Baltic", "Desk", "Clients", "Night"):
        assert hidden not in page
