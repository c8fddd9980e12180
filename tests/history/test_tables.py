"""Any table becomes rows by a mapping that is checked whole; a bad value refuses its row by name, with a cure."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from helmdesk.history import mapping as mappings
from helmdesk.history.grouping import Survey
from helmdesk.history.mapping import PRESETS, BadMapping, Column, describe, preset, read
from helmdesk.history.observation import Refused, Row
from helmdesk.history.tables import MappedTable
from tests.history.told import at_a_glance, outcomes

TICKETS = """
name = "old desk"
dates = ["%d/%m/%Y %H:%M"]
zone = "Europe/Berlin"
empty = ["-"]

[columns]
id = "Key"
opened = ["Created", "Created at"]
updated = "Updated"
resolved = "Solved"
closed = "Closed"
status = "State"
priority = "Prio"
type = "Kind"
channel = "Via"
group = "Group"
agent = "Owner"
requester = "Who"
subject = "Title"
category = "Area"
subcategory = "Sub"
site = "Site"

[fields]
invoice = "Invoice No."

[status]
"New" = "open"
"Pending" = "wait:requester"
"Done" = "resolved"
"Closed" = "closed"

[priority]
"High" = 2
"Normal" = 3

[type]
"Wish" = "request"
"*" = "incident"

[channel]
"Mail" = "mail"
"""
EVENTS = """
rows = "events"
zone = "Europe/Berlin"
dates = "iso"
[columns]
id = "id"
updated = "when"
status = "state"
group = "team"
[status]
"new" = "open"
"waiting" = "wait:third"
"closed" = "closed"
"""
CORPUS = Path(__file__).parent / "corpus"
HEADER = "Key,Created,Updated,Solved,Closed,State,Prio,Kind,Via,Group,Owner,Who,Title,Area,Sub,Site,Invoice No.,Extra"
TIMES = "1/3/2025 09:00,3/3/2025 09:00,2/3/2025 09:00,3/3/2025 09:00"
WHOLE = f"T1,{TIMES},closed,HIGH,Wish,Mail,Desk,Dora,Ann,Hi,HW,PC,Porto,7,x"


@pytest.fixture
def table(tmp_path):
    def write(mapping, *lines):
        path = tmp_path / "table.csv"
        path.write_text("\n".join(lines) + "\n")
        return MappedTable(path, read(mapping))

    return write


def us(day, hour):
    return int(datetime(2025, 3, day, hour - 1, tzinfo=UTC).timestamp()) * 1_000_000


def test_a_whole_row_of_a_ticket_table_shows_all_it_holds(table):
    ((row,),) = table(TICKETS, HEADER, WHOLE).tickets()
    assert (row.number, row.external_id, row.at) == (2, "T1", us(3, 9))
    assert row.values == {
        "group": "Desk",
        "agent": "Dora",
        "requester": "Ann",
        "subject": "Hi",
        "site": "Porto",
        "field.invoice": "7",
        "opened_at": us(1, 9),
        "resolved_at": us(2, 9),
        "closed_at": us(3, 9),
        "phase": "closed",
        "wait": None,
        "status": "closed",
        "priority": 2,
        "type": "request",
        "channel": "mail",
        "category": ("HW", "PC"),
        "held": False,
    }


def test_an_empty_value_says_nothing_and_an_empty_group_that_nobody_is_shown(table):
    line = "T1,1/3/2025 09:00,-,,-,New,Normal,Bug,Fax,-,,,,,,,,"
    ((row,),) = table(TICKETS, HEADER, line).tickets()
    assert row.values == {
        "group": None,
        "agent": None,
        "opened_at": us(1, 9),
        "phase": "open",
        "wait": None,
        "status": "New",
        "priority": 3,
        "type": "incident",
        "channel": "import",
        "held": False,
    }


def test_without_a_status_the_instants_say_the_phase(table):
    mapping = TICKETS.replace('status = "State"\n', "")
    lines = [
        "T1,1/3/2025 09:00,,,,,,,,,,,,,,,,",
        "T2,1/3/2025 09:00,,2/3/2025 09:00,,,,,,,,,,,,,,",
        "T3,1/3/2025 09:00,,,2/3/2025 09:00,,,,,,,,,,,,,",
    ]
    rows = [row for rows in table(mapping, HEADER, *lines).tickets() for row in rows]
    assert [row.values["phase"] for row in rows] == ["open", "resolved", "closed"]


@pytest.mark.parametrize(
    "line, refused",
    [
        (WHOLE.replace("T1", ""), ("id", "", "is missing")),
        (WHOLE.replace("1/3/2025", "31/2/2025"), ("opened", "31/2/2025 09:00", "no date as %d/%m/%Y %H:%M")),
        (WHOLE.replace("1/3/2025 09:00", "-"), ("opened", "", "is missing")),
        (WHOLE.replace("closed", "Parked"), ("status", "Parked", "has no entry in [status]")),
        (WHOLE.replace("HIGH", "Panic"), ("priority", "Panic", "has no entry in [priority]")),
        (WHOLE.replace("Hi", "x" * 501), ("subject", "x" * 200, "is longer than 500 characters")),
        (WHOLE.replace("Desk", "x" * 201), ("group", "x" * 200, "is longer than 200 characters")),
        (WHOLE.replace("Desk", "a\0b"), ("row", "", "'Group' holds a zero byte")),
    ],
)
def test_a_bad_value_refuses_its_row_by_name_with_a_cure(table, line, refused):
    ((row,),) = table(TICKETS, HEADER, line).tickets()
    assert isinstance(row, Refused)
    assert (row.field, row.value, row.reason) == refused
    assert row.cure


def test_rows_are_unchanged_refused_or_make_events(table):
    again = WHOLE.replace(",x", ",changed, but not mapped").replace(", but", " but")
    found = outcomes(table(TICKETS, HEADER, WHOLE, again, WHOLE.replace("HIGH", "Panic")))
    assert sorted(at_a_glance(found), key=lambda pair: pair[0]) == [
        (2, ["ticket.opened", "field.set", "assigned", "resolved", "closed"]),
        (3, "already brought in"),
        (4, "priority 'Panic' has no entry in [priority]"),
    ]


def test_changes_of_an_event_table_come_in_order_of_time_wherever_they_stand(table):
    found = table(
        EVENTS,
        "id;when;state;team",
        "1;2025-03-03T09:00;closed;Net",
        "2;2025-03-01T09:00;new;Desk",
        "1;2025-03-02T09:00;waiting;Net",
        "1;2025-03-01T09:00+01:00;new;Desk",
    )
    assert found.survey() == Survey(rows=4, tickets=2, together=False)
    assert at_a_glance(outcomes(found)) == [
        (5, ["ticket.opened"]),
        (4, ["handed_over", "wait.started"]),
        (2, ["wait.ended", "closed"]),
        (3, ["ticket.opened"]),
    ]


def test_an_event_table_knows_its_end_only_when_it_comes(table):
    mapping = EVENTS.replace('status = "state"', 'closed = "end"').replace("[status]", "[type]")
    mapping = mapping[: mapping.index("[type]")]
    found = table(
        mapping,
        "id;when;end;team",
        "1;2025-03-01T09:00;2025-03-03T09:00;Desk",
        "1;2025-03-03T09:00;2025-03-03T09:00;Desk",
    )
    assert at_a_glance(outcomes(found)) == [(2, ["ticket.opened"]), (3, ["closed"])]


def test_the_dry_run_says_what_became_of_each_column():
    header = [name for name in HEADER.split(",") if name != "Site"] + ["Title", "", "Sitte"]
    described = {column.name: column for column in describe(read(TICKETS), header)}
    assert described["Key"] == Column("Key", "ticket (external reference)")
    assert described["Invoice No."] == Column("Invoice No.", "own field 'invoice'")
    assert described["Extra"] == Column("Extra", "not used", used=False)
    assert described[""] == Column("", "not understood", False, "give the column a name in the header")
    assert described["Title"].cure == "rename one of them to use it"
    assert described["Site"] == Column("Site", "site: no such column", False, "did you mean 'Sitte'?")


def test_a_table_without_what_is_needed_is_refused_at_once(table):
    with pytest.raises(BadMapping) as refused:
        table(TICKETS, "Key,Made", "1,2")
    assert refused.value.faults == [
        "columns.opened: the file has no column 'Created' or 'Created at'. It has Key, Made"
    ]


@pytest.mark.parametrize(
    "change, fault",
    [
        (('id = "Key"\n', ""), 'columns.id: missing; add id = "their column"'),
        (('opened = ["Created", "Created at"]\n', ""), 'columns.opened: missing; add opened = "their column"'),
        (('id = "Key"', "id = 7"), "columns.id: 7 is no column; give its name in quotes, or a list of names"),
        (('group = "Group"', 'gruop = "Group"'), "columns.gruop: no field of ours; did you mean group?"),
        (('zone = "Europe/Berlin"', 'zoen = "x"'), "zoen: not known; did you mean zone?"),
        (
            ("Europe/Berlin", "Berlin"),
            "zone: 'Berlin' is no time zone; give an IANA name",
        ),
        (('"%d/%m/%Y %H:%M"', '"d/m/y"'), "dates: 'd/m/y' is no format"),
        (('"wait:requester"', '"pending"'), "status.'pending': 'pending' is none of open, resolved, closed, wait:"),
        (('"High" = 2', '"High" = 9'), "priority.'high': 9 is none of 1, 2, 3, 4, 5"),
        (('"New" = "open"', '"new " = "open"\n"New" = "open"'), "status: a value is there twice"),
        (("invoice =", '"Bill No" ='), "fields.Bill No: write the code in a-z, 0-9, - and _"),
        (('[priority]\n"High" = 2\n"Normal" = 3\n', ""), "priority: the column is mapped, its values are not"),
        (('name = "old desk"', 'delimiter = ";;"'), "delimiter: ';;' is not one character"),
        (('name = "old desk"', 'rows = "people"'), "Invalid enum value 'people'"),
        (('name = "old desk"', "name = old"), "not TOML: Invalid value"),
    ],
)
def test_a_wrong_mapping_names_what_is_wrong_and_its_cure(change, fault):
    assert change[0] in TICKETS
    with pytest.raises(BadMapping) as refused:
        read(TICKETS.replace(*change))
    assert any(said.startswith(fault) for said in refused.value.faults), refused.value.faults


def test_all_faults_of_a_mapping_are_said_at_once():
    with pytest.raises(BadMapping) as refused:
        read('zoen = 1\ndates = []\n[columns]\nid = "a"\nstate = "b"\n')
    assert len(refused.value.faults) == 4


def test_an_importer_can_give_the_zone_and_dates():
    mapping = read(preset("zendesk"), zone="Europe/Berlin", dates=["%m/%d/%Y"], delimiter=None)
    assert (mapping.zone, mapping.dates, mapping.delimiter) == ("Europe/Berlin", ["%m/%d/%Y"], None)


EXPORTS = {
    "jira": [
        ["ticket.opened", "assigned", "wait.started"],
        ["ticket.opened", "assigned", "resolved"],
    ],
    "zendesk": [
        ["ticket.opened", "assigned", "resolved", "closed"],
        ["ticket.opened", "handed_over", "wait.started"],
    ],
    "freshservice": [
        ["ticket.opened", "handed_over"],
        ["ticket.opened", "assigned", "resolved", "closed"],
    ],
    "zammad": [
        ["ticket.opened", "handed_over", "wait.started"],
        ["ticket.opened", "assigned", "closed"],
    ],
    "servicenow_table": [
        ["ticket.opened", "field.set", "handed_over"],
        ["ticket.opened", "assigned", "closed"],
    ],
}


@pytest.mark.parametrize("name", EXPORTS)
def test_a_preset_reads_the_usual_export(name):
    found = MappedTable(CORPUS / f"{name}.csv", read(preset(name), zone="Europe/Berlin"))
    assert [glance for _, glance in at_a_glance(outcomes(found))] == EXPORTS[name]
    assert not [column for column in found.describe() if column.meaning == "not understood"]


def test_every_preset_is_tested_and_shipped():
    shipped = Path(mappings.__file__).parent / "presets"
    assert {path.stem for path in shipped.iterdir()} == set(PRESETS) == set(EXPORTS)
    with pytest.raises(BadMapping, match="'excel' is no preset: freshservice, jira"):
        preset("excel")
    with pytest.raises(BadMapping, match="is no preset"):
        preset("../mapping")


def test_the_first_value_of_a_row_is_enough_to_tell_it_from_another(table):
    rows = [row for rows in table(TICKETS, HEADER, WHOLE, WHOLE.replace("T1", "T2")).tickets() for row in rows]
    assert len({row.digest for row in rows if isinstance(row, Row)}) == 2
