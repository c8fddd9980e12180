"""Corners in which two rules meet: each found by changing the walk a little and seeing that no other test minded."""

from __future__ import annotations

from tests.clocks.telling import DESK, HOUR, NETWORK, NORTHWIND, OFFICE, Story, brief, clock, judged, level

TEAM, PROVIDER = {"team": "desk"}, {"provider": "northwind"}


def test_who_declines_keeps_the_time_of_before_the_offer():
    story = Story("9:00", team=NORTHWIND).hands("10:00", DESK, of=NORTHWIND).accepts("10:00")
    story.hands("11:00", NORTHWIND).declines("11:30").resolves("12:00")
    assert brief(judged(story, level(binds=PROVIDER, on_decline="carry"))) == [("met", 1.0, "resolved")]
    assert brief(judged(story, level(binds=PROVIDER, on_decline="keep"))) == [("met", 1.5, "resolved")]


def test_reopened_with_another_team_nothing_is_left_to_hand_over():
    story = Story("9:00").resolves("10:00").reopens("11:00", team=NETWORK).resolves("12:00")
    found = judged(story, level("hand_over", binds=TEAM))
    assert [(turn.used, turn.stop) for turn in found] == [(HOUR, clock("10:00"))]


def test_a_message_that_reopens_asks_for_an_answer():
    story = Story("9:00").replies("9:10").resolves("10:00").asks("11:00").reopens("11:00").replies("12:00")
    assert brief(judged(story, level("next_response"))) == [("met", 1.0, "message.added")]


def test_a_target_used_up_at_closing_time_was_due_then():
    story = Story("16:00").takes("17:30").takes("tue 8:00").resolves("tue 10:00")
    found = judged(story, level(within="1h"), hours=OFFICE)[0]
    assert (found.used, found.due) == (2 * HOUR, clock("17:00"))


def test_a_target_used_up_when_an_exclusion_begins_is_due_at_its_beginning():
    story = Story("9:00").excludes("9:10", "10:00", "12:00")
    assert judged(story, level(within="1h"), now="9:30")[0].due == clock("10:00")


def test_a_turn_without_a_target_that_goes_on_takes_no_verdict_back():
    rows = [{"priority": 1, "within": "1h"}, {"priority": 2, "within": "8h"}]
    story = Story("9:00", priority=1).becomes("9:30", 5).resolves("10:00").reopens("11:00")
    story.becomes("11:30", 2).resolves("12:00")
    assert brief(judged(story, level(targets=rows))) == [("unjudged", 0.5, "no_target"), ("met", 1.5, "resolved")]


def test_two_messages_at_once_are_one_update():
    story = Story("9:00").replies("9:10").replies("10:10").replies("10:10").resolves("11:10")
    assert brief(judged(story, level("update"))) == [("met", 1.0, "message.added"), ("met", 1.0, "resolved")]
    at_once = Story("9:00").replies("9:10").replies("9:10").resolves("9:40")
    assert brief(judged(at_once, level("update"))) == [("met", 0.5, "resolved")]
    assert judged(Story("9:00").replies("10:00").resolves("10:00"), level("update")) == []


def test_an_answer_given_while_merged_leaves_nothing_to_go_on():
    story = Story("9:00").merges("10:00").replies("10:30").unmerges("11:00").resolves("15:00")
    assert brief(judged(story, level("first_response"))) == [("unjudged", 1.0, "merged")]
