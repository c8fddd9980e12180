"""Working calendars from a company's file: the same twice changes nothing, and what is not said stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helmdesk.access.viewer import system
from helmdesk.calendars import versions
from helmdesk.calendars.models import CalendarVersion, WorkingCalendar
from helmdesk.exchange.setup import Outcome, set_up
from helmdesk.exchange.setup_file import BadSetup
from helmdesk.ledger.models import Event

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFICE = """
[[calendars]]
code = "office"
name = "Office"
zone = "Europe/Vienna"
week = {mon = ["08:00-12:00", "13:00-17:00"]}
holidays = ["AT-9"]
days = [{day = 2026-12-24, hours = ["08:00-12:00"], name = "Christmas Eve"}, {day = 2026-12-31}]
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def apply(folder: Path, text: str, *, at: datetime = AT, dry_run: bool = False) -> list[Outcome]:
    file = folder / "company.toml"
    file.write_text(text)
    return set_up(file, dry_run=dry_run, by=system(), at=at)


def test_a_calendar_is_added_with_its_hours_and_a_second_run_changes_nothing(folder: Path) -> None:
    would = apply(folder, OFFICE, dry_run=True)
    assert (CalendarVersion.objects.count(), Event.objects.count()) == (0, 0)

    assert apply(folder, OFFICE) == would == [Outcome("calendars", "office", "added")]
    version = CalendarVersion.objects.get()
    assert version.since_ever
    assert version.spec["week"] == {"mon": ["08:00-12:00", "13:00-17:00"]}
    assert (version.spec["days"]["2026-12-24"], version.spec["days"]["2026-12-31"]) == (["08:00-12:00"], [])
    before = Event.objects.count()
    assert apply(folder, OFFICE, at=AT + timedelta(days=30)) == [Outcome("calendars", "office", "unchanged")]
    assert (CalendarVersion.objects.count(), Event.objects.count()) == (1, before)


def test_next_year_the_same_file_adds_a_year_of_holidays_and_drops_none(folder: Path) -> None:
    apply(folder, OFFICE)

    done = apply(folder, OFFICE, at=AT + timedelta(days=366))

    assert done == [Outcome("calendars", "office", "changed", ("calendar.published",))]
    row = WorkingCalendar.objects.get()
    assert [
        (version.n, version.written["holidays"][0]["from"], version.written["holidays"][0]["to"])
        for version in versions.in_turn(row.pk)
    ] == [(2, 2025, 2032), (1, 2025, 2031)]


def test_what_is_not_said_stays(folder: Path) -> None:
    apply(folder, OFFICE)

    done = apply(folder, '[[calendars]]\ncode = "office"\nname = "Bureau"\nweek = {tue = ["09:00-10:00"]}', at=AT)

    assert done == [Outcome("calendars", "office", "changed", ("calendar.published", "name"))]
    version = versions.of(WorkingCalendar.objects.get(), AT)
    assert version is not None
    assert (version.zone, version.spec["week"]) == ("Europe/Vienna", {"tue": ["09:00-10:00"]})
    assert (version.spec["days"]["2026-12-24"], version.named["2026-12-25"]) == (["08:00-12:00"], "Christtag")
    renamed = apply(folder, '[[calendars]]\ncode = "office"\nactive = false')
    assert renamed == [Outcome("calendars", "office", "changed", ("active",))]


def test_one_made_of_others_and_one_from_another_day_on(folder: Path) -> None:
    apply(folder, OFFICE)
    more = """
        [[calendars]]
        code = "office"
        valid_from = 2026-02-01
        reason = "Agreed in January"
        days = []
        [[calendars]]
        code = "day-and-night"
        name = "Day and night"
        always = true
        [[calendars]]
        code = "both"
        name = "Both"
        all = ["office", "day-and-night"]
    """

    assert [one.done for one in apply(folder, more)] == ["changed", "added", "added"]
    assert [one.done for one in apply(folder, more)] == ["unchanged"] * 3
    newest = CalendarVersion.objects.get(calendar__code="office", n=2)
    assert newest.valid_from == datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    assert "2026-12-24" not in newest.spec["days"]


@pytest.mark.parametrize(
    "says, told, cure",
    [
        ('zone = "Vienna"', "calendars c: zone = 'Vienna'", "Europe/Vienna"),
        ('week = {mon = ["8-12"]}', "calendars c: week.mon = '8-12'", "08:00-12:00"),
        ('week = {mon = "08:00-12:00"}', "calendars c: week", "Give the hours of each open day"),
        ('holidays = ["XX"]', "calendars c: holidays = 'XX'", "two letters"),
        ('holidays = ["AT-77"]', "calendars c: subdivision = '77'", "One of: 1, 2"),
        ('holidays = ["AT"]\nyears = [2026]', "calendars c: years = [2026]", "first and the last"),
        ('days = [{date = 2026-12-24}]', "calendars c: days", "Write {day = 2026-12-24"),
        ('days = ["2026-12-24"]', "calendars c: days", "Write {day = 2026-12-24"),
        ("days = [{day = 2026-12-24T00:00:00}]", "calendars c: days", "Write {day = 2026-12-24"),
        ("days = [{day = 2026-12-24, hours = 5}]", "calendars c: days", "Write {day = 2026-12-24"),
        ('any = ["nowhere"]', "calendars c: any_of = 'nowhere'", "There is"),
        ("always = 1", "calendars c: always = 1", "true or false"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_its_cure_and_nothing_is_done(
    folder: Path, says: str, told: str, cure: str
) -> None:
    with pytest.raises(BadSetup) as refused:
        apply(folder, f'[[calendars]]\ncode = "c"\nname = "C"\n{says}')

    assert (told in str(refused.value), cure in str(refused.value)) == (True, True)
    assert (WorkingCalendar.objects.count(), Event.objects.count()) == (0, 0)
