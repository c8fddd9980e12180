"""A calendar is published whole: with every day written out, under a digest, and never changed afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from helmdesk.calendars import loading, public_holidays, versions
from helmdesk.calendars.facts import CalendarPublished
from helmdesk.calendars.models import BEGINNING, CalendarVersion, WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, change_calendar, publish
from helmdesk.calendars.writing import Holidays, OwnDay, Writing
from helmdesk.foundation import announce
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger import texts, triggers
from helmdesk.ledger.chain import canonical
from helmdesk.worktime import zones
from tests.calendars.written import AT, AUSTRIA, DANA, WEEK, calendar, first, office, told

pytestmark = pytest.mark.django_db

AUSTRIAN_2026 = {
    "2026-01-01": "New Year's Day",
    "2026-01-06": "Epiphany",
    "2026-04-06": "Easter Monday",
    "2026-05-01": "Labor Day",
    "2026-05-14": "Ascension Day",
    "2026-05-25": "Pentecost Monday",
    "2026-06-04": "Corpus Christi",
    "2026-08-15": "Assumption Day",
    "2026-10-26": "National Day",
    "2026-11-01": "All Saints' Day",
    "2026-12-08": "Immaculate Conception",
    "2026-12-25": "Christmas Day",
    "2026-12-26": "Saint Stephen's Day",
}


def test_every_holiday_stands_in_the_spec_as_a_date_with_its_name_beside_it() -> None:
    version = first(calendar())

    days: dict[str, list[str]] = {day: [] for day in AUSTRIAN_2026}
    days["2026-12-24"] = ["08:00-12:00"]
    assert version.spec == {"zone": "Europe/Vienna", "week": WEEK, "days": days}
    assert version.named == {**AUSTRIAN_2026, "2026-12-24": "Christmas Eve"}
    assert version.written == {
        "zone": "Europe/Vienna",
        "week": WEEK,
        "holidays": [
            {
                "country": "AT", "subdivision": "", "language": "en", "from": 2026, "to": 2026, "days": AUSTRIAN_2026,
            }
        ],
        "days": {"2026-12-24": {"hours": ["08:00-12:00"], "name": "Christmas Eve"}},
        "imported": {},
    }  # fmt: skip
    assert version.digest == sha256(canonical(version.spec).encode()).hexdigest()
    assert (version.n, version.recorded_at, version.person, version.tzdata) == (1, AT, 77, zones.edition())


def test_the_ledger_is_told_ids_digests_and_instants() -> None:
    row = calendar()
    change_calendar(row.pk, CalendarEntry(name={"en": "Office", "de": "Büro"}), by=DANA, at=AT)
    change_calendar(row.pk, CalendarEntry(name={"en": "Office", "de": "Büro"}), by=DANA, at=AT)

    version = first(row)
    assert told() == [
        ("calendar.added", {"calendar": row.pk, "code": "office"}),
        (
            "calendar.published",
            {
                "calendar": row.pk, "version": version.pk, "n": 1, "valid_from": to_us(BEGINNING),
                "digest": version.digest, "tzdata": version.tzdata, "reason": None,
            },
        ),
        ("calendar.changed", {"calendar": row.pk, "changed": ["name"], "active": True}),
    ]  # fmt: skip


def test_without_years_holidays_reach_from_last_year_to_in_five_years() -> None:
    version = first(calendar(holidays=[Holidays(country="AT")]))

    assert sorted({day[:4] for day in version.spec["days"]}) == [str(year) for year in range(2025, 2032)]
    assert version.named["2027-12-25"] == "Christtag"


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    bavaria = first(calendar(holidays=[Holidays(country="DE", subdivision="BY", first=2026, last=2026)]))

    assert bavaria.named["2026-01-06"] == "Heilige Drei Könige"
    assert bavaria.written["holidays"][0]["subdivision"] == "BY"


def test_own_days_come_before_imported_ones_and_those_before_holidays() -> None:
    version = first(
        calendar(
            days=[OwnDay(day=date(2026, 12, 25), hours=["09:00-11:00"], name="Stocktaking")],
            imported=[OwnDay(day=date(2026, 12, 25), name="Christmas"), OwnDay(day=date(2026, 12, 26))],
        )
    )

    assert (version.spec["days"]["2026-12-25"], version.named["2026-12-25"]) == (["09:00-11:00"], "Stocktaking")
    assert (version.spec["days"]["2026-12-26"], version.named["2026-12-26"]) == ([], "Saint Stephen's Day")


# --- holidays stay as they were written out ---


def another_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as a later release of it may be: a new holiday everywhere, and none at Christmas."""
    honest = public_holidays.days

    def changed(*args: Any, years: Any, **named: Any) -> dict[date, str]:
        found = {day: name for day, name in honest(*args, years=years, **named).items() if day.month < 12}
        return found | {date(year, 7, 1): "New Holiday" for year in years}

    monkeypatch.setattr(public_holidays, "days", changed)


def test_what_is_written_out_stays_and_only_new_years_are_read_from_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = calendar()
    another_mind(monkeypatch)

    longer = Holidays(country="AT", language="en", first=2026, last=2027)
    second = publish(row.pk, office(holidays=[longer]), by=DANA, at=AT + timedelta(days=1))

    assert second is not None
    days_of_2026 = {day: name for day, name in second.named.items() if day < "2027"}
    assert days_of_2026 == {**AUSTRIAN_2026, "2026-12-24": "Christmas Eve"}
    assert second.named["2027-07-01"] == "New Holiday"
    assert "2027-12-25" not in second.named


def test_holidays_are_read_anew_when_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    row = calendar()
    another_mind(monkeypatch)
    assert publish(row.pk, office(), by=DANA, at=AT + timedelta(days=1)) is None

    second = publish(row.pk, office(anew=True), by=DANA, at=AT + timedelta(days=1))

    assert second is not None
    assert second.named["2026-07-01"] == "New Holiday"
    assert first(row).named["2026-12-25"] == "Christmas Day"


def test_years_that_go_by_add_years_and_drop_none() -> None:
    row = calendar(holidays=[Holidays(country="AT")])

    second = publish(row.pk, office(holidays=[Holidays(country="AT")]), by=DANA, at=AT.replace(year=2029))

    assert second is not None
    (source,) = second.written["holidays"]
    assert (source["from"], source["to"]) == (2025, 2034)


# --- one that says the same, and one that is wrong ---


def test_what_says_the_same_leaves_no_version_and_no_event() -> None:
    row = calendar()
    before = told()

    assert publish(row.pk, office(), by=DANA, at=AT + timedelta(days=3)) is None
    assert publish(row.pk, office(week={**WEEK, "sat": []}), by=DANA, at=AT) is None

    assert (CalendarVersion.objects.count(), told()) == (1, before)


@pytest.mark.parametrize(
    "changed, field, cure",
    [
        ({"zone": "Vienna"}, "zone", "Europe/Vienna"),
        ({"week": {"mon": ["8-12"]}}, "week.mon", "08:00-12:00"),
        ({"week": {"monday": ["08:00-12:00"]}}, "week.monday", "mon, tue"),
        ({"days": [OwnDay(day=date(2026, 1, 2), hours=["25:00-26:00"])]}, "days.2026-01-02", "08:00-12:00"),
        ({"days": [OwnDay(day=date(2026, 1, 2)), OwnDay(day=date(2026, 1, 2))]}, "days", "twice"),
        ({"days": [OwnDay(day=date(1980, 1, 2))]}, "days.1980-01-02", "1990"),
        ({"holidays": [Holidays(country="Austria")]}, "holidays", "two letters"),
        ({"holidays": [Holidays(country="AT", subdivision="77")]}, "subdivision", "One of: 1, 2"),
        ({"holidays": [Holidays(country="AT", first=2030, last=2029)]}, "years", "1990 to 2100"),
        ({"holidays": [Holidays(country="AT", first=1, last=9999)]}, "years", "1990 to 2100"),
        ({"holidays": [AUSTRIA, AUSTRIA]}, "holidays", "once"),
        ({"holidays": [Holidays(country="AT", language="German")]}, "holidays.language", "en, de"),
    ],
)
def test_what_is_no_calendar_is_refused_by_field_value_and_cure(changed: dict[str, Any], field: str, cure: str) -> None:
    row = add_calendar("office", CalendarEntry(name="Office"), by=DANA, at=AT)

    with pytest.raises(BadEntry) as refused:
        publish(row.pk, office(**changed), by=DANA, at=AT)

    assert (refused.value.field, cure in refused.value.cure) == (field, True)
    assert CalendarVersion.objects.count() == 0


def test_a_code_is_taken_once_and_a_calendar_must_be_there() -> None:
    calendar()

    with pytest.raises(BadEntry, match="one already"):
        add_calendar("office", CalendarEntry(name="Office"), by=DANA, at=AT)
    with pytest.raises(BadEntry, match="no such calendar"):
        publish(10**9, office(), by=DANA, at=AT)
    with pytest.raises(BadEntry, match="no such calendar"):
        change_calendar(10**9, CalendarEntry(name="Office"), by=DANA, at=AT)


# --- when it begins ---


def test_a_first_version_holds_from_ever_and_a_next_one_from_now() -> None:
    row = calendar()

    second = publish(row.pk, office(days=[]), by=DANA, at=AT + timedelta(days=1))

    assert second is not None
    assert first(row).since_ever
    assert (second.n, second.valid_from, second.recorded_at) == (2, AT + timedelta(days=1), AT + timedelta(days=1))


def test_what_is_dated_back_needs_a_reason_which_can_be_forgotten() -> None:
    row = calendar()
    back = AT - timedelta(days=30)
    with pytest.raises(BadEntry, match="Say why") as refused:
        publish(row.pk, office(days=[]), valid_from=back, reason="  ", by=DANA, at=AT)
    assert refused.value.field == "reason"

    second = publish(row.pk, office(days=[]), valid_from=back, reason="It was agreed in January.", by=DANA, at=AT)

    assert second is not None
    assert second.reason is not None
    assert (second.valid_from, second.reason.body) == (back, "It was agreed in January.")
    assert told()[-1][1]["reason"] == texts.commitment(second.reason)


@pytest.mark.parametrize("days", [-40_000, 3700])
def test_a_version_begins_within_reach(days: int) -> None:
    row = calendar()
    with pytest.raises(BadEntry, match="ten years") as refused:
        publish(row.pk, office(days=[]), valid_from=AT + timedelta(days=days), reason="Why not", by=DANA, at=AT)
    assert refused.value.field == "valid_from"


# --- composed of others ---


def test_a_calendar_of_calendars_writes_out_what_they_are_that_day() -> None:
    office_row = calendar()
    night = Writing(zone="Asia/Manila", week={"sat": ["22:00-06:00"]})
    calendar("night", writing=night)
    both = calendar("both", writing=Writing(any_of=["office", "night"]))
    before = first(both)

    publish(office_row.pk, office(week={}), by=DANA, at=AT + timedelta(days=1))

    assert sorted(part["zone"] for part in before.spec["any"]) == ["Asia/Manila", "Europe/Vienna"]
    assert before.written == {"any": [{"code": "office", "version": 1}, {"code": "night", "version": 1}]}
    assert before.named["2026-12-25"] == "Christmas Day"
    assert first(both).spec == before.spec
    again = publish(both.pk, Writing(any_of=["office", "night"]), by=DANA, at=AT + timedelta(days=2))
    assert again is not None
    assert again.written["any"][0] == {"code": "office", "version": 2}


@pytest.mark.parametrize(
    "writing, field, cure",
    [
        (Writing(any_of=["nights"]), "any_of", "There is: empty, office."),
        (Writing(all_of=["office"]), "all_of", "no part of itself"),
        (Writing(all_of=["empty"]), "all_of", "no hours yet"),
        (Writing(any_of=["empty"], always=True), "always", "nothing else"),
    ],
)
def test_what_cannot_be_composed_is_refused(writing: Writing, field: str, cure: str) -> None:
    row = calendar()
    add_calendar("empty", CalendarEntry(name="Empty"), by=DANA, at=AT)

    with pytest.raises(BadEntry) as refused:
        publish(row.pk, writing, by=DANA, at=AT)

    assert (refused.value.field, cure in refused.value.cure) == (field, True)


def test_around_the_clock_is_a_calendar_too() -> None:
    version = first(calendar("always", writing=Writing(always=True)))

    assert (version.spec, version.zone) == ({"always": True}, "UTC")
    assert loading.compiled(version).elapsed(to_us(AT), to_us(AT + timedelta(hours=30))) == 30 * 3600 * 10**6


# --- nothing of it changes ---


def test_a_version_cannot_be_changed_or_deleted_whoever_asks() -> None:
    version = first(calendar())
    changes: list[Any] = [
        lambda: CalendarVersion.objects.filter(pk=version.pk).update(digest="0"),
        lambda: CalendarVersion.objects.all().delete(),
        lambda: CalendarVersion(**{**_columns(version), "n": 2}).save(force_update=True),
        lambda: WorkingCalendar.objects.all().delete(),
    ]
    for change in changes:
        with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
            change()
    assert _columns(first(version.calendar)) == _columns(version)
    assert [name for name in triggers.missing() if "calendarversion" in name] == []


def _columns(version: CalendarVersion) -> dict[str, Any]:
    return {field.attname: getattr(version, field.attname) for field in CalendarVersion._meta.local_concrete_fields}


def test_who_listens_hears_of_a_version_before_it_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[CalendarPublished] = []
    monkeypatch.setitem(announce._within, CalendarPublished, [heard.append])

    row = calendar()

    assert heard == [CalendarPublished(row.pk, first(row).pk, to_us(BEGINNING))]


# --- which version holds ---


def test_a_day_is_judged_by_its_version_as_it_was_known_then() -> None:
    """Recorded in January for ever, in February for March, in April for back to February."""
    january, february, march, april = (AT.replace(month=month, day=1) for month in (1, 2, 3, 4))
    row = add_calendar("office", CalendarEntry(name="Office"), by=DANA, at=january)
    publish(row.pk, office(), by=DANA, at=january)
    publish(row.pk, office(days=[]), valid_from=march, by=DANA, at=february)
    publish(row.pk, office(holidays=[]), valid_from=february, reason="Agreed so", by=DANA, at=april)

    def holds(day: Any, as_of: Any = None) -> int | None:
        version = versions.of(row, day, as_of=as_of)
        return version.n if version else None

    assert [holds(day) for day in (january - timedelta(days=900), february, march, april)] == [1, 3, 2, 2]
    assert [holds(day, as_of=march) for day in (january, february, march, april)] == [1, 1, 2, 2]
    assert [holds(day, as_of=january) for day in (january, march)] == [1, 1]
    assert holds(january, as_of=january - timedelta(seconds=1)) is None
    following = versions.next_begins(row.pk, february)
    assert following is not None
    assert following.n == 2


def test_of_two_that_begin_together_the_later_recorded_holds() -> None:
    row = calendar()
    march = AT + timedelta(days=30)
    publish(row.pk, office(days=[]), valid_from=march, by=DANA, at=AT + timedelta(days=1))
    publish(row.pk, office(holidays=[]), valid_from=march, by=DANA, at=AT + timedelta(days=2))

    now, before = versions.of(row, march), versions.of(row, march, as_of=AT + timedelta(days=1))

    assert (now and now.n, before and before.n) == (3, 2)


def test_a_compiled_calendar_is_kept_and_never_mistaken_for_another() -> None:
    row = calendar()
    pk = first(row).pk
    assert loading.calendar(pk) is loading.calendar(pk)
    assert loading.calendar(pk).spec == first(row).spec
    with pytest.raises(CalendarVersion.DoesNotExist):
        loading.calendar(10**9)

    with transaction.atomic():
        undone = publish(row.pk, Writing(always=True), by=DANA, at=AT)
        assert undone is not None
        assert loading.calendar(undone.pk).spec == {"always": True}
        transaction.set_rollback(True)
    other = publish(row.pk, Writing(week={}), by=DANA, at=AT)

    assert other is not None
    assert loading.calendar(other.pk).spec == {"zone": "UTC", "week": {}}
