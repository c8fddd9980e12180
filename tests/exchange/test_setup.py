"""A company from a file: whole or not at all, the same twice, and a wrong entry is named with its cure."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.access.allowed import NotAllowed
from helmdesk.access.models import Grant
from helmdesk.access.viewer import system, viewer_of
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.catalogue.fields import current_fields
from helmdesk.catalogue.models import Category, Service, Tag
from helmdesk.exchange.setup import Outcome, set_up
from helmdesk.exchange.setup_file import TABLES, BadSetup, rows
from helmdesk.ledger.models import Event
from helmdesk.people.models import Account, Department, Person, Role, Site
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.models import ThirdParty
from tests.thoroughness import examples
from tests.world import World

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[2] / "docs/reference/company.toml"

pytestmark = pytest.mark.django_db


def test_the_example_of_the_documents_sets_up_a_company() -> None:
    outcomes = apply(EXAMPLE)

    assert {outcome.done for outcome in outcomes} == {"added", "unchanged", "changed"}
    assert [outcome.table for outcome in outcomes if outcome.done == "changed"] == ["closing"]
    assert [outcome.table for outcome in outcomes if outcome.done == "unchanged"] == ["matrix"]
    assert Site.objects.get(code="porto").zone == "Europe/Lisbon"
    assert Department.objects.get(code="finance").legal_entity == "Alder Holding AG"
    assert Service.objects.get(code="payroll").name["de"] == "Lohnabrechnung"
    assert Category.objects.get(code="printer").parent == Category.objects.get(code="hardware")
    assert set(Tag.objects.values_list("code", flat=True)) == {"vip", "recurring"}
    assert set(current_fields()) == {"asset", "solution", "staff-number"}
    northwind = Provider.objects.get(code="northwind")
    assert northwind.fallback_team == Team.objects.get(code="service-desk", triage=True)
    assert dict(Team.objects.values_list("code", "calendar__code")) == {
        "service-desk": "office", "northwind-network": None,
    }  # fmt: skip
    assert ThirdParty.objects.get().name == "Printer Works GmbH"
    ana = Person.objects.get(name="Ana Ruiz")
    assert set(ana.addresses.values_list("folded", flat=True)) == {"ana.ruiz@alder.example", "+351225550123"}
    assert not Account.objects.get(person=ana).has_usable_password()


def test_the_people_of_the_example_may_do_what_it_says() -> None:
    apply(EXAMPLE)

    lead, guest, asker = (viewer_of(Person.objects.get(name=name).pk, at=AT) for name in (
        "Max Adler", "Nora West", "Ana Ruiz",
    ))  # fmt: skip

    assert lead.internal
    assert lead.leads == {Team.objects.get(code="service-desk").pk}
    assert lead.may("access.manage")
    assert (guest.working, guest.internal, guest.unmasked, guest.shares) == (True, False, False, True)
    assert not asker.working
    inhouse = Grant.objects.get(provider__code="inhouse")
    assert (inhouse.confidential, inhouse.personal_data) == (False, True)
    until = Grant.objects.get(provider__code="northwind").ends_at
    assert until == datetime(2029, 12, 31, 23, 0, tzinfo=UTC)


def test_a_second_run_changes_nothing_and_records_no_event() -> None:
    apply(EXAMPLE)
    before = Event.objects.count()

    outcomes = apply(EXAMPLE)

    assert {outcome.done for outcome in outcomes} == {"unchanged"}
    assert Event.objects.count() == before


def test_a_dry_run_tells_the_same_and_leaves_nothing() -> None:
    would = set_up(EXAMPLE, dry_run=True, by=system(), at=AT)

    assert (Event.objects.count(), Person.objects.count(), Role.objects.count()) == (0, 0, 0)
    assert would == apply(EXAMPLE)


def test_what_differs_is_changed_and_what_is_not_said_stays(tmp_path: Path) -> None:
    apply(EXAMPLE)

    outcomes = apply(written(tmp_path, """
        [[sites]]
        code = "porto"
        name = "Oporto"
        [[services]]
        code = "payroll"
        criticality = 2
        [[people]]
        email = "MAX.adler@alder.example"
        title = "CIO"
        teams = []
        [[providers]]
        code = "northwind"
        fallback_team = "service-desk"
        hue = 5
        [[grants]]
        provider = "northwind"
        services = ["network", "payroll"]
        [[fields]]
        code = "asset"
        searchable = false
    """))  # fmt: skip

    assert [(one.entry, one.done, one.fields) for one in outcomes] == [
        ("porto", "changed", ("name",)),
        ("payroll", "changed", ("criticality",)),
        ("asset", "changed", ("field.defined",)),
        ("northwind", "changed", ("hue",)),
        ("MAX.adler@alder.example", "changed", ("team.left", "title")),
        ("northwind 1", "changed", ("grant.changed",)),
    ]
    assert Site.objects.get(code="porto").zone == "Europe/Lisbon"
    assert Service.objects.get(code="payroll").hour_cost == 1200
    assert Grant.objects.get(provider__code="northwind").version == 2


WRONG = [
    ('[[sites]]\ncode = "rome"\nname = "Rome"\nzone = "Rome"', "sites rome: zone = 'Rome'", "Europe/Berlin"),
    ('[[sites]]\ncode = "Rome"\nname = "Rome"', "sites Rome: code = 'Rome'", "Small letters"),
    ('[[sites]]\ncode = "rome"', "sites rome: name = ''", "Give a name"),
    ('[[sites]]\nname = "Rome"', "sites Rome: code", "It is missing"),
    ('[[sites]]\ncode = "rome"\nname = "Rome"\nzne = "UTC"', "sites rome: zne", "Did you mean zone?"),
    ('[[site]]\ncode = "rome"', "site", "Did you mean sites?"),
    ("[[sites]]\ncode = 5", "sites entry 1: code = 5", "text in quotes"),
    ('sites = "rome"', "sites", "under its own heading [[sites]]"),
    ('[[sites]]\ncode = "a"\nname = "A"\n[[sites]]\ncode = "a"\nname = "B"', "sites a: code = 'a'", "twice"),
    ('[[roles]]\ncode = "r"\nname = "R"\npermissions = ["fly"]', "roles r: permissions = 'fly'", "One of"),
    ('[[services]]\ncode = "s"\nname = "S"\ncriticality = 9', "services s: criticality = 9", "1 (stops"),
    ('[[services]]\ncode = "s"\nname = "S"\nhour_cost = 1.005', "services s: hour_cost", "two places"),
    (
        '[[services]]\ncode = "s"\nname = "S"\nowner_department = "x"',
        "services s: owner_department = 'x'",
        "There is: it",
    ),
    ('[[categories]]\ncode = "c"\nname = "C"\nparent = "c"', "categories c: parent = 'c'", "There is none yet"),
    ('[[fields]]\ncode = "f"\nname = "F"\nkind = "number"\npersonal = true', "fields f: personal", "text"),
    ("[matrix]\ncells = [[1, 2]]", "matrix", "Three rows"),
    ('[[providers]]\ncode = "p"\nname = "P"\nkind = "friend"', "providers p: kind = 'friend'", "internal"),
    ('[[teams]]\ncode = "t"\nname = "T"', "teams t: provider", "Name the provider"),
    ('[[teams]]\ncode = "t"\nname = "T"\nprovider = "p"', "teams t: provider = 'p'", "There is"),
    (
        '[[providers]]\ncode = "p"\nname = "P"\n[[teams]]\ncode = "t"\nprovider = "p"\nname = "T"\ncalendar = "x"',
        "teams t: calendar = 'x'",
        "There is none yet",
    ),
    ('[[people]]\nname = "Ana"\nemail = "ana"', "people ana: email = 'ana'", "e-mail address such as"),
    ('[[people]]\nname = "Ana"\nemail = "a@b.example"\nteams = ["x"]', "people a@b.example: teams = 'x'", "There is"),
    (
        '[[people]]\nname = "Ana"\nemail = "a@b.example"\nroles = []',
        "people a@b.example: provider",
        "Name the provider",
    ),
    ('[[grants]]\nprovider = "x"', "grants x 1: provider = 'x'", "There is"),
    ('[[grants]]\nprovider = "x"\nuntil = "tomorrow"', "grants x: until = 'tomorrow'", "date without quotes"),
    ('[[third_parties]]\nname = " "', "third_parties", "Give a name"),
    ("[tags]\ncodes = ['VIP']", "tags entry 1: code = 'VIP'", "Small letters"),
    ("[[sites]", "company.toml", "It is not TOML"),
]


@pytest.mark.parametrize("text, where, cure", WRONG, ids=[where for _, where, _ in WRONG])
def test_a_wrong_entry_is_named_by_table_key_value_and_cure(tmp_path: Path, text: str, where: str, cure: str) -> None:
    good = '[[departments]]\ncode = "it"\nname = "IT"\n'

    with pytest.raises(BadSetup) as refused:
        apply(written(tmp_path, text if "departments" in text else f"{text}\n{good}"))

    assert where in str(refused.value)
    assert cure in str(refused.value)
    assert (Department.objects.count(), Event.objects.count()) == (0, 0)


def test_a_team_gets_a_calendar_of_the_same_file_keeps_it_and_loses_it(tmp_path: Path) -> None:
    text = """
        [[teams]]
        code = "desk"
        name = "Desk"
        provider = "inhouse"
        calendar = "nights"
        [[providers]]
        code = "inhouse"
        name = "Alder IT"
        [[calendars]]
        code = "nights"
        name = "Nights"
        always = true
    """

    assert [one.done for one in apply(written(tmp_path, text))] == ["added"] * 3
    assert Team.objects.get().calendar == WorkingCalendar.objects.get()
    assert {one.done for one in apply(written(tmp_path, text))} == {"unchanged"}
    unsaid = '[[teams]]\ncode = "desk"\nname = "Service desk"'
    assert apply(written(tmp_path, unsaid)) == [Outcome("teams", "desk", "changed", ("name",))]
    none = written(tmp_path, '[[teams]]\ncode = "desk"\ncalendar = ""')
    expected = [Outcome("teams", "desk", "changed", ("calendar",))]
    assert set_up(none, dry_run=True, by=system(), at=AT) == expected
    assert Team.objects.get().calendar is not None
    assert apply(none) == expected
    assert (Team.objects.get().calendar, Team.objects.get().name) == (None, "Service desk")


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadSetup) as refused:
        apply(written(tmp_path, '[[sites]]\ncod = "a"\n[[teams]]\ncode = 7\n[[teems]]\n'))

    assert [(fault.table, fault.key) for fault in refused.value.faults] == [
        ("", "teems"), ("sites", "cod"), ("sites", "code"), ("teams", "code"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name = '\xe4'", b"a = " + b"[" * 5000])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "company.toml"
    path.write_bytes(content)

    with pytest.raises(BadSetup):
        apply(path)
    with pytest.raises(BadSetup, match="cannot be read"):
        apply(tmp_path / "missing.toml")


def test_a_file_moves_nobody_to_another_provider(tmp_path: Path) -> None:
    apply(EXAMPLE)

    with pytest.raises(BadSetup, match="They work for northwind"):
        apply(written(tmp_path, '[[people]]\nemail = "nora@northwind.example"\nprovider = "inhouse"'))


def test_an_address_and_a_reference_of_two_people_are_refused(tmp_path: Path) -> None:
    apply(EXAMPLE)

    with pytest.raises(BadSetup, match="merge the two"):
        apply(written(tmp_path, '[[people]]\nemail = "max.adler@alder.example"\nexternal_ref = "E-1042"'))


def test_setting_up_needs_every_permission_that_it_uses(world: World) -> None:
    with pytest.raises(NotAllowed):
        set_up(EXAMPLE, by=world.who("ina"), at=AT)
    set_up(EXAMPLE, by=world.who("max"), at=world.tick())


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted({key for keys in TABLES.values() for key in keys})
ENTRIES = st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES))


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from([*TABLES, "x"]), VALUES | st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES)))
)
def test_any_shape_is_read_or_clearly_refused(told: dict[str, Any]) -> None:
    try:
        read = rows(told)
    except BadSetup as refused:
        assert all(fault.cure for fault in refused.faults)  # noqa: PT017
    else:
        assert all(row.table in TABLES for row in read)


# --- the command ---


def test_the_command_says_what_was_done_and_what_was_not() -> None:
    first, again = run("--dry-run"), run()

    assert re.search(r"^added +sites +vienna$", first, re.MULTILINE)
    assert "Nothing was written" in first
    assert "Nothing was written" not in again
    assert "0 added, 0 changed" in run()


def test_the_command_speaks_json() -> None:
    told = json.loads(run("--json"))

    assert (told["ok"], told["dry_run"], told["changed"]) == (True, False, 1)
    assert told["added"] + told["unchanged"] + told["changed"] == len(told["entries"])
    assert told["entries"][0] == {"table": "sites", "entry": "vienna", "done": "added", "fields": []}


def test_the_command_names_faults_and_fails(tmp_path: Path) -> None:
    path = written(tmp_path, '[[sites]]\ncode = "rome"\nname = "Rome"\nzone = "Rome"')
    with pytest.raises(CommandError, match="zone = 'Rome'"):
        call_command("setup", path)

    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("setup", path, "--json", stdout=out)
    assert json.loads(out.getvalue())["faults"] == [{
        "table": "sites", "entry": "rome", "key": "zone", "value": "'Rome'",
        "cure": "Give a time zone by its name, such as Europe/Berlin.",
    }]  # fmt: skip


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("setup", EXAMPLE, *options, stdout=out)
    return out.getvalue()


def apply(path: Path) -> list[Outcome]:
    return set_up(path, by=system(), at=AT)


def written(folder: Path, text: str) -> Path:
    path = folder / "company.toml"
    path.write_text("\n".join(line.strip() for line in text.splitlines()))
    return path
