"""One outcome a row, whatever a source shows: unknown stays unknown, and every tale of events folds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.history.fold import WITHOUT_EFFECT, intervals
from helmdesk.history.observation import NOTHING_NEW, SEEN, Made, Refused, Row, Unchanged, Witness, steps
from tests.history.told import Numbers, glance, kept, resumed, state_after, steps_of, without_source

NO_RANKS = {"impact": None, "urgency": None, "matrix": None, "reason": "observed"}
ORIGINAL = {"message": None, "thread": None, "auto": False, "files": 0, "as": "original"}
START = "1970-01-01T00:00:00"


def row(number, at, **values):
    own = {key.replace("field_", "field."): value for key, value in values.items()}
    return Row(number, "T-1", bytes([number]) * 16, at, own)


def told(*rows):
    return [without_source(step) for step in steps_of(steps(rows))]


def kinds(*rows):
    return [(step.kind, step.at) for step in steps_of(steps(rows))]


def test_a_finished_ticket_of_a_ticket_table_has_an_unknown_holder_until_it_rests():
    shown = row(
        2, 900, phase="closed", opened_at=100, resolved_at=500, closed_at=900, group="Desk", agent="Dora", held=False
    )
    made = steps_of(steps([shown]))
    assert [(step.kind, step.at) for step in made] == [
        ("ticket.opened", 100),
        ("assigned", 500),
        ("resolved", 500),
        ("closed", 900),
    ]
    spans = intervals(Numbers().events(made))
    assert [(span.start, span.end, span.holder_kind) for span in spans] == [(100, 500, "unknown"), (500, 900, "rest")]


def test_an_open_ticket_of_a_ticket_table_is_with_its_group_from_when_the_table_shows_it():
    made = steps_of(steps([row(2, 900, phase="open", opened_at=100, group="Desk", held=False)]))
    assert [(step.kind, step.at) for step in made] == [("ticket.opened", 100), ("handed_over", 900)]
    assert (made[0].what["team"], made[1].what["from"], made[1].what["to"]) == ("Desk", None, "Desk")
    spans = intervals(Numbers().events(made))
    assert [(span.start, span.end, span.holder_kind) for span in spans] == [(100, 900, "unknown"), (900, None, "team")]


def test_a_group_said_to_hold_throughout_holds_from_the_opening():
    shown = row(2, 900, phase="resolved", opened_at=100, resolved_at=500, group="Desk", held=True)
    spans = intervals(Numbers().events(steps_of(steps([shown]))))
    assert [(span.start, span.end, span.holder_kind) for span in spans] == [(100, 500, "team"), (500, None, "rest")]


def test_a_later_export_of_the_same_table_tells_only_what_is_new():
    first = row(2, 900, phase="open", opened_at=100, group="Desk", agent="Dora", priority=3, held=False)
    later = row(7, 2000, phase="closed", opened_at=100, resolved_at=1500, closed_at=1900, group="Net", agent="Eve",
                priority=2, held=False)  # fmt: skip
    witness = Witness()
    witness.take(first)
    again = resumed(witness)
    assert again.take(first) == Unchanged(2, "T-1", SEEN)
    assert [without_source(step) for step in steps_of([again.take(later)])] == [
        ("handed_over", 1500, {"from": "Desk", "to": "Net", "why": "hand_over"}),
        ("assigned", 1500, {"assignee": "Eve", "was": None, "how": "assign"}),
        (
            "prioritised",
            1500,
            {"impact": None, "urgency": None, "priority": 2, "matrix": None, "reason": "observed", "was": 3},
        ),
        ("resolved", 1500, {"team": "Net", "how": "unknown"}),
        ("closed", 1900, {"how": "observed"}),
    ]


def test_what_a_row_does_not_show_stays_as_it_was():
    assert kinds(
        row(2, 100, phase="open", group="Desk", agent="Dora", wait="requester", impact=1),
        row(3, 200, status="still"),
    ) == [("ticket.opened", 100), ("assigned", 100), ("wait.started", 100), ("field.set", 200)]


def test_nobody_shown_releases_and_unknowns():
    _, *later = told(row(2, 100, group="Desk", agent="Dora"), row(3, 200, agent=None), row(4, 300, group=None))
    assert later == [
        ("assigned", 100, {"assignee": "Dora", "was": None, "how": "assign"}),
        ("assigned", 200, {"assignee": None, "was": "Dora", "how": "release"}),
        ("handed_over", 300, {"from": "Desk", "to": None, "why": "hand_over"}),
    ]


def test_a_third_party_named_late_is_another_holder_and_a_problem_named_late_is_not():
    waits = [
        (kind, what.get("on"))
        for kind, _, what in told(
            row(2, 100, phase="open", wait="third"),
            row(3, 200, phase="open", wait="third", third="Cables Ltd"),
            row(4, 300, phase="open", wait="problem"),
            row(5, 400, phase="open", wait="problem", problem="PRB1"),
        )
        if kind.startswith("wait")
    ]
    assert waits == [
        ("wait.started", None),
        ("wait.ended", None),
        ("wait.started", "Cables Ltd"),
        ("wait.ended", None),
        ("wait.started", None),
    ]


def test_a_status_that_says_more_than_phase_and_wait_is_kept():
    assert [
        what["value"]
        for kind, _, what in told(
            row(2, 100, phase="open", status="New"),
            row(3, 200, phase="open", status="In progress"),
            row(4, 300, phase="open", wait="requester", status="Pending"),
            row(5, 400, phase="open", status="In progress"),
            row(6, 500, phase="resolved", status="Done"),
        )
        if kind == "field.set"
    ] == ["In progress"]


def test_subject_description_type_place_and_own_fields_are_told_when_they_change():
    first = row(2, 100, subject="Broken", description="It is", type="incident", site="Porto", field_bill="7")
    second = row(3, 200, subject="Broken mouse", type="request", site="Lisbon", service="Mail", field_bill="8")
    assert told(first, second)[1:] == [
        ("message.added", 100, {**ORIGINAL, "text": "It is"}),
        ("field.set", 100, {"field": "bill", "value": None, "text": "7"}),
        (
            "classified",
            200,
            {
                "scope": {"service": "Mail", "site": "Lisbon", "category": None, "flags": 0},
                "was": {"service": None, "site": "Porto", "category": None, "flags": 0},
            },
        ),
        ("type.changed", 200, {"type": "request", "was": "incident"}),
        ("subject.revised", 200, {"cause": "edit", "text": "Broken mouse"}),
        ("field.set", 200, {"field": "bill", "value": None, "text": "8"}),
    ]  # fmt: skip


def test_closed_then_resolved_is_a_reopening():
    assert [kind for kind, _ in kinds(row(2, 100, phase="closed"), row(3, 200, phase="resolved"))] == [
        "ticket.opened",
        "closed",
        "reopened",
        "resolved",
    ]


@pytest.mark.parametrize(
    "shown, reason",
    [
        (row(3, 50, phase="open"), f"updated '{START}.000050+00:00' is earlier than what is recorded of this ticket"),
        (
            row(3, 200, phase="resolved", resolved_at=90),
            f"resolved '{START}.000090+00:00' is earlier than what is recorded of this ticket",
        ),
        (
            row(3, 200, phase="closed", resolved_at=150, closed_at=140),
            f"closed '{START}.000140+00:00' is earlier than it was resolved",
        ),
    ],
)
def test_an_instant_that_cannot_be_is_refused_and_nothing_of_its_row_is_told(shown, reason):
    witness = Witness()
    witness.take(row(2, 100, phase="open", group="Desk"))
    before = kept(witness)
    assert glance(witness.take(shown)) == reason
    assert kept(witness) == before


def test_resolved_before_opened_is_refused():
    found = Witness().take(row(2, 900, phase="resolved", opened_at=500, resolved_at=100))
    assert isinstance(found, Refused)
    assert (found.field, found.reason) == ("resolved", "is earlier than its opening")


def test_the_memory_keeps_no_text():
    witness = Witness()
    witness.take(row(2, 100, subject="My secret", description="Pssst", field_note="hidden"))
    assert not any(text in kept(witness).to_json() for text in ("secret", "Pssst", "hidden"))


NAMES = st.sampled_from(["Desk", "Net", None])
SHOWN = st.fixed_dictionaries(
    {},
    optional={
        "phase": st.sampled_from(["open", "open", "open", "resolved", "closed"]),
        "wait": st.sampled_from([None, "requester", "third", "problem", "question", "parts"]),
        "third": st.sampled_from(["Cables Ltd", "Pipes Inc"]),
        "group": NAMES,
        "agent": st.sampled_from(["Dora", "Eve", None]),
        "status": st.sampled_from(["a", "b"]),
        "priority": st.integers(1, 5),
        "site": st.sampled_from(["Porto", "Lisbon"]),
        "subject": st.sampled_from(["one", "two"]),
        "held": st.booleans(),
        "opened_at": st.integers(0, 20),
        "resolved_at": st.integers(5, 60),
        "closed_at": st.integers(5, 60),
    },
)


@st.composite
def tales(draw):
    values = draw(st.lists(SHOWN, min_size=1, max_size=8))
    at = draw(st.lists(st.integers(0, 50), min_size=len(values), max_size=len(values)))
    return [
        Row(n, "T-1", bytes([n]) * 16, when, shown)
        for n, (when, shown) in enumerate(zip(sorted(at), values, strict=True), 2)
    ]


@given(tales())
@settings(max_examples=400)
def test_whatever_is_shown_every_row_has_one_outcome_and_all_events_fold(rows):
    found = list(steps(rows))
    assert [outcome.number for outcome in found] == [row.number for row in rows]
    made = steps_of(found)
    assert all(before.at <= after.at for before, after in pairwise(made))
    if made:
        events = Numbers().events(made)
        state = state_after(events)
        spans = intervals(events)
        assert [state.opened_at, *(s.end for s in spans)] == [*(s.start for s in spans), state.closed_at]


@given(tales())
@settings(max_examples=300)
def test_what_was_last_shown_is_what_the_events_add_up_to(rows):
    witness = Witness()
    made = steps_of(map(witness.take, rows))
    memory = witness.memory
    if memory is None:
        return
    numbers = Numbers()
    state = state_after(numbers.events(made))
    assert state.phase == memory.phase
    assert (state.wait and state.wait.kind) == memory.wait
    assert state.assignee == numbers.of(memory.agent)
    if memory.known:
        assert state.team == numbers.of(memory.group)
    if state.phase == "open" and state.wait is None:
        assert state.holder_kind == ("team" if memory.known else "unknown")


@given(tales(), st.integers(0, 8))
@settings(max_examples=300)
def test_an_import_cut_anywhere_and_run_again_tells_the_same_once(rows, cut):
    whole = Witness()
    expected = steps_of(map(whole.take, rows))
    first = Witness()
    begun = steps_of(map(first.take, rows[:cut]))
    second = resumed(first)
    assert begun + steps_of(map(second.take, rows)) == expected
    assert second.memory == whole.memory
    third = Witness(second.memory)
    again = [third.take(row) for row in rows]
    assert not any(isinstance(outcome, Made) for outcome in again)


def test_only_kinds_that_the_fold_knows_are_told():
    assert NOTHING_NEW
    assert {"message.added", "field.set", "classified", "type.changed", "subject.revised"} <= WITHOUT_EFFECT
