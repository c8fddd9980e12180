"""Working calendars as they are set up in the pages: looked at, changed with a look ahead, and never half saved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helmdesk.access.viewer import system
from helmdesk.calendars import uses, versions
from helmdesk.calendars.models import CalendarVersion, WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, publish
from helmdesk.calendars.writing import Holidays, Writing
from helmdesk.foundation.time import now
from helmdesk.ledger.models import Event
from tests.calendars.written import WEEK, office
from tests.world import World

TYPED = {
    "kind": "week", "zone": "Europe/Vienna", "mon": "08:00-12:00, 13:00-17:00", "tue": "08:00-12:00",
    "wed": "", "thu": "closed", "fri": "8:00 – 12:00", "sat": "", "sun": "",
    "country_1": "AT Austria", "part_1": "", "country_2": "de", "part_2": "BY", "language": "en",
    "first_year": "2026", "last_year": "2026", "days": "2026-12-24 08:00-12:00 Christmas Eve\n2026-12-31 Stocktaking\n",
    "imported": "", "valid_from": "", "reason": "",
}  # fmt: skip


@pytest.fixture
def max_(world: World) -> Client:
    client = Client()
    client.force_login(world.people["max"].account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def row(world: World) -> WorkingCalendar:
    at = now() - timedelta(days=2)
    made = add_calendar("office", CalendarEntry(name={"en": "Office", "de": "Büro"}), by=system().stamp, at=at)
    publish(made.pk, office(), by=system().stamp, at=at)
    return made


def shown(client: Client, address: str, **sent: Any) -> str:
    answer = client.post(address, sent) if sent else client.get(address)
    return str(answer.content.decode())


def hidden(page: str, name: str = "shown") -> str:
    return page.split(f'name="{name}" value="')[1].partition('"')[0]


def test_a_calendar_is_named_given_hours_looked_at_and_saved(max_: Client, world: World) -> None:
    answer = max_.post("/setup/calendars/", {"code": "office", "name_en": "Office", "name_de": "", "active": "on"})
    row = WorkingCalendar.objects.get()
    assert answer.headers["Location"] == f"/setup/calendars/{row.pk}/versions/new"
    typed = {**TYPED, "shown": hidden(shown(max_, f"/setup/calendars/{row.pk}/versions/new"))}

    ahead = shown(max_, f"/setup/calendars/{row.pk}/draft", **typed)
    assert CalendarVersion.objects.count() == 0
    assert "Nothing is saved yet" in ahead
    saved = max_.post(f"/setup/calendars/{row.pk}/versions", typed)

    assert saved.headers["Location"] == f"/setup/calendars/{row.pk}"
    version = CalendarVersion.objects.get()
    assert version.spec["week"] == {
        "mon": ["08:00-12:00", "13:00-17:00"], "tue": ["08:00-12:00"], "fri": ["08:00-12:00"],
    }  # fmt: skip
    assert [(one["country"], one["subdivision"], one["to"]) for one in version.written["holidays"]] == [
        ("AT", "", 2026), ("DE", "BY", 2026),
    ]  # fmt: skip
    assert (version.spec["days"]["2026-12-24"], version.spec["days"]["2026-12-31"]) == (["08:00-12:00"], [])
    assert version.named["2026-12-31"] == "Stocktaking"
    assert version.person == world.people["max"].pk


def test_a_calendar_shows_its_week_its_year_and_its_versions(max_: Client, row: WorkingCalendar) -> None:
    page = shown(max_, f"/setup/calendars/{row.pk}?year=2026")

    assert "<dt>Monday to Friday</dt><dd>08:00-12:00, 13:00-17:00</dd>" in page
    assert "<dt>Saturday to Sunday</dt><dd>closed</dd>" in page
    label = "December: 21 days open, 164 hours. 8 closed Immaculate Conception; 24 08:00-12:00 Christmas Eve; "
    assert label + "25 closed Christmas Day." in page
    assert '<span class="off-day" title="Christmas Day · closed">25</span>' in page
    assert ("Version 1" in page, "in force" in page, "for all the past" in page) == (True, True, True)
    assert "Immaculate Conception" not in shown(max_, f"/setup/calendars/{row.pk}?year=2027")
    for strange in (
        "?year=9999",
        "?year=x",
        "?year=٢٠٢٦",
        "?version=77",
        "?version=x&year=1990",
        "?year=1991",
        "?year=2099",
    ):
        assert max_.get(f"/setup/calendars/{row.pk}{strange}").status_code == 200


def test_the_list_says_what_each_is_and_an_old_version_says_that_it_is_one(max_: Client, row: WorkingCalendar) -> None:
    publish(row.pk, Writing(always=True), by=system().stamp, at=now())
    made = add_calendar("both", CalendarEntry(name="Both"), by=system().stamp, at=now())
    publish(made.pk, Writing(any_of=["office"]), by=system().stamp, at=now())
    add_calendar("empty", CalendarEntry(name="Empty"), by=system().stamp, at=now())

    page = shown(max_, "/setup/calendars/")
    assert all(words in page for words in ("Around the clock", "open when one of these is: office", "no hours yet"))
    assert "not the one in force" in shown(max_, f"/setup/calendars/{row.pk}?version=1")
    assert "Give it hours" in shown(max_, f"/setup/calendars/{WorkingCalendar.objects.get(code='empty').pk}")
    assert "Public holidays" in shown(max_, f"/setup/calendars/{made.pk}/versions/new")


def test_an_edit_shows_days_and_uses_before_it_is_saved(
    max_: Client, row: WorkingCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, datetime]] = []

    def teller(pk: int, at: datetime) -> list[uses.Use]:
        asked.append((pk, at))
        return [uses.Use("Open clocks", 12)]

    monkeypatch.setattr(uses, "_tellers", [teller])
    form = edit(max_, row)

    page = shown(max_, f"/setup/calendars/{row.pk}/draft", **{**form, "fri": "08:00-12:00"})

    assert "Open clocks: <b>12</b>" in page
    assert "× Friday" in page
    assert "<td>08:00-12:00, 13:00-17:00</td><td>08:00-12:00</td>" in page
    assert asked[0][0] == row.pk
    assert "This is how it is already" in shown(max_, f"/setup/calendars/{row.pk}/draft", **form)


def test_what_is_dated_back_is_said_plainly_and_needs_a_reason(max_: Client, row: WorkingCalendar) -> None:
    form = {**edit(max_, row), "valid_from": "2026-02-01", "fri": ""}

    assert "It begins in the past" in shown(max_, f"/setup/calendars/{row.pk}/draft", **form)
    refused = max_.post(f"/setup/calendars/{row.pk}/versions", form)
    assert (refused.status_code, "Say why" in refused.content.decode()) == (422, True)
    max_.post(f"/setup/calendars/{row.pk}/versions", {**form, "reason": "Agreed in January"})

    version = versions.of(row, now())
    assert version is not None
    assert version.valid_from == datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    assert "Agreed in January" in shown(max_, f"/setup/calendars/{row.pk}")


@pytest.mark.parametrize(
    "changed, field, cure",
    [
        ({"zone": "Vienna"}, "zone", "Give a time zone by its name"),
        ({"mon": "8-12"}, "mon", "Give hours and minutes"),
        ({"country_1": "Atlantis"}, "country_1", "two letters"),
        ({"part_1": "99"}, "part_1", "One of: 1, 2"),
        ({"days": "24.12.2026 closed"}, "days", "Begin each line with a date"),
        ({"days": "2026-02-30"}, "days", "Begin each line with a date"),
        ({"days": "2026-02-03 08:00-25:00 Short"}, "days", "Give hours and minutes"),
        ({"first_year": "soon"}, "first_year", "whole number"),
        ({"first_year": "1"}, "first_year", "1990 to 2100"),
        ({"valid_from": "1.1.2026"}, "valid_from", "YYYY-MM-DD"),
        ({"valid_from": "0001-01-01"}, "valid_from", "YYYY-MM-DD"),
        ({"kind": "any"}, "parts", "Choose the calendars"),
        ({"kind": "all", "parts": ["nowhere"]}, "parts", "There is"),
    ],
)
def test_nothing_that_was_typed_is_lost_on_an_error(
    max_: Client, row: WorkingCalendar, changed: dict[str, str], field: str, cure: str
) -> None:
    before = Event.objects.count()
    form = {**edit(max_, row), "tue": "06:15-07:45", "reason": "My reason", **changed}

    for address in ("draft", "versions"):
        answer = max_.post(f"/setup/calendars/{row.pk}/{address}", form)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'id="f-{field}-err"' in page
        assert cure in page
        assert ('value="06:15-07:45"' in page, 'value="My reason"' in page) == (True, True)
    assert Event.objects.count() == before


def test_a_file_is_read_once_and_its_days_go_on_with_the_form(max_: Client, row: WorkingCalendar) -> None:
    content = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Founders\r\nDTSTART:20261005T000000Z\r\n"
        b"DTEND:20261006T000000Z\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Lunch\r\nDTSTART:20261006T120000Z\r\n"
        b"DTEND:20261006T130000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    form = edit(max_, row)

    ahead = shown(max_, f"/setup/calendars/{row.pk}/draft", **form, file=SimpleUploadedFile("days.ics", content))
    assert ("2026-10-05" in ahead, "no whole days: Lunch 2026-10-06" in ahead) == (True, True)
    again = shown(max_, f"/setup/calendars/{row.pk}/versions/new", **{**form, "imported": hidden(ahead, "imported")})
    assert "2026-10-05 Founders</textarea>" in again
    max_.post(f"/setup/calendars/{row.pk}/versions", {**form, "imported": hidden(ahead, "imported")})

    version = versions.of(row, now())
    assert version is not None
    assert (version.spec["days"]["2026-10-05"], version.named["2026-10-05"]) == ([], "Founders")


@pytest.mark.parametrize("content", [b"hello", b"", b"x" * 1_100_000])
def test_a_file_that_is_none_is_refused_and_the_form_stays(max_: Client, row: WorkingCalendar, content: bytes) -> None:
    form = {**edit(max_, row), "tue": "06:15-07:45"}

    answer = max_.post(f"/setup/calendars/{row.pk}/draft", {**form, "file": SimpleUploadedFile("days.ics", content)})

    assert (answer.status_code, 'value="06:15-07:45"' in answer.content.decode()) == (422, True)


def test_who_saves_after_somebody_else_is_told_first(max_: Client, row: WorkingCalendar) -> None:
    form = edit(max_, row)
    publish(row.pk, office(week={**WEEK, "fri": ["09:00-12:00"]}), by=system().stamp, at=now())

    answer = max_.post(f"/setup/calendars/{row.pk}/versions", {**form, "tue": "06:15-07:45"})

    page = answer.content.decode()
    assert (answer.status_code, "Friday: <b>09:00-12:00</b>" in page) == (409, True)
    assert CalendarVersion.objects.count() == 2
    max_.post(f"/setup/calendars/{row.pk}/versions", {**form, "tue": "06:15-07:45", "shown": hidden(page)})
    assert CalendarVersion.objects.count() == 3


def test_names_are_escaped_wherever_they_are_shown(max_: Client, row: WorkingCalendar) -> None:
    evil = "<script>alert(1)</script>"
    form = {**edit(max_, row), "days": f"2026-12-24 {evil}", "reason": evil}
    pages = [shown(max_, f"/setup/calendars/{row.pk}/draft", **form)]
    max_.post(f"/setup/calendars/{row.pk}/versions", form)
    max_.post(
        f"/setup/calendars/{row.pk}",
        {"name_en": evil, "active": "on", "shown": hidden(shown(max_, f"/setup/calendars/{row.pk}"))},
    )

    pages += [shown(max_, f"/setup/calendars/{row.pk}?year=2026"), shown(max_, "/setup/calendars/")]
    assert versions.of(row, now()).named["2026-12-24"] == evil  # type: ignore[union-attr]
    assert [evil in page for page in pages] == [False] * 3


@pytest.mark.parametrize("count", [1, 3, 12])
def test_pages_ask_the_database_the_same_however_many_there_are(max_: Client, row: WorkingCalendar, count: int) -> None:
    for number in range(count - 1):
        other = add_calendar(f"more-{number}", CalendarEntry(name="More"), by=system().stamp, at=now())
        publish(other.pk, Writing(zone="UTC", week=WEEK), by=system().stamp, at=now())
        publish(
            row.pk, Writing(zone="UTC", week={"mon": [f"08:00-{number % 9 + 9:02}:00"]}), by=system().stamp, at=now()
        )
    max_.get("/setup/calendars/")

    for address in ("", f"{row.pk}", f"{row.pk}/versions/new"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert max_.get(f"/setup/calendars/{address}").status_code == 200
        assert len(asked) <= 12


def test_holidays_that_run_out_are_told(max_: Client, row: WorkingCalendar) -> None:
    old = Holidays(country="AT", first=2020, last=2021)
    publish(row.pk, office(holidays=[old]), by=system().stamp, at=now())

    assert "until the end of 2021 only" in shown(max_, f"/setup/calendars/{row.pk}")


def edit(client: Client, row: WorkingCalendar) -> dict[str, Any]:
    """What the form of the calendar's hours sends when nothing is changed."""
    page = shown(client, f"/setup/calendars/{row.pk}/versions/new")
    same = {
        **TYPED, "mon": "08:00-12:00, 13:00-17:00", "country_1": "AT", "country_2": "", "part_2": "",
        "first_year": "", "last_year": "", "days": "2026-12-24 08:00-12:00 Christmas Eve", "shown": hidden(page),
    }  # fmt: skip
    return {
        **same,
        **dict.fromkeys(("tue", "wed", "thu", "fri"), "08:00-12:00, 13:00-17:00"),
        "first_year": "2026",
        "last_year": "2026",
    }
