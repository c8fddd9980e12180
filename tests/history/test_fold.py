"""The fold against its slow twin, and the claims of RECORDS.md 4 on every life that a ticket can have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from helmdesk.history.fold import KINDS, Event, OutOfPlace, Span, State, UnknownKind, Wait, fold, intervals, replay
from tests.history.lives import lives
from tests.history.twin import spans_of, state_of

OPENED = Event(1, "ticket.opened", 100, {"team": 1, "holder": "team"})
ASKED = Event(2, "wait.started", 110, {"wait": "requester", "on": None, "team": None, "until": None})
ASKED_LATER = Event(3, "wait.started", 130, ASKED.what)


def test_a_ticket_opens_with_its_team_holding_the_ball():
    assert fold(None, OPENED) == State("open", 1, "team", 1, 100)


def test_the_requester_holds_the_ball_while_the_team_waits_for_an_answer():
    assert replay([OPENED, ASKED]) == State(
        "open", 1, "requester", None, 100, wait=Wait("requester", None, None, 110, None, 2)
    )


def test_a_handed_over_ticket_is_offered_and_has_no_assignee():
    taken = Event(2, "assigned", 110, {"assignee": 11, "was": None, "how": "take"})
    passed = Event(3, "handed_over", 120, {"from": 1, "to": 2, "why": "hand_over"})
    accepted = Event(4, "hand_over.accepted", 130, {"from": 1, "to": 2})
    assert replay([OPENED, taken, passed]) == State("open", 2, "team", 2, 100, offered=1)
    assert replay([OPENED, taken, passed, accepted]) == State("open", 2, "team", 2, 100)


def test_an_observed_hand_over_offers_nothing_since_the_source_shows_no_acceptance():
    passed = Event(2, "handed_over", 120, {"from": 1, "to": 2, "why": "hand_over", "src": {"row": 3, "digest": ""}})
    assert replay([OPENED, passed]) == State("open", 2, "team", 2, 100)


def test_a_hand_over_to_a_team_not_shown_leaves_the_holder_unknown_and_the_team_as_it_was():
    passed = Event(2, "handed_over", 120, {"from": 1, "to": None, "why": "hand_over", "src": {}})
    assert replay([OPENED, passed]) == State("open", 1, "unknown", None, 100)


def test_parts_on_order_leave_the_ball_with_the_team():
    wait = Event(2, "wait.started", 110, {"wait": "parts", "on": None, "team": None, "until": 999})
    state = replay([OPENED, wait])
    assert state is not None
    assert (state.holder_kind, state.holder_id) == ("team", 1)


def test_a_merge_undone_restores_the_wait_and_its_holder():
    merged = Event(3, "ticket.merged", 120, {"into": 9})
    undone = Event(4, "ticket.unmerged", 130, {"into": 9})
    assert replay([OPENED, ASKED, merged, undone]) == replay([OPENED, ASKED])


def test_a_closed_ticket_that_reopens_has_no_closing_instant():
    closed = Event(2, "closed", 110, {"how": "observed"})
    reopened = Event(3, "reopened", 120, {"team": 2, "assignee": 11, "why": "observed"})
    assert replay([OPENED, closed, reopened]) == State("open", 2, "team", 2, 100, assignee=11)


def test_a_reopening_whose_group_is_not_shown_has_an_unknown_holder():
    closed = Event(2, "closed", 110, {"how": "observed"})
    reopened = Event(3, "reopened", 120, {"team": None, "assignee": None, "why": "observed", "holder": "unknown"})
    assert replay([OPENED, closed, reopened]) == State("open", 1, "unknown", None, 100)


@pytest.mark.parametrize("kind", sorted(KINDS - {"ticket.opened"}))
def test_no_ticket_begins_with_anything_but_its_opening(kind):
    with pytest.raises(OutOfPlace, match=r"the first event must be ticket\.opened"):
        fold(None, Event(1, kind, 100, {}))


@pytest.mark.parametrize("kind, v", [("ticket.vanished", 1), ("resolved", 2), ("ticket.opened", 2), ("", 0)])
def test_an_unknown_kind_or_version_is_refused_by_name(kind, v):
    with pytest.raises(UnknownKind, match="not known here"):
        fold(fold(None, OPENED), Event(2, kind, 110, {}, v))
    with pytest.raises(UnknownKind):
        fold(None, Event(1, kind, 110, {}, v))


@pytest.mark.parametrize(
    "before, kind, what, reason",
    [
        ([], "ticket.opened", {"team": 1, "holder": "team"}, "opened before"),
        ([], "wait.ended", {"why": "ended"}, "no wait is going on"),
        ([], "wait.moved", {"team": 2}, "no wait on a child"),
        ([ASKED], "wait.moved", {"team": 2}, "no wait on a child"),
        ([ASKED], "wait.started", ASKED.what, "waits on requester"),
        ([ASKED], "handed_over", {"from": 1, "to": 2}, "a wait.ended must come first"),
        ([ASKED], "resolved", {"team": 1}, "a wait.ended must come first"),
        ([ASKED], "closed", {"how": "timer"}, "a wait.ended must come first"),
        ([], "reopened", {"team": 1, "assignee": None}, "the ticket is open"),
        ([], "ticket.unmerged", {"into": 1}, "not merged"),
        ([], "handed_over", {"from": 1}, "lacks 'to'"),
        ([], "wait.started", {"wait": "luck", "on": None, "team": None, "until": None}, "no kind of wait"),
    ],
)
def test_an_event_that_makes_no_sense_is_named_with_its_reason(before, kind, what, reason):
    state = replay([OPENED, *before])
    with pytest.raises(OutOfPlace, match=reason):
        fold(state, Event(9, kind, 200, what))


def test_what_has_no_effect_passes_as_the_same_state():
    state = fold(None, OPENED)
    assert fold(state, Event(2, "message.added", 110, {})) is state


def test_the_ribbon_of_a_whole_life():
    events = [
        OPENED,
        Event(2, "assigned", 110, {"assignee": 11}),
        ASKED_LATER,
        Event(4, "wait.ended", 140, {"why": "handed_over"}),
        Event(5, "handed_over", 140, {"from": 1, "to": 2}),
        Event(6, "resolved", 150, {"team": 2, "how": "done"}),
        Event(7, "closed", 170, {"how": "timer"}),
    ]
    assert intervals(events) == [
        Span(100, 110, "team", 1, 1, None, None),
        Span(110, 130, "team", 1, 1, None, 11),
        Span(130, 140, "requester", None, 1, "requester", 11),
        Span(140, 150, "team", 2, 2, None, None),
        Span(150, 170, "rest", None, 2, None, None),
    ]


def test_an_event_earlier_than_the_one_before_has_no_place_on_the_ribbon():
    with pytest.raises(OutOfPlace, match="earlier than the event before it"):
        intervals([OPENED, Event(2, "assigned", 99, {"assignee": 11})])


@given(lives())
@settings(max_examples=300, deadline=None)
def test_the_fold_agrees_with_its_slow_twin(events):
    assert replay(events) == state_of(events)


@given(lives())
@settings(max_examples=200, deadline=None)
def test_the_spans_agree_with_their_slow_twin(events):
    assert intervals(events) == spans_of(events)


@given(lives())
@settings(max_examples=200, deadline=None)
def test_somebody_has_the_ball_at_every_instant_and_only_once(events):
    state = replay(events)
    assert state is not None
    spans = intervals(events)
    life = [events[0].at, *(span.end for span in spans)]
    assert [span.start for span in spans] == life[:-1]
    assert all(span.end is None or span.start < span.end for span in spans)
    assert life[-1] == state.closed_at


@given(lives())
@settings(max_examples=200, deadline=None)
def test_open_means_that_someone_holds_and_no_wait_means_the_team(events):
    state = None
    for event in events:
        state = fold(state, event)
        assert (state.phase == "open") == (state.holder_kind != "rest")
        if state.wait is None and state.phase == "open":
            assert (state.holder_kind, state.holder_id) in {("team", state.team), ("unknown", None)}
        if state.phase != "open":
            assert state.wait is None
