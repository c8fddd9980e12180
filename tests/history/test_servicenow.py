"""ServiceNow's audit log, told as our events: a made-up log row by row, and the real one against its known facts."""

from __future__ import annotations

import gzip
import shutil
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from helmdesk.history.delimited import Unreadable
from helmdesk.history.fold import intervals, replay
from helmdesk.history.grouping import Survey
from helmdesk.history.instants import BadInstant
from helmdesk.history.observation import NOTHING_NEW, SEEN, Made, Refused, Row, Unchanged, Witness
from helmdesk.history.servicenow import AuditLog, in_time
from tests.history.told import Numbers, at_a_glance, outcomes, resumed, state_after, steps_of, without_source

MADE_UP = Path(__file__).parent / "corpus" / "audit_log.csv"
REAL = Path(__file__).parents[3] / "shared/data/incidents/incident_event_log.csv.gz"
REST = ["wait.ended", "handed_over", "assigned", "wait.started"]


def sao_paulo(day: int, clock: str) -> int:
    """April 2016 in São Paulo: three hours behind UTC."""
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2016, 4, day, hour + 3, minute, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.fixture
def log():
    return AuditLog(MADE_UP, zone="America/Sao_Paulo")


def test_every_row_has_one_outcome(log):
    assert sorted(at_a_glance(outcomes(log)), key=itemgetter(0)) == [
        (2, ["ticket.opened", "field.set"]),
        (3, ["assigned", "field.set"]),
        (4, ["handed_over"]),
        (5, ["assigned", "prioritised", "wait.started"]),
        (6, REST),
        (7, "incident_state '-100' is no state of an incident"),
        (8, ["wait.ended", "resolved"]),
        (9, ["reopened"]),
        (10, ["resolved"]),
        (11, NOTHING_NEW),
        (12, ["closed"]),
        (13, ["ticket.opened"]),
        (14, ["wait.started"]),
        (15, ["wait.ended", "field.set", "wait.started"]),
        (16, ["wait.ended", "classified"]),
        (17, ["handed_over"]),
        (18, ["handed_over"]),
        (19, ["closed"]),
        (20, ["reopened"]),
        (21, ["ticket.opened"]),
        (22, ["assigned"]),
        (23, ["wait.started"]),
        (24, ["field.set"]),
        (25, ["wait.ended", "assigned", "wait.started"]),
        (26, "opened_at '31/2/2016 08:00' no date as %d/%m/%Y %H:%M or %d/%m/%Y %H:%M:%S or iso"),
        (27, "sys_updated_at '4/5/16 11:10' no date as %d/%m/%Y %H:%M or %d/%m/%Y %H:%M:%S or iso"),
        (28, "impact 'Severe' is no rank"),
        (29, "number '?' is missing"),
        (30, "row '' has 3 columns where the header has 26"),
    ]


def test_a_ticket_opens_when_the_log_says_with_the_group_of_its_first_row(log):
    opened, symptom = map(without_source, steps_of(outcomes(log))[:2])
    assert opened == (
        "ticket.opened",
        sao_paulo(4, "08:00"),
        {
            "type": "incident",
            "channel": "phone",
            "team": "Desk",
            "requester": "Ann",
            "opened_by": "Ben",
            "scope": {"service": None, "site": "Porto", "category": ("Mail", "Outlook"), "flags": 0},
            "impact": 2,
            "urgency": 2,
            "said_urgency": None,
            "priority": 3,
            "matrix": None,
            "subject": None,
            "holder": "team",
        },
    )
    assert symptom == (
        "field.set",
        sao_paulo(4, "08:00"),
        {"field": "symptom", "value": None, "text": "slow"},
    )


def test_each_event_names_its_row_and_digest(log):
    made = [outcome for outcome in outcomes(log) if isinstance(outcome, Made)]
    assert all(
        step.what["src"] == {"row": outcome.number, "digest": outcome.digest.hex()}
        for outcome in made
        for step in outcome.steps
    )
    assert len({outcome.digest for outcome in made}) == len(made)


def test_a_hand_over_during_a_wait_ends_it_and_the_wait_goes_on_with_the_new_team(log):
    at = sao_paulo(5, "10:00")
    steps = [without_source(step) for step in steps_of(outcomes(log)) if step.at == at][:4]
    assert steps == [
        ("wait.ended", at, {"why": "handed_over"}),
        ("handed_over", at, {"from": "Network", "to": "Desk", "why": "hand_over"}),
        ("assigned", at, {"assignee": "Dora", "was": None, "how": "assign"}),
        (
            "wait.started",
            at,
            {"wait": "requester", "on": None, "team": None, "message": None, "call": False, "until": None},
        ),
    ]


def test_the_final_code_belongs_to_the_last_resolution(log):
    resolved = [step.what["how"] for step in steps_of(outcomes(log)) if step.kind == "resolved"]
    assert resolved == ["unknown", "fixed-by-user"]


def test_without_a_group_the_holder_is_unknown(log):
    rows = list(log.tickets())[1]
    steps = steps_of(map(Witness().take, rows))
    spans = intervals(Numbers().events(steps))
    assert [(span.holder_kind, span.wait_kind) for span in spans] == [
        ("unknown", None),
        ("third", "third"),
        ("third", "third"),
        ("unknown", None),
        ("team", None),
        ("unknown", None),
        ("rest", None),
        ("unknown", None),
    ]
    told = [without_source(step)[2] for step in steps if step.kind in {"handed_over", "reopened"}]
    assert told == [
        {"from": None, "to": "Desk", "why": "hand_over"},
        {"from": "Desk", "to": None, "why": "hand_over"},
        {"team": None, "assignee": None, "why": "observed", "holder": "unknown"},
    ]


def test_a_row_out_of_time_takes_the_time_of_its_neighbour_and_says_so(log):
    rows = [row for row in list(log.tickets())[2] if isinstance(row, Row)]
    assert [row.at for row in rows[:3]] == [sao_paulo(5, "09:52"), sao_paulo(5, "09:52"), sao_paulo(5, "11:03")]
    assert [row.note for row in rows] == [
        "its time is later than the row after it, whose time it takes",
        None,
        None,
        None,
        None,
    ]


def test_rows_out_of_time_change_as_few_of_them_as_they_can():
    rows = [Row(n, "1", bytes([n]) * 16, at, {}) for n, at in enumerate([10, 20, 5, 30, 40], 2)]
    assert [row.at for row in in_time(rows) if isinstance(row, Row)] == [10, 20, 20, 30, 40]
    rows = [Row(n, "1", bytes([n]) * 16, at, {}) for n, at in enumerate([99, 10, 20, 30], 2)]
    assert [row.at for row in in_time(rows) if isinstance(row, Row)] == [10, 10, 20, 30]


def test_a_second_run_makes_nothing(log):
    rows = next(log.tickets())
    first = Witness()
    for row in rows:
        first.take(row)
    found = [*map(resumed(first).take, rows)]
    assert {outcome.reason for outcome in found if isinstance(outcome, Unchanged)} == {SEEN}
    assert not any(isinstance(outcome, Made) for outcome in found)


@pytest.mark.parametrize("cut", range(12))
def test_a_killed_import_goes_on_where_it_was(log, cut):
    rows = next(log.tickets())
    whole = Witness()
    expected = [without_source(step) for step in steps_of(map(whole.take, rows))]
    first = Witness()
    told = steps_of(map(first.take, rows[:cut]))
    second = resumed(first)
    told += steps_of(map(second.take, rows))
    assert [without_source(step) for step in told] == expected
    assert second.memory == whole.memory


def test_a_longer_log_of_the_same_incidents_is_recognised(log, tmp_path):
    # A later export holds other final values on the same old rows.
    later = tmp_path / "later.csv"
    later.write_text(MADE_UP.read_text().replace("11/4/2016 10:00\n", "?\n").replace("Fixed by user", "?"))
    ours, theirs = next(log.tickets()), next(AuditLog(later, zone="America/Sao_Paulo").tickets())
    assert [*map(digest, ours)] == [*map(digest, theirs)]


def digest(row: Row | Refused) -> bytes | None:
    return row.digest if isinstance(row, Row) else None


def test_the_same_log_gzipped_or_scattered_tells_the_same(log, tmp_path):
    packed = tmp_path / "log.csv.gz"
    with MADE_UP.open("rb") as plain, gzip.open(packed, "wb") as out:
        shutil.copyfileobj(plain, out)
    header, *lines = MADE_UP.read_text().splitlines(keepends=True)
    scattered = tmp_path / "scattered.csv"
    scattered.write_text("".join([header, *lines[:3], *lines[11:14], *lines[3:11], *lines[14:]]))
    told = {glance for _, glance in map(repr_of, at_a_glance(outcomes(log)))}
    assert at_a_glance(outcomes(AuditLog(packed, zone="America/Sao_Paulo"))) == at_a_glance(outcomes(log))
    again = AuditLog(scattered, zone="America/Sao_Paulo")
    assert again.survey() == Survey(rows=29, tickets=5, together=False)
    assert {glance for _, glance in map(repr_of, at_a_glance(outcomes(again)))} == told


def repr_of(pair: tuple) -> tuple:
    return pair[0], repr(pair[1])


def test_the_dry_run_says_what_each_column_becomes(log):
    described = {column.name: column.meaning for column in log.describe()}
    assert described["assignment_group"] == "team"
    assert described["u_symptom"] == "own field 'symptom'"
    assert described["made_sla"] == "not used"
    assert list(described) == log.table.header


def test_a_log_without_its_columns_or_zone_is_refused_by_name(tmp_path):
    (tmp_path / "x.csv").write_text("number,incident_state\n1,New\n")
    with pytest.raises(Unreadable, match="no column 'sys_updated_at'"):
        AuditLog(tmp_path / "x.csv", zone="America/Sao_Paulo")
    with pytest.raises(BadInstant, match="no time zone; give an IANA name"):
        AuditLog(MADE_UP, zone="Brasilia")


def test_the_made_up_log_folds(log):
    for rows in log.tickets():
        steps = steps_of(map(Witness().take, rows))
        assert all(before.at <= after.at for before, after in pairwise(steps))
        if steps:
            replay(Numbers().events(steps))


@pytest.mark.skipif(not REAL.exists(), reason=f"the real log is not at {REAL}")
def test_the_real_log_tells_its_known_facts():
    began = time.process_time()
    log = AuditLog(REAL, zone="America/Sao_Paulo")
    assert log.survey() == Survey(rows=141_712, tickets=24_918, together=True)
    facts = Facts()
    for rows in log.tickets():
        facts.add([*map(Witness().take, rows)])
    took = time.process_time() - began
    facts.check()
    assert took < 30, f"{took:.1f} s"  # about 5 s on the machine this was written on, folding included


class Facts:
    """What the whole log adds up to."""

    def __init__(self) -> None:
        self.count: Counter[Any] = Counter()
        self.numbers = Numbers()
        self.reasons: Counter[Any] = Counter()
        self.held: Counter[str] = Counter()

    def add(self, found) -> None:
        self.count.update(type(outcome).__name__ for outcome in found)
        self.reasons.update((o.field, o.value) for o in found if isinstance(o, Refused))
        self.reasons.update(o.reason for o in found if isinstance(o, Unchanged))
        steps = steps_of(found)
        self.count.update(step.kind for step in steps)
        self.count["asked tickets"] += any(
            step.kind == "wait.started" and step.what["wait"] == "requester" for step in steps
        )
        self.count["reopened tickets"] += any(step.kind == "reopened" for step in steps)
        groups = [step.what["to" if step.kind == "handed_over" else "team"] for step in steps if step.kind in GROUPS]
        named = [group for group in groups if group is not None]
        self.count["groupless"] += not named
        self.count["hand-offs"] += sum(before != after for before, after in pairwise(named))
        self.count_waits(found)
        self.fold(steps)

    def count_waits(self, found) -> None:
        """A wait that a hand-over interrupts, and that goes on with the next team, began once."""
        going = None
        for outcome in found:
            if isinstance(outcome, Made):
                kinds = {step.kind for step in outcome.steps}
                started = next((step.what["wait"] for step in outcome.steps if step.kind == "wait.started"), None)
                if started is not None and not (started == going and "wait.ended" in kinds):
                    self.count[started, "with the opening" if "ticket.opened" in kinds else "later"] += 1
                going = started or (None if "wait.ended" in kinds else going)

    def fold(self, steps) -> None:
        events = self.numbers.events(steps)
        state = state_after(events)
        assert state.closed_at is not None
        self.count["ends", state.phase] += 1
        spans = intervals(events)
        assert [state.opened_at, *(span.end for span in spans)] == [*(span.start for span in spans), state.closed_at]
        for span in spans:
            self.held[span.holder_kind] += (span.end or span.start) - span.start
        self.held["life"] += state.closed_at - state.opened_at

    def check(self) -> None:
        assert self.count["Made"] + self.count["Unchanged"] + self.count["Refused"] == 141_712
        assert self.reasons == {("incident_state", "-100"): 5, NOTHING_NEW: self.count["Unchanged"]}
        assert (self.count["ticket.opened"], self.count["closed"]) == (24_918, 24_930)
        assert self.count["hand-offs"] == 19_087
        assert (self.count["requester", "later"], self.count["requester", "with the opening"]) == (5_659, 193)
        assert self.count["asked tickets"] == 5_471
        assert self.count["reopened tickets"] == 275
        assert self.count["reopened"] == 331
        assert self.count["groupless"] == 373
        assert self.count["ends", "closed"] == 24_918
        assert self.reasons[NOTHING_NEW] == 28_628
        assert self.held["life"] == sum(self.held.values()) - self.held["life"]


GROUPS = {"ticket.opened", "handed_over"}
