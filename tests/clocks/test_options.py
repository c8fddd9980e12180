"""What becomes of a clock when something happens to its ticket: each option of each happening has one meaning."""

from __future__ import annotations

import pytest

from helmdesk.clocks.turns import Verdict
from tests.clocks.telling import (
    DESK,
    HOUR,
    MINUTE,
    NETWORK,
    NORTHWIND,
    OFFICE,
    REQUESTER,
    RULE,
    Story,
    brief,
    clock,
    judged,
    level,
)

ROWS = [{"priority": 1, "within": "1h"}, {"priority": 2, "within": "8h"}]
PROVIDER = {"provider": "northwind"}
TEAM = {"team": "desk"}


@pytest.mark.parametrize(
    "then, told",
    [
        ("keep", [("missed", 5.0, "resolved")]),
        ("carry", [("met", 5.0, "resolved")]),
        ("restart", [("unjudged", 0.5, "replaced"), ("met", 4.5, "resolved")]),
    ],
)
def test_on_change(then, told):
    story = Story("9:00", priority=1).becomes("9:30", 2).resolves("14:00")
    assert brief(judged(story, level(targets=ROWS, on_change=then))) == told


def test_a_turn_that_was_late_stays_missed_when_it_is_replaced():
    story = Story("9:00", priority=1).becomes("11:00", 2).resolves("14:00")
    found = judged(story, level(targets=ROWS, on_change="restart"))
    assert brief(found) == [("missed", 2.0, "replaced"), ("met", 3.0, "resolved")]
    assert found[0].due == clock("10:00")


@pytest.mark.parametrize("then", ["keep", "carry", "restart"])
def test_a_change_that_chooses_the_same_row_changes_nothing(then):
    rows = [{"priority": [1, 2], "within": "8h"}]
    story = Story("9:00", priority=1).becomes("9:30", 2).resolves("14:00")
    assert brief(judged(story, level(targets=rows, on_change=then))) == [("met", 5.0, "resolved")]


def test_a_lower_target_that_is_used_up_already_is_missed_from_the_change_on():
    story = Story("9:00", priority=2).becomes("12:00", 1).resolves("13:00")
    found = judged(story, level(targets=ROWS))
    assert (brief(found), found[0].due) == ([("missed", 4.0, "resolved")], clock("12:00"))


@pytest.mark.parametrize(
    "then, count", [("keep", ["met"]), ("carry", ["unjudged", "met"]), ("restart", ["unjudged", "met"])]
)
def test_where_no_target_fits_any_more_nothing_is_judged(then, count):
    story = Story("9:00", priority=1).becomes("9:30", 5).becomes("10:00", 2).resolves("10:00")
    found = judged(story, level(targets=ROWS, on_change=then))
    assert [turn.verdict.name.lower() for turn in found] == count
    assert [turn.why for turn in found][:-1] == ["no_target"] * (len(count) - 1)


def test_a_level_that_fits_only_later_counts_from_the_opening_when_it_carries():
    story = Story("9:00", priority=5).becomes("9:30", 2).resolves("10:00")
    assert brief(judged(story, level(targets=ROWS))) == [("met", 1.0, "resolved")]
    assert brief(judged(story, level(targets=ROWS, on_change="restart"))) == [("met", 0.5, "resolved")]
    assert judged(story, level(targets=ROWS, on_change="keep")) == []


BY_PROVIDER = [{"provider": "northwind", "within": "8h"}, {"within": "2h"}]


@pytest.mark.parametrize(
    "then, told",
    [
        ("keep", [("missed", 5.0, "resolved")]),
        ("carry", [("met", 5.0, "resolved")]),
        ("restart", [("unjudged", 1.0, "replaced"), ("met", 4.0, "resolved")]),
    ],
)
def test_on_hand_over_of_a_promise_to_the_requester(then, told):
    story = Story("9:00").hands("10:00", NORTHWIND).resolves("14:00")
    assert brief(judged(story, level(targets=BY_PROVIDER, on_hand_over=then))) == told


@pytest.mark.parametrize(
    "then, told",
    [
        ("keep", [("missed", 3.0, "resolved")]),
        ("carry", [("missed", 3.0, "resolved")]),
        ("restart", [("unjudged", 1.0, "replaced"), ("met", 2.0, "resolved")]),
    ],
)
def test_on_hand_over_of_a_party_that_gets_it_twice(then, told):
    story = Story("9:00", team=NORTHWIND).hands("10:00", DESK, of=NORTHWIND).accepts("10:00")
    story.hands("11:00", NORTHWIND).accepts("11:00").resolves("13:00")
    assert brief(judged(story, level(binds=PROVIDER, within="150m", on_hand_over=then))) == told


def test_passing_on_within_a_provider_is_no_hand_over_to_it_but_is_one_to_its_teams():
    story = Story("9:00").hands("10:00", NETWORK).resolves("11:00")
    assert brief(judged(story, level(binds={"provider": "in-house"}, on_hand_over="restart"))) == [
        ("met", 2.0, "resolved")
    ]
    assert brief(judged(story, level(binds=TEAM, on_hand_over="restart"))) == [("unjudged", 1.0, "replaced")]


DECLINED = Story("9:00").hands("10:00", NORTHWIND).declines("10:30").resolves("11:00")


@pytest.mark.parametrize(
    "then, sender, decliner",
    [
        ("keep", [("met", 1.5, "resolved")], [("met", 0.5, "resolved")]),
        ("carry", [("met", 2.0, "resolved")], [("unjudged", 0.0, "declined")]),
        ("restart", [("unjudged", 1.0, "replaced"), ("met", 0.5, "resolved")], [("met", 0.5, "resolved")]),
    ],
)
def test_on_decline(then, sender, decliner):
    assert brief(judged(DECLINED, level(binds=TEAM, on_decline=then))) == sender
    assert brief(judged(DECLINED, level(binds=PROVIDER, on_decline=then))) == decliner


def test_a_declined_hand_over_was_no_hand_over_where_the_sender_s_clock_goes_on():
    by = level("hand_over", binds=TEAM, on_decline="keep")
    assert brief(judged(DECLINED, by)) == [("met", 1.5, "resolved")]
    assert brief(judged(DECLINED, level("hand_over", binds=TEAM, on_decline="carry"))) == [("met", 2.0, "resolved")]
    assert brief(judged(DECLINED, level("hand_over", binds=TEAM, on_decline="restart"))) == [
        ("met", 1.0, "handed_over"),
        ("met", 0.5, "resolved"),
    ]


@pytest.mark.parametrize(
    "then, told",
    [
        ("keep", [("unjudged", 1.0, "replaced"), ("met", 1.0, "resolved")]),
        ("carry", [("met", 2.0, "resolved")]),
        ("restart", [("unjudged", 1.0, "replaced"), ("unjudged", 0.5, "replaced"), ("met", 0.5, "resolved")]),
    ],
)
def test_on_decline_of_a_promise_that_starts_anew_with_each_provider(then, told):
    by = level(targets=BY_PROVIDER, on_hand_over="restart", on_decline=then)
    assert brief(judged(DECLINED, by)) == told


REOPENED = Story("9:00").resolves("10:00").reopens("14:00").resolves("16:00")


@pytest.mark.parametrize(
    "then, told",
    [
        ("keep", [("met", 1.0, "resolved")]),
        ("carry", [("missed", 3.0, "resolved")]),
        ("restart", [("met", 1.0, "resolved"), ("met", 2.0, "resolved")]),
    ],
)
def test_on_reopen(then, told):
    assert brief(judged(REOPENED, level(on_reopen=then))) == told


def test_a_first_response_given_is_given_also_after_reopening():
    story = Story("9:00").resolves("10:00").reopens("14:00").replies("18:00")
    for then in ("keep", "carry", "restart"):
        assert brief(judged(story, level("first_response", on_reopen=then))) == [("met", 1.0, "resolved")]


def test_what_a_rule_resolved_is_no_response():
    story = Story("9:00").resolves("10:00", hat=RULE)
    assert brief(judged(story, level("first_response"))) == [("unjudged", 1.0, "resolved")]
    story.reopens("14:00").replies("15:00")
    assert brief(judged(story, level("first_response"))) == [("met", 2.0, "message.added")]


@pytest.mark.parametrize(
    "then, told",
    [
        ("keep", [("met", 1.0, "resolved")]),
        ("carry", [("missed", 4.0, "resolved")]),
        ("restart", [("unjudged", 0.5, "replaced"), ("met", 0.5, "resolved")]),
    ],
)
def test_on_merge_of_the_target(then, told):
    story = Story("9:00").receives("9:30").resolves("10:00")
    assert brief(judged(story, level(on_merge=then), opened={77: clock("9:00") - 3 * HOUR})) == told


def test_a_merge_that_is_undone_takes_its_time_back():
    story = Story("9:00").receives("9:10").releases("9:20").resolves("10:00")
    found = judged(story, level(on_merge="carry"), opened={77: clock("9:00") - 3 * HOUR})
    assert (brief(found), found[0].start) == ([("met", 1.0, "resolved")], clock("9:00"))


@pytest.mark.parametrize("then", ["keep", "carry", "restart"])
def test_a_merged_source_is_not_judged_and_goes_on_when_it_is_undone(then):
    story = Story("9:00").merges("10:00")
    assert brief(judged(story, level(on_merge=then))) == [("unjudged", 1.0, "merged")]
    story.unmerges("15:00").resolves("15:30")
    assert brief(judged(story, level(on_merge=then))) == [("met", 1.5, "resolved")]


def test_a_cap_ends_a_pause_and_the_clock_runs_on_by_itself():
    story = Story("9:00").waits("10:00")
    by = level(within="3h", pauses=[{"wait": "requester", "cap": "4h"}])
    paused = judged(story, by, now="11:00", hours=OFFICE)[0]
    assert (paused.verdict, paused.used, paused.since) == (Verdict.PAUSED, HOUR, clock("15:00"))
    assert paused.due == clock("17:00")
    late = judged(story, by, now="tue 9:01", hours=OFFICE)[0]
    assert (late.verdict, late.used, late.due) == (Verdict.LATE, 3 * HOUR + MINUTE, clock("17:00"))


def test_a_cap_is_for_each_wait():
    story = Story("9:00").waits("10:00").goes_on("10:45").waits("11:00").goes_on("12:00").resolves("12:00")
    by = level(pauses=[{"wait": "requester", "cap": "30m"}])
    assert brief(judged(story, by)) == [("met", 2.0, "resolved")]


def test_a_wait_judged_untrue_is_the_team_s_time_in_figures_of_later():
    story = Story("9:00").waits("10:00").goes_on("12:00").resolves("12:30")
    story.judges("tue 9:00", 2, upheld=False, recorded="tue 9:00")
    by = level(binds=TEAM, pauses=[{"wait": "requester"}])
    assert brief(judged(story, by)) == [("missed", 3.5, "resolved")]
    assert brief(judged(story, by, as_of="mon 23:00")) == [("met", 1.5, "resolved")]
    assert [(one.party_kind, one.overruled) for one in story.holdings()] == [
        ("team", False), ("team", True), ("team", False), ("rest", False),
    ]  # fmt: skip


def test_an_exclusion_counts_only_when_it_was_approved_and_for_its_level():
    for approved, level_, used in ((True, None, 1.0), (True, "level", 1.0), (True, "other", 3.0), (False, None, 3.0)):
        story = Story("9:00").excludes("9:30", "9:30", "11:30", level=level_, approved=approved).resolves("12:00")
        assert judged(story, level())[0].used == used * HOUR


def test_a_turn_that_lies_in_an_exclusion_is_not_judged():
    story = Story("9:00").excludes("9:30", "8:00", "12:00").resolves("10:00")
    assert brief(judged(story, level())) == [("unjudged", 0.0, "excluded")]


def test_an_exclusion_that_lasts_ends_by_itself():
    story = Story("9:00").excludes("9:30", "10:00", "12:00")
    found = judged(story, level(), now="11:00")[0]
    assert (found.verdict, found.used, found.since, found.due) == (
        Verdict.PAUSED, HOUR, clock("12:00"), clock("13:00"),
    )  # fmt: skip


def test_closing_counts_only_where_the_level_says_so():
    story = Story("9:00").resolves("10:00").closes("sat 9:00")
    assert brief(judged(story, level())) == [("met", 1.0, "resolved")]
    assert brief(judged(story, level(until="closed"))) == [("missed", 120.0, "closed")]


def test_a_ticket_withdrawn_before_an_answer_is_not_judged_unless_it_was_late():
    soon, late = Story("9:00").closes("10:00", "withdrawn"), Story("9:00").closes("12:00", "withdrawn")
    assert brief(judged(soon, level("first_response"))) == [("unjudged", 1.0, "closed")]
    assert brief(judged(late, level("first_response"))) == [("missed", 3.0, "closed")]


def test_a_note_or_a_side_thread_is_no_response():
    story = Story("9:00").replies("9:10", said="note").replies("9:20", thread=2).asks("9:30").replies("10:00")
    assert brief(judged(story, level("first_response"))) == [("met", 1.0, "message.added")]


def test_the_earliest_question_without_an_answer_counts():
    story = Story("9:00").replies("9:10").asks("10:00").asks("11:00").replies("11:30")
    assert brief(judged(story, level("next_response"))) == [("met", 1.5, "message.added")]


def test_nobody_is_charged_with_a_ball_that_merely_passed_through():
    story = Story("9:00").hands("9:00", NETWORK, hat=RULE, why="automatic").resolves("10:00")
    assert judged(story, level(binds=TEAM)) == []
    assert judged(story, level("own", binds=TEAM)) == []


def test_own_begins_again_when_nobody_is_assigned_any_more():
    story = Story("9:00").takes("9:30").takes("10:00", assignee=None, how="release").takes("10:15")
    assert brief(judged(story, level("own"))) == [("met", 0.5, "assigned"), ("met", 0.25, "assigned")]


def test_give_back_counts_each_time_the_ball_comes():
    story = Story("9:00").hands("10:00", NORTHWIND).accepts("10:05").waits("10:30").goes_on("12:00")
    story.hands("12:15", DESK, of=NORTHWIND)
    assert brief(judged(story, level("give_back", binds=PROVIDER))) == [
        ("met", 0.5, "ball.left"), ("met", 0.25, "ball.left"),
    ]  # fmt: skip


def test_who_is_asked_by_another_team_has_the_ball_and_a_clock():
    story = Story("9:00").waits("10:00", "question", team=NORTHWIND).goes_on("11:00", hat=2).resolves("12:00")
    assert brief(judged(story, level("give_back", binds=PROVIDER))) == [("met", 1.0, "ball.left")]
    assert brief(judged(story, level(binds=PROVIDER))) == [("met", 1.0, "resolved")]
    assert brief(judged(story, level(binds=TEAM))) == [("met", 2.0, "resolved")]
    assert brief(judged(story, level())) == [("missed", 3.0, "resolved")]


def test_a_requester_s_department_may_choose_the_target():
    rows = [{"group": "finance", "within": "1h"}, {"within": "8h"}]
    story = Story("9:00").resolves("11:00")
    assert [judged(story, level(targets=rows), group=group)[0].verdict for group in (9, None)] == [
        Verdict.MISSED, Verdict.MET,
    ]  # fmt: skip


def test_met_is_to_the_microsecond():
    story = Story("9:00").resolves("11:00")
    assert judged(story, level(within="2h"))[0].verdict == Verdict.MET
    story.events[-1] = type(story.events[-1])(2, "resolved", clock("11:00") + 1, {}, hat=REQUESTER)
    found = judged(story, level(within="2h"))[0]
    assert (found.verdict, found.used, found.due) == (Verdict.MISSED, 2 * HOUR + 1, clock("11:00"))
